#include "desc.h"

#include "dbc.h"
#include "param.h"
#include "turn.h"

static bool is_c_type(SQLSMALLINT c_type)
{
    return c_type == SQL_C_DEFAULT || rs_ctype_of(c_type) != RS_CTYPE_NONE;
}

/* ---- SQLBindCol ---- */

/* COUNT falls to the highest column that is still bound. */
static bool unbind(struct rs_desc *ard, SQLSMALLINT column, struct rs_diag *diag)
{
    SQLSMALLINT n = ard->count;
    struct rs_desc_rec *rec;

    if (column > n)
        return true;
    rec = rs_desc_need(ard, column, diag);
    if (rec == NULL || !rs_desc_set_type(ard, rec, SQL_C_DEFAULT, diag))
        return false;
    rec->data_ptr = NULL;
    rec->ind_ptr = NULL;
    rec->len_ptr = NULL;
    rec->octet_length = 0;
    if (column < n || column == 0)
        return true;
    while (n > 0 && !rs_desc_is_bound(&ard->rec[n]))
        n--;
    return rs_desc_set_count(ard, n, diag);
}

static bool check_column(struct rs_stmt *stmt, SQLUSMALLINT column)
{
    if (column == 0 && stmt->attrs.use_bookmarks == SQL_UB_OFF)
        return rs_fail(&stmt->head.diag, RS_07009, 0,
                       "column 0 is the bookmark column, and bookmarks are off");
    if (column > SHRT_MAX)
        return rs_fail(&stmt->head.diag, RS_07009, 0, "there is no column %u", (unsigned)column);
    return rs_stmt_is_idle(stmt) && rs_turn_spares(stmt->ard, &stmt->head.diag);
}

SQLRETURN rs_bind_col(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type,
                      SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_desc *ard = stmt->ard;
    struct rs_desc_rec *rec;

    if (!check_column(stmt, column))
        return SQL_ERROR;
    if (data == NULL && ind == NULL)
        return unbind(ard, (SQLSMALLINT)column, diag) ? SQL_SUCCESS : SQL_ERROR;
    if (!is_c_type(c_type)) {
        rs_fail(diag, RS_HY003, 0, "%d is no C type", c_type);
        return SQL_ERROR;
    }
    if (cap < 0) {
        rs_fail(diag, RS_HY090, 0, "the buffer length %ld is negative", (long)cap);
        return SQL_ERROR;
    }
    rec = rs_desc_need(ard, (SQLSMALLINT)column, diag);
    if (rec == NULL)
        return SQL_ERROR;
    /* Applications bind the same columns again and again: then only the places are new. */
    if ((rec->is_edited || rec->concise_type != rs_desc_modern_type(c_type)) &&
        !rs_desc_set_type(ard, rec, c_type, diag))
        return SQL_ERROR;
    if (rec->data_ptr == data && rec->octet_length == cap && rec->ind_ptr == ind &&
        rec->len_ptr == ind)
        return SQL_SUCCESS;
    rec->data_ptr = data;
    rec->octet_length = cap;
    rec->ind_ptr = ind;
    rec->len_ptr = ind;
    rs_desc_touch(ard);
    return SQL_SUCCESS;
}

/* ---- SQLBindParameter ---- */

struct binding {
    SQLUSMALLINT number;
    SQLSMALLINT direction, c_type, sql_type;
    SQLULEN column_size;
    SQLSMALLINT digits;
    SQLPOINTER data;
    SQLLEN cap;
    SQLLEN *ind;
};

static bool check_direction(const struct binding *b, struct rs_diag *diag)
{
    switch (b->direction) {
    case SQL_PARAM_INPUT:
    case SQL_PARAM_INPUT_OUTPUT:
        if (b->data == NULL && b->ind == NULL)
            return rs_fail(diag, RS_HY009, 0,
                           "parameter %u has neither a value nor a length pointer",
                           (unsigned)b->number);
        return true;
    case SQL_PARAM_OUTPUT:
        return true;
    case SQL_PARAM_INPUT_OUTPUT_STREAM:
    case SQL_PARAM_OUTPUT_STREAM:
        return rs_fail(diag, RS_HYC00, 0, "streamed parameters are not supported");
    default:
        return rs_fail(diag, RS_HY105, 0, "%d is no parameter type", b->direction);
    }
}

static bool check_types(const struct rs_stmt *stmt, const struct binding *b, struct rs_diag *diag)
{
    if (!is_c_type(b->c_type))
        return rs_fail(diag, RS_HY003, 0, "%d is no C type", b->c_type);
    if (!rs_sql_type_is_known(b->sql_type))
        return rs_fail(diag, RS_HY004, 0, "%d is no SQL type", b->sql_type);
    if (rs_sql_type_oid(b->sql_type, stmt->dbc->policy.is_redshift, false) == 0)
        return rs_fail(diag, RS_HYC00, 0, "parameters of SQL type %d are not supported",
                       b->sql_type);
    /* What becomes of a value that comes back is seen when it is there. */
    if (b->direction != SQL_PARAM_OUTPUT && b->c_type != SQL_C_DEFAULT &&
        !rs_param_can(b->c_type, b->sql_type))
        return rs_fail(diag, RS_07006, 0, "C type %d cannot become SQL type %d", b->c_type,
                       b->sql_type);
    return true;
}

/* A column size of 0 says that the application does not know it: many do that. */
static bool check_sizes(const struct binding *b, SQLSMALLINT type, struct rs_diag *diag)
{
    bool is_numeric = type == SQL_NUMERIC || type == SQL_DECIMAL;
    SQLULEN precision = b->column_size == 0 ? 38 : b->column_size;

    if (b->cap < 0)
        return rs_fail(diag, RS_HY090, 0, "the buffer length %ld is negative", (long)b->cap);
    if (is_numeric && precision > 38)
        return rs_fail(diag, RS_HY104, 0, "a number has at most 38 digits, not %llu",
                       (unsigned long long)precision);
    if (is_numeric && (b->digits < 0 || (SQLULEN)b->digits > precision))
        return rs_fail(diag, RS_HY104, 0, "scale %d does not fit precision %llu", b->digits,
                       (unsigned long long)precision);
    if ((type == SQL_TYPE_TIME || type == SQL_TYPE_TIMESTAMP || type == SQL_INTERVAL_SECOND ||
         type == SQL_INTERVAL_DAY_TO_SECOND || type == SQL_INTERVAL_HOUR_TO_SECOND ||
         type == SQL_INTERVAL_MINUTE_TO_SECOND) &&
        (b->digits < 0 || b->digits > 9))
        return rs_fail(diag, RS_HY104, 0, "seconds have 0 to 9 fraction digits, not %d", b->digits);
    return true;
}

/* Where size and digits stand depends on the type (ODBC, "ColumnSize Argument"). */
static void put_sizes(struct rs_desc_rec *rec, const struct binding *b)
{
    SQLULEN size = b->column_size > SHRT_MAX ? SHRT_MAX : b->column_size;

    switch (rec->concise_type) {
    case SQL_NUMERIC:
    case SQL_DECIMAL:
        rec->precision = size == 0 ? 38 : (SQLSMALLINT)size;
        rec->scale = b->digits;
        rec->has_scale = true;
        break;
    case SQL_FLOAT:
    case SQL_REAL:
    case SQL_DOUBLE:
        rec->precision = (SQLSMALLINT)size;
        break;
    case SQL_TYPE_TIME:
    case SQL_TYPE_TIMESTAMP:
    case SQL_INTERVAL_SECOND:
    case SQL_INTERVAL_DAY_TO_SECOND:
    case SQL_INTERVAL_HOUR_TO_SECOND:
    case SQL_INTERVAL_MINUTE_TO_SECOND:
        rec->length = b->column_size;
        rec->precision = b->digits;
        break;
    default:
        rec->length = b->column_size;
        break;
    }
    rec->is_edited = true;
}

static bool bind_app(struct rs_desc *apd, struct rs_desc_rec *rec, const struct binding *b,
                     struct rs_diag *diag)
{
    if (!rs_desc_set_type(apd, rec, b->c_type, diag))
        return false;
    rec->data_ptr = b->data;
    rec->octet_length = b->cap;
    rec->ind_ptr = b->ind;
    rec->len_ptr = b->ind;
    return true;
}

static bool bind_both(struct rs_stmt *stmt, const struct binding *b)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_desc *apd = stmt->apd, *ipd = &stmt->own_ipd;
    SQLSMALLINT n = (SQLSMALLINT)b->number, count = apd->count;
    struct rs_desc_rec *app = rs_desc_need(apd, n, diag), *imp;

    if (app == NULL)
        return false;
    imp = rs_desc_need(ipd, n, diag);
    if (imp == NULL) {
        if (!rs_desc_set_count(apd, count, diag))
            return false;
        return false;
    }
    if (!rs_desc_set_type(ipd, imp, b->sql_type, diag) || !bind_app(apd, app, b, diag))
        return false;
    imp->parameter_type = b->direction;
    put_sizes(imp, b);
    return true;
}

SQLRETURN rs_bind_param(struct rs_stmt *stmt, SQLUSMALLINT number, SQLSMALLINT direction,
                        SQLSMALLINT c_type, SQLSMALLINT sql_type, SQLULEN column_size,
                        SQLSMALLINT digits, SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    const struct binding b = {
        /* What the manager makes of SQLSetParam: the length of the buffer was never said. */
        number,      direction, c_type, sql_type,
        column_size, digits,    data,   cap == SQL_SETPARAM_VALUE_MAX ? 0 : cap,
        ind
    };
    struct rs_diag *diag = &stmt->head.diag;

    if (!rs_stmt_is_idle(stmt) || !rs_turn_spares(stmt->apd, diag))
        return SQL_ERROR;
    if (number < 1 || number > SHRT_MAX) {
        rs_fail(diag, RS_07009, 0, "parameters are numbered from 1 to 32767, not %u",
                (unsigned)number);
        return SQL_ERROR;
    }
    if (!check_types(stmt, &b, diag) || !check_direction(&b, diag) ||
        !check_sizes(&b, rs_desc_modern_type(sql_type), diag))
        return SQL_ERROR;
    return bind_both(stmt, &b) ? SQL_SUCCESS : SQL_ERROR;
}
