/* Columns of the catalog functions' results by catalog.def; ODBC, the functions' pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "odbc/catalog.h"
#include "oom.h"

static struct rs_env env3 = { .odbc_version = SQL_OV_ODBC3_80 };
static struct rs_env env2 = { .odbc_version = SQL_OV_ODBC2 };

static struct rs_dbc dbc_of(struct rs_env *env)
{
    struct rs_dbc dbc = { .env = env };

    dbc.policy = (struct rs_policy){
        .max_varchar = 8000,
        .max_long_varchar = 65535,
        .unknown_sizes = 8000,
        .is_redshift = true,
        .is_v2 = env == &env2,
    };
    return dbc;
}

static const struct {
    enum rs_catalog_result result;
    size_t n;
    const char *name, *name2; /* of the column that is looked at */
    size_t at;
    SQLSMALLINT type, nullable;
    SQLULEN size;
} wanted[] = {
    { RS_RESULT_TABLES, 5, "TABLE_CAT", "TABLE_QUALIFIER", 0, SQL_VARCHAR, 1, 127 },
    { RS_RESULT_TABLES, 5, "TABLE_SCHEM", "TABLE_OWNER", 1, SQL_VARCHAR, 1, 127 },
    { RS_RESULT_TABLES, 5, "REMARKS", "REMARKS", 4, SQL_VARCHAR, 1, 8000 },
    { RS_RESULT_COLUMNS, 18, "TABLE_NAME", "TABLE_NAME", 2, SQL_VARCHAR, 0, 127 },
    { RS_RESULT_COLUMNS, 18, "DATA_TYPE", "DATA_TYPE", 4, SQL_SMALLINT, 0, 5 },
    { RS_RESULT_COLUMNS, 18, "COLUMN_SIZE", "PRECISION", 6, SQL_INTEGER, 1, 10 },
    { RS_RESULT_COLUMNS, 18, "BUFFER_LENGTH", "LENGTH", 7, SQL_INTEGER, 1, 10 },
    { RS_RESULT_COLUMNS, 18, "DECIMAL_DIGITS", "SCALE", 8, SQL_SMALLINT, 1, 5 },
    { RS_RESULT_COLUMNS, 18, "NUM_PREC_RADIX", "RADIX", 9, SQL_SMALLINT, 1, 5 },
    { RS_RESULT_COLUMNS, 18, "COLUMN_DEF", "COLUMN_DEF", 12, SQL_VARCHAR, 1, 4000 },
    { RS_RESULT_COLUMNS, 18, "IS_NULLABLE", "IS_NULLABLE", 17, SQL_VARCHAR, 1, 127 },
    { RS_RESULT_TYPEINFO, 19, "TYPE_NAME", "TYPE_NAME", 0, SQL_VARCHAR, 0, 127 },
    { RS_RESULT_TYPEINFO, 19, "COLUMN_SIZE", "PRECISION", 2, SQL_INTEGER, 1, 10 },
    { RS_RESULT_TYPEINFO, 19, "FIXED_PREC_SCALE", "MONEY", 10, SQL_SMALLINT, 0, 5 },
    { RS_RESULT_TYPEINFO, 19, "AUTO_UNIQUE_VALUE", "AUTO_INCREMENT", 11, SQL_SMALLINT, 1, 5 },
    { RS_RESULT_TYPEINFO, 19, "INTERVAL_PRECISION", "INTERVAL_PRECISION", 18, SQL_SMALLINT, 1, 5 },
};

static void describes_result_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(wanted); i++) {
        for (int v2 = 0; v2 < 2; v2++) {
            struct rs_dbc dbc = dbc_of(v2 ? &env2 : &env3);
            struct rs_columns columns = { .n = 0 };
            struct rs_diag diag = { 0 };
            const struct rs_column *column;

            assert_true(rs_catalog_columns(&columns, wanted[i].result, &dbc, &diag));
            assert_int_equal(columns.n, wanted[i].n);
            column = &columns.at[wanted[i].at];
            assert_string_equal(column->label, v2 ? wanted[i].name2 : wanted[i].name);
            assert_int_equal(column->typed.concise_type, wanted[i].type);
            assert_int_equal(column->nullable, wanted[i].nullable);
            assert_int_equal(column->typed.column_size, wanted[i].size);
            rs_columns_clear(&columns);
        }
    }
}

/* Remarks never are a LONG type, whatever MaxVarchar says. */
static void remarks_stay_plain(void **state)
{
    static const struct {
        int32_t max_varchar;
        SQLULEN size;
    } rows[] = { { 255, 255 }, { 8000, 8000 }, { 65535, 65535 }, { 0, 65535 } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_dbc dbc = dbc_of(&env3);
        struct rs_columns columns = { .n = 0 };
        struct rs_diag diag = { 0 };

        dbc.policy.max_varchar = rows[i].max_varchar;
        assert_true(rs_catalog_columns(&columns, RS_RESULT_TABLES, &dbc, &diag));
        assert_int_equal(columns.at[4].typed.concise_type, SQL_VARCHAR);
        assert_int_equal(columns.at[4].typed.column_size, rows[i].size);
        rs_columns_clear(&columns);
    }
}

static bool make_columns(void *ctx)
{
    struct rs_columns columns = { .n = 0 };
    struct rs_diag diag = { 0 };
    bool ok = rs_catalog_columns(&columns, RS_RESULT_TYPEINFO, ctx, &diag);

    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_columns_clear(&columns);
    rs_diag_clear(&diag);
    return ok;
}

static void survives_lack_of_memory(void **state)
{
    struct rs_dbc dbc = dbc_of(&env3);

    (void)state;
    rs_test_oom(make_columns, &dbc);
}

/* ---- SQLGetTypeInfo; no server is asked ---- */

struct bench {
    struct rs_dbc dbc;
    struct rs_stmt stmt;
};

static struct bench *bench_new(struct rs_env *env)
{
    struct bench *bench = rs_new(struct bench, NULL);

    assert_non_null(bench);
    bench->dbc = dbc_of(env);
    rs_stmt_init(&bench->stmt, &bench->dbc);
    return bench;
}

static void bench_free(struct bench *bench)
{
    rs_stmt_clear(&bench->stmt);
    rs_free(bench);
}

/* Number of rows; all DATA_TYPEs must be `type` unless it is SQL_ALL_TYPES. */
static size_t rows_of(struct bench *bench, SQLSMALLINT type, SQLSMALLINT shown)
{
    const struct rs_made_rows *made = &bench->stmt.made;
    size_t n;

    assert_int_equal(rs_get_type_info(&bench->stmt, type), SQL_SUCCESS);
    for (size_t i = 0; i < made->n_rows && type != SQL_ALL_TYPES; i++) {
        const struct rs_made_cell *cell = &made->cells[i * 19 + 1];
        int64_t value = 0;

        assert_true(
            rs_parse_i64((struct rs_str){ made->bytes.p + cell->at, (size_t)cell->n }, &value));
        assert_int_equal(value, shown);
    }
    n = made->n_rows;
    rs_stmt_close(&bench->stmt);
    return n;
}

static void lists_types(void **state)
{
    struct bench *bench = bench_new(&env3);

    (void)state;
    assert_true(rows_of(bench, SQL_ALL_TYPES, 0) > 20);
    assert_int_equal(rows_of(bench, SQL_INTEGER, SQL_INTEGER), 2);
    assert_int_equal(rows_of(bench, SQL_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP), 2);
    assert_int_equal(rows_of(bench, SQL_TINYINT, 0), 0);
    assert_int_equal(rows_of(bench, SQL_GUID, 0), 0);
    bench->dbc.policy.is_redshift = false;
    assert_int_equal(rows_of(bench, SQL_GUID, SQL_GUID), 1);
    bench_free(bench);
}

static void lists_types_for_odbc_2(void **state)
{
    struct bench *bench = bench_new(&env2);

    (void)state;
    assert_int_equal(rows_of(bench, SQL_DATE, SQL_DATE), 1);
    assert_int_equal(rows_of(bench, SQL_TIMESTAMP, SQL_TIMESTAMP), 2);
    bench_free(bench);
}

static void refuses_other_codes(void **state)
{
    static const SQLSMALLINT codes[] = { 500, -500, 99, SQL_C_SBIGINT };
    struct bench *bench = bench_new(&env3);

    (void)state;
    for (size_t i = 0; i < RS_COUNT(codes); i++) {
        assert_int_equal(rs_get_type_info(&bench->stmt, codes[i]), SQL_ERROR);
        assert_int_equal(rs_diag_state(&bench->stmt.head.diag), RS_HY004);
        rs_diag_clear(&bench->stmt.head.diag);
        assert_int_equal(bench->stmt.state, RS_S1_ALLOCATED);
    }
    bench_free(bench);
}

static void refuses_an_open_cursor(void **state)
{
    struct bench *bench = bench_new(&env3);

    (void)state;
    assert_int_equal(rs_get_type_info(&bench->stmt, SQL_ALL_TYPES), SQL_SUCCESS);
    assert_int_equal(rs_get_type_info(&bench->stmt, SQL_ALL_TYPES), SQL_ERROR);
    assert_int_equal(rs_diag_state(&bench->stmt.head.diag), RS_24000);
    bench_free(bench);
}

static bool list_all(void *ctx)
{
    struct bench *bench = ctx;
    SQLRETURN rc = rs_get_type_info(&bench->stmt, SQL_ALL_TYPES);

    if (rc != SQL_SUCCESS) {
        assert_int_equal(rs_diag_state(&bench->stmt.head.diag), RS_HY001);
        assert_int_equal(bench->stmt.state, RS_S1_ALLOCATED);
    }
    rs_diag_clear(&bench->stmt.head.diag);
    rs_stmt_close(&bench->stmt);
    return rc == SQL_SUCCESS;
}

static void lists_types_without_memory(void **state)
{
    struct bench *bench = bench_new(&env3);

    (void)state;
    rs_test_oom(list_all, bench);
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_result_columns), cmocka_unit_test(remarks_stay_plain),
        cmocka_unit_test(survives_lack_of_memory),  cmocka_unit_test(lists_types),
        cmocka_unit_test(lists_types_for_odbc_2),   cmocka_unit_test(refuses_other_codes),
        cmocka_unit_test(refuses_an_open_cursor),   cmocka_unit_test(lists_types_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
