/*
 * Inside of execution, shared by execute.c, array.c, rows.c, pipeline.c, describe.c, need.c,
 * fetch.c and routine*.c. Locked: dbc.
 */
#ifndef RS_ODBC_EXECUTE_H
#define RS_ODBC_EXECUTE_H

#include "stmt.h"

/* An execution over one or many sets of parameters, resumable where SQLParamData comes between. */
struct rs_run {
    SQLULEN set, n_sets; /* set: the next one to run, from 0 */
    SQLULEN n_good, n_failed;
    int64_t total;               /* rows affected by all sets */
    struct rs_deadline deadline; /* of all that is run in one call */
    bool in_txn;                 /* an error of the server undoes all sets */
    bool own_txn;                /* ArrayTransaction: the transaction is the array's */
    bool stops;                  /* ParamErrors: no set is run after a failed one */
    bool by_rows;                /* multi-row INSERT */
    bool by_pipe;                /* PipelineParams */
    bool undone;                 /* a failure undid the good sets too */
    bool broken;                 /* canceled, timed out or lost: nothing more can be run */
    bool has_data;               /* data of this set has been collected */
    bool for_cursors;            /* a transaction is begun for the cursors of a procedure */
};

enum rs_opened_result { RS_OPENED_ROWS, RS_OPENED_COUNT, RS_OPENED_NONE, RS_OPENED_ERROR };

/* ---- execute.c ---- */

/* The statement as it stands, with the values in stmt->wire_bytes. */
void rs_stmt_request(struct rs_stmt *stmt, const struct rs_run *run, struct rs_request *out);
/* Among the records from number `from` on the server refuses to Parse a statement without
 * parameters; it may well run it as plain text. */
bool rs_stmt_cannot_be_parsed(const struct rs_stmt *stmt, size_t from);
/* One execution, to its first result. */
enum rs_opened_result rs_stmt_run(struct rs_stmt *stmt, struct rs_run *run,
                                  struct rs_request *request);
enum rs_opened_result rs_stmt_open_next(struct rs_stmt *stmt);
/* Claims the wire and sends; stmt->exchange is the new exchange. */
RS_NODISCARD bool rs_stmt_start(struct rs_stmt *stmt, const struct rs_request *request);
/* After an error was posted: the exchange ends, and what the driver began is rolled back. */
enum rs_opened_result rs_stmt_fail_result(struct rs_stmt *stmt);
/* What stands behind the last result: READY, or an error of COMMIT's kind. Adds the rows that
 * commands told of to *total unless that is NULL. */
bool rs_stmt_read_to_ready(struct rs_stmt *stmt, int64_t *total, struct rs_diag *diag);
/* Executed, without a cursor. */
void rs_stmt_open_count(struct rs_stmt *stmt, int64_t count);
/* UPDATE, DELETE, INSERT of no row: SQL_NO_DATA, but for ODBC 2 applications. */
SQLRETURN rs_stmt_count_result(const struct rs_stmt *stmt, int64_t count);
/* What the state table wants of a failed execution. */
void rs_stmt_after_failure(struct rs_stmt *stmt);
/* Behind the last row: reads the end of a single statement, so that the wire is free. False: the
 * server refused the query in the end; stmt->late says why. */
RS_NODISCARD bool rs_stmt_end_rows(struct rs_stmt *stmt);
struct rs_deadline rs_stmt_deadline(const struct rs_stmt *stmt);
/* Claims the wire and applies what must stand before the next statement. */
RS_NODISCARD bool rs_stmt_before_wire(struct rs_stmt *stmt);

/* ---- array.c ---- */

/* Decides how the sets are run; parameters are bound and their types declared. */
RS_NODISCARD bool rs_stmt_plan_sets(struct rs_stmt *stmt, struct rs_run *run);
SQLRETURN rs_stmt_run_sets(struct rs_stmt *stmt, struct rs_run *run);
/* The run ends where SQLParamData was to go on. */
void rs_stmt_drop_sets(struct rs_stmt *stmt, const struct rs_run *run);

#endif
