/*
 * Error records in the log, with the session and, where the server's text tells it, the query that
 * they belong to.
 */
#ifndef RS_ODBC_ERRORLOG_H
#define RS_ODBC_ERRORLOG_H

#include "dbc.h"

/* The session's id as Redshift gives it (status session_id), else the server process in digits. */
enum { RS_SESSION_TEXT = 24 };
const char *rs_session_text(const struct rs_dbc *dbc, char digits[RS_SESSION_TEXT]);

/* The number of the query that a text of the server's speaks of; empty: of none. */
struct rs_str rs_query_named(struct rs_str text);

/* Every error record at INFO; nothing without a session: connecting has its own lines. */
void rs_log_errors(struct rs_dbc *dbc, const struct rs_diag *diag);

#endif
