#include "descfield.h"

#include <string.h>

#include "dbc.h"
#include "redshift_odbc.h"
#include "turn.h"

#define N           RS_DF_N
#define R           RS_DF_R
#define W           RS_DF_W
#define NIL         RS_SLOT_NONE
#define HDR(member) RS_SLOT(struct rs_desc, member)
#define REC(member) RS_SLOT(struct rs_desc_rec, member)
#define COL(member) RS_SLOT(struct rs_column, member)
static const struct rs_desc_field fields[] = {
#define FIELD(field, place, type, ard, apd, ird, ipd, own, column)                                 \
    { field, RS_DF_##place, RS_DF_##type, ard, apd, ird, ipd, own, column },
#include "descfield.def"
};
#undef N
#undef R
#undef W
#undef NIL
#undef HDR
#undef REC
#undef COL

const struct rs_desc_field *rs_desc_field_find(SQLSMALLINT id)
{
    for (size_t i = 0; i < RS_COUNT(fields); i++)
        if (fields[i].id == id)
            return &fields[i];
    return NULL;
}

enum rs_df_use rs_desc_field_use(const struct rs_desc_field *field, enum rs_desc_kind kind)
{
    switch (kind) {
    case RS_DESC_ARD:
        return field->ard;
    case RS_DESC_APD:
        return field->apd;
    case RS_DESC_IRD:
        return field->ird;
    case RS_DESC_IPD:
        return field->ipd;
    case RS_DESC_EXPLICIT:
        break;
    }
    return field->ard > field->apd ? field->ard : field->apd;
}

void rs_desc_field_write(SQLPOINTER to, enum rs_df_type type, int64_t number)
{
    SQLSMALLINT i16 = (SQLSMALLINT)number;
    SQLINTEGER i32 = (SQLINTEGER)number;
    SQLLEN len = (SQLLEN)number;

    if (to == NULL)
        return;
    switch (type) {
    case RS_DF_I16:
        memcpy(to, &i16, sizeof i16);
        break;
    case RS_DF_I32:
        memcpy(to, &i32, sizeof i32);
        break;
    case RS_DF_LEN:
    case RS_DF_PTR:
        memcpy(to, &len, sizeof len);
        break;
    case RS_DF_TEXT:
        break;
    }
}

/* ---- common to all calls ---- */

bool rs_desc_is_idle(struct rs_desc *desc)
{
    if (!rs_turn_spares(desc, &desc->head.diag))
        return false;
    if (desc->stmt == NULL || desc->stmt->state != RS_S8_NEED_DATA)
        return true;
    return rs_fail(&desc->head.diag, RS_HY010, 0, "the statement waits for parameter data");
}

const struct rs_desc_field *rs_desc_need_field(struct rs_desc *desc, SQLSMALLINT id)
{
    const struct rs_desc_field *field = rs_desc_field_find(id);

    if (field != NULL && field->place != RS_DF_COLATT)
        return field;
    rs_fail(&desc->head.diag, RS_HY091, 0, "%d is no descriptor field", id);
    return NULL;
}

/* Record 0 is the bookmark's: parameters have none, an IRD has one while bookmarks are on. */
bool rs_desc_check_number(struct rs_desc *desc, SQLSMALLINT number)
{
    bool has_zero = desc->kind == RS_DESC_ARD || desc->kind == RS_DESC_EXPLICIT ||
                    (desc->kind == RS_DESC_IRD && desc->stmt->attrs.use_bookmarks != SQL_UB_OFF);

    if (number > 0 || (number == 0 && has_zero))
        return true;
    return rs_fail(&desc->head.diag, RS_07009, 0, "this descriptor has no record %d", number);
}

/* Record 0 of an application row descriptor is there even when nothing was ever bound. */
static const struct rs_desc_rec *find_record(const struct rs_desc *desc, SQLSMALLINT number)
{
    static const struct rs_desc_rec untouched = { .concise_type = SQL_C_DEFAULT,
                                                  .type = SQL_C_DEFAULT };
    const struct rs_desc_rec *rec = rs_desc_rec(desc, number);

    return rec == NULL && number == 0 ? &untouched : rec;
}

static SQLRETURN give_text(struct rs_desc *desc, const struct rs_text_out *out, struct rs_str text)
{
    if (out == NULL)
        return SQL_SUCCESS;
    if (!rs_text_out_ok(out, &desc->head.diag))
        return SQL_ERROR;
    rs_text_put(out, text, &desc->head.diag);
    return SQL_SUCCESS;
}

/* ---- reading ---- */

static int64_t header_number(const struct rs_desc *desc, const struct rs_desc_field *field)
{
    if (field->id == SQL_DESC_ALLOC_TYPE)
        return desc->kind == RS_DESC_EXPLICIT ? SQL_DESC_ALLOC_USER : SQL_DESC_ALLOC_AUTO;
    if (field->id == SQL_DESC_COUNT)
        return rs_desc_count(desc);
    if (rs_desc_field_use(field, desc->kind) == RS_DF_N)
        return 0;
    return rs_slot_get(desc, field->own);
}

/* A parameter's type tells what the application cannot set: it is described as a column is. */
static void describe_param(const struct rs_desc *desc, const struct rs_desc_rec *rec,
                           struct rs_column *column)
{
    const struct rs_policy *policy = &desc->dbc->policy;
    uint32_t oid = rs_sql_type_oid(rec->concise_type, policy->is_redshift, false);

    memset(column, 0, sizeof *column);
    if (rec->type != 0 && oid != 0)
        rs_type_describe(policy, oid, -1, &column->typed);
}

static SQLRETURN get_param(struct rs_desc *desc, const struct rs_desc_rec *rec,
                           const struct rs_desc_field *field, SQLPOINTER value,
                           const struct rs_text_out *text)
{
    struct rs_column column;

    if (field->id == SQL_DESC_UNNAMED) {
        rs_desc_field_write(value, field->type, rec->name == NULL ? SQL_UNNAMED : SQL_NAMED);
        return SQL_SUCCESS;
    }
    if (field->own.size > 0) {
        if (field->type == RS_DF_TEXT)
            return give_text(desc, text, rs_str_of(rs_slot_text(rec, field->own)));
        rs_desc_field_write(value, field->type, rs_slot_get(rec, field->own));
        return SQL_SUCCESS;
    }
    describe_param(desc, rec, &column);
    if (field->type == RS_DF_TEXT)
        return give_text(desc, text, rs_column_text(&column, field));
    rs_desc_field_write(value, field->type, rs_slot_get(&column, field->column));
    return SQL_SUCCESS;
}

static SQLRETURN get_ird(struct rs_desc *desc, SQLSMALLINT number,
                         const struct rs_desc_field *field, SQLPOINTER value,
                         const struct rs_text_out *text)
{
    const struct rs_column *column = NULL;

    switch (rs_ird_column(desc, number, &column, &desc->head.diag)) {
    case RS_IRD_FAILED:
        return SQL_ERROR;
    case RS_IRD_NONE:
        return SQL_NO_DATA;
    case RS_IRD_FOUND:
        break;
    }
    if (field->type == RS_DF_TEXT)
        return give_text(desc, text, rs_column_text(column, field));
    rs_desc_field_write(value, field->type, rs_column_number(column, field));
    return SQL_SUCCESS;
}

/* COUNT of an IRD may have to be asked of the server. */
static bool count_columns(struct rs_desc *ird, int64_t *out)
{
    struct rs_stmt *stmt = ird->stmt;
    size_t n = 0;

    if (stmt->state == RS_S1_ALLOCATED)
        return rs_fail(&ird->head.diag, RS_HY007, 0,
                       "nothing is prepared or executed on the statement");
    if (!rs_stmt_need_columns(stmt, &n)) {
        rs_diag_move(&ird->head.diag, &stmt->head.diag);
        return false;
    }
    *out = (int64_t)n;
    return true;
}

static SQLRETURN get_header(struct rs_desc *desc, const struct rs_desc_field *field,
                            SQLPOINTER value)
{
    int64_t n = header_number(desc, field);

    if (desc->kind == RS_DESC_IRD && field->id == SQL_DESC_COUNT && !count_columns(desc, &n))
        return SQL_ERROR;
    rs_desc_field_write(value, field->type, n);
    return SQL_SUCCESS;
}

SQLRETURN rs_desc_get_field(struct rs_desc *desc, SQLSMALLINT number, SQLSMALLINT id,
                            SQLPOINTER value, const struct rs_text_out *text)
{
    const struct rs_desc_field *field = rs_desc_need_field(desc, id);
    const struct rs_desc_rec *rec;

    if (field == NULL || !rs_desc_is_idle(desc))
        return SQL_ERROR;
    if (field->place == RS_DF_HEADER)
        return get_header(desc, field, value);
    if (!rs_desc_check_number(desc, number))
        return SQL_ERROR;
    if (desc->kind == RS_DESC_IRD)
        return get_ird(desc, number, field, value, text);
    rec = find_record(desc, number);
    if (rec == NULL)
        return SQL_NO_DATA;
    if (rs_desc_field_use(field, desc->kind) == RS_DF_N) {
        rs_desc_field_write(value, field->type, 0);
        return field->type == RS_DF_TEXT ? give_text(desc, text, RS_STR("")) : SQL_SUCCESS;
    }
    if (desc->kind == RS_DESC_IPD)
        return get_param(desc, rec, field, value, text);
    rs_desc_field_write(value, field->type, rs_slot_get(rec, field->own));
    return SQL_SUCCESS;
}

/* ---- SQLGetDescRec ---- */

static void give_short(SQLSMALLINT *to, int64_t value)
{
    rs_desc_field_write(to, RS_DF_I16, value);
}

static SQLRETURN column_rec(struct rs_desc *desc, SQLSMALLINT number, struct rs_desc_rec *rec,
                            struct rs_str *name)
{
    const struct rs_column *column = NULL;

    switch (rs_ird_column(desc, number, &column, &desc->head.diag)) {
    case RS_IRD_FAILED:
        return SQL_ERROR;
    case RS_IRD_NONE:
        return SQL_NO_DATA;
    case RS_IRD_FOUND:
        break;
    }
    rec->type = column->typed.verbose_type;
    rec->datetime_code = column->typed.datetime_code;
    rec->octet_length = column->typed.octet_length;
    rec->precision = column->typed.precision;
    rec->scale = column->typed.scale;
    rec->nullable = column->nullable;
    *name = rs_str_of(column->label);
    return SQL_SUCCESS;
}

SQLRETURN rs_desc_get_rec(struct rs_desc *desc, SQLSMALLINT number, const struct rs_text_out *name,
                          SQLSMALLINT *type, SQLSMALLINT *subtype, SQLLEN *length,
                          SQLSMALLINT *precision, SQLSMALLINT *scale, SQLSMALLINT *nullable)
{
    struct rs_desc_rec of_column = { .type = 0 };
    const struct rs_desc_rec *rec = &of_column;
    struct rs_str text = RS_STR("");

    if (!rs_desc_is_idle(desc) || !rs_desc_check_number(desc, number))
        return SQL_ERROR;
    if (desc->kind == RS_DESC_IRD) {
        SQLRETURN rc = column_rec(desc, number, &of_column, &text);

        if (rc != SQL_SUCCESS)
            return rc;
    } else {
        rec = find_record(desc, number);
        if (rec == NULL)
            return SQL_NO_DATA;
        text = rs_str_of(rec->name);
    }
    if (give_text(desc, name, text) != SQL_SUCCESS)
        return SQL_ERROR;
    give_short(type, rec->type);
    if (rec->type == SQL_DATETIME || rec->type == SQL_INTERVAL)
        give_short(subtype, rec->datetime_code);
    rs_desc_field_write(length, RS_DF_LEN, rec->octet_length);
    give_short(precision, rec->precision);
    give_short(scale, rec->scale);
    give_short(nullable, rec->nullable);
    return SQL_SUCCESS;
}
