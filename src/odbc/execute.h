/*
 * Inside of execution, shared by execute.c, describe.c, need.c and fetch.c. Locked: dbc.
 */
#ifndef RS_ODBC_EXECUTE_H
#define RS_ODBC_EXECUTE_H

#include "stmt.h"

/* An execution over one or many sets of parameters, resumable where SQLParamData comes between. */
struct rs_run {
    SQLULEN set, n_sets; /* set: the one under way, from 0 */
    SQLULEN n_good, n_failed;
    int64_t total; /* rows affected by all sets */
    bool undone;   /* a failure undid the good sets too */
    bool has_data; /* data of this set has been collected */
};

enum rs_opened_result { RS_OPENED_ROWS, RS_OPENED_COUNT, RS_OPENED_NONE, RS_OPENED_ERROR };

SQLRETURN rs_stmt_run_sets(struct rs_stmt *stmt, struct rs_run *run);
enum rs_opened_result rs_stmt_open_next(struct rs_stmt *stmt);
enum rs_opened_result rs_stmt_run(struct rs_stmt *stmt);
/* Behind the last row: reads the end of a single statement, so that the wire is free. */
void rs_stmt_end_rows(struct rs_stmt *stmt);
struct rs_deadline rs_stmt_deadline(const struct rs_stmt *stmt);
/* Claims the wire and applies what must stand before the next statement. */
RS_NODISCARD bool rs_stmt_before_wire(struct rs_stmt *stmt);

#endif
