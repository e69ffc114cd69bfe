#include "attr.h"

#include <string.h>

#include "execute.h"
#include "query.h"
#include "turn.h"

/* The struct that holds the attribute; descriptors are the present ones. */
static void *base_of(struct rs_stmt *stmt, const struct rs_attr *attr)
{
    switch (attr->base) {
    case RS_ATTR_IN_STMT:
        return stmt;
    case RS_ATTR_IN_ARD:
        return stmt->ard;
    case RS_ATTR_IN_APD:
        return stmt->apd;
    case RS_ATTR_IN_IRD:
        return &stmt->own_ird;
    case RS_ATTR_IN_IPD:
        return &stmt->own_ipd;
    case RS_ATTR_IN_NIL:
    case RS_ATTR_IN_ENV:
    case RS_ATTR_IN_DBC:
        break;
    }
    return NULL;
}

/* ---- setting ---- */

static bool check_state(struct rs_stmt *stmt, const struct rs_attr *attr)
{
    struct rs_diag *diag = &stmt->head.diag;
    bool is_fresh_only = attr->when == RS_ATTR_FRESH;

    if (stmt->state == RS_S11_POLLED)
        return rs_stmt_is_idle(stmt);
    if (is_fresh_only && stmt->state >= RS_S4_EXECUTED && stmt->state <= RS_S7_EXTFETCHED)
        return rs_fail(diag, RS_24000, 0, "attribute %ld cannot change while a result is open",
                       (long)attr->id);
    if (is_fresh_only && stmt->is_prepared)
        return rs_fail(diag, RS_HY011, 0, "attribute %ld is set before preparing", (long)attr->id);
    return rs_stmt_is_idle(stmt);
}

/* Which descriptor a handle is, among those the connection knows; the handle may be anything. */
static struct rs_desc *find_explicit(const struct rs_dbc *dbc, SQLPOINTER handle)
{
    for (struct rs_desc *desc = dbc->descs; desc != NULL; desc = desc->next)
        if (desc == handle)
            return desc;
    return NULL;
}

static bool is_implicit(const struct rs_dbc *dbc, const void *handle)
{
    for (const struct rs_stmt *stmt = dbc->stmts; stmt != NULL; stmt = stmt->next)
        if (handle == &stmt->own_ard || handle == &stmt->own_apd || handle == &stmt->own_ird ||
            handle == &stmt->own_ipd)
            return true;
    return false;
}

static bool set_desc(struct rs_stmt *stmt, SQLPOINTER handle, struct rs_desc **place,
                     struct rs_desc *own)
{
    struct rs_desc *desc;

    if (handle == NULL || handle == own) {
        *place = own;
        return true;
    }
    desc = find_explicit(stmt->dbc, handle);
    if (desc != NULL) {
        *place = desc;
        return true;
    }
    if (is_implicit(stmt->dbc, handle))
        return rs_fail(&stmt->head.diag, RS_HY017, 0,
                       "the descriptor belongs to a statement and cannot be lent");
    return rs_fail(&stmt->head.diag, RS_HY024, 0, "this is no descriptor of the connection");
}

/* The three attributes of scrolling say the same in three ways; the one set last is right. */
void rs_stmt_set_cursor_type(struct rs_stmt *stmt, SQLULEN type)
{
    bool is_static = type == SQL_CURSOR_STATIC;

    stmt->attrs.cursor_type = type;
    stmt->attrs.cursor_scrollable = is_static ? SQL_SCROLLABLE : SQL_NONSCROLLABLE;
    stmt->attrs.cursor_sensitivity = is_static ? SQL_INSENSITIVE : SQL_UNSPECIFIED;
}

/* No cursor shows what others change. */
static bool set_sensitivity(struct rs_stmt *stmt, SQLULEN value)
{
    if (value == SQL_SENSITIVE)
        return rs_fail(&stmt->head.diag, RS_HYC00, 0, "there are no sensitive cursors");
    if (value == SQL_INSENSITIVE)
        rs_stmt_set_cursor_type(stmt, SQL_CURSOR_STATIC);
    else
        stmt->attrs.cursor_sensitivity = SQL_UNSPECIFIED;
    return true;
}

static bool set_special(struct rs_stmt *stmt, const struct rs_attr *attr, SQLPOINTER value)
{
    switch (attr->id) {
    case SQL_ATTR_APP_ROW_DESC:
        return set_desc(stmt, value, &stmt->ard, &stmt->own_ard);
    case SQL_ATTR_APP_PARAM_DESC:
        return set_desc(stmt, value, &stmt->apd, &stmt->own_apd);
    case SQL_ATTR_CURSOR_SENSITIVITY:
        return set_sensitivity(stmt, (SQLULEN)value);
    case SQL_ATTR_IMP_ROW_DESC:
    case SQL_ATTR_IMP_PARAM_DESC:
        return rs_fail(&stmt->head.diag, RS_HY017, 0,
                       "a statement keeps its implementation descriptors");
    default:
        return rs_fail(&stmt->head.diag, RS_HYC00, 0, "attribute %ld is not supported",
                       (long)attr->id);
    }
}

/* An application's descriptor may be that of another statement too. */
static bool may_write(struct rs_stmt *stmt, const struct rs_attr *attr)
{
    if (attr->base != RS_ATTR_IN_ARD && attr->base != RS_ATTR_IN_APD)
        return true;
    return rs_turn_spares(base_of(stmt, attr), &stmt->head.diag);
}

static void store(struct rs_stmt *stmt, const struct rs_attr *attr, SQLULEN value)
{
    void *base = base_of(stmt, attr);

    if (base == NULL || (SQLULEN)rs_slot_get(base, attr->slot) == value)
        return;
    rs_slot_put(base, attr->slot, (int64_t)value);
    if (attr->id == SQL_ATTR_USE_BOOKMARKS)
        stmt->columns_change++; /* column 0 comes or goes */
    if (attr->id == SQL_ATTR_CURSOR_TYPE)
        rs_stmt_set_cursor_type(stmt, value);
    if (attr->id == SQL_ATTR_CURSOR_SCROLLABLE)
        rs_stmt_set_cursor_type(stmt, value == SQL_SCROLLABLE ? SQL_CURSOR_STATIC
                                                              : SQL_CURSOR_FORWARD_ONLY);
    if (attr->base == RS_ATTR_IN_ARD || attr->base == RS_ATTR_IN_APD)
        rs_desc_touch(base);
}

SQLRETURN rs_stmt_set_attr(struct rs_stmt *stmt, SQLINTEGER attribute, SQLPOINTER value,
                           SQLINTEGER length, bool is_wide)
{
    struct rs_diag *diag = &stmt->head.diag;
    const struct rs_attr *attr = rs_attr_find(RS_ATTR_OF_STMT, attribute, diag);
    SQLULEN n;

    (void)length;
    (void)is_wide;
    if (attr == NULL || !check_state(stmt, attr))
        return SQL_ERROR;
    n = rs_attr_value(attr, value);
    if (!rs_attr_check(attr, &n, diag) || !may_write(stmt, attr))
        return SQL_ERROR;
    if (attr->rule == RS_ATTR_SPECIAL)
        return set_special(stmt, attr, value) ? SQL_SUCCESS : SQL_ERROR;
    store(stmt, attr, n);
    return SQL_SUCCESS;
}

/* ---- reading ---- */

static bool row_number(struct rs_stmt *stmt, SQLULEN *out)
{
    if (!rs_stmt_has_cursor(stmt) || stmt->position != RS_POS_ON_ROW)
        return rs_fail(&stmt->head.diag, RS_24000, 0, "the cursor is not on a row");
    *out = stmt->row_number == 0 ? 0 : (SQLULEN)stmt->row_number + stmt->current;
    return true;
}

static bool take_id(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    rs_buf_add(ctx, (struct rs_str){ cells[0].p, cells[0].n > 0 ? (size_t)cells[0].n : 0 });
    return rs_buf_ok(ctx, diag);
}

/* Only the server knows it, and only for the query before: asking must not move a result away. */
static bool query_id(struct rs_stmt *stmt, const struct rs_text_out *out)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_buf id = RS_BUF_INIT(64);
    struct rs_query query = { .dbc = stmt->dbc,
                              .stmt = stmt,
                              .sql = RS_STR("SELECT pg_last_query_id()"),
                              .n_columns = 1,
                              .deadline = rs_stmt_deadline(stmt) };
    bool ok;

    if (!rs_dbc_ready(stmt->dbc, diag))
        return false;
    if (!stmt->dbc->policy.is_redshift)
        return rs_fail(diag, RS_HYC00, 0, "only Redshift gives its queries ids");
    for (const struct rs_stmt *other = stmt->dbc->stmts; other != NULL; other = other->next)
        if (other->exchange != NULL && rs_exchange_is_live(other->exchange))
            return rs_fail(diag, RS_HY010, 0,
                           "the query's id can be asked for once its rows have been read");
    ok = rs_query_run(&query, take_id, &id, diag);
    if (ok)
        rs_text_put(out, rs_buf_str(&id), diag);
    else
        rs_dbc_after_error(stmt->dbc, diag);
    rs_buf_clear(&id);
    return ok;
}

static bool get_special(struct rs_stmt *stmt, const struct rs_attr *attr, SQLPOINTER value)
{
    const struct rs_desc *desc = NULL;
    SQLULEN row = 0;

    switch (attr->id) {
    case SQL_ATTR_APP_ROW_DESC:
        desc = stmt->ard;
        break;
    case SQL_ATTR_APP_PARAM_DESC:
        desc = stmt->apd;
        break;
    case SQL_ATTR_IMP_ROW_DESC:
        desc = &stmt->own_ird;
        break;
    case SQL_ATTR_IMP_PARAM_DESC:
        desc = &stmt->own_ipd;
        break;
    case SQL_ATTR_CURSOR_SENSITIVITY:
        rs_attr_write(attr, value, stmt->attrs.cursor_sensitivity);
        return true;
    case SQL_GET_BOOKMARK:
        if (rs_stmt_has_cursor(stmt) && !stmt->is_static)
            return rs_fail(&stmt->head.diag, RS_HYC00, 0, "a forward-only cursor has no bookmarks");
        if (!row_number(stmt, &row))
            return false;
        rs_attr_write(attr, value, row);
        return true;
    default:
        if (!row_number(stmt, &row))
            return false;
        rs_attr_write(attr, value, row);
        return true;
    }
    rs_attr_write(attr, value, (SQLULEN)desc);
    return true;
}

SQLRETURN rs_stmt_get_attr(struct rs_stmt *stmt, SQLINTEGER attribute, SQLPOINTER value,
                           const struct rs_text_out *text)
{
    struct rs_diag *diag = &stmt->head.diag;
    const struct rs_attr *attr = rs_attr_find(RS_ATTR_OF_STMT, attribute, diag);
    const void *base;

    if (attr == NULL || !rs_stmt_is_idle(stmt))
        return SQL_ERROR;
    if (attr->id == RS_ATTR_QUERY_ID)
        return query_id(stmt, text) ? SQL_SUCCESS : SQL_ERROR;
    if (attr->rule == RS_ATTR_NONE) {
        rs_fail(diag, RS_HYC00, 0, "attribute %ld is not supported", (long)attribute);
        return SQL_ERROR;
    }
    if (attr->rule == RS_ATTR_SPECIAL)
        return get_special(stmt, attr, value) ? SQL_SUCCESS : SQL_ERROR;
    base = base_of(stmt, attr);
    rs_attr_write(attr, value, base == NULL ? attr->dflt : (SQLULEN)rs_slot_get(base, attr->slot));
    return SQL_SUCCESS;
}
