/*
 * Array execution without waiting between the sets (PipelineParams). The first set goes alone, so
 * that the statement is on the server; the others follow through a pipe.
 * Locked: dbc. Source: odbc.md 7.4; PostgreSQL documentation, "Pipelining".
 */
#ifndef RS_ODBC_PIPELINE_H
#define RS_ODBC_PIPELINE_H

#include "array.h"

enum rs_step rs_pipeline_step(struct rs_stmt *stmt, struct rs_run *run);

#endif
