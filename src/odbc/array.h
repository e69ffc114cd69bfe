/*
 * Sets of parameters: their statuses, and the ways to run them. array.c runs one after the other,
 * rows.c many in one INSERT, pipeline.c many without waiting.
 *
 * A step runs one or more sets from run->set on and moves run->set behind them.
 * Source: odbc.md 7.4; ODBC, "Using Arrays of Parameters".
 */
#ifndef RS_ODBC_ARRAY_H
#define RS_ODBC_ARRAY_H

#include "binding.h"
#include "execute.h"

enum rs_step {
    RS_STEP_ON,
    RS_STEP_STOP, /* the sets from run->set on are not run */
    RS_STEP_NEED  /* run->set wants data at execution */
};

enum rs_outcome {
    RS_OUTCOME_GOOD,
    RS_OUTCOME_FAILED, /* by the server or for want of memory */
    RS_OUTCOME_BROKEN  /* canceled, timed out or lost; what the server did may be unknown */
};

enum rs_step rs_array_one(struct rs_stmt *stmt, struct rs_run *run);

/* SQLCancel came while nothing of the array was with the server: HY008, the rest is not run. */
bool rs_array_is_cancelled(struct rs_stmt *stmt, struct rs_run *run);
/* True when the operation array leaves run->set out; it has been passed then. */
bool rs_array_skips(struct rs_stmt *stmt, struct rs_run *run);
/* Sends and reads to the end; rows affected are added to run->total. What is to be told goes to
 * `told`, with `row` as number of the set (RS_ROW_UNKNOWN: not known). */
enum rs_outcome rs_array_send(struct rs_stmt *stmt, struct rs_run *run, struct rs_request *request,
                              int64_t row, struct rs_diag *told);
/* The outcome of records that were told of. */
enum rs_outcome rs_array_judge(struct rs_stmt *stmt, const struct rs_diag *told);

void rs_array_status(const struct rs_stmt *stmt, SQLULEN set, SQLUSMALLINT status);
void rs_array_processed(const struct rs_stmt *stmt, SQLULEN n);
/* The set succeeded; has_warned: records tell of it. */
void rs_array_good(struct rs_stmt *stmt, struct rs_run *run, SQLULEN set, bool has_warned);
/* The set failed before it was sent. */
enum rs_step rs_array_bad_value(struct rs_stmt *stmt, struct rs_run *run, SQLULEN set);
/* The set failed when it was run. */
enum rs_step rs_array_failed(struct rs_stmt *stmt, struct rs_run *run, SQLULEN set,
                             enum rs_outcome outcome);
/* Notes that run->broken or run->undone came true; whether other sets may follow. */
enum rs_step rs_array_after(struct rs_stmt *stmt, struct rs_run *run, enum rs_outcome outcome);

#endif
