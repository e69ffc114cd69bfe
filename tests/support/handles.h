/*
 * Handles without a server, for unit tests of src/odbc: an environment, a connection that is not
 * open, a statement. Include after cmocka.h.
 */
#ifndef RS_TEST_HANDLES_H
#define RS_TEST_HANDLES_H

#include <string.h>

#include "odbc/stmt.h"

struct handles {
    struct rs_env env;
    struct rs_dbc dbc;
    struct rs_stmt stmt;
    struct rs_column columns[2];
};

static inline void handles_init(struct handles *h)
{
    memset(h, 0, sizeof *h);
    h->env.odbc_version = SQL_OV_ODBC3_80;
    rs_dbc_init(&h->dbc, &h->env);
    h->dbc.policy = (struct rs_policy){
        .max_varchar = 8000,
        .max_long_varchar = 65535,
        .unknown_sizes = 8000,
        .is_redshift = true,
    };
    rs_stmt_init(&h->stmt, &h->dbc);
    h->dbc.stmts = &h->stmt;
}

/* The columns are borrowed: they are taken away before the statement is cleared. */
static inline void handles_clear(struct handles *h)
{
    h->stmt.columns = (struct rs_columns){ .n = 0 };
    rs_stmt_clear(&h->stmt);
    h->dbc.stmts = NULL;
    rs_dbc_clear(&h->dbc);
    rs_diag_clear(&h->env.head.diag);
}

static char handles_id[] = "id", handles_when[] = "when", handles_empty[] = "";
static char handles_table[] = "sales", handles_schema[] = "public", handles_catalog[] = "dev";

/* Prepared with two columns: id numeric(12,3) not null, and an unnamed timestamp. */
static inline void handles_prepare(struct handles *h)
{
    rs_type_describe(&h->dbc.policy, 1700, ((12 << 16) | 3) + 4, &h->columns[0].typed);
    rs_type_describe(&h->dbc.policy, 1114, -1, &h->columns[1].typed);
    h->columns[0].label = handles_id;
    h->columns[0].nullable = SQL_NO_NULLS;
    h->columns[0].type_oid = 1700;
    h->columns[0].auto_unique = true;
    h->columns[0].base_column = handles_when;
    h->columns[0].base_table = handles_table;
    h->columns[0].schema = handles_schema;
    h->columns[0].catalog = handles_catalog;
    h->columns[1].label = handles_empty;
    h->columns[1].nullable = SQL_NULLABLE;
    h->columns[1].type_oid = 0xfffffff0u;
    h->stmt.columns = (struct rs_columns){ .n = 2, .at = h->columns };
    h->stmt.state = RS_S2_PREPARED;
    h->stmt.is_prepared = true;
    h->stmt.is_described = true;
}

/* The first error's SQLSTATE, the first warning's when there is no error, "" when there is none;
 * the list is empty afterwards. */
static inline const char *handles_state(struct rs_diag *diag)
{
    const struct rs_diag_rec *rec = NULL;
    const char *state;

    for (size_t i = 0; i < diag->n && (rec == NULL || !rec->is_error); i++)
        rec = rs_diag_get(diag, i);
    state = rec == NULL ? "" : rs_state_text(rec->state, false);
    rs_diag_clear(diag);
    return state;
}

#endif
