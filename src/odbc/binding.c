#include "binding.h"

#include <string.h>

#include "need.h"
#include "param.h"

bool rs_bound_all(struct rs_stmt *stmt)
{
    for (size_t i = 0; i < stmt->sql.n_markers; i++) {
        const struct rs_desc_rec *apd = rs_desc_rec(stmt->apd, (SQLSMALLINT)(i + 1));
        const struct rs_desc_rec *ipd = rs_desc_rec(&stmt->own_ipd, (SQLSMALLINT)(i + 1));

        if (apd == NULL || ipd == NULL ||
            (apd->data_ptr == NULL && apd->ind_ptr == NULL && apd->len_ptr == NULL))
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

/* NULL stays NULL; anything else moves by the offset and the set's place. */
static char *moved(const void *p, SQLLEN offset, size_t step)
{
    return p == NULL ? NULL : (char *)(uintptr_t)p + offset + step;
}

static SQLLEN read_len(const void *p)
{
    SQLLEN len;

    memcpy(&len, p, sizeof len);
    return len;
}

static SQLSMALLINT real_c_type(const struct rs_desc_rec *apd, const struct rs_desc_rec *ipd)
{
    return apd->concise_type == SQL_C_DEFAULT ? rs_sql_type_default_c(ipd->concise_type)
                                              : apd->concise_type;
}

static bool length_of(struct rs_stmt *stmt, size_t index, const void *ind, const void *len,
                      struct rs_bound *out)
{
    enum rs_ctype ctype = rs_ctype_of(out->c_type);
    struct rs_diag *diag = &stmt->head.diag;

    if (ind != NULL && (read_len(ind) == SQL_NULL_DATA || rs_bound_is_at_exec(read_len(ind)))) {
        out->len = rs_bound_is_at_exec(read_len(ind)) ? SQL_DATA_AT_EXEC : SQL_NULL_DATA;
        return true;
    }
    if (len != NULL)
        out->len = read_len(len);
    else
        out->len = ctype == RS_CTYPE_BINARY ? out->apd->octet_length : SQL_NTS;
    if (rs_bound_is_at_exec(out->len)) {
        out->len = SQL_DATA_AT_EXEC;
        return true;
    }
    if (out->len == SQL_DEFAULT_PARAM)
        return rs_fail(diag, RS_07S01, 0,
                       "parameter %zu: SQL_DEFAULT_PARAM works in procedure calls only", index + 1);
    if (rs_ctype_size(ctype) > 0 && out->len != SQL_NULL_DATA)
        out->len = (SQLLEN)rs_ctype_size(ctype);
    if (out->len < 0 && out->len != SQL_NTS && out->len != SQL_NULL_DATA)
        return rs_fail(diag, RS_HY090, 0, "parameter %zu: length %ld is negative", index + 1,
                       (long)out->len);
    if (out->value == NULL && out->len != SQL_NULL_DATA && out->len != 0)
        return rs_fail(diag, RS_HY090, 0, "parameter %zu has a length but no value", index + 1);
    return true;
}

bool rs_bound_at(struct rs_stmt *stmt, size_t index, SQLULEN set, struct rs_bound *out)
{
    const struct rs_desc *apd = stmt->apd;
    SQLLEN offset = apd->bind_offset_ptr == NULL ? 0 : *apd->bind_offset_ptr;
    bool by_row = apd->bind_type != SQL_PARAM_BIND_BY_COLUMN;
    size_t element, value_step, len_step;

    out->apd = rs_desc_rec(apd, (SQLSMALLINT)(index + 1));
    out->ipd = rs_desc_rec(&stmt->own_ipd, (SQLSMALLINT)(index + 1));
    out->c_type = real_c_type(out->apd, out->ipd);
    element = rs_ctype_size(rs_ctype_of(out->c_type));
    if (element == 0)
        element = (size_t)out->apd->octet_length;
    value_step = set * (by_row ? (size_t)apd->bind_type : element);
    len_step = set * (by_row ? (size_t)apd->bind_type : sizeof(SQLLEN));
    out->value = moved(out->apd->data_ptr, offset, value_step);
    out->token = (SQLPOINTER)(uintptr_t)out->value;
    return length_of(stmt, index, moved(out->apd->ind_ptr, offset, len_step),
                     moved(out->apd->len_ptr, offset, len_step), out);
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

        types[i] = ipd == NULL ? 0
                               : rs_sql_type_oid(ipd->concise_type, stmt->dbc->policy.is_redshift,
                                                 string_is_unspecified(stmt));
    }
}

static struct rs_param_spec spec_of(const struct rs_stmt *stmt, const struct rs_bound *bound)
{
    return (struct rs_param_spec){
        .c_type = bound->c_type,
        .sql_type = bound->ipd->concise_type,
        .column_size = rs_desc_column_size(bound->ipd),
        .digits = rs_desc_digits(bound->ipd),
        .c_precision = bound->apd->precision,
        .c_scale = bound->apd->scale,
        .truncate_nanoseconds = stmt->dbc->settings.truncate_nanoseconds,
        .is_redshift = stmt->dbc->policy.is_redshift,
        .string_is_unspecified = string_is_unspecified(stmt),
    };
}

static bool encode_one(struct rs_stmt *stmt, size_t index, SQLULEN set, struct rs_param *out)
{
    struct rs_buf *bytes = &stmt->wire_bytes;
    struct rs_param_spec spec;
    struct rs_bound bound;
    size_t before = bytes->len;

    if (!rs_bound_at(stmt, index, set, &bound))
        return false;
    if (bound.len == SQL_DATA_AT_EXEC)
        bound.value = rs_need_value(stmt, index, &bound.len);
    out->n = -1;
    if (bound.len == SQL_NULL_DATA)
        return true;
    spec = spec_of(stmt, &bound);
    if (!rs_param_can(spec.c_type, spec.sql_type))
        return rs_fail(&stmt->head.diag, RS_07006, 0,
                       "parameter %zu: C type %d cannot become SQL type %d", index + 1, spec.c_type,
                       spec.sql_type);
    if (!rs_param_encode(&spec, bound.value == NULL ? "" : bound.value, bound.len, bytes,
                         &stmt->head.diag))
        return false;
    out->n = (int32_t)(bytes->len - before);
    return true;
}

bool rs_bound_encode(struct rs_stmt *stmt, SQLULEN set)
{
    size_t n = stmt->sql.n_markers, at = 0, before = stmt->head.diag.n;

    if (n > stmt->wire_cap) {
        struct rs_param *grown = rs_realloc(stmt->wire, n, sizeof *grown, &stmt->head.diag);

        if (grown == NULL)
            return false;
        stmt->wire = grown;
        stmt->wire_cap = n;
    }
    rs_buf_truncate(&stmt->wire_bytes, 0);
    for (size_t i = 0; i < n; i++) {
        bool ok = encode_one(stmt, i, set, &stmt->wire[i]);

        rs_diag_place(&stmt->head.diag, before, (int64_t)set + 1, (int32_t)i + 1);
        before = stmt->head.diag.n;
        if (!ok) {
            rs_buf_clear(&stmt->wire_bytes); /* it may be bad */
            return false;
        }
    }
    /* The buffer has stopped moving: now the pointers. */
    for (size_t i = 0; i < n; i++) {
        stmt->wire[i].type_oid = stmt->parsed_types == NULL ? 0 : stmt->parsed_types[i];
        stmt->wire[i].p = stmt->wire_bytes.p == NULL ? "" : stmt->wire_bytes.p + at;
        if (stmt->wire[i].n > 0)
            at += (size_t)stmt->wire[i].n;
    }
    return true;
}
