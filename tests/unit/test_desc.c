/* The four descriptors and their fields, by descfield.def. ODBC, "SQLSetDescField", "SQLCopyDesc".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handles.h"
#include "oom.h"
#include "redshift_odbc.h"

enum use { N, R, W };
enum place { HEADER, RECORD, COLATT };
enum type { OF_I16, OF_I32, OF_LEN, OF_PTR, OF_TEXT };

static const struct field {
    SQLSMALLINT id;
    enum place place;
    enum type type;
    enum use use[4]; /* by enum rs_desc_kind */
    const char *name;
} fields[] = {
#define FIELD(field, place, type, ard, apd, ird, ipd, own, column)                                 \
    { field, place, OF_##type, { ard, apd, ird, ipd }, #field },
#include "odbc/descfield.def"
};

static struct rs_desc *desc_of(struct handles *h, enum rs_desc_kind kind)
{
    struct rs_desc *all[] = { &h->stmt.own_ard, &h->stmt.own_apd, &h->stmt.own_ird,
                              &h->stmt.own_ipd };

    return all[kind];
}

static SQLRETURN set(struct rs_desc *desc, SQLSMALLINT n, SQLSMALLINT id, SQLLEN value)
{
    return rs_desc_set_field(desc, n, id, (SQLPOINTER)value, SQL_IS_INTEGER, false);
}

static SQLLEN get_len(struct rs_desc *desc, SQLSMALLINT n, SQLSMALLINT id)
{
    SQLLEN value = -77;

    assert_int_equal(rs_desc_get_field(desc, n, id, &value, NULL), SQL_SUCCESS);
    return value;
}

static SQLSMALLINT get_short(struct rs_desc *desc, SQLSMALLINT n, SQLSMALLINT id)
{
    SQLSMALLINT value = -77;

    assert_int_equal(rs_desc_get_field(desc, n, id, &value, NULL), SQL_SUCCESS);
    return value;
}

static SQLINTEGER get_int(struct rs_desc *desc, SQLSMALLINT n, SQLSMALLINT id)
{
    SQLINTEGER value = -77;

    assert_int_equal(rs_desc_get_field(desc, n, id, &value, NULL), SQL_SUCCESS);
    return value;
}

/* A value that the field accepts on a record of type SQL_CHAR. */
static SQLLEN value_for(const struct field *f)
{
    switch (f->id) {
    case SQL_DESC_NAME:
        return (SQLLEN) "x";
    case SQL_DESC_UNNAMED:
        return SQL_UNNAMED;
    case SQL_DESC_COUNT:
        return 1;
    case SQL_DESC_DATETIME_INTERVAL_CODE:
        return 0;
    case SQL_DESC_CONCISE_TYPE:
    case SQL_DESC_TYPE:
        return SQL_CHAR;
    default:
        return f->type == OF_PTR ? (SQLLEN)&fields : SQL_PARAM_OUTPUT;
    }
}

static void write_each(struct handles *h, const struct field *f, enum rs_desc_kind kind)
{
    struct rs_desc *desc = desc_of(h, kind);
    const char *state;
    SQLRETURN rc;

    if (kind != RS_DESC_IRD)
        assert_int_equal(set(desc, 1, SQL_DESC_TYPE, SQL_CHAR), SQL_SUCCESS);
    rc = rs_desc_set_field(desc, 1, f->id, (SQLPOINTER)value_for(f), SQL_NTS, false);
    state = handles_state(&desc->head.diag);
    if (f->place == COLATT) {
        assert_string_equal(state, "HY091");
        return;
    }
    if (f->use[kind] == W) {
        if (rc != SQL_SUCCESS)
            fail_msg("%s of %d: %s", f->name, kind, state);
        return;
    }
    assert_int_equal(rc, SQL_ERROR);
    assert_string_equal(state, kind == RS_DESC_IRD ? "HY016" : "HY091");
}

static void read_each(struct handles *h, const struct field *f, enum rs_desc_kind kind)
{
    static const size_t sizes[] = {
        [OF_I16] = sizeof(SQLSMALLINT),
        [OF_I32] = sizeof(SQLINTEGER),
        [OF_LEN] = sizeof(SQLLEN),
        [OF_PTR] = sizeof(void *),
        [OF_TEXT] = 0,
    };
    struct rs_desc *desc = desc_of(h, kind);
    unsigned char value[16], zero[16] = { 0 };
    char text[32] = "untouched";
    SQLINTEGER length = -1;
    struct rs_text_out out = { .p = text, .cap = sizeof text, .len32 = &length };
    SQLRETURN rc;

    memset(value, 0xa5, sizeof value);
    rc = rs_desc_get_field(desc, 1, f->id, value, &out);
    if (f->place == COLATT) {
        assert_string_equal(handles_state(&desc->head.diag), "HY091");
        return;
    }
    if (rc != SQL_SUCCESS)
        fail_msg("%s of %d: %s", f->name, kind, handles_state(&desc->head.diag));
    for (size_t i = sizes[f->type]; i < sizeof value; i++)
        assert_int_equal(value[i], 0xa5);
    if (f->use[kind] == N && f->type != OF_TEXT)
        assert_memory_equal(value, zero, sizes[f->type]);
    if (f->type == OF_TEXT)
        assert_int_equal(length, strlen(text));
    else
        assert_int_equal(length, -1);
    /* nothing is written where there is nowhere to write to */
    assert_int_equal(rs_desc_get_field(desc, 1, f->id, NULL, NULL), SQL_SUCCESS);
}

static void every_field_of_every_descriptor(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(fields); i++)
        for (int kind = RS_DESC_ARD; kind <= RS_DESC_IPD; kind++) {
            struct handles h;

            handles_init(&h);
            handles_prepare(&h);
            write_each(&h, &fields[i], (enum rs_desc_kind)kind);
            read_each(&h, &fields[i], (enum rs_desc_kind)kind);
            handles_clear(&h);
        }
}

static void writes_are_read_back(void **state)
{
    static const struct {
        enum rs_desc_kind kind;
        SQLSMALLINT id;
        SQLLEN value;
    } cases[] = {
        { RS_DESC_ARD, SQL_DESC_LENGTH, 70000000000 },
        { RS_DESC_ARD, SQL_DESC_OCTET_LENGTH, 70000000001 },
        { RS_DESC_APD, SQL_DESC_ARRAY_SIZE, 70000000002 },
        { RS_DESC_IPD, SQL_DESC_LENGTH, 70000000003 },
        { RS_DESC_ARD, SQL_DESC_BIND_OFFSET_PTR, (SQLLEN)&fields },
        { RS_DESC_IRD, SQL_DESC_ROWS_PROCESSED_PTR, (SQLLEN)&fields },
        { RS_DESC_IRD, SQL_DESC_ARRAY_STATUS_PTR, (SQLLEN)&fields },
        { RS_DESC_IPD, SQL_DESC_ARRAY_STATUS_PTR, (SQLLEN)&fields },
        { RS_DESC_ARD, SQL_DESC_DATA_PTR, (SQLLEN)&fields },
        { RS_DESC_IPD, SQL_DESC_DATA_PTR, 0 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct handles h;

        handles_init(&h);
        handles_prepare(&h);
        assert_int_equal(set(desc_of(&h, cases[i].kind), 1, cases[i].id, cases[i].value),
                         SQL_SUCCESS);
        assert_true(get_len(desc_of(&h, cases[i].kind), 1, cases[i].id) == cases[i].value);
        handles_clear(&h);
    }
}

/* odbc: states of single fields; kind EXPLICIT stands for an explicit descriptor */
static const struct {
    enum rs_desc_kind kind;
    SQLSMALLINT number, type, id;
    SQLLEN value;
    const char *state;
} refused[] = {
    { RS_DESC_ARD, -1, 0, SQL_DESC_LENGTH, 1, "07009" },
    { RS_DESC_IPD, 0, 0, SQL_DESC_LENGTH, 1, "07009" },
    { RS_DESC_APD, 0, 0, SQL_DESC_LENGTH, 1, "07009" },
    { RS_DESC_ARD, 0, 0, SQL_DESC_LENGTH, 1, "" },
    { RS_DESC_ARD, 0, 0, SQL_DESC_COUNT, -1, "07009" },
    { RS_DESC_ARD, -5, 0, SQL_DESC_COUNT, 3, "" }, /* the number is ignored */
    { RS_DESC_ARD, 0, 0, SQL_DESC_ARRAY_SIZE, 0, "HY092" },
    { RS_DESC_ARD, 0, 0, SQL_DESC_BIND_TYPE, -1, "HY092" },
    { RS_DESC_ARD, 1, 0, 4711, 1, "HY091" },
    { RS_DESC_ARD, 1, 0, SQL_DESC_MINIMUM_SCALE, 1, "HY091" },
    { RS_DESC_ARD, 1, 0, SQL_DESC_CONCISE_TYPE, 4711, "HY021" },
    { RS_DESC_ARD, 1, 0, SQL_DESC_CONCISE_TYPE, SQL_VARCHAR, "HY021" },
    { RS_DESC_IPD, 1, 0, SQL_DESC_CONCISE_TYPE, SQL_VARCHAR, "" },
    { RS_DESC_IPD, 1, 0, SQL_DESC_CONCISE_TYPE, SQL_C_ULONG, "HY021" },
    { RS_DESC_ARD, 1, 0, SQL_DESC_TYPE, SQL_TYPE_DATE, "HY021" },
    { RS_DESC_ARD, 1, SQL_DATETIME, SQL_DESC_DATETIME_INTERVAL_CODE, SQL_CODE_TIMESTAMP, "" },
    { RS_DESC_ARD, 1, SQL_DATETIME, SQL_DESC_DATETIME_INTERVAL_CODE, 4, "HY092" },
    { RS_DESC_ARD, 1, SQL_INTERVAL, SQL_DESC_DATETIME_INTERVAL_CODE, 13, "" },
    { RS_DESC_ARD, 1, SQL_INTERVAL, SQL_DESC_DATETIME_INTERVAL_CODE, 14, "HY092" },
    { RS_DESC_ARD, 1, 0, SQL_DESC_OCTET_LENGTH, -1, "HY090" },
    { RS_DESC_IPD, 1, 0, SQL_DESC_UNNAMED, SQL_NAMED, "HY092" },
    { RS_DESC_IPD, 1, 0, SQL_DESC_PARAMETER_TYPE, SQL_PARAM_INPUT_OUTPUT, "" },
    { RS_DESC_IPD, 1, 0, SQL_DESC_PARAMETER_TYPE, SQL_PARAM_OUTPUT_STREAM, "HYC00" },
    { RS_DESC_IPD, 1, 0, SQL_DESC_PARAMETER_TYPE, 3, "HY105" },
    { RS_DESC_IPD, 1, 0, SQL_DESC_NULLABLE, 1, "HY091" },
};

static void refuses_what_a_field_cannot_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(refused); i++) {
        struct handles h;
        struct rs_desc *desc;
        SQLSMALLINT count;
        const char *got;

        handles_init(&h);
        desc = desc_of(&h, refused[i].kind);
        if (refused[i].type != 0)
            assert_int_equal(set(desc, 1, SQL_DESC_TYPE, refused[i].type), SQL_SUCCESS);
        count = desc->count;
        set(desc, refused[i].number, refused[i].id, refused[i].value);
        got = handles_state(&desc->head.diag);
        if (strcmp(got, refused[i].state) != 0)
            fail_msg("case %zu: \"%s\" instead of \"%s\"", i, got, refused[i].state);
        if (got[0] != '\0')
            assert_int_equal(desc->count, count);
        handles_clear(&h);
    }
}

/* Type, then what it makes of the other fields; ODBC, "SQL_DESC_TYPE". */
static const struct {
    enum rs_desc_kind kind;
    SQLSMALLINT concise, type, code, precision, scale, radix;
    SQLINTEGER interval_precision;
    SQLLEN length;
} typed[] = {
    { RS_DESC_ARD, SQL_C_CHAR, SQL_C_CHAR, 0, 0, 0, 0, 0, 1 },
    { RS_DESC_ARD, SQL_C_DEFAULT, SQL_C_DEFAULT, 0, 0, 0, 0, 0, 0 },
    { RS_DESC_ARD, SQL_C_SLONG, SQL_C_SLONG, 0, 0, 0, 10, 0, 0 },
    { RS_DESC_ARD, SQL_C_UBIGINT, SQL_C_UBIGINT, 0, 0, 0, 10, 0, 0 },
    { RS_DESC_ARD, SQL_C_NUMERIC, SQL_C_NUMERIC, 0, 38, 0, 10, 0, 0 },
    { RS_DESC_ARD, SQL_C_TYPE_DATE, SQL_DATETIME, 1, 0, 0, 0, 0, 0 },
    { RS_DESC_ARD, SQL_C_TIME, SQL_DATETIME, 2, 0, 0, 0, 0, 0 },
    { RS_DESC_ARD, SQL_C_TYPE_TIMESTAMP, SQL_DATETIME, 3, 6, 0, 0, 0, 0 },
    { RS_DESC_ARD, SQL_C_INTERVAL_YEAR, SQL_INTERVAL, 1, 0, 0, 0, 2, 0 },
    { RS_DESC_ARD, SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL, 10, 6, 0, 0, 2, 0 },
    { RS_DESC_IPD, SQL_VARCHAR, SQL_VARCHAR, 0, 0, 0, 0, 0, 1 },
    { RS_DESC_IPD, SQL_DECIMAL, SQL_DECIMAL, 0, 38, 0, 10, 0, 0 },
    { RS_DESC_IPD, SQL_FLOAT, SQL_FLOAT, 0, 15, 0, 10, 0, 0 },
    { RS_DESC_IPD, SQL_BIGINT, SQL_BIGINT, 0, 0, 0, 10, 0, 0 },
    { RS_DESC_IPD, SQL_TIMESTAMP, SQL_DATETIME, 3, 6, 0, 0, 0, 0 },
};

static void a_type_sets_the_other_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(typed); i++) {
        struct handles h;
        struct rs_desc *d;

        handles_init(&h);
        d = desc_of(&h, typed[i].kind);
        set(d, 1, SQL_DESC_PRECISION, 3);
        set(d, 1, SQL_DESC_SCALE, 2);
        set(d, 1, SQL_DESC_LENGTH, 99);
        assert_int_equal(set(d, 1, SQL_DESC_CONCISE_TYPE, typed[i].concise), SQL_SUCCESS);
        assert_int_equal(get_short(d, 1, SQL_DESC_CONCISE_TYPE),
                         rs_desc_modern_type(typed[i].concise));
        assert_int_equal(get_short(d, 1, SQL_DESC_TYPE), typed[i].type);
        assert_int_equal(get_short(d, 1, SQL_DESC_DATETIME_INTERVAL_CODE), typed[i].code);
        assert_int_equal(get_short(d, 1, SQL_DESC_PRECISION), typed[i].precision);
        assert_int_equal(get_short(d, 1, SQL_DESC_SCALE), typed[i].scale);
        assert_int_equal(get_int(d, 1, SQL_DESC_NUM_PREC_RADIX), typed[i].radix);
        assert_int_equal(get_int(d, 1, SQL_DESC_DATETIME_INTERVAL_PRECISION),
                         typed[i].interval_precision);
        assert_int_equal(get_len(d, 1, SQL_DESC_LENGTH), typed[i].length);
        assert_false(rs_desc_rec(d, 1)->has_scale);
        handles_clear(&h);
    }
}

static void type_and_code_make_the_concise_type(void **state)
{
    struct handles h;

    (void)state;
    handles_init(&h);
    set(h.stmt.ard, 1, SQL_DESC_TYPE, SQL_INTERVAL);
    assert_int_equal(set(h.stmt.ard, 1, SQL_DESC_DATA_PTR, (SQLLEN)&h), SQL_ERROR);
    assert_string_equal(handles_state(&h.stmt.ard->head.diag), "HY021");
    set(h.stmt.ard, 1, SQL_DESC_DATETIME_INTERVAL_CODE, SQL_CODE_HOUR);
    assert_int_equal(get_short(h.stmt.ard, 1, SQL_DESC_CONCISE_TYPE), SQL_C_INTERVAL_HOUR);
    assert_int_equal(set(h.stmt.ard, 1, SQL_DESC_DATA_PTR, (SQLLEN)&h), SQL_SUCCESS);
    handles_clear(&h);
}

/* Fields of a record and whether it is sound when its data pointer is set. */
static const struct {
    enum rs_desc_kind kind;
    SQLSMALLINT concise, id;
    SQLLEN value;
    const char *state;
} checked[] = {
    { RS_DESC_ARD, SQL_C_NUMERIC, SQL_DESC_PRECISION, 38, "" },
    { RS_DESC_ARD, SQL_C_NUMERIC, SQL_DESC_PRECISION, 0, "HY021" },
    { RS_DESC_ARD, SQL_C_NUMERIC, SQL_DESC_PRECISION, 39, "HY021" },
    { RS_DESC_ARD, SQL_C_NUMERIC, SQL_DESC_SCALE, 38, "" },
    { RS_DESC_ARD, SQL_C_NUMERIC, SQL_DESC_SCALE, 39, "HY021" },
    { RS_DESC_ARD, SQL_C_TYPE_TIMESTAMP, SQL_DESC_PRECISION, 9, "" },
    { RS_DESC_ARD, SQL_C_TYPE_TIMESTAMP, SQL_DESC_PRECISION, 10, "HY021" },
    { RS_DESC_ARD, SQL_C_TYPE_TIMESTAMP, SQL_DESC_PRECISION, -1, "HY021" },
    { RS_DESC_ARD, SQL_C_INTERVAL_SECOND, SQL_DESC_PRECISION, 10, "HY021" },
    { RS_DESC_ARD, SQL_C_INTERVAL_DAY, SQL_DESC_DATETIME_INTERVAL_PRECISION, 9, "" },
    { RS_DESC_ARD, SQL_C_INTERVAL_DAY, SQL_DESC_DATETIME_INTERVAL_PRECISION, 0, "HY021" },
    { RS_DESC_ARD, SQL_C_INTERVAL_DAY, SQL_DESC_DATETIME_INTERVAL_PRECISION, 10, "HY021" },
    { RS_DESC_ARD, SQL_C_CHAR, SQL_DESC_DATETIME_INTERVAL_CODE, 1, "HY021" },
    { RS_DESC_ARD, SQL_C_DEFAULT, SQL_DESC_LENGTH, 5, "" },
    { RS_DESC_IPD, SQL_NUMERIC, SQL_DESC_SCALE, 39, "HY021" },
    { RS_DESC_IPD, SQL_NUMERIC, SQL_DESC_SCALE, 4, "" },
};

static void checks_consistency_at_the_data_pointer(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(checked); i++) {
        struct handles h;
        struct rs_desc *d;
        const char *got;

        handles_init(&h);
        d = desc_of(&h, checked[i].kind);
        assert_int_equal(set(d, 1, SQL_DESC_CONCISE_TYPE, checked[i].concise), SQL_SUCCESS);
        assert_int_equal(set(d, 1, checked[i].id, checked[i].value), SQL_SUCCESS);
        set(d, 1, SQL_DESC_DATA_PTR, (SQLLEN)&h);
        got = handles_state(&d->head.diag);
        if (strcmp(got, checked[i].state) != 0)
            fail_msg("case %zu: \"%s\" instead of \"%s\"", i, got, checked[i].state);
        assert_int_equal(get_len(d, 1, SQL_DESC_DATA_PTR) != 0,
                         got[0] == '\0' && checked[i].kind != RS_DESC_IPD);
        handles_clear(&h);
    }
}

static void setting_a_field_unbinds_and_counts(void **state)
{
    struct handles h;
    uint32_t change;

    (void)state;
    handles_init(&h);
    set(h.stmt.ard, 2, SQL_DESC_CONCISE_TYPE, SQL_C_NUMERIC);
    assert_int_equal(get_short(h.stmt.ard, 0, SQL_DESC_COUNT), 2);
    assert_int_equal(get_short(h.stmt.ard, 1, SQL_DESC_TYPE), SQL_C_DEFAULT);
    set(h.stmt.ard, 2, SQL_DESC_DATA_PTR, (SQLLEN)&h);
    change = h.stmt.ard->change;
    set(h.stmt.ard, 2, SQL_DESC_SCALE, 4);
    assert_true(change != h.stmt.ard->change);
    assert_true(rs_desc_rec(h.stmt.ard, 2)->has_scale);
    assert_int_equal(get_len(h.stmt.ard, 2, SQL_DESC_DATA_PTR), 0);
    set(h.stmt.ard, 2, SQL_DESC_DATA_PTR, (SQLLEN)&h);
    set(h.stmt.ard, 2, SQL_DESC_INDICATOR_PTR, (SQLLEN)&h.dbc);
    set(h.stmt.ard, 2, SQL_DESC_OCTET_LENGTH_PTR, (SQLLEN)&h.env);
    assert_int_equal(get_len(h.stmt.ard, 2, SQL_DESC_DATA_PTR), (SQLLEN)&h);
    assert_int_equal(get_short(h.stmt.ard, 2, SQL_DESC_SCALE), 4);
    /* statuses do not matter to a plan, sizes and offsets do */
    change = h.stmt.ard->change;
    set(h.stmt.ard, 0, SQL_DESC_ARRAY_STATUS_PTR, (SQLLEN)&h);
    assert_int_equal(change, h.stmt.ard->change);
    set(h.stmt.ard, 0, SQL_DESC_ARRAY_SIZE, 5);
    assert_true(change != h.stmt.ard->change);
    change = h.stmt.ard->change;
    set(h.stmt.ard, 0, SQL_DESC_BIND_OFFSET_PTR, (SQLLEN)&h);
    assert_true(change != h.stmt.ard->change);
    /* a smaller COUNT forgets, a larger one starts anew */
    set(h.stmt.ard, 0, SQL_DESC_COUNT, 1);
    assert_int_equal(rs_desc_get_field(h.stmt.ard, 2, SQL_DESC_TYPE, NULL, NULL), SQL_NO_DATA);
    set(h.stmt.ard, 0, SQL_DESC_COUNT, 300);
    assert_int_equal(get_short(h.stmt.ard, 2, SQL_DESC_TYPE), SQL_C_DEFAULT);
    assert_int_equal(get_short(h.stmt.ard, 300, SQL_DESC_TYPE), SQL_C_DEFAULT);
    handles_clear(&h);
}

static void change_numbers_are_one_connections(void **state)
{
    struct handles h;
    struct rs_desc other;

    (void)state;
    handles_init(&h);
    rs_desc_init(&other, RS_DESC_EXPLICIT, &h.dbc, NULL);
    for (int i = 0; i < 5; i++) {
        set(h.stmt.ard, 1, SQL_DESC_CONCISE_TYPE, SQL_C_CHAR);
        set(&other, 1, SQL_DESC_CONCISE_TYPE, SQL_C_CHAR);
        assert_true(other.change != h.stmt.ard->change);
    }
    assert_int_equal(get_short(&other, 0, SQL_DESC_ALLOC_TYPE), SQL_DESC_ALLOC_USER);
    assert_int_equal(get_short(h.stmt.ard, 0, SQL_DESC_ALLOC_TYPE), SQL_DESC_ALLOC_AUTO);
    rs_desc_clear(&other);
    handles_clear(&h);
}

static void a_parameter_has_a_name_and_what_its_type_says(void **state)
{
    static const SQLWCHAR wide[] = { 'p', 0xe9, 'x' };
    struct handles h;
    char text[32];
    SQLINTEGER length;
    struct rs_text_out out = { .p = text, .cap = sizeof text, .len32 = &length };
    struct rs_desc *ipd = &h.stmt.own_ipd;

    (void)state;
    handles_init(&h);
    assert_int_equal(get_short(&h.stmt.own_ipd, 0, SQL_DESC_COUNT), 0);
    set(ipd, 1, SQL_DESC_CONCISE_TYPE, SQL_INTEGER);
    assert_int_equal(get_short(ipd, 1, SQL_DESC_UNNAMED), SQL_UNNAMED);
    assert_int_equal(get_short(ipd, 1, SQL_DESC_NULLABLE), SQL_NULLABLE);
    assert_int_equal(get_short(ipd, 1, SQL_DESC_UNSIGNED), SQL_FALSE);
    assert_int_equal(get_int(ipd, 1, SQL_DESC_CASE_SENSITIVE), SQL_FALSE);
    assert_int_equal(rs_desc_get_field(ipd, 1, SQL_DESC_TYPE_NAME, NULL, &out), SQL_SUCCESS);
    assert_string_equal(text, "int4");
    set(ipd, 1, SQL_DESC_CONCISE_TYPE, SQL_VARCHAR);
    assert_int_equal(get_short(ipd, 1, SQL_DESC_UNSIGNED), SQL_TRUE);
    assert_int_equal(get_int(ipd, 1, SQL_DESC_CASE_SENSITIVE), SQL_TRUE);

    /* a wide name's length is in bytes: two characters here */
    assert_int_equal(rs_desc_set_field(ipd, 1, SQL_DESC_NAME, (SQLPOINTER)(uintptr_t)wide, 4, true),
                     SQL_SUCCESS);
    assert_int_equal(rs_desc_get_field(ipd, 1, SQL_DESC_NAME, NULL, &out), SQL_SUCCESS);
    assert_string_equal(text, "p\xc3\xa9");
    assert_int_equal(get_short(ipd, 1, SQL_DESC_UNNAMED), SQL_NAMED);
    out.cap = 2;
    assert_int_equal(rs_desc_get_field(ipd, 1, SQL_DESC_NAME, NULL, &out), SQL_SUCCESS);
    assert_string_equal(handles_state(&ipd->head.diag), "01004");
    assert_int_equal(length, 3);
    out.cap = -1;
    assert_int_equal(rs_desc_get_field(ipd, 1, SQL_DESC_NAME, NULL, &out), SQL_ERROR);
    assert_string_equal(handles_state(&ipd->head.diag), "HY090");
    assert_int_equal(rs_desc_set_field(ipd, 1, SQL_DESC_NAME, text, -7, false), SQL_ERROR);
    assert_string_equal(handles_state(&ipd->head.diag), "HY090");
    set(ipd, 1, SQL_DESC_UNNAMED, SQL_UNNAMED);
    assert_null(rs_desc_rec(ipd, 1)->name);
    handles_clear(&h);
}

static void an_ird_shows_the_columns(void **state)
{
    struct handles h;
    struct rs_desc *ird = &h.stmt.own_ird;
    char text[32] = "";
    struct rs_text_out out = { .p = text, .cap = sizeof text };
    SQLSMALLINT type, sub, precision, scale, nullable;
    SQLLEN length;

    (void)state;
    handles_init(&h);
    assert_int_equal(rs_desc_get_field(ird, 1, SQL_DESC_TYPE, NULL, NULL), SQL_ERROR);
    assert_string_equal(handles_state(&ird->head.diag), "HY007");
    assert_int_equal(rs_desc_get_field(ird, 0, SQL_DESC_COUNT, NULL, NULL), SQL_ERROR);
    assert_string_equal(handles_state(&ird->head.diag), "HY007");
    h.stmt.state = RS_S4_EXECUTED;
    assert_int_equal(rs_desc_get_field(ird, 1, SQL_DESC_TYPE, NULL, NULL), SQL_NO_DATA);
    handles_prepare(&h);
    assert_int_equal(get_short(ird, 9, SQL_DESC_COUNT), 2);
    assert_int_equal(rs_desc_get_field(ird, 3, SQL_DESC_TYPE, NULL, NULL), SQL_NO_DATA);
    assert_int_equal(rs_desc_get_field(ird, 0, SQL_DESC_TYPE, NULL, NULL), SQL_ERROR);
    assert_string_equal(handles_state(&ird->head.diag), "07009");
    assert_int_equal(get_short(ird, 1, SQL_DESC_CONCISE_TYPE), SQL_NUMERIC);
    assert_int_equal(get_short(ird, 2, SQL_DESC_TYPE), SQL_DATETIME);
    assert_int_equal(get_int(ird, 1, SQL_DESC_AUTO_UNIQUE_VALUE), SQL_TRUE);
    assert_int_equal(get_short(ird, 2, SQL_DESC_UNNAMED), SQL_UNNAMED);
    assert_int_equal(
        rs_desc_get_rec(ird, 1, &out, &type, &sub, &length, &precision, &scale, &nullable),
        SQL_SUCCESS);
    assert_string_equal(text, "id");
    assert_int_equal(type, SQL_NUMERIC);
    assert_int_equal(length, 14);
    assert_int_equal(precision, 12);
    assert_int_equal(scale, 3);
    assert_int_equal(nullable, SQL_NO_NULLS);
    assert_int_equal(rs_desc_set_rec(ird, 1, SQL_CHAR, 0, 1, 0, 0, NULL, NULL, NULL), SQL_ERROR);
    assert_string_equal(handles_state(&ird->head.diag), "HY016");
    h.stmt.state = RS_S8_NEED_DATA;
    assert_int_equal(rs_desc_get_field(ird, 1, SQL_DESC_TYPE, NULL, NULL), SQL_ERROR);
    assert_string_equal(handles_state(&ird->head.diag), "HY010");
    h.stmt.state = RS_S2_PREPARED;
    handles_clear(&h);
}

static void whole_records(void **state)
{
    struct handles h;
    SQLSMALLINT type = 0, sub = 0, precision = 0, scale = -1, nullable = -1;
    SQLLEN length = 0, ind = 0;
    struct rs_desc *ard = &h.stmt.own_ard;

    (void)state;
    handles_init(&h);
    assert_int_equal(
        rs_desc_set_rec(ard, 2, SQL_INTERVAL, SQL_CODE_DAY_TO_SECOND, 28, 3, 0, &h, &length, &ind),
        SQL_SUCCESS);
    assert_int_equal(
        rs_desc_get_rec(ard, 2, NULL, &type, &sub, &length, &precision, &scale, &nullable),
        SQL_SUCCESS);
    assert_int_equal(type, SQL_INTERVAL);
    assert_int_equal(sub, SQL_CODE_DAY_TO_SECOND);
    assert_int_equal(length, 28);
    assert_int_equal(precision, 3);
    assert_int_equal(scale, 0);
    assert_int_equal(get_len(ard, 2, SQL_DESC_INDICATOR_PTR), (SQLLEN)&ind);
    assert_int_equal(get_len(ard, 2, SQL_DESC_OCTET_LENGTH_PTR), (SQLLEN)&length);
    assert_int_equal(get_len(ard, 2, SQL_DESC_DATA_PTR), (SQLLEN)&h);
    assert_int_equal(rs_desc_get_rec(ard, 3, NULL, &type, &sub, NULL, NULL, NULL, NULL),
                     SQL_NO_DATA);
    /* refused: the record stays, and none is added */
    assert_int_equal(rs_desc_set_rec(ard, 2, SQL_NUMERIC, 0, 19, 39, 0, &h, NULL, NULL), SQL_ERROR);
    assert_string_equal(handles_state(&ard->head.diag), "HY021");
    assert_int_equal(get_short(ard, 2, SQL_DESC_TYPE), SQL_INTERVAL);
    assert_int_equal(rs_desc_set_rec(ard, 7, SQL_CHAR, 0, -1, 0, 0, &h, NULL, NULL), SQL_ERROR);
    assert_string_equal(handles_state(&ard->head.diag), "HY090");
    assert_int_equal(ard->count, 2);
    assert_int_equal(rs_desc_set_rec(ard, 2, SQL_NUMERIC, 0, 19, 10, 4, &h, NULL, NULL),
                     SQL_SUCCESS);
    assert_true(rs_desc_rec(ard, 2)->has_scale);
    /* an IPD keeps no pointers */
    assert_int_equal(
        rs_desc_set_rec(&h.stmt.own_ipd, 1, SQL_VARCHAR, 0, 9, 0, 0, &h, &length, &ind),
        SQL_SUCCESS);
    assert_false(rs_desc_is_bound(rs_desc_rec(&h.stmt.own_ipd, 1)));
    handles_clear(&h);
}

static void copies(void **state)
{
    struct handles h;
    struct rs_desc other;
    struct rs_desc *ipd = &h.stmt.own_ipd, *ird = &h.stmt.own_ird;

    (void)state;
    handles_init(&h);
    rs_desc_init(&other, RS_DESC_EXPLICIT, &h.dbc, NULL);
    set(ipd, 2, SQL_DESC_CONCISE_TYPE, SQL_NUMERIC);
    set(ipd, 2, SQL_DESC_NAME, 0);
    rs_desc_set_field(ipd, 2, SQL_DESC_NAME, handles_id, SQL_NTS, false);
    set(ipd, 2, SQL_DESC_PARAMETER_TYPE, SQL_PARAM_OUTPUT);
    assert_int_equal(rs_desc_copy(ipd, &other), SQL_SUCCESS);
    assert_int_equal(rs_desc_copy(&other, &other), SQL_SUCCESS);
    assert_int_equal(rs_desc_set_count(ipd, 0, &ipd->head.diag), true);
    assert_int_equal(rs_desc_copy(&other, ipd), SQL_SUCCESS);
    assert_string_equal(rs_desc_rec(ipd, 2)->name, "id");
    assert_int_equal(get_short(ipd, 2, SQL_DESC_PARAMETER_TYPE), SQL_PARAM_OUTPUT);
    assert_int_equal(get_short(ipd, 2, SQL_DESC_CONCISE_TYPE), SQL_NUMERIC);
    assert_int_equal(get_short(&other, 0, SQL_DESC_ALLOC_TYPE), SQL_DESC_ALLOC_USER);

    /* from an IRD, once there is one; never to it */
    assert_int_equal(rs_desc_copy(ird, &other), SQL_ERROR);
    assert_string_equal(handles_state(&other.head.diag), "HY007");
    assert_int_equal(other.count, 2);
    handles_prepare(&h);
    assert_int_equal(rs_desc_copy(ird, &other), SQL_SUCCESS);
    assert_int_equal(other.count, 2);
    assert_int_equal(get_short(&other, 1, SQL_DESC_SCALE), 3);
    assert_int_equal(get_short(&other, 2, SQL_DESC_CONCISE_TYPE), SQL_TYPE_TIMESTAMP);
    assert_int_equal(rs_desc_copy(&other, ird), SQL_ERROR);
    assert_string_equal(handles_state(&ird->head.diag), "HY016");

    /* an unsound source is not spread */
    set(h.stmt.ard, 1, SQL_DESC_CONCISE_TYPE, SQL_C_NUMERIC);
    set(h.stmt.ard, 1, SQL_DESC_DATA_PTR, (SQLLEN)&h);
    h.stmt.own_ard.rec[1].precision = 99;
    assert_int_equal(rs_desc_copy(h.stmt.ard, &other), SQL_ERROR);
    assert_string_equal(handles_state(&other.head.diag), "HY021");
    rs_desc_clear(&other);
    rs_desc_clear(&other);
    handles_clear(&h);
}

static bool fill_and_copy(void *ctx)
{
    struct handles h;
    struct rs_desc other;
    struct rs_desc *ipd = &h.stmt.own_ipd;
    bool ok = true;

    (void)ctx;
    handles_init(&h);
    rs_desc_init(&other, RS_DESC_EXPLICIT, &h.dbc, NULL);
    for (SQLSMALLINT i = 1; ok && i <= 20; i++)
        ok = set(ipd, i, SQL_DESC_CONCISE_TYPE, SQL_VARCHAR) == SQL_SUCCESS &&
             rs_desc_set_field(ipd, i, SQL_DESC_NAME, handles_id, SQL_NTS, false) == SQL_SUCCESS;
    if (!ok)
        assert_string_equal(handles_state(&ipd->head.diag), "HY001");
    else if (rs_desc_copy(ipd, &other) != SQL_SUCCESS) {
        ok = false;
        assert_string_equal(handles_state(&other.head.diag), "HY001");
        assert_int_equal(other.count, 0);
    }
    rs_desc_clear(&other);
    handles_clear(&h);
    return ok;
}

static void survives_missing_memory(void **state)
{
    (void)state;
    rs_test_oom(fill_and_copy, NULL);
}

/* ---- SQLDescribeCol, SQLColAttribute ---- */

static const struct {
    SQLUSMALLINT column, id;
    SQLLEN number;
    const char *text; /* NULL: a number */
} attributes[] = {
    { 9, SQL_DESC_COUNT, 2, NULL },
    { 9, SQL_COLUMN_COUNT, 2, NULL },
    { 1, SQL_DESC_CONCISE_TYPE, SQL_NUMERIC, NULL },
    { 2, SQL_DESC_CONCISE_TYPE, SQL_TYPE_TIMESTAMP, NULL },
    { 2, SQL_DESC_TYPE, SQL_DATETIME, NULL },
    { 2, SQL_DESC_DATETIME_INTERVAL_CODE, SQL_CODE_TIMESTAMP, NULL },
    { 1, SQL_DESC_PRECISION, 12, NULL },
    { 1, SQL_DESC_SCALE, 3, NULL },
    { 1, SQL_COLUMN_PRECISION, 12, NULL },
    { 1, SQL_COLUMN_SCALE, 3, NULL },
    { 1, SQL_COLUMN_LENGTH, 14, NULL },
    { 2, SQL_COLUMN_LENGTH, 16, NULL },
    { 2, SQL_COLUMN_PRECISION, 26, NULL },
    { 2, SQL_DESC_PRECISION, 6, NULL },
    { 1, SQL_DESC_NULLABLE, SQL_NO_NULLS, NULL },
    { 2, SQL_COLUMN_NULLABLE, SQL_NULLABLE, NULL },
    { 1, SQL_DESC_AUTO_UNIQUE_VALUE, SQL_TRUE, NULL },
    { 1, SQL_DESC_UNSIGNED, SQL_FALSE, NULL },
    { 2, SQL_DESC_UNSIGNED, SQL_TRUE, NULL },
    { 1, SQL_DESC_UPDATABLE, SQL_ATTR_READONLY, NULL },
    { 1, SQL_DESC_SEARCHABLE, SQL_PRED_BASIC, NULL },
    { 1, SQL_DESC_FIXED_PREC_SCALE, SQL_FALSE, NULL },
    { 1, SQL_DESC_NUM_PREC_RADIX, 10, NULL },
    { 1, SQL_DESC_UNNAMED, SQL_NAMED, NULL },
    { 2, SQL_DESC_UNNAMED, SQL_UNNAMED, NULL },
    { 1, SQL_DESC_DISPLAY_SIZE, 14, NULL },
    { 1, RS_DESC_SERVER_TYPE_OID, 1700, NULL },
    { 2, RS_DESC_SERVER_TYPE_OID, 0xfffffff0, NULL },
    { 1, SQL_DESC_NAME, 0, "id" },
    { 1, SQL_COLUMN_NAME, 0, "id" },
    { 1, SQL_DESC_LABEL, 0, "id" },
    { 2, SQL_DESC_NAME, 0, "" },
    { 1, SQL_DESC_BASE_COLUMN_NAME, 0, "when" },
    { 1, SQL_DESC_BASE_TABLE_NAME, 0, "sales" },
    { 1, SQL_DESC_TABLE_NAME, 0, "sales" },
    { 1, SQL_DESC_SCHEMA_NAME, 0, "public" },
    { 1, SQL_DESC_CATALOG_NAME, 0, "dev" },
    { 2, SQL_DESC_CATALOG_NAME, 0, "" },
    { 1, SQL_DESC_TYPE_NAME, 0, "numeric" },
    { 2, SQL_DESC_LITERAL_PREFIX, 0, "'" },
};

static void column_attributes(void **state)
{
    struct handles h;

    (void)state;
    handles_init(&h);
    handles_prepare(&h);
    for (size_t i = 0; i < RS_COUNT(attributes); i++) {
        char text[32] = "untouched";
        SQLSMALLINT length = -1;
        struct rs_text_out out = { .p = text, .cap = sizeof text, .len16 = &length };
        SQLLEN number = (SQLLEN)0xa5a5a5a5a5a5a5a5;

        if (rs_col_attribute(&h.stmt, attributes[i].column, attributes[i].id, &out, &number) !=
            SQL_SUCCESS)
            fail_msg("case %zu: %s", i, handles_state(&h.stmt.head.diag));
        if (attributes[i].text != NULL) {
            assert_string_equal(text, attributes[i].text);
            assert_true(number == (SQLLEN)0xa5a5a5a5a5a5a5a5);
        } else {
            if (number != attributes[i].number)
                fail_msg("case %zu: %ld", i, (long)number);
            assert_string_equal(text, "untouched");
            assert_int_equal(length, -1);
        }
        assert_int_equal(
            rs_col_attribute(&h.stmt, attributes[i].column, attributes[i].id, NULL, NULL),
            SQL_SUCCESS);
    }
    handles_clear(&h);
}

static const char *col_state(struct handles *h, SQLUSMALLINT column, SQLUSMALLINT id)
{
    assert_int_equal(rs_col_attribute(&h->stmt, column, id, NULL, NULL), SQL_ERROR);
    return handles_state(&h->stmt.head.diag);
}

static void column_states(void **state)
{
    struct handles h;
    SQLLEN number = -1;
    char text[2];
    struct rs_text_out out = { .p = text, .cap = -1 };

    (void)state;
    handles_init(&h);
    assert_string_equal(col_state(&h, 1, SQL_DESC_TYPE), "HY010");
    h.stmt.state = RS_S4_EXECUTED;
    assert_string_equal(col_state(&h, 1, SQL_DESC_TYPE), "07005");
    assert_int_equal(rs_describe_col(&h.stmt, 1, NULL, NULL, NULL, NULL, NULL), SQL_ERROR);
    assert_string_equal(handles_state(&h.stmt.head.diag), "07005");
    assert_int_equal(rs_col_attribute(&h.stmt, 1, SQL_DESC_COUNT, NULL, &number), SQL_SUCCESS);
    assert_int_equal(number, 0);
    handles_prepare(&h);
    assert_string_equal(col_state(&h, 0, SQL_DESC_TYPE), "07009");
    assert_string_equal(col_state(&h, 3, SQL_DESC_TYPE), "07009");
    assert_string_equal(col_state(&h, 1, SQL_DESC_DATA_PTR), "HY091");
    assert_string_equal(col_state(&h, 1, SQL_DESC_ARRAY_SIZE), "HY091");
    assert_string_equal(col_state(&h, 1, 60000), "HY091");
    assert_int_equal(rs_col_attribute(&h.stmt, 1, SQL_DESC_NAME, &out, NULL), SQL_ERROR);
    assert_string_equal(handles_state(&h.stmt.head.diag), "HY090");
    out.cap = 2;
    assert_int_equal(rs_col_attribute(&h.stmt, 1, SQL_DESC_NAME, &out, NULL), SQL_SUCCESS);
    assert_string_equal(handles_state(&h.stmt.head.diag), "01004");
    h.stmt.state = RS_S8_NEED_DATA;
    assert_string_equal(col_state(&h, 1, SQL_DESC_TYPE), "HY010");
    h.stmt.state = RS_S2_PREPARED;
    handles_clear(&h);
}

static void describes_a_column(void **state)
{
    struct handles h;
    char text[8];
    SQLSMALLINT length, type, digits, nullable;
    SQLULEN size = ~(SQLULEN)0;
    struct rs_text_out out = { .p = text, .cap = sizeof text, .len16 = &length };

    (void)state;
    handles_init(&h);
    handles_prepare(&h);
    assert_int_equal(rs_describe_col(&h.stmt, 1, &out, &type, &size, &digits, &nullable),
                     SQL_SUCCESS);
    assert_string_equal(text, "id");
    assert_int_equal(length, 2);
    assert_int_equal(type, SQL_NUMERIC);
    assert_int_equal(size, 12);
    assert_int_equal(digits, 3);
    assert_int_equal(nullable, SQL_NO_NULLS);
    assert_int_equal(rs_describe_col(&h.stmt, 2, NULL, &type, &size, &digits, NULL), SQL_SUCCESS);
    assert_int_equal(type, SQL_TYPE_TIMESTAMP);
    assert_int_equal(size, 26);
    assert_int_equal(digits, 6);
    handles_clear(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_every_descriptor),
        cmocka_unit_test(writes_are_read_back),
        cmocka_unit_test(refuses_what_a_field_cannot_be),
        cmocka_unit_test(a_type_sets_the_other_fields),
        cmocka_unit_test(type_and_code_make_the_concise_type),
        cmocka_unit_test(checks_consistency_at_the_data_pointer),
        cmocka_unit_test(setting_a_field_unbinds_and_counts),
        cmocka_unit_test(change_numbers_are_one_connections),
        cmocka_unit_test(a_parameter_has_a_name_and_what_its_type_says),
        cmocka_unit_test(an_ird_shows_the_columns),
        cmocka_unit_test(whole_records),
        cmocka_unit_test(copies),
        cmocka_unit_test(survives_missing_memory),
        cmocka_unit_test(column_attributes),
        cmocka_unit_test(column_states),
        cmocka_unit_test(describes_a_column),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
