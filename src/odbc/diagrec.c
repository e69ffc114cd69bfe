/*
 * SQLGetDiagRec, SQLGetDiagField, SQLError: records of a handle, handed out.
 * Source: odbc.md 14; ODBC "SQLGetDiagField".
 */
#include <string.h>

#include "desc.h"
#include "scroll.h"
#include "turn.h"

/* Any handle, entered without clearing its records. */
struct entered {
    struct rs_head *head;
    struct rs_env *env;
    struct rs_dbc *dbc;
    struct rs_stmt *stmt;
    struct rs_desc *desc;
};

static bool enter(SQLSMALLINT kind, SQLHANDLE handle, struct entered *out)
{
    *out = (struct entered){ .head = handle };
    switch (kind) {
    case SQL_HANDLE_ENV:
        out->env = rs_env_enter_keep(handle);
        return out->env != NULL;
    case SQL_HANDLE_DBC:
        out->dbc = rs_dbc_enter_keep(handle);
        return out->dbc != NULL;
    case SQL_HANDLE_STMT:
        out->stmt = rs_stmt_enter_keep(handle);
        return out->stmt != NULL;
    case SQL_HANDLE_DESC:
        out->desc = rs_desc_enter_keep(handle);
        return out->desc != NULL;
    default:
        return false;
    }
}

static SQLRETURN leave(const struct entered *in, SQLRETURN rc)
{
    if (in->env != NULL)
        return rs_env_leave_keep(in->env, rc);
    if (in->dbc != NULL)
        return rs_dbc_leave_keep(in->dbc, rc);
    if (in->stmt != NULL)
        return rs_stmt_leave_keep(in->stmt, rc);
    return rs_desc_leave_keep(in->desc, rc);
}

static bool is_v2(const struct entered *in)
{
    if (in->env != NULL)
        return in->env->odbc_version == SQL_OV_ODBC2;
    if (in->dbc != NULL)
        return rs_dbc_is_v2(in->dbc);
    return rs_dbc_is_v2(in->stmt != NULL ? in->stmt->dbc : in->desc->dbc);
}

static void put_state(const char *five, bool is_wide, void *to)
{
    const struct rs_text_out out = { .p = to, .cap = 6, .is_wide = is_wide, .in_units = true };

    rs_text_put_quiet(&out, rs_str_of(five));
}

/* The record's text with its prefix; false when it was cut. */
static bool put_message(const struct rs_diag_rec *rec, const struct rs_text_out *text)
{
    struct rs_buf buf = RS_BUF_INIT(RS_DIAG_MAX_TEXT + 64);
    bool was_whole;

    rs_diag_text(rec, &buf);
    /* Out of memory while saying so: the bare text is always there. */
    was_whole = rs_text_put_quiet(text, buf.bad ? rs_str_of(rec->text) : rs_buf_str(&buf));
    rs_buf_clear(&buf);
    return was_whole;
}

SQLRETURN rs_diag_rec_get(SQLSMALLINT kind, SQLHANDLE handle, SQLSMALLINT number, bool is_wide,
                          void *state, SQLINTEGER *native, const struct rs_text_out *text)
{
    struct entered in;
    const struct rs_diag_rec *rec;

    if (!enter(kind, handle, &in))
        return SQL_INVALID_HANDLE;
    if (number < 1 || text->cap < 0)
        return leave(&in, SQL_ERROR);
    rs_diag_sort(&in.head->diag);
    rec = rs_diag_get(&in.head->diag, (size_t)number - 1);
    if (rec == NULL)
        return leave(&in, SQL_NO_DATA);
    put_state(rs_state_text(rec->state, is_v2(&in)), is_wide, state);
    if (native != NULL)
        *native = rec->native;
    return leave(&in, put_message(rec, text) ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO);
}

SQLRETURN rs_diag_error(SQLHENV env, SQLHDBC dbc, SQLHSTMT stmt, bool is_wide, void *state,
                        SQLINTEGER *native, const struct rs_text_out *text)
{
    SQLSMALLINT kind = stmt != NULL  ? SQL_HANDLE_STMT
                       : dbc != NULL ? SQL_HANDLE_DBC
                                     : SQL_HANDLE_ENV;
    SQLHANDLE handle = stmt != NULL ? stmt : dbc != NULL ? dbc : env;
    struct entered in;
    SQLRETURN rc = rs_diag_rec_get(kind, handle, 1, is_wide, state, native, text);

    if (rc == SQL_NO_DATA)
        put_state("00000", is_wide, state);
    if (SQL_SUCCEEDED(rc) && enter(kind, handle, &in)) {
        rs_diag_drop(&in.head->diag, 0);
        leave(&in, SQL_SUCCESS);
    }
    return rc;
}

/* ---- fields ---- */

static SQLRETURN put_text(const struct rs_text_out *text, const char *value)
{
    if (text->cap < 0)
        return SQL_ERROR;
    return rs_text_put_quiet(text, rs_str_of(value)) ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO;
}

static SQLRETURN header_field(const struct entered *in, SQLSMALLINT field, SQLPOINTER value,
                              const struct rs_text_out *text)
{
    struct rs_stmt *stmt = in->stmt;
    SQLLEN count;

    switch (field) {
    case SQL_DIAG_NUMBER:
        if (value != NULL)
            *(SQLINTEGER *)value = (SQLINTEGER)in->head->diag.n;
        return SQL_SUCCESS;
    case SQL_DIAG_RETURNCODE:
        if (value != NULL)
            *(SQLRETURN *)value = in->head->last_rc;
        return SQL_SUCCESS;
    case SQL_DIAG_CURSOR_ROW_COUNT:
        if (stmt == NULL)
            return SQL_ERROR;
        rs_turn_regain(stmt);
        count = rs_stmt_has_cursor(stmt) ? (SQLLEN)rs_stored_rows(stmt) : 0;
        if (count < 0)
            count = 0;
        if (value != NULL)
            memcpy(value, &count, sizeof count);
        return SQL_SUCCESS;
    case SQL_DIAG_ROW_COUNT:
        if (stmt == NULL || stmt->state == RS_S1_ALLOCATED || stmt->state == RS_S2_PREPARED ||
            stmt->state >= RS_S8_NEED_DATA)
            return SQL_ERROR;
        count = (SQLLEN)stmt->row_count;
        if (value != NULL)
            memcpy(value, &count, sizeof count);
        return SQL_SUCCESS;
    case SQL_DIAG_DYNAMIC_FUNCTION:
        return stmt == NULL ? SQL_ERROR : put_text(text, rs_verb_name(stmt->sql.verb));
    case SQL_DIAG_DYNAMIC_FUNCTION_CODE:
        if (stmt == NULL)
            return SQL_ERROR;
        if (value != NULL)
            *(SQLINTEGER *)value = rs_verb_code(stmt->sql.verb);
        return SQL_SUCCESS;
    default:
        return SQL_ERROR;
    }
}

static const char *server_name(const struct entered *in)
{
    const struct rs_dbc *dbc = in->dbc;

    if (in->stmt != NULL)
        dbc = in->stmt->dbc;
    if (in->desc != NULL)
        dbc = in->desc->dbc;
    return dbc != NULL && dbc->dsn != NULL ? dbc->dsn : "";
}

static SQLRETURN record_field(const struct entered *in, const struct rs_diag_rec *rec,
                              SQLSMALLINT field, SQLPOINTER value, const struct rs_text_out *text)
{
    const char *five = rs_state_text(rec->state, is_v2(in));
    SQLLEN row = (SQLLEN)rec->row;

    switch (field) {
    case SQL_DIAG_SQLSTATE:
        return put_text(text, five);
    case SQL_DIAG_NATIVE:
        if (value != NULL)
            *(SQLINTEGER *)value = rec->native;
        return SQL_SUCCESS;
    case SQL_DIAG_MESSAGE_TEXT:
        if (text->cap < 0)
            return SQL_ERROR;
        return put_message(rec, text) ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO;
    case SQL_DIAG_CLASS_ORIGIN:
        return put_text(text, strncmp(five, "IM", 2) == 0 ? "ODBC 3.0" : "ISO 9075");
    case SQL_DIAG_SUBCLASS_ORIGIN:
        return put_text(text, rs_state_is_odbc(rec->state) ? "ODBC 3.0" : "ISO 9075");
    case SQL_DIAG_CONNECTION_NAME:
        return put_text(text, "");
    case SQL_DIAG_SERVER_NAME:
        return put_text(text, server_name(in));
    case SQL_DIAG_ROW_NUMBER:
        if (value != NULL)
            memcpy(value, &row, sizeof row);
        return SQL_SUCCESS;
    case SQL_DIAG_COLUMN_NUMBER:
        if (value != NULL)
            *(SQLINTEGER *)value = rec->column;
        return SQL_SUCCESS;
    default:
        return SQL_ERROR;
    }
}

static bool is_header_field(SQLSMALLINT field)
{
    return field == SQL_DIAG_NUMBER || field == SQL_DIAG_RETURNCODE ||
           field == SQL_DIAG_CURSOR_ROW_COUNT || field == SQL_DIAG_ROW_COUNT ||
           field == SQL_DIAG_DYNAMIC_FUNCTION || field == SQL_DIAG_DYNAMIC_FUNCTION_CODE;
}

SQLRETURN rs_diag_field_get(SQLSMALLINT kind, SQLHANDLE handle, SQLSMALLINT number,
                            SQLSMALLINT field, SQLPOINTER value, const struct rs_text_out *text)
{
    struct entered in;
    const struct rs_diag_rec *rec;

    if (!enter(kind, handle, &in))
        return SQL_INVALID_HANDLE;
    if (is_header_field(field))
        return leave(&in, header_field(&in, field, value, text));
    if (number < 1)
        return leave(&in, SQL_ERROR);
    rs_diag_sort(&in.head->diag);
    rec = rs_diag_get(&in.head->diag, (size_t)number - 1);
    if (rec == NULL)
        return leave(&in, SQL_NO_DATA);
    return leave(&in, record_field(&in, rec, field, value, text));
}
