#include "desc.h"

#include <string.h>

#include "dbc.h"
#include "turn.h"

static const struct rs_desc_rec app_record = {
    .concise_type = SQL_C_DEFAULT,
    .type = SQL_C_DEFAULT,
    .parameter_type = SQL_PARAM_INPUT,
};
/* Parameters can always be NULL (ODBC, "SQL_DESC_NULLABLE"). */
static const struct rs_desc_rec param_record = {
    .parameter_type = SQL_PARAM_INPUT,
    .nullable = SQL_NULLABLE,
};

static const struct rs_desc_rec *default_record(const struct rs_desc *desc)
{
    return desc->kind == RS_DESC_IPD ? &param_record : &app_record;
}

void rs_desc_touch(struct rs_desc *desc)
{
    desc->change = ++desc->dbc->n_changes;
}

void rs_desc_init(struct rs_desc *desc, enum rs_desc_kind kind, struct rs_dbc *dbc,
                  struct rs_stmt *stmt)
{
    memset(desc, 0, sizeof *desc);
    desc->head.magic = RS_MAGIC_DESC;
    desc->kind = kind;
    desc->dbc = dbc;
    desc->stmt = stmt;
    desc->array_size = 1;
    desc->bind_type = SQL_BIND_BY_COLUMN;
    rs_desc_touch(desc);
}

void rs_desc_clear(struct rs_desc *desc)
{
    for (size_t i = 0; i < desc->cap; i++)
        rs_free(desc->rec[i].name);
    rs_free(desc->rec);
    desc->rec = NULL;
    desc->cap = 0;
    desc->count = 0;
    rs_diag_clear(&desc->head.diag);
    desc->head.magic = RS_MAGIC_DEAD;
}

SQLSMALLINT rs_desc_count(const struct rs_desc *desc)
{
    size_t n;

    if (desc->kind != RS_DESC_IRD)
        return desc->count;
    n = desc->stmt->columns.n;
    return n > SHRT_MAX ? SHRT_MAX : (SQLSMALLINT)n;
}

/* Records 0 … n exist afterwards. Those above COUNT always hold defaults. */
static bool reserve(struct rs_desc *desc, SQLSMALLINT n, struct rs_diag *diag)
{
    size_t need = (size_t)n + 1, cap = desc->cap == 0 ? 8 : desc->cap * 2;
    struct rs_desc_rec *rec;

    if (need <= desc->cap)
        return true;
    if (cap < need)
        cap = need;
    rec = rs_realloc(desc->rec, cap, sizeof *rec, diag);
    if (rec == NULL)
        return false;
    for (size_t i = desc->cap; i < cap; i++)
        rec[i] = *default_record(desc);
    desc->rec = rec;
    desc->cap = cap;
    return true;
}

struct rs_desc_rec *rs_desc_need(struct rs_desc *desc, SQLSMALLINT n, struct rs_diag *diag)
{
    if (n < 0) {
        rs_fail(diag, RS_07009, 0, "record number %d is negative", n);
        return NULL;
    }
    if (!reserve(desc, n, diag))
        return NULL;
    if (n > desc->count) {
        desc->count = n;
        rs_desc_touch(desc);
    }
    return &desc->rec[n];
}

const struct rs_desc_rec *rs_desc_rec(const struct rs_desc *desc, SQLSMALLINT n)
{
    if (n < 0 || n > desc->count || desc->rec == NULL)
        return NULL;
    return &desc->rec[n];
}

bool rs_desc_set_count(struct rs_desc *desc, SQLSMALLINT n, struct rs_diag *diag)
{
    if (n < 0)
        return rs_fail(diag, RS_07009, 0, "the number of records, %d, is negative", n);
    if (n == desc->count)
        return true;
    if (n > desc->count && !reserve(desc, n, diag))
        return false;
    for (SQLSMALLINT i = desc->count; i > n; i--) {
        rs_free(desc->rec[i].name);
        desc->rec[i] = *default_record(desc);
    }
    desc->count = n;
    rs_desc_touch(desc);
    return true;
}

bool rs_desc_is_bound(const struct rs_desc_rec *rec)
{
    return rec->data_ptr != NULL || rec->ind_ptr != NULL || rec->len_ptr != NULL;
}

/* ---- types ---- */

static bool is_interval(SQLSMALLINT concise_type)
{
    return concise_type >= SQL_INTERVAL_YEAR && concise_type <= SQL_INTERVAL_MINUTE_TO_SECOND;
}

static bool is_datetime(SQLSMALLINT concise_type)
{
    return concise_type >= SQL_TYPE_DATE && concise_type <= SQL_TYPE_TIMESTAMP;
}

static bool has_seconds(SQLSMALLINT concise_type)
{
    return concise_type == SQL_INTERVAL_SECOND || concise_type == SQL_INTERVAL_DAY_TO_SECOND ||
           concise_type == SQL_INTERVAL_HOUR_TO_SECOND ||
           concise_type == SQL_INTERVAL_MINUTE_TO_SECOND;
}

static bool is_exact_decimal(SQLSMALLINT type)
{
    return type == SQL_NUMERIC || type == SQL_DECIMAL;
}

static bool is_character(SQLSMALLINT type)
{
    return type == SQL_CHAR || type == SQL_VARCHAR || type == SQL_LONGVARCHAR ||
           type == SQL_WCHAR || type == SQL_WVARCHAR || type == SQL_WLONGVARCHAR;
}

/* Numbers of SQL (SQL_NUMERIC … SQL_DOUBLE, TINYINT, BIGINT) and of C (signed and unsigned). */
static bool is_number(SQLSMALLINT type)
{
    return (type >= SQL_NUMERIC && type <= SQL_DOUBLE) || type == SQL_TINYINT ||
           type == SQL_BIGINT || (type >= SQL_C_UTINYINT && type <= SQL_C_SSHORT);
}

SQLSMALLINT rs_desc_modern_type(SQLSMALLINT concise_type)
{
    if (concise_type >= SQL_DATE && concise_type <= SQL_TIMESTAMP)
        return (SQLSMALLINT)(concise_type - SQL_DATE + SQL_TYPE_DATE);
    return concise_type;
}

static SQLSMALLINT code_of(SQLSMALLINT concise_type)
{
    if (is_datetime(concise_type))
        return (SQLSMALLINT)(concise_type - SQL_TYPE_DATE + SQL_CODE_DATE);
    if (is_interval(concise_type))
        return (SQLSMALLINT)(concise_type - SQL_INTERVAL_YEAR + SQL_CODE_YEAR);
    return 0;
}

static SQLSMALLINT verbose_of(SQLSMALLINT concise_type)
{
    if (is_datetime(concise_type))
        return SQL_DATETIME;
    return is_interval(concise_type) ? SQL_INTERVAL : concise_type;
}

static bool is_type(const struct rs_desc *desc, SQLSMALLINT concise_type)
{
    if (desc->kind == RS_DESC_IPD)
        return rs_sql_type_is_known(concise_type);
    return concise_type == SQL_C_DEFAULT || rs_ctype_of(concise_type) != RS_CTYPE_NONE;
}

static SQLSMALLINT default_precision(SQLSMALLINT concise_type)
{
    if (concise_type == SQL_TYPE_TIMESTAMP || has_seconds(concise_type))
        return 6;
    if (is_exact_decimal(concise_type))
        return 38;
    return concise_type == SQL_FLOAT ? 15 : 0;
}

bool rs_desc_set_type(struct rs_desc *desc, struct rs_desc_rec *rec, SQLSMALLINT concise_type,
                      struct rs_diag *diag)
{
    SQLSMALLINT type = rs_desc_modern_type(concise_type);

    if (!is_type(desc, type))
        return rs_fail(diag, RS_HY021, 0, "%d is no %s type", concise_type,
                       desc->kind == RS_DESC_IPD ? "SQL" : "C");
    rec->concise_type = type;
    rec->type = verbose_of(type);
    rec->datetime_code = code_of(type);
    rec->length = is_character(type) ? 1 : 0;
    rec->precision = default_precision(type);
    rec->scale = 0;
    rec->radix = is_number(type) ? 10 : 0;
    rec->interval_precision = is_interval(type) ? 2 : 0;
    rec->has_scale = false;
    rec->has_interval_precision = false;
    rec->is_edited = false;
    rs_desc_touch(desc);
    return true;
}

bool rs_desc_check(const struct rs_desc *desc, const struct rs_desc_rec *rec, struct rs_diag *diag)
{
    SQLSMALLINT type = rec->concise_type;

    if (rs_desc_modern_type(type) != type || !is_type(desc, type))
        return rs_fail(diag, RS_HY021, 0, "the record's type %d with code %d is no %s type",
                       rec->type, rec->datetime_code, desc->kind == RS_DESC_IPD ? "SQL" : "C");
    if (rec->type != verbose_of(type) || rec->datetime_code != code_of(type))
        return rs_fail(diag, RS_HY021, 0, "type %d and code %d do not make the concise type %d",
                       rec->type, rec->datetime_code, type);
    if (is_exact_decimal(type) &&
        (rec->precision < 1 || rec->precision > 38 || rec->scale > rec->precision))
        return rs_fail(diag, RS_HY021, 0,
                       "precision %d and scale %d: a number has a precision of 1 to 38 and no "
                       "larger scale",
                       rec->precision, rec->scale);
    if ((is_datetime(type) || has_seconds(type)) && (rec->precision < 0 || rec->precision > 9))
        return rs_fail(diag, RS_HY021, 0, "seconds have 0 to 9 fraction digits, not %d",
                       rec->precision);
    if (is_interval(type) && (rec->interval_precision < 1 || rec->interval_precision > 9))
        return rs_fail(diag, RS_HY021, 0, "an interval's leading field has 1 to 9 digits, not %ld",
                       (long)rec->interval_precision);
    return true;
}

SQLULEN rs_desc_column_size(const struct rs_desc_rec *rec)
{
    if (rec->concise_type >= SQL_NUMERIC && rec->concise_type <= SQL_DOUBLE)
        return rec->precision > 0 ? (SQLULEN)rec->precision : 0;
    return rec->length;
}

SQLSMALLINT rs_desc_digits(const struct rs_desc_rec *rec)
{
    if (is_exact_decimal(rec->concise_type))
        return rec->scale;
    if (is_datetime(rec->concise_type) || has_seconds(rec->concise_type))
        return rec->precision;
    return 0;
}

/* ---- SQLCopyDesc ---- */

static void record_of_column(struct rs_desc_rec *rec, const struct rs_column *column)
{
    const struct rs_typed *typed = &column->typed;

    rec->concise_type = rs_desc_modern_type(typed->concise_type);
    rec->type = verbose_of(rec->concise_type);
    rec->datetime_code = code_of(rec->concise_type);
    rec->interval_precision = typed->interval_precision;
    rec->length = typed->length;
    rec->octet_length = typed->octet_length;
    rec->precision = typed->precision;
    rec->scale = typed->scale;
    rec->radix = typed->radix;
    rec->nullable = column->nullable;
    rec->is_edited = true;
}

/* Records of `from`, copied; room for at least one. The names are copies too. */
static struct rs_desc_rec *copy_records(const struct rs_desc *from, const struct rs_desc *to,
                                        size_t n, struct rs_diag *diag)
{
    struct rs_desc_rec *copy = rs_alloc(n, sizeof *copy, diag);
    bool ok = copy != NULL;

    for (size_t i = 0; ok && i < n; i++) {
        copy[i] = *default_record(to);
        if (from->kind == RS_DESC_IRD) {
            if (i > 0)
                record_of_column(&copy[i], &from->stmt->columns.at[i - 1]);
            continue;
        }
        if (i >= from->cap)
            continue;
        copy[i] = from->rec[i];
        if (copy[i].name == NULL)
            continue;
        copy[i].name = rs_str_dup(rs_str_of(from->rec[i].name), diag);
        ok = copy[i].name != NULL;
    }
    if (!ok && copy != NULL) {
        for (size_t i = 0; i < n; i++)
            rs_free(copy[i].name);
        rs_free(copy);
        copy = NULL;
    }
    return copy;
}

/* What is bound (or declared) must be sound before it is spread. */
static bool check_source(const struct rs_desc *from, struct rs_diag *diag)
{
    if (from->kind == RS_DESC_IRD)
        return true;
    for (SQLSMALLINT i = 0; from->rec != NULL && i <= from->count; i++) {
        const struct rs_desc_rec *rec = &from->rec[i];
        bool counts = from->kind == RS_DESC_IPD ? rec->type != 0 : rec->data_ptr != NULL;

        if (counts && !rs_desc_check(from, rec, diag))
            return false;
    }
    return true;
}

/* How many records there are to copy; an IRD has columns once something is prepared. */
static bool count_source(struct rs_desc *from, size_t *n, struct rs_diag *diag)
{
    struct rs_stmt *stmt = from->stmt;

    if (from->kind != RS_DESC_IRD) {
        *n = (size_t)from->count;
        return true;
    }
    if (stmt->state == RS_S1_ALLOCATED)
        return rs_fail(diag, RS_HY007, 0, "nothing is prepared or executed on the statement");
    if (rs_stmt_need_columns(stmt, n))
        return true;
    rs_diag_move(diag, &stmt->head.diag);
    return false;
}

static bool may_copy(struct rs_desc *from, const struct rs_desc *to, struct rs_diag *diag)
{
    if (to->kind == RS_DESC_IRD)
        return rs_fail(diag, RS_HY016, 0, "an implementation row descriptor cannot be written");
    if (!rs_turn_spares(from, diag) || !rs_turn_spares(to, diag))
        return false;
    if ((from->stmt != NULL && from->stmt->state == RS_S8_NEED_DATA) ||
        (to->stmt != NULL && to->stmt->state == RS_S8_NEED_DATA))
        return rs_fail(diag, RS_HY010, 0, "a statement waits for parameter data");
    return check_source(from, diag);
}

SQLRETURN rs_desc_copy(struct rs_desc *from, struct rs_desc *to)
{
    struct rs_diag *diag = &to->head.diag;
    struct rs_desc_rec *rec;
    size_t n = 0;

    if (!may_copy(from, to, diag) || !count_source(from, &n, diag))
        return SQL_ERROR;
    if (from == to)
        return SQL_SUCCESS;
    rec = copy_records(from, to, n + 1, diag);
    if (rec == NULL)
        return SQL_ERROR;
    for (size_t i = 0; i < to->cap; i++)
        rs_free(to->rec[i].name);
    rs_free(to->rec);
    to->rec = rec;
    to->cap = n + 1;
    to->count = (SQLSMALLINT)n;
    to->array_size = from->array_size;
    to->array_status_ptr = from->array_status_ptr;
    to->bind_offset_ptr = from->bind_offset_ptr;
    to->bind_type = from->bind_type;
    to->rows_processed_ptr = from->rows_processed_ptr;
    rs_desc_touch(to);
    return SQL_SUCCESS;
}
