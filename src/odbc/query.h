/*
 * Queries of the driver's own: one statement with text parameters, its rows handed to a function.
 *
 * Locked: dbc. Posts: 08003, 08S01, HYT00, HYT01, HY008, HY000, HY001 and the server's errors.
 */
#ifndef RS_ODBC_QUERY_H
#define RS_ODBC_QUERY_H

#include "sqlscan.h"
#include "stmt.h"

enum { RS_QUERY_MAX_COLUMNS = 24, RS_QUERY_MAX_SHOWN = 64 };

/* Called for each row; the cells are valid during the call. False, after posting: give up. */
typedef bool rs_query_row_fn(void *ctx, const struct rs_cell *cells, struct rs_diag *diag);

struct rs_query {
    struct rs_dbc *dbc;
    struct rs_stmt *stmt; /* for whom, so that SQLCancel finds it; NULL: the connection itself */
    struct rs_str sql;
    const struct rs_param *params;
    size_t n_params;
    size_t n_columns;
    /* NULL, or n_columns names: the server's columns are found by theirs, in any case and order, of
     * at most RS_QUERY_MAX_SHOWN; a name that none has, and "", is NULL in every row */
    const char *const *names;
    bool stays_prepared; /* its text will come again; see may_stay in query.c */
    const char *begin;   /* see struct rs_request */
    struct rs_deadline deadline;
};

/* All rows are read when it returns true. Leaves a failed transaction to the caller. */
RS_NODISCARD bool rs_query_run(const struct rs_query *query, rs_query_row_fn *row, void *ctx,
                               struct rs_diag *diag);

/*
 * Do quoted names keep their case? PostgreSQL: yes. Redshift: asked of the server once; what is
 * answered within a transaction, which may end otherwise, is not kept. An error or a failed
 * transaction counts as no. Never posts. Source: redshift.md 9.3.
 */
bool rs_query_keeps_case(struct rs_dbc *dbc, struct rs_stmt *stmt);
/* The application is about to run that: what it may set is asked anew. */
void rs_query_before(struct rs_dbc *dbc, const struct rs_sql *sql);

#endif
