#include "stmt.h"

#include <string.h>

#include "../os.h"
#include "binding.h"
#include "need.h"
#include "routine.h"
#include "rows.h"
#include "scroll.h"
#include "turn.h"

enum { CURSOR_NAME_MAX = 127 };

void rs_stmt_init(struct rs_stmt *stmt, struct rs_dbc *dbc)
{
    const struct rs_stmt_defaults *d = &dbc->defaults;

    stmt->head.magic = RS_MAGIC_STMT;
    stmt->dbc = dbc;
    stmt->number = ++dbc->n_stmts;
    rs_desc_init(&stmt->own_ard, RS_DESC_ARD, dbc, stmt);
    rs_desc_init(&stmt->own_apd, RS_DESC_APD, dbc, stmt);
    rs_desc_init(&stmt->own_ird, RS_DESC_IRD, dbc, stmt);
    rs_desc_init(&stmt->own_ipd, RS_DESC_IPD, dbc, stmt);
    stmt->ard = &stmt->own_ard;
    stmt->apd = &stmt->own_apd;
    stmt->own_ard.bind_type = (SQLINTEGER)d->bind_type;
    stmt->row_count = -1;
    stmt->attrs.query_timeout_s =
        d->has_query_timeout ? d->query_timeout_s : (SQLULEN)dbc->settings.query_timeout;
    stmt->attrs.max_rows = d->max_rows;
    stmt->attrs.max_length = d->max_length;
    stmt->attrs.noscan = d->noscan;
    stmt->attrs.retrieve_data = d->retrieve_data;
    stmt->attrs.metadata_id = d->metadata_id ? SQL_TRUE : SQL_FALSE;
    stmt->attrs.async = d->async;
    rs_stmt_set_cursor_type(stmt, d->cursor_type);
    stmt->attrs.concurrency = SQL_CONCUR_READ_ONLY;
    stmt->attrs.simulate_cursor = SQL_SC_NON_UNIQUE;
    stmt->attrs.rowset_size = 1;
    stmt->pinned.max = (size_t)1 << 30;
    stmt->forms = (struct rs_buf)RS_BUF_INIT(UINT16_MAX);
    stmt->rowset.bytes.max = (size_t)1 << 30;
    stmt->rowset.failed.max = (size_t)1 << 30;
    stmt->wire_bytes.max = (size_t)1 << 30;
}

void rs_stmt_clear(struct rs_stmt *stmt)
{
    rs_turn_free(stmt);
    rs_need_free(stmt);
    rs_stmt_forget(stmt);
    rs_desc_clear(&stmt->own_ard);
    rs_desc_clear(&stmt->own_apd);
    rs_desc_clear(&stmt->own_ird);
    rs_desc_clear(&stmt->own_ipd);
    rs_plan_free(stmt->plan);
    rs_free(stmt->cells);
    rs_free(stmt->cursor_name);
    rs_buf_clear(&stmt->forms);
    rs_buf_clear(&stmt->pinned);
    rs_free(stmt->rowset.at);
    rs_buf_clear(&stmt->rowset.bytes);
    rs_buf_clear(&stmt->rowset.failed);
    rs_free(stmt->wire);
    rs_free(stmt->bound);
    rs_buf_clear(&stmt->wire_bytes);
    rs_columns_clear(&stmt->columns);
    rs_columns_clear(&stmt->kept);
    rs_sql_clear(&stmt->sql);
    rs_diag_clear(&stmt->head.diag);
}

bool rs_stmt_is_v2(const struct rs_stmt *stmt)
{
    return rs_dbc_is_v2(stmt->dbc);
}

bool rs_stmt_is_idle(struct rs_stmt *stmt)
{
    if (stmt->state < RS_S8_NEED_DATA || (rs_turn_drop_lost(stmt) && rs_stmt_is_idle(stmt)))
        return true;
    if (stmt->state == RS_S11_POLLED)
        return rs_fail(&stmt->head.diag, RS_HY010, 0,
                       "the statement is executing asynchronously: call the same function again, "
                       "or SQLCancel");
    return rs_fail(&stmt->head.diag, RS_HY010, 0,
                   "the statement waits for parameter data (SQLParamData, SQLPutData, SQLCancel)");
}

bool rs_stmt_has_cursor(const struct rs_stmt *stmt)
{
    return stmt->state >= RS_S5_OPEN && stmt->state <= RS_S7_EXTFETCHED;
}

bool rs_stmt_no_cursor(struct rs_stmt *stmt)
{
    if (!rs_stmt_has_cursor(stmt) && !(stmt->state == RS_S4_EXECUTED && stmt->exchange != NULL))
        return true;
    return rs_fail(&stmt->head.diag, RS_24000, 0,
                   "a result of this statement is still open; close it first");
}

void rs_stmt_drop_columns(struct rs_stmt *stmt)
{
    stmt->n_ready = 0;
    if (stmt->columns.n == 0 || stmt->is_catalog) {
        rs_columns_clear(&stmt->columns);
        return;
    }
    rs_columns_clear(&stmt->kept);
    stmt->kept = stmt->columns;
    stmt->kept_change = stmt->columns_change;
    stmt->columns = (struct rs_columns){ .n = 0 };
}

/* What could not be committed has no one to tell it to. */
static void end_call(struct rs_stmt *stmt)
{
    struct rs_diag unseen = { .n = 0 };

    (void)rs_dbc_end_call(stmt->dbc, &unseen);
    rs_diag_clear(&unseen);
}

void rs_stmt_close(struct rs_stmt *stmt)
{
    if (stmt->exchange != NULL) {
        rs_turn_regain(stmt);
        rs_exchange_free(stmt->exchange);
        stmt->exchange = NULL;
    }
    if (stmt->dbc->call_owner == stmt)
        end_call(stmt);
    rs_stored_close(stmt);
    if (stmt->is_made)
        rs_made_clear(&stmt->made);
    stmt->is_made = false;
    /* A prepared statement keeps its description, unless the columns were of a catalog call. */
    if (!(stmt->is_prepared && stmt->is_described))
        rs_stmt_drop_columns(stmt);
    stmt->is_catalog = false;
    stmt->row_count = -1;
    stmt->has_row_count = false;
    stmt->fetch_failed = false;
    stmt->position = RS_POS_BEFORE;
    stmt->row_number = 0;
    stmt->rowset_rows = 0;
    stmt->current = 0;
    stmt->cells_are_borrowed = false;
    stmt->rowset.n_rows = 0;
    rs_diag_clear(&stmt->late);
    stmt->n_ready = 0;
    stmt->piece_of = 0;
    stmt->warned_utf8 = false;
    rs_buf_clear(&stmt->pinned);
    rs_buf_clear(&stmt->rowset.bytes);
    rs_buf_clear(&stmt->rowset.failed);
    stmt->state = stmt->is_prepared ? RS_S2_PREPARED : RS_S1_ALLOCATED;
}

void rs_stmt_forget(struct rs_stmt *stmt)
{
    stmt->is_prepared = false;
    stmt->is_described = false;
    stmt->goes_simply = false;
    rs_stmt_close(stmt);
    if (stmt->prepared != NULL && stmt->dbc->session != NULL)
        rs_prepared_free(stmt->dbc->session, stmt->prepared);
    stmt->prepared = NULL;
    rs_rows_free(stmt);
    rs_routine_free(stmt);
    rs_free(stmt->parsed_types);
    stmt->parsed_types = NULL;
    rs_free(stmt->param_types);
    stmt->param_types = NULL;
    stmt->n_param_types = 0;
    rs_bound_forget(stmt);
    rs_sql_reset(&stmt->sql);
}

SQLRETURN rs_stmt_close_cursor(struct rs_stmt *stmt)
{
    if (!rs_stmt_has_cursor(stmt)) {
        rs_fail(&stmt->head.diag, RS_24000, 0, "no cursor is open on this statement");
        return SQL_ERROR;
    }
    rs_stmt_close(stmt);
    return SQL_SUCCESS;
}

SQLRETURN rs_stmt_free_option(struct rs_stmt *stmt, SQLUSMALLINT option)
{
    bool ok = true;

    switch (option) {
    case SQL_CLOSE:
        if (stmt->state > RS_S2_PREPARED)
            rs_stmt_close(stmt);
        break;
    case SQL_UNBIND:
        ok = rs_turn_spares(stmt->ard, &stmt->head.diag) &&
             rs_desc_set_count(stmt->ard, 0, &stmt->head.diag);
        break;
    case SQL_RESET_PARAMS:
        ok = rs_turn_spares(stmt->apd, &stmt->head.diag) &&
             rs_desc_set_count(stmt->apd, 0, &stmt->head.diag) &&
             rs_desc_set_count(&stmt->own_ipd, 0, &stmt->head.diag);
        break;
    default:
        ok = rs_fail(&stmt->head.diag, RS_HY092, 0, "SQLFreeStmt does not know option %u",
                     (unsigned)option);
    }
    return ok ? SQL_SUCCESS : SQL_ERROR;
}

/* ---- the current row ---- */

bool rs_stmt_need_cells(struct rs_stmt *stmt, struct rs_diag *diag)
{
    struct rs_cell *cells;

    size_t n = stmt->columns.n + 1;

    if (n <= stmt->cells_cap)
        return true;
    cells = rs_realloc(stmt->cells, n, sizeof *cells, diag);
    if (cells == NULL)
        return false;
    stmt->cells = cells;
    stmt->cells_cap = n;
    return true;
}

bool rs_stmt_pin(struct rs_stmt *stmt, struct rs_diag *diag)
{
    size_t at = 0;

    if (!stmt->cells_are_borrowed)
        return true;
    rs_buf_truncate(&stmt->pinned, 0);
    for (size_t i = 0; i < stmt->columns.n; i++)
        if (stmt->cells[i].n > 0)
            rs_buf_add(&stmt->pinned,
                       (struct rs_str){ stmt->cells[i].p, (size_t)stmt->cells[i].n });
    if (!rs_buf_ok(&stmt->pinned, diag)) {
        rs_buf_clear(&stmt->pinned);
        return false;
    }
    for (size_t i = 0; i < stmt->columns.n; i++) {
        if (stmt->cells[i].n <= 0)
            continue;
        stmt->cells[i].p = stmt->pinned.p + at;
        at += (size_t)stmt->cells[i].n;
    }
    stmt->cells_are_borrowed = false;
    return true;
}

/* ---- cursor names ---- */

static bool is_name_taken(const struct rs_stmt *stmt, struct rs_str name)
{
    for (const struct rs_stmt *other = stmt->dbc->stmts; other != NULL; other = other->next)
        if (other != stmt && other->cursor_name != NULL &&
            rs_str_eq(rs_str_of(other->cursor_name), name))
            return true;
    return false;
}

static bool check_name(struct rs_stmt *stmt, struct rs_str name)
{
    struct rs_diag *diag = &stmt->head.diag;

    if (stmt->state >= RS_S4_EXECUTED)
        return rs_fail(diag, RS_24000, 0, "the cursor name cannot change while a result is open");
    if (name.n == 0 || name.n > CURSOR_NAME_MAX)
        return rs_fail(diag, RS_34000, 0, "a cursor name has 1 to %d bytes", CURSOR_NAME_MAX);
    if (rs_str_starts_nocase(name, RS_STR("SQLCUR")) ||
        rs_str_starts_nocase(name, RS_STR("SQL_CUR")))
        return rs_fail(diag, RS_34000, 0, "cursor names that begin with SQL_CUR are the driver's");
    if (is_name_taken(stmt, name))
        return rs_fail(diag, RS_3C000, 0, "another statement has the cursor name \"%.*s\"",
                       RS_ARG(name));
    return true;
}

SQLRETURN rs_stmt_set_cursor_name(struct rs_stmt *stmt, struct rs_text name)
{
    struct rs_buf text = RS_BUF_INIT(65536);
    char *copy = NULL;

    if (name.p == NULL)
        rs_fail(&stmt->head.diag, RS_HY009, 0, "no cursor name");
    else if (rs_text_get(name, &text, &stmt->head.diag) && check_name(stmt, rs_buf_str(&text)))
        copy = rs_str_dup(rs_buf_str(&text), &stmt->head.diag);
    rs_buf_clear(&text);
    if (copy == NULL)
        return SQL_ERROR;
    rs_free(stmt->cursor_name);
    stmt->cursor_name = copy;
    return SQL_SUCCESS;
}

SQLRETURN rs_stmt_get_cursor_name(struct rs_stmt *stmt, const struct rs_text_out *name)
{
    struct rs_buf text = RS_BUF_INIT(64);

    if (!rs_text_out_ok(name, &stmt->head.diag))
        return SQL_ERROR;
    if (stmt->cursor_name == NULL) {
        rs_buf_addf(&text, "SQL_CUR%x", (unsigned)stmt->number);
        if (!rs_buf_ok(&text, &stmt->head.diag)) {
            rs_buf_clear(&text);
            return SQL_ERROR;
        }
        stmt->cursor_name = rs_buf_take(&text);
    }
    rs_text_put(name, rs_str_of(stmt->cursor_name), &stmt->head.diag);
    return SQL_SUCCESS;
}
