/*
 * A statement: its text, its place in ODBC's state table, its result, its bindings.
 *
 * Locked: the connection's lock, in every function here.
 * Core functions return SQL_SUCCESS, SQL_ERROR, SQL_NO_DATA or SQL_NEED_DATA; leaving the entry
 * point turns warnings into SQL_SUCCESS_WITH_INFO. Records go to stmt->head.diag.
 */
#ifndef RS_ODBC_STMT_H
#define RS_ODBC_STMT_H

#include <stdatomic.h>

#include "dbc.h"
#include "desc.h"
#include "result.h"
#include "sqlscan.h"

/* ODBC Appendix B: S1; S2 and S3 (prepared: do columns exist is asked of the server when needed);
 * S4; S5; S6; S7; S8 to S10. */
enum rs_stmt_state {
    RS_S1_ALLOCATED,
    RS_S2_PREPARED,
    RS_S4_EXECUTED, /* executed, no cursor */
    RS_S5_OPEN,     /* cursor open, before the first row */
    RS_S6_FETCHED,  /* after SQLFetch, SQLFetchScroll, the end included */
    RS_S7_EXTFETCHED,
    RS_S8_NEED_DATA, /* S8, S9, S10: see struct rs_need */
    RS_S11_POLLED    /* S11, S12: see struct rs_turn */
};

enum rs_position { RS_POS_BEFORE, RS_POS_ON_ROW, RS_POS_AFTER };

struct rs_stmt_attrs {
    SQLULEN query_timeout_s, max_rows, max_length, noscan, retrieve_data;
    SQLULEN cursor_type, concurrency, cursor_scrollable, cursor_sensitivity, use_bookmarks;
    SQLULEN enable_auto_ipd, keyset_size, simulate_cursor, async;
    SQLULEN rowset_size; /* SQL_ROWSET_SIZE, for SQLExtendedFetch */
    SQLULEN metadata_id;
    SQLPOINTER fetch_bookmark_ptr;
};

struct rs_plan; /* compiled fetch plan, fetch.c */
struct rs_need; /* data at execution, need.c */
struct rs_turn; /* the call under way, turn.c */
struct rs_bound_column;
struct rs_rows;
struct rs_keep; /* rows of a static cursor, keep.c */
struct rs_routine;

struct rs_stmt {
    struct rs_head head;
    struct rs_dbc *dbc;
    struct rs_stmt *next;
    enum rs_stmt_state state;
    struct rs_stmt_attrs attrs;
    uint32_t number;   /* for the default cursor name */
    char *cursor_name; /* set by the application or made at first need */

    /* bindings: the present ones (implicit or explicit) and the implicit ones */
    struct rs_desc *ard, *apd;
    struct rs_desc own_ard, own_apd, own_ird, own_ipd;

    /* text */
    struct rs_sql sql; /* of SQLPrepare or the running SQLExecDirect */
    bool is_prepared;  /* SQLPrepare's: survives closing */
    bool goes_simply;  /* prepared, but the server cannot Parse it: each execution sends the text */
    bool is_described; /* columns and parameter types are known from the server */
    struct rs_prepared *prepared;
    struct rs_routine *routine; /* when it is a call; else NULL */
    uint32_t *param_types;      /* OIDs from the server when is_described */
    size_t n_param_types;

    /* result */
    struct rs_exchange *exchange; /* NULL: none, or its READY has been read and it was freed */
    struct rs_made_rows made;     /* rows of the driver's own, when is_made */
    bool is_made;
    bool is_batch;             /* the exchange may give further results */
    bool is_catalog;           /* columns are catalog.def's, not the server's */
    struct rs_columns columns; /* present result's, or the prepared statement's */
    uint32_t columns_change;   /* counts changes of columns */
    struct rs_columns kept;    /* those of the result before, for one that looks the same */
    uint32_t kept_change;      /* columns_change when they were the columns */
    bool is_static;            /* SQL_CURSOR_STATIC: it scrolls */
    bool is_stored;            /* made or static: rows do not come straight from the wire */
    int64_t row_limit;         /* SQL_ATTR_MAX_ROWS when it was opened; INT64_MAX: none */
    int64_t row_count;         /* of the present result, -1 unknown */
    bool has_row_count;
    bool fetch_failed; /* the server failed in mid-result: next fetch is 24000 */

    /* position */
    enum rs_position position;
    int64_t row_number;    /* of the rowset's first row, from 1; 0: unknown */
    size_t rowset_rows;    /* rows in the present rowset */
    size_t current;        /* row of the rowset for SQLGetData, from 0 */
    struct rs_cell *cells; /* the row last read, columns.n of them; then the bookmark */
    size_t cells_cap;
    bool cells_are_borrowed; /* they point into the wire's buffers */
    struct rs_buf pinned;    /* bytes of cells copied out */
    struct rs_buf forms;     /* how the columns are wanted, as rs_stmt_forms left it */
    struct rs_rowset {       /* a rowset of several rows, kept raw for SQLGetData */
        size_t *at;          /* where each row's bytes begin */
        size_t n_rows, cap;
        struct rs_buf bytes;
        struct rs_buf failed; /* indexes (size_t) of rows in error, ascending */
    } rowset;
    struct rs_scroll {          /* of stored rows, scroll.c */
        struct rs_keep *keep;   /* a static cursor's rows that have been read; NULL: none yet */
        bool is_complete;       /* there are no more than those */
        struct rs_diag failure; /* why the rest could not be read */
        int64_t next;           /* row that is read next */
        int64_t loaded;         /* row that stands in cells; 0: none */
        char bookmark[8];       /* of that row */
        SQLULEN last_size;      /* rowset size of the last fetch */
        SQLUSMALLINT *status;   /* where that fetch wrote its statuses */
    } scroll;
    struct rs_diag late; /* of a failure behind the rows already delivered */
    struct rs_plan *plan;

    /* SQLGetData's progress */
    size_t n_ready;    /* columns that may be taken from cells as they are: the one row of a rowset
                        * that is not stored, fetched without an error; else 0 */
    uint32_t piece_of; /* the value under way, a rs_column_get.value; 0: none */
    struct rs_piece piece;
    bool warned_utf8;
    bool saw_bad_utf8; /* SQLGetData's converter met the first */

    struct rs_need *need;     /* S8 to S10 */
    struct rs_turn *turn;     /* S11, S12; kept for the next call */
    atomic_bool is_cancelled; /* set by SQLCancel of another thread; counts between two sets */

    /* parameters of the execution under way, kept to be used again */
    struct rs_param *wire;         /* their types */
    struct rs_bound_column *bound; /* where they stand; binding.h */
    size_t bound_cap;              /* of both */
    bool bound_is_kept;            /* both are right while these are the descriptors' numbers */
    uint32_t bound_apd_change, bound_ipd_change;
    struct rs_buf wire_bytes; /* values as Bind carries them */
    struct rs_rows *rows;     /* the statement with many tuples; rows.c */
    uint32_t *parsed_types;   /* OIDs declared when `prepared` was made, of every marker sent */
};

/* ---- stmt.c ---- */
void rs_stmt_init(struct rs_stmt *stmt, struct rs_dbc *dbc);
void rs_stmt_clear(struct rs_stmt *stmt);
bool rs_stmt_is_v2(const struct rs_stmt *stmt);
/* HY010 in NEED_DATA and while a call is polled. Nearly every call asks this first. */
bool rs_stmt_is_idle(struct rs_stmt *stmt);
/* Nothing is under way on the statement or has the wire on its connection, and calls are not
 * polled: a call may do its work at once. turn.h takes the others. */
static inline bool rs_stmt_is_plain(const struct rs_stmt *stmt)
{
    return RS_LIKELY(stmt->state < RS_S8_NEED_DATA && stmt->attrs.async == SQL_ASYNC_ENABLE_OFF &&
                     stmt->dbc->paused == NULL);
}
bool rs_stmt_has_cursor(const struct rs_stmt *stmt);
/* 24000 when a cursor is open (SQLPrepare, SQLExecDirect, catalog functions). */
RS_NODISCARD bool rs_stmt_no_cursor(struct rs_stmt *stmt);
SQLRETURN rs_stmt_close_cursor(struct rs_stmt *stmt); /* SQLCloseCursor: 24000 without one */
SQLRETURN rs_stmt_free_option(struct rs_stmt *stmt, SQLUSMALLINT option); /* SQLFreeStmt */
/* Ends the present result and all later ones; the state goes back to S1 or S2. Never posts. */
void rs_stmt_close(struct rs_stmt *stmt);
/* The columns go; the server's are kept aside for the next result. */
void rs_stmt_drop_columns(struct rs_stmt *stmt);
/* Forgets the text as well: S1. */
void rs_stmt_forget(struct rs_stmt *stmt);
SQLRETURN rs_stmt_set_cursor_name(struct rs_stmt *stmt, struct rs_text name);
SQLRETURN rs_stmt_get_cursor_name(struct rs_stmt *stmt, const struct rs_text_out *name);
/* SQL_ATTR_CURSOR_TYPE with what it says of scrolling and sensitivity. */
void rs_stmt_set_cursor_type(struct rs_stmt *stmt, SQLULEN type);
/* Copies the current row out of the wire's buffers. */
RS_NODISCARD bool rs_stmt_pin(struct rs_stmt *stmt, struct rs_diag *diag);
/* Room for the cells of a row. */
RS_NODISCARD bool rs_stmt_need_cells(struct rs_stmt *stmt, struct rs_diag *diag);

/* ---- execute.c ---- */
SQLRETURN rs_stmt_prepare(struct rs_stmt *stmt, struct rs_text sql);
SQLRETURN rs_stmt_exec_direct(struct rs_stmt *stmt, struct rs_text sql);
SQLRETURN rs_stmt_execute(struct rs_stmt *stmt);
SQLRETURN rs_stmt_more_results(struct rs_stmt *stmt);
SQLRETURN rs_stmt_row_count(struct rs_stmt *stmt, SQLLEN *out);
SQLRETURN rs_stmt_num_result_cols(struct rs_stmt *stmt, SQLSMALLINT *out);
SQLRETURN rs_stmt_num_params(struct rs_stmt *stmt, SQLSMALLINT *out);
SQLRETURN rs_stmt_describe_param(struct rs_stmt *stmt, SQLUSMALLINT number, SQLSMALLINT *type,
                                 SQLULEN *size, SQLSMALLINT *digits, SQLSMALLINT *nullable);
SQLRETURN rs_stmt_param_data(struct rs_stmt *stmt, SQLPOINTER *token);
SQLRETURN rs_stmt_put_data(struct rs_stmt *stmt, SQLPOINTER data, SQLLEN length);
SQLRETURN rs_dbc_native_sql(struct rs_dbc *dbc, struct rs_text in, const struct rs_text_out *out);
/* Columns of the present result or of the prepared statement (asks the server once). HY010 in S1.
 * *n is 0 when there are none. */
RS_NODISCARD bool rs_stmt_need_columns(struct rs_stmt *stmt, size_t *n);

/* Opens rows made by the driver (taken over) as the result. */
SQLRETURN rs_stmt_open_made(struct rs_stmt *stmt, struct rs_made_rows *rows,
                            struct rs_columns *columns);

/* ---- fetch.c, scroll.c, getdata.c ---- */
SQLRETURN rs_stmt_fetch(struct rs_stmt *stmt);
SQLRETURN rs_stmt_fetch_scroll(struct rs_stmt *stmt, SQLSMALLINT orientation, SQLLEN offset);
SQLRETURN rs_stmt_extended_fetch(struct rs_stmt *stmt, SQLUSMALLINT orientation, SQLLEN offset,
                                 SQLULEN *row_count, SQLUSMALLINT *row_status);
SQLRETURN rs_stmt_set_pos(struct rs_stmt *stmt, SQLULEN row, SQLUSMALLINT operation,
                          SQLUSMALLINT lock);
SQLRETURN rs_stmt_bulk_operations(struct rs_stmt *stmt, SQLSMALLINT operation); /* bookmark.c */
void rs_plan_free(struct rs_plan *plan);
/* Every case; HY010 in NEED_DATA as well. api_getdata.c does the usual ones by itself. */
SQLRETURN rs_stmt_get_data(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type,
                           SQLPOINTER data, SQLLEN cap, SQLLEN *ind);
/* Once it is known that there is a value, how it is converted, and where to. */
SQLRETURN rs_stmt_get_piece(struct rs_stmt *stmt, const struct rs_column_get *get,
                            struct rs_cell cell, struct rs_target *to);

/* ---- catalog.c ---- */
SQLRETURN rs_tables(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                    struct rs_text table, struct rs_text types);
SQLRETURN rs_columns_of(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                        struct rs_text table, struct rs_text column);
SQLRETURN rs_get_type_info(struct rs_stmt *stmt, SQLSMALLINT data_type);
/* catalog_keys.c */
SQLRETURN rs_primary_keys(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                          struct rs_text table);
/* name: catalog, schema and table of the primary key, then of the foreign key. */
SQLRETURN rs_foreign_keys(struct rs_stmt *stmt, const struct rs_text name[6]);
/* catalog_stats.c */
SQLRETURN rs_statistics(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                        struct rs_text table, SQLUSMALLINT unique, SQLUSMALLINT reserved);
/* name: catalog, schema and table. */
SQLRETURN rs_special_columns(struct rs_stmt *stmt, SQLUSMALLINT kind, const struct rs_text name[3],
                             SQLUSMALLINT scope, SQLUSMALLINT nullable);
/* catalog_rights.c */
SQLRETURN rs_table_privileges(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                              struct rs_text table);
SQLRETURN rs_column_privileges(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                               struct rs_text table, struct rs_text column);
/* catalog_proc.c */
SQLRETURN rs_procedures(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                        struct rs_text procedure);
SQLRETURN rs_procedure_columns(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                               struct rs_text procedure, struct rs_text column);

#endif
