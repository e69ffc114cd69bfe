#include "binding.h"

#include <string.h>

#include "describe.h"
#include "need.h"
#include "routine.h"

/* A value that comes back may be wanted nowhere. */
static bool is_dropped(const struct rs_stmt *stmt, const struct rs_desc_rec *ipd)
{
    return stmt->routine != NULL && ipd->parameter_type == SQL_PARAM_OUTPUT;
}

bool rs_bound_all(struct rs_stmt *stmt)
{
    for (size_t i = 0; i < stmt->sql.n_markers; i++) {
        const struct rs_desc_rec *apd = rs_desc_rec(stmt->apd, (SQLSMALLINT)(i + 1));
        const struct rs_desc_rec *ipd = rs_desc_rec(&stmt->own_ipd, (SQLSMALLINT)(i + 1));

        if (apd == NULL || ipd == NULL ||
            (apd->data_ptr == NULL && apd->ind_ptr == NULL && apd->len_ptr == NULL &&
             !is_dropped(stmt, ipd)))
            return rs_fail(&stmt->head.diag, RS_07002, 0,
                           "the statement has %zu parameters and parameter %zu is not bound",
                           stmt->sql.n_markers, i + 1);
    }
    return true;
}

bool rs_bound_is_at_exec(SQLLEN len)
{
    return len == SQL_DATA_AT_EXEC || len <= SQL_LEN_DATA_AT_EXEC_OFFSET;
}

/* NULL stays NULL; anything else moves. */
static const char *moved(const void *p, SQLLEN by)
{
    return p == NULL ? NULL : (const char *)p + by;
}

static bool string_is_unspecified(const struct rs_stmt *stmt)
{
    const char *type = stmt->dbc->settings.string_type;

    return type != NULL && strcmp(type, "unspecified") == 0;
}

void rs_bound_types(const struct rs_stmt *stmt, uint32_t *types)
{
    for (size_t i = 0; i < stmt->sql.n_markers; i++) {
        const struct rs_desc_rec *ipd = rs_desc_rec(&stmt->own_ipd, (SQLSMALLINT)(i + 1));
        size_t place;

        if (rs_stmt_sends(stmt, i, &place))
            types[place] = ipd == NULL
                               ? 0
                               : rs_sql_type_oid(ipd->concise_type, stmt->dbc->policy.is_redshift,
                                                 string_is_unspecified(stmt));
    }
}

static struct rs_param_spec spec_of(const struct rs_stmt *stmt, const struct rs_desc_rec *apd,
                                    const struct rs_desc_rec *ipd)
{
    return (struct rs_param_spec){
        .c_type = apd->concise_type == SQL_C_DEFAULT ? rs_sql_type_default_c(ipd->concise_type)
                                                     : apd->concise_type,
        .sql_type = ipd->concise_type,
        .column_size = rs_desc_column_size(ipd),
        .digits = rs_desc_digits(ipd),
        .c_precision = apd->precision,
        .c_scale = apd->scale,
        .truncate_nanoseconds = stmt->dbc->settings.truncate_nanoseconds,
        .is_redshift = stmt->dbc->policy.is_redshift,
        .string_is_unspecified = string_is_unspecified(stmt),
    };
}

static void column_of(const struct rs_stmt *stmt, size_t index, struct rs_bound_column *out)
{
    const struct rs_desc *apd = stmt->apd;
    const struct rs_desc_rec *rec = rs_desc_rec(apd, (SQLSMALLINT)(index + 1));
    SQLLEN offset = apd->bind_offset_ptr == NULL ? 0 : *apd->bind_offset_ptr;
    bool by_row = apd->bind_type != SQL_PARAM_BIND_BY_COLUMN;
    struct rs_param_spec spec;
    size_t size, place;

    out->apd = rec;
    out->ipd = rs_desc_rec(&stmt->own_ipd, (SQLSMALLINT)(index + 1));
    spec = spec_of(stmt, rec, out->ipd);
    /* A size that SQLDescribeParam made up, for the server tells none, is no limit. */
    if (stmt->param_types != NULL && spec.column_size == rs_param_described_size(stmt, index))
        spec.column_size = 0;
    rs_param_find_way(&spec, &out->way);
    size = rs_ctype_size(out->way.ctype);
    out->fixed_len = (SQLLEN)size;
    out->no_len = out->way.ctype == RS_CTYPE_BINARY ? rec->octet_length : SQL_NTS;
    out->value_step = by_row ? (size_t)apd->bind_type : size > 0 ? size : (size_t)rec->octet_length;
    out->len_step = by_row ? (size_t)apd->bind_type : sizeof(SQLLEN);
    out->value = moved(rec->data_ptr, offset);
    out->ind = moved(rec->ind_ptr, offset);
    out->len = moved(rec->len_ptr, offset);
    out->is_unsent = !rs_stmt_sends(stmt, index, &place);
}

static SQLLEN read_len(const char *first, size_t at)
{
    SQLLEN len;

    memcpy(&len, first + at, sizeof len);
    return len;
}

static bool check_len(struct rs_stmt *stmt, size_t index, const char *value, SQLLEN len)
{
    struct rs_diag *diag = &stmt->head.diag;

    if (len == SQL_DEFAULT_PARAM)
        return rs_fail(diag, RS_07S01, 0,
                       "parameter %zu: SQL_DEFAULT_PARAM works for the last arguments of a "
                       "procedure call only",
                       index + 1);
    if (len < 0 && len != SQL_NTS && len != SQL_NULL_DATA)
        return rs_fail(diag, RS_HY090, 0, "parameter %zu: length %ld is negative", index + 1,
                       (long)len);
    if (value == NULL && len != SQL_NULL_DATA && len != 0)
        return rs_fail(diag, RS_HY090, 0, "parameter %zu has a length but no value", index + 1);
    return true;
}

/* *value: NULL or the value's place; *len as in struct rs_bound. */
static bool read_at(struct rs_stmt *stmt, size_t index, const struct rs_bound_column *column,
                    SQLULEN set, const char **value, SQLLEN *len)
{
    size_t at = set * column->len_step;

    *value = column->value == NULL ? NULL : column->value + set * column->value_step;
    if (column->ind != NULL) {
        *len = read_len(column->ind, at);
        if (*len == SQL_NULL_DATA)
            return true;
        if (rs_bound_is_at_exec(*len)) {
            *len = SQL_DATA_AT_EXEC;
            return true;
        }
    }
    *len = column->len == NULL ? column->no_len : read_len(column->len, at);
    if (rs_bound_is_at_exec(*len)) {
        *len = SQL_DATA_AT_EXEC;
        return true;
    }
    if (column->fixed_len > 0 && *len != SQL_NULL_DATA && *len != SQL_DEFAULT_PARAM)
        *len = column->fixed_len;
    return (*len >= 0 && *value != NULL) || check_len(stmt, index, *value, *len);
}

bool rs_bound_at(struct rs_stmt *stmt, size_t index, SQLULEN set, struct rs_bound *out)
{
    struct rs_bound_column column;

    column_of(stmt, index, &column);
    out->apd = column.apd;
    out->ipd = column.ipd;
    out->c_type = column.way.spec.c_type;
    if (!read_at(stmt, index, &column, set, &out->value, &out->len))
        return false;
    out->token = (SQLPOINTER)(uintptr_t)out->value;
    return true;
}

bool rs_bound_is_kept(const struct rs_stmt *stmt)
{
    return stmt->bound_is_kept && stmt->bound_apd_change == stmt->apd->change &&
           stmt->bound_ipd_change == stmt->own_ipd.change;
}

void rs_bound_forget(struct rs_stmt *stmt)
{
    stmt->bound_is_kept = false;
}

bool rs_bound_open(struct rs_stmt *stmt)
{
    size_t n = stmt->sql.n_markers;

    if (rs_bound_is_kept(stmt))
        return true;
    stmt->bound_is_kept = false;
    if (n > stmt->bound_cap) {
        struct rs_param *wire = rs_realloc(stmt->wire, n, sizeof *wire, &stmt->head.diag);
        struct rs_bound_column *bound;

        if (wire == NULL)
            return false;
        stmt->wire = wire;
        bound = rs_realloc(stmt->bound, n, sizeof *bound, &stmt->head.diag);
        if (bound == NULL)
            return false;
        stmt->bound = bound;
        stmt->bound_cap = n;
    }
    for (size_t i = 0; i < n; i++)
        column_of(stmt, i, &stmt->bound[i]);
    for (size_t i = 0; i < rs_stmt_n_sent(stmt); i++) {
        stmt->wire[i] =
            (struct rs_param){ .type_oid = stmt->parsed_types == NULL ? 0 : stmt->parsed_types[i],
                               .n = -1 };
    }
    stmt->bound_apd_change = stmt->apd->change;
    stmt->bound_ipd_change = stmt->own_ipd.change;
    /* A bind offset is the application's to move at any time. */
    stmt->bound_is_kept = stmt->apd->bind_offset_ptr == NULL;
    return true;
}

/* A value is its length and so many bytes. */
static void put_length(char *to, uint32_t n)
{
    to[0] = (char)(n >> 24);
    to[1] = (char)(n >> 16);
    to[2] = (char)(n >> 8);
    to[3] = (char)n;
}

/* The text was made for the first set: the others must leave out the same arguments. */
static bool check_unsent(struct rs_stmt *stmt, size_t index, SQLULEN set)
{
    const struct rs_bound_column *column = &stmt->bound[index];
    const char *at = column->ind != NULL ? column->ind : column->len;

    if (stmt->routine->role[index] != RS_ROLE_DEFAULT || at == NULL ||
        read_len(at, set * column->len_step) == SQL_DEFAULT_PARAM)
        return true;
    return rs_fail(&stmt->head.diag, RS_07S01, 0,
                   "parameter %zu: SQL_DEFAULT_PARAM must stand in every set or in none",
                   index + 1);
}

static enum rs_bound_set add_one(struct rs_stmt *stmt, size_t index, SQLULEN set, bool has_data)
{
    const struct rs_bound_column *column = &stmt->bound[index];
    struct rs_buf *bytes = &stmt->wire_bytes;
    const char *value;
    SQLLEN len;
    size_t at = bytes->len;
    char *head;

    if (column->is_unsent)
        return check_unsent(stmt, index, set) ? RS_BOUND_OK : RS_BOUND_FAILED;
    if (!read_at(stmt, index, column, set, &value, &len))
        return RS_BOUND_FAILED;
    if (len == SQL_DATA_AT_EXEC) {
        if (!has_data)
            return RS_BOUND_WANTS_DATA;
        value = rs_need_value(stmt, index, &len);
    }
    head = rs_buf_room(bytes, 4);
    if (head == NULL)
        return rs_buf_ok(bytes, &stmt->head.diag) ? RS_BOUND_OK : RS_BOUND_FAILED;
    put_length(head, UINT32_MAX);
    rs_buf_seal(bytes, 4);
    if (len == SQL_NULL_DATA)
        return RS_BOUND_OK;
    if (!rs_param_encode_by(&column->way, value, len, bytes, &stmt->head.diag))
        return RS_BOUND_FAILED;
    put_length(bytes->p + at, (uint32_t)(bytes->len - at - 4));
    return RS_BOUND_OK;
}

enum rs_bound_set rs_bound_add(struct rs_stmt *stmt, SQLULEN set, bool has_data)
{
    struct rs_buf *bytes = &stmt->wire_bytes;
    struct rs_diag *diag = &stmt->head.diag;
    size_t at = bytes->len;

    for (size_t i = 0; i < stmt->sql.n_markers; i++) {
        size_t before = diag->n;
        enum rs_bound_set added = add_one(stmt, i, set, has_data);

        if (diag->n > before)
            rs_diag_place(diag, before, (int64_t)set + 1, (int32_t)i + 1);
        if (added != RS_BOUND_OK) {
            bytes->bad = bytes->too_long = false; /* the sets before are whole */
            rs_buf_truncate(bytes, at);
            return added;
        }
    }
    return RS_BOUND_OK;
}
