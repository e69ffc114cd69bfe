/* SQLBindCol and SQLBindParameter as changes of descriptors; ODBC, the functions' pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handles.h"
#include "oom.h"

static char data[64];
static SQLLEN ind;

/* ---- SQLBindCol ---- */

static void binds_and_unbinds_columns(void **state)
{
    struct handles h;
    struct rs_desc *ard = &h.stmt.own_ard;
    const struct rs_desc_rec *rec;

    (void)state;
    handles_init(&h);
    assert_int_equal(rs_bind_col(&h.stmt, 1, SQL_C_CHAR, data, 10, &ind), SQL_SUCCESS);
    assert_int_equal(rs_bind_col(&h.stmt, 3, SQL_C_TIMESTAMP, data, 0, NULL), SQL_SUCCESS);
    assert_int_equal(rs_bind_col(&h.stmt, 4, SQL_C_DEFAULT, NULL, 0, &ind), SQL_SUCCESS);
    assert_int_equal(ard->count, 4);
    rec = rs_desc_rec(ard, 1);
    assert_ptr_equal(rec->data_ptr, data);
    assert_ptr_equal(rec->ind_ptr, &ind);
    assert_ptr_equal(rec->len_ptr, &ind);
    assert_int_equal(rec->octet_length, 10);
    assert_int_equal(rs_desc_rec(ard, 3)->concise_type, SQL_C_TYPE_TIMESTAMP);
    assert_int_equal(rs_desc_rec(ard, 3)->type, SQL_DATETIME);
    assert_false(rs_desc_is_bound(rs_desc_rec(ard, 2)));
    /* only a length is bound: still bound */
    assert_true(rs_desc_is_bound(rs_desc_rec(ard, 4)));
    /* not the highest: COUNT stays; then it falls to the next bound one */
    assert_int_equal(rs_bind_col(&h.stmt, 3, SQL_C_CHAR, NULL, 0, NULL), SQL_SUCCESS);
    assert_int_equal(ard->count, 4);
    assert_int_equal(rs_bind_col(&h.stmt, 4, SQL_C_CHAR, NULL, 0, NULL), SQL_SUCCESS);
    assert_int_equal(ard->count, 1);
    assert_int_equal(rs_bind_col(&h.stmt, 1, SQL_C_CHAR, NULL, 0, NULL), SQL_SUCCESS);
    assert_int_equal(ard->count, 0);
    assert_int_equal(rs_bind_col(&h.stmt, 9, SQL_C_CHAR, NULL, 0, NULL), SQL_SUCCESS);
    assert_int_equal(ard->count, 0);
    handles_clear(&h);
}

static void binding_anew_counts_only_what_changed(void **state)
{
    struct handles h;
    struct rs_desc *ard = &h.stmt.own_ard;
    uint32_t change;

    (void)state;
    handles_init(&h);
    rs_bind_col(&h.stmt, 1, SQL_C_NUMERIC, data, 19, &ind);
    change = ard->change;
    rs_bind_col(&h.stmt, 1, SQL_C_NUMERIC, data, 19, &ind);
    assert_int_equal(ard->change, change);
    rs_bind_col(&h.stmt, 1, SQL_C_NUMERIC, data + 1, 19, &ind);
    assert_true(ard->change != change);
    change = ard->change;
    rs_bind_col(&h.stmt, 1, SQL_C_NUMERIC, data + 1, 20, &ind);
    assert_true(ard->change != change);
    change = ard->change;
    rs_bind_col(&h.stmt, 1, SQL_C_NUMERIC, data + 1, 20, NULL);
    assert_true(ard->change != change);
    change = ard->change;
    rs_bind_col(&h.stmt, 1, SQL_C_SLONG, data + 1, 20, NULL);
    assert_true(ard->change != change);
    /* what SQLSetDescField had made of the record does not outlive a new binding */
    rs_bind_col(&h.stmt, 1, SQL_C_NUMERIC, data, 19, &ind);
    rs_desc_set_field(ard, 1, SQL_DESC_SCALE, (SQLPOINTER)4, 0, false);
    rs_bind_col(&h.stmt, 1, SQL_C_NUMERIC, data, 19, &ind);
    assert_false(rs_desc_rec(ard, 1)->has_scale);
    assert_int_equal(rs_desc_rec(ard, 1)->scale, 0);
    handles_clear(&h);
}

static const struct {
    SQLUSMALLINT column;
    SQLSMALLINT c_type;
    SQLLEN cap;
    const char *state;
} columns[] = {
    { 0, SQL_C_BOOKMARK, 8, "07009" },  { 40000, SQL_C_CHAR, 8, "07009" },
    { 32767, SQL_C_CHAR, 8, "" },       { 1, 4711, 8, "HY003" },
    { 1, SQL_ARD_TYPE, 8, "HY003" },    { 1, SQL_VARCHAR, 8, "HY003" },
    { 1, SQL_C_CHAR, -1, "HY090" },     { 1, SQL_C_DATE, 6, "" },
    { 1, SQL_C_INTERVAL_HOUR, 28, "" }, { 1, SQL_C_GUID, 16, "" },
    { 1700, SQL_C_UTINYINT, 1, "" },
};

static void states_of_bind_col(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(columns); i++) {
        struct handles h;
        const char *got;

        handles_init(&h);
        rs_bind_col(&h.stmt, columns[i].column, columns[i].c_type, data, columns[i].cap, &ind);
        got = handles_state(&h.stmt.head.diag);
        if (strcmp(got, columns[i].state) != 0)
            fail_msg("case %zu: \"%s\" instead of \"%s\"", i, got, columns[i].state);
        assert_int_equal(h.stmt.own_ard.count, got[0] == '\0' ? columns[i].column : 0);
        handles_clear(&h);
    }
}

static void binds_the_present_descriptor(void **state)
{
    struct handles h;
    struct rs_desc other;

    (void)state;
    handles_init(&h);
    rs_desc_init(&other, RS_DESC_EXPLICIT, &h.dbc, NULL);
    h.stmt.ard = &other;
    h.stmt.apd = &other;
    rs_bind_col(&h.stmt, 2, SQL_C_CHAR, data, 10, &ind);
    assert_int_equal(other.count, 2);
    assert_int_equal(h.stmt.own_ard.count, 0);
    rs_bind_param(&h.stmt, 3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, data, 10, &ind);
    assert_int_equal(other.count, 3);
    assert_int_equal(h.stmt.own_apd.count, 0);
    assert_int_equal(h.stmt.own_ipd.count, 3);
    rs_desc_clear(&other);
    h.stmt.state = RS_S8_NEED_DATA;
    h.stmt.ard = &h.stmt.own_ard;
    h.stmt.apd = &h.stmt.own_apd;
    assert_int_equal(rs_bind_col(&h.stmt, 2, SQL_C_CHAR, data, 10, &ind), SQL_ERROR);
    assert_string_equal(handles_state(&h.stmt.head.diag), "HY010");
    assert_int_equal(
        rs_bind_param(&h.stmt, 3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, data, 10, &ind),
        SQL_ERROR);
    assert_string_equal(handles_state(&h.stmt.head.diag), "HY010");
    h.stmt.state = RS_S1_ALLOCATED;
    handles_clear(&h);
}

/* ---- SQLBindParameter ---- */

static const struct {
    SQLUSMALLINT number;
    SQLSMALLINT direction, c_type, sql_type;
    SQLULEN size;
    SQLSMALLINT digits;
    SQLLEN cap;
    const char *state;
} params[] = {
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, 10, "" },
    { 0, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, 10, "07009" },
    { 32768, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, 10, "07009" },
    { 1, SQL_PARAM_INPUT, 4711, SQL_VARCHAR, 20, 0, 10, "HY003" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, 4711, 20, 0, 10, "HY004" },
    { 1, SQL_PARAM_INPUT, SQL_C_DEFAULT, SQL_INTEGER, 0, 0, 0, "" },
    { 1, 3, SQL_C_CHAR, SQL_VARCHAR, 20, 0, 10, "HY105" },
    { 1, 0, SQL_C_CHAR, SQL_VARCHAR, 20, 0, 10, "HY105" },
    { 1, SQL_PARAM_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 20, 0, 10, "HYC00" },
    { 1, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, 10, "" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, -2, "HY090" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_NUMERIC, 38, 38, 10, "" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_NUMERIC, 0, 4, 10, "" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_NUMERIC, 39, 0, 10, "HY104" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_DECIMAL, 10, 11, 10, "HY104" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_DECIMAL, 10, -1, 10, "HY104" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_TYPE_TIMESTAMP, 26, 9, 10, "" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_TYPE_TIMESTAMP, 26, 10, 10, "HY104" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_TIMESTAMP, 26, -1, 10, "HY104" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_INTERVAL_SECOND, 2, 10, 10, "HY104" },
    { 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_INTEGER, 99, 99, 10, "" },
    { 1, SQL_PARAM_INPUT, SQL_C_GUID, SQL_INTEGER, 0, 0, 16, "07006" },
    { 1, SQL_PARAM_INPUT, SQL_C_TYPE_DATE, SQL_INTEGER, 0, 0, 6, "07006" },
};

static void states_of_bind_param(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(params); i++) {
        struct handles h;
        const char *got;
        bool ok;

        handles_init(&h);
        rs_bind_param(&h.stmt, params[i].number, params[i].direction, params[i].c_type,
                      params[i].sql_type, params[i].size, params[i].digits, data, params[i].cap,
                      &ind);
        got = handles_state(&h.stmt.head.diag);
        if (strcmp(got, params[i].state) != 0)
            fail_msg("case %zu: \"%s\" instead of \"%s\"", i, got, params[i].state);
        ok = got[0] == '\0';
        assert_int_equal(h.stmt.own_apd.count, ok ? params[i].number : 0);
        assert_int_equal(h.stmt.own_ipd.count, ok ? params[i].number : 0);
        handles_clear(&h);
    }
}

static void input_needs_a_place(void **state)
{
    struct handles h;

    (void)state;
    handles_init(&h);
    assert_int_equal(
        rs_bind_param(&h.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 9, 0, NULL, 0, NULL),
        SQL_ERROR);
    assert_string_equal(handles_state(&h.stmt.head.diag), "HY009");
    assert_int_equal(
        rs_bind_param(&h.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 9, 0, NULL, 0, &ind),
        SQL_SUCCESS);
    assert_int_equal(
        rs_bind_param(&h.stmt, 1, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, 9, 0, NULL, 0, NULL),
        SQL_SUCCESS);
    handles_clear(&h);
}

/* Size and digits come back whatever field they are kept in. */
static const struct {
    SQLSMALLINT sql_type;
    SQLULEN size;
    SQLSMALLINT digits;
    SQLULEN length; /* fields of the IPD */
    SQLSMALLINT precision, scale;
    SQLULEN size_back;
    SQLSMALLINT digits_back;
} kept[] = {
    { SQL_VARCHAR, 70000, 0, 70000, 0, 0, 70000, 0 },
    { SQL_WVARCHAR, 0, 0, 0, 0, 0, 0, 0 },
    { SQL_NUMERIC, 12, 3, 0, 12, 3, 12, 3 },
    { SQL_DECIMAL, 0, 3, 0, 38, 3, 38, 3 },
    { SQL_DOUBLE, 15, 0, 0, 15, 0, 15, 0 },
    { SQL_TYPE_DATE, 10, 0, 10, 0, 0, 10, 0 },
    { SQL_TYPE_TIMESTAMP, 23, 3, 23, 3, 0, 23, 3 },
    { SQL_INTERVAL_DAY_TO_SECOND, 20, 4, 20, 4, 0, 20, 4 },
    { SQL_VARBINARY, 12, 0, 12, 0, 0, 12, 0 },
};

static void keeps_size_and_digits(void **state)
{
    struct handles h;

    (void)state;
    handles_init(&h);
    for (size_t i = 0; i < RS_COUNT(kept); i++) {
        const struct rs_desc_rec *imp;
        const struct rs_desc_rec *app;
        uint32_t change = h.stmt.own_apd.change;

        assert_int_equal(rs_bind_param(&h.stmt, 1, SQL_PARAM_INPUT, SQL_C_DEFAULT, kept[i].sql_type,
                                       kept[i].size, kept[i].digits, data, 5, &ind),
                         SQL_SUCCESS);
        assert_true(h.stmt.own_apd.change != change);
        imp = rs_desc_rec(&h.stmt.own_ipd, 1);
        app = rs_desc_rec(&h.stmt.own_apd, 1);
        assert_int_equal(imp->concise_type, kept[i].sql_type);
        assert_int_equal(imp->length, kept[i].length);
        assert_int_equal(imp->precision, kept[i].precision);
        assert_int_equal(imp->scale, kept[i].scale);
        assert_int_equal(rs_desc_column_size(imp), kept[i].size_back);
        assert_int_equal(rs_desc_digits(imp), kept[i].digits_back);
        assert_int_equal(app->concise_type, SQL_C_DEFAULT);
        assert_int_equal(app->octet_length, 5);
        assert_ptr_equal(app->data_ptr, data);
        assert_ptr_equal(app->len_ptr, &ind);
        assert_true(rs_desc_check(&h.stmt.own_ipd, imp, &h.stmt.head.diag));
    }
    handles_clear(&h);
}

static bool bind_many(void *ctx)
{
    struct handles h;
    bool ok = true;

    (void)ctx;
    handles_init(&h);
    for (SQLUSMALLINT i = 1; ok && i <= 40; i += 13) {
        SQLSMALLINT count = h.stmt.own_apd.count;

        ok = rs_bind_param(&h.stmt, i, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 9, 0, data, 9,
                           &ind) == SQL_SUCCESS;
        if (!ok)
            assert_int_equal(h.stmt.own_apd.count, count);
        ok = ok && rs_bind_col(&h.stmt, i, SQL_C_CHAR, data, 9, &ind) == SQL_SUCCESS;
    }
    if (!ok)
        assert_string_equal(handles_state(&h.stmt.head.diag), "HY001");
    handles_clear(&h);
    return ok;
}

static void survives_missing_memory(void **state)
{
    (void)state;
    rs_test_oom(bind_many, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binds_and_unbinds_columns),
        cmocka_unit_test(binding_anew_counts_only_what_changed),
        cmocka_unit_test(states_of_bind_col),
        cmocka_unit_test(binds_the_present_descriptor),
        cmocka_unit_test(states_of_bind_param),
        cmocka_unit_test(input_needs_a_place),
        cmocka_unit_test(keeps_size_and_digits),
        cmocka_unit_test(survives_missing_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
