#include "descfield.h"

#include "dbc.h"
#include "stmt.h"

enum { NAME_MAX_BYTES = 4096 };

/* ---- SQLSetDescField ---- */

static int64_t narrow(const struct rs_desc_field *field, SQLPOINTER value)
{
    SQLLEN n = (SQLLEN)value;

    if (field->type == RS_DF_I16)
        return (SQLSMALLINT)n;
    return field->type == RS_DF_I32 ? (SQLINTEGER)n : n;
}

static bool set_header(struct rs_desc *desc, const struct rs_desc_field *field, SQLPOINTER value)
{
    struct rs_diag *diag = &desc->head.diag;
    int64_t n = narrow(field, value);

    if (field->id == SQL_DESC_COUNT)
        return rs_desc_set_count(desc, (SQLSMALLINT)n, diag);
    if (field->id == SQL_DESC_ARRAY_SIZE && n == 0)
        return rs_fail(diag, RS_HY092, 0, "an array has at least one element");
    if (field->id == SQL_DESC_BIND_TYPE && n < 0)
        return rs_fail(diag, RS_HY092, 0, "the row length %ld is negative", (long)n);
    if (n == rs_slot_get(desc, field->own))
        return true;
    rs_slot_put(desc, field->own, n);
    if (field->id != SQL_DESC_ARRAY_STATUS_PTR && field->id != SQL_DESC_ROWS_PROCESSED_PTR)
        rs_desc_touch(desc);
    return true;
}

static bool set_name(struct rs_desc *desc, struct rs_desc_rec *rec, SQLPOINTER value,
                     SQLINTEGER length, bool is_wide)
{
    struct rs_buf text = RS_BUF_INIT(NAME_MAX_BYTES);
    struct rs_text in;
    char *name = NULL;
    bool ok = rs_text_of_bytes(value, length, is_wide, &in, &desc->head.diag) &&
              rs_text_get(in, &text, &desc->head.diag);

    if (ok && text.len > 0) {
        name = rs_str_dup(rs_buf_str(&text), &desc->head.diag);
        ok = name != NULL;
    }
    rs_buf_clear(&text);
    if (!ok)
        return false;
    rs_free(rec->name);
    rec->name = name;
    return true;
}

/* TYPE is the verbose type; dates and intervals become whole with their code. */
static bool set_verbose(struct rs_desc *desc, struct rs_desc_rec *rec, SQLSMALLINT type)
{
    if (type != SQL_DATETIME && type != SQL_INTERVAL) {
        SQLSMALLINT now = rs_desc_modern_type(type);

        if ((now >= SQL_TYPE_DATE && now <= SQL_TYPE_TIMESTAMP) ||
            (now >= SQL_INTERVAL_YEAR && now <= SQL_INTERVAL_MINUTE_TO_SECOND))
            return rs_fail(&desc->head.diag, RS_HY021, 0,
                           "SQL_DESC_TYPE takes SQL_DATETIME or SQL_INTERVAL, not the concise "
                           "type %d",
                           type);
        return rs_desc_set_type(desc, rec, type, &desc->head.diag);
    }
    rec->type = type;
    rec->concise_type = type;
    rec->datetime_code = 0;
    rec->length = 0;
    rec->precision = 0;
    rec->scale = 0;
    rec->radix = 0;
    rec->interval_precision = type == SQL_INTERVAL ? 2 : 0;
    rec->has_scale = false;
    rec->has_interval_precision = false;
    rec->is_edited = true;
    return true;
}

static bool set_code(struct rs_desc *desc, struct rs_desc_rec *rec, SQLSMALLINT code)
{
    SQLSMALLINT last = rec->type == SQL_INTERVAL ? SQL_CODE_MINUTE_TO_SECOND : SQL_CODE_TIMESTAMP;
    SQLSMALLINT base = rec->type == SQL_INTERVAL ? SQL_INTERVAL_YEAR : SQL_TYPE_DATE;

    if (rec->type != SQL_INTERVAL && rec->type != SQL_DATETIME) {
        rec->datetime_code = code; /* wrong until the type is set, which resets it */
        rec->is_edited = true;
        return true;
    }
    if (code < 1 || code > last)
        return rs_fail(&desc->head.diag, RS_HY092, 0, "%d is no code of type %d", code, rec->type);
    return rs_desc_set_type(desc, rec, (SQLSMALLINT)(base + code - 1), &desc->head.diag);
}

static bool set_direction(struct rs_desc *desc, struct rs_desc_rec *rec, SQLSMALLINT direction)
{
    switch (direction) {
    case SQL_PARAM_INPUT:
    case SQL_PARAM_OUTPUT:
    case SQL_PARAM_INPUT_OUTPUT:
        rec->parameter_type = direction;
        return true;
    case SQL_PARAM_INPUT_OUTPUT_STREAM:
    case SQL_PARAM_OUTPUT_STREAM:
        return rs_fail(&desc->head.diag, RS_HYC00, 0, "streamed parameters are not supported");
    default:
        return rs_fail(&desc->head.diag, RS_HY105, 0, "%d is no parameter type", direction);
    }
}

/* The plain numbers of a record. */
static bool set_number(struct rs_desc *desc, struct rs_desc_rec *rec,
                       const struct rs_desc_field *field, int64_t n)
{
    if (field->id == SQL_DESC_OCTET_LENGTH && n < 0)
        return rs_fail(&desc->head.diag, RS_HY090, 0, "the octet length %ld is negative", (long)n);
    rs_slot_put(rec, field->own, n);
    rec->is_edited = true;
    if (field->id == SQL_DESC_PRECISION || field->id == SQL_DESC_SCALE)
        rec->has_scale = true;
    if (field->id == SQL_DESC_DATETIME_INTERVAL_PRECISION)
        rec->has_interval_precision = true;
    return true;
}

/* Setting it is the moment of the consistency check; an IPD keeps nothing of it. */
static bool set_data(struct rs_desc *desc, struct rs_desc_rec *rec, SQLPOINTER data)
{
    if (data != NULL && !rs_desc_check(desc, rec, &desc->head.diag))
        return false;
    if (desc->kind != RS_DESC_IPD)
        rec->data_ptr = data;
    return true;
}

static bool is_binding_field(SQLSMALLINT id)
{
    return id == SQL_DESC_DATA_PTR || id == SQL_DESC_INDICATOR_PTR ||
           id == SQL_DESC_OCTET_LENGTH_PTR;
}

static bool set_record(struct rs_desc *desc, struct rs_desc_rec *rec,
                       const struct rs_desc_field *field, SQLPOINTER value, SQLINTEGER length,
                       bool is_wide)
{
    int64_t n = narrow(field, value);

    switch (field->id) {
    case SQL_DESC_TYPE:
        return set_verbose(desc, rec, (SQLSMALLINT)n);
    case SQL_DESC_CONCISE_TYPE:
        return rs_desc_set_type(desc, rec, (SQLSMALLINT)n, &desc->head.diag);
    case SQL_DESC_DATETIME_INTERVAL_CODE:
        return set_code(desc, rec, (SQLSMALLINT)n);
    case SQL_DESC_DATA_PTR:
        return set_data(desc, rec, value);
    case SQL_DESC_PARAMETER_TYPE:
        return set_direction(desc, rec, (SQLSMALLINT)n);
    case SQL_DESC_NAME:
        return set_name(desc, rec, value, length, is_wide);
    case SQL_DESC_UNNAMED:
        if (n != SQL_UNNAMED)
            return rs_fail(&desc->head.diag, RS_HY092, 0,
                           "SQL_DESC_UNNAMED can only be set to SQL_UNNAMED");
        rs_free(rec->name);
        rec->name = NULL;
        return true;
    case SQL_DESC_INDICATOR_PTR:
    case SQL_DESC_OCTET_LENGTH_PTR:
        rs_slot_put(rec, field->own, n);
        return true;
    default:
        return set_number(desc, rec, field, n);
    }
}

SQLRETURN rs_desc_set_field(struct rs_desc *desc, SQLSMALLINT number, SQLSMALLINT id,
                            SQLPOINTER value, SQLINTEGER length, bool is_wide)
{
    const struct rs_desc_field *field = rs_desc_need_field(desc, id);
    struct rs_diag *diag = &desc->head.diag;
    SQLSMALLINT count = desc->count;
    struct rs_desc_rec *rec;

    if (field == NULL || !rs_desc_is_idle(desc))
        return SQL_ERROR;
    if (rs_desc_field_use(field, desc->kind) != RS_DF_W) {
        rs_fail(diag, desc->kind == RS_DESC_IRD ? RS_HY016 : RS_HY091, 0,
                "field %d of this descriptor cannot be set", id);
        return SQL_ERROR;
    }
    if (field->place == RS_DF_HEADER)
        return set_header(desc, field, value) ? SQL_SUCCESS : SQL_ERROR;
    if (!rs_desc_check_number(desc, number))
        return SQL_ERROR;
    rec = rs_desc_need(desc, number, diag);
    if (rec == NULL)
        return SQL_ERROR;
    if (!set_record(desc, rec, field, value, length, is_wide)) {
        /* A record made for a value that was refused goes again. */
        if (count < desc->count && !rs_desc_set_count(desc, count, diag))
            return SQL_ERROR;
        return SQL_ERROR;
    }
    if (desc->kind != RS_DESC_IPD && !is_binding_field(id))
        rec->data_ptr = NULL;
    rs_desc_touch(desc);
    return SQL_SUCCESS;
}

/* ---- SQLSetDescRec ---- */

/* Fills a copy, so that a record that fails the check stays as it was. */
static bool fill_rec(struct rs_desc *desc, struct rs_desc_rec *rec, SQLSMALLINT type,
                     SQLSMALLINT subtype, SQLLEN length, SQLSMALLINT precision, SQLSMALLINT scale)
{
    bool is_numeric = type == SQL_NUMERIC || type == SQL_DECIMAL;

    if (length < 0)
        return rs_fail(&desc->head.diag, RS_HY090, 0, "the octet length %ld is negative",
                       (long)length);
    if (!set_verbose(desc, rec, type))
        return false;
    if ((type == SQL_DATETIME || type == SQL_INTERVAL) && !set_code(desc, rec, subtype))
        return false;
    rec->octet_length = length;
    rec->precision = precision;
    rec->scale = scale;
    rec->has_scale = is_numeric;
    rec->is_edited = true;
    return rs_desc_check(desc, rec, &desc->head.diag);
}

SQLRETURN rs_desc_set_rec(struct rs_desc *desc, SQLSMALLINT number, SQLSMALLINT type,
                          SQLSMALLINT subtype, SQLLEN length, SQLSMALLINT precision,
                          SQLSMALLINT scale, SQLPOINTER data, SQLLEN *len, SQLLEN *ind)
{
    struct rs_diag *diag = &desc->head.diag;
    SQLSMALLINT count = desc->count;
    struct rs_desc_rec *rec, copy;

    if (!rs_desc_is_idle(desc))
        return SQL_ERROR;
    if (desc->kind == RS_DESC_IRD) {
        rs_fail(diag, RS_HY016, 0, "an implementation row descriptor cannot be written");
        return SQL_ERROR;
    }
    if (!rs_desc_check_number(desc, number))
        return SQL_ERROR;
    rec = rs_desc_need(desc, number, diag);
    if (rec == NULL)
        return SQL_ERROR;
    copy = *rec;
    if (!fill_rec(desc, &copy, type, subtype, length, precision, scale)) {
        if (count < desc->count && !rs_desc_set_count(desc, count, diag))
            return SQL_ERROR;
        return SQL_ERROR;
    }
    if (desc->kind != RS_DESC_IPD) {
        copy.data_ptr = data;
        copy.len_ptr = len;
        copy.ind_ptr = ind;
    }
    *rec = copy;
    rs_desc_touch(desc);
    return SQL_SUCCESS;
}
