/*
 * One call of a catalog function that asks the server: its arguments, its query, its rows.
 *
 * A function begins by rs_catalog_enter and rs_call_init; takes its arguments in by rs_call_get;
 * settles them; writes its query, a condition for each argument that restricts something; runs it;
 * opens the rows made by its row function; and clears the call at every end.
 *
 * Source: odbc.md 13.1.
 */
#ifndef RS_ODBC_CATALOG_CALL_H
#define RS_ODBC_CATALOG_CALL_H

#include "catalog.h"
#include "catalog_args.h"
#include "catalog_source.h"
#include "query.h"

enum { RS_CALL_MAX_ARGS = 6 };

/* What an argument is, and its name in messages. */
struct rs_call_arg {
    enum rs_arg_kind kind;
    const char *name;
};

struct rs_call {
    struct rs_stmt *stmt;
    const struct rs_call_arg *is; /* n_args of them; kept by pointer */
    struct rs_catalog_arg arg[RS_CALL_MAX_ARGS];
    size_t n_args;
    bool optional[RS_CALL_MAX_ARGS]; /* may be NULL even as an identifier */
    struct rs_buf sql;
    struct rs_param param[RS_CALL_MAX_ARGS];
    size_t number[RS_CALL_MAX_ARGS]; /* of an argument's parameter; 0: none yet */
    size_t n_params;
    struct rs_made_rows rows;
    rs_query_row_fn *row;     /* its ctx is the call */
    size_t n_columns;         /* of the query */
    const char *const *names; /* NULL, or how the columns are called (struct rs_query) */
    bool is_trial;            /* the server may refuse it: no transaction begins with it */
    bool only_show;           /* what SHOW tells of a far object no other source knows */
    bool looks_everywhere;    /* without a catalog: in all databases that are shown */
    unsigned kinds;           /* SQLTables: types that are wanted */
};

enum rs_query_id {
#define QUERY(id, query) RS_QUERY_##id,
#include "catalog.def"
};

/* made_columns: of the result. row and n_columns are the caller's to set. */
void rs_call_init(struct rs_call *call, struct rs_stmt *stmt, const struct rs_call_arg *is,
                  size_t n_args, size_t made_columns);
void rs_call_clear(struct rs_call *call);
/* Takes n_args texts in; nothing is interpreted. Posts HY090, 22018, HY001. */
RS_NODISCARD bool rs_call_get(struct rs_call *call, const struct rs_text *texts,
                              struct rs_diag *diag);
/* The argument must be given: HY009. */
RS_NODISCARD bool rs_call_need(const struct rs_call *call, size_t i, struct rs_diag *diag);
/* Makes of the arguments what the query compares with. May ask the server how it folds names. */
RS_NODISCARD bool rs_call_settle(struct rs_call *call, struct rs_diag *diag);

void rs_call_add_query(struct rs_call *call, enum rs_query_id id);
/* AND column LIKE $n or = $n, where the argument restricts anything. */
void rs_call_add_condition(struct rs_call *call, size_t i, const char *column);
/* Only tables that are anybody's to see: not other sessions', nor what the server stores a
 * materialized view in. Schema and table are n and c. */
void rs_call_add_seen(struct rs_call *call);
/* The first three arguments are the catalog, the schema n and the table c; those seen only. */
void rs_call_add_tables(struct rs_call *call);

/* Reads all rows. Posts what rs_query_run and rs_stmt_before_wire post, HY001. */
RS_NODISCARD bool rs_call_run(struct rs_call *call, struct rs_diag *diag);
/* Forgets the query and the rows, for another source; the arguments stay settled. */
void rs_call_restart(struct rs_call *call);
enum rs_tried {
    RS_TRIED_DONE,
    RS_TRIED_REFUSED, /* another source is to be asked; a warning says why, unless it only does not
                       * know the object; started anew */
    RS_TRIED_FAILED   /* an error was posted */
};
/* Runs what the server may refuse; not within a transaction. what: its name in the warning. */
enum rs_tried rs_call_try(struct rs_call *call, const char *what, struct rs_diag *diag);
/* Opens the rows as the statement's result. */
SQLRETURN rs_call_open(struct rs_call *call, enum rs_catalog_result result);

/* ---- rows and cells of the query ---- */

/* A row function: the cells as they are. */
bool rs_call_copy_row(void *ctx, const struct rs_cell *cells, struct rs_diag *diag);

struct rs_str rs_cell_str(const struct rs_cell *cell); /* empty for NULL */
/* The number in it; otherwise when it is NULL or none. */
int64_t rs_cell_int(const struct rs_cell *cell, int64_t otherwise);
/* The cell as it is, into the row. */
void rs_made_cell(struct rs_made_rows *rows, const struct rs_cell *cell);
/* The number, or NULL. */
void rs_made_int_if(struct rs_made_rows *rows, bool is_there, int64_t value);
/* Has that type a CHAR_OCTET_LENGTH? Characters and bytes have. */
bool rs_has_char_octets(SQLSMALLINT sql_type);

#endif
