/*
 * What the doctor found: events in steps, diagnostic records, advice. Printed as it grows for a
 * person, at the end as one JSON document for a program.
 */
#ifndef RS_CLI_REPORT_H
#define RS_CLI_REPORT_H

#include "../attrs.h"
#include "../str.h"

enum report_mark { REPORT_NOTE, REPORT_WARNING, REPORT_FAILURE, REPORT_ADVICE };

struct report {
    bool is_json;
    int64_t began_ms;
    const char *step; /* the last one begun; NULL: none */
    struct rs_buf json;
    size_t n;
};

void report_begin(struct report *r, const char *target, bool is_json);
/* One line under a step; a new step gets a heading. state, if not NULL, is an SQLSTATE. */
void report_add(struct report *r, const char *step, enum report_mark mark, const char *state,
                struct rs_str text);
/* The verdict; false when memory ran out on the way. */
bool report_end(struct report *r, bool is_well);

#endif
