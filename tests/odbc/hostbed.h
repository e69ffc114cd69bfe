/*
 * For tests of what the host program does to the driver: each runs in the clear and over TLS,
 * through the opener that RS_TEST_KEYS names (libpq when it says nothing).
 */
#ifndef RS_TEST_HOSTBED_H
#define RS_TEST_HOSTBED_H

#include "odbctest.h"

enum h_mode { H_CLEAR, H_TLS };
extern enum h_mode h_mode; /* of the group that runs */

/* A connection to PostgreSQL in that mode; extra: more keys or "". */
void h_open(struct t_conn *conn, const char *extra);
/* Runs the tests in both modes; returns what failed. */
int h_run(const char *name, const struct CMUnitTest *tests, size_t n);
/* Resident memory means something: no sanitizer keeps what was freed. */
bool h_memory_counts(void);

#endif
