/* Columns from the server's description, rows of the driver's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "odbc/result.h"
#include "oom.h"
#include "os.h"

static const struct rs_policy policy = { .max_varchar = 255,
                                         .max_long_varchar = 8190,
                                         .unknown_sizes = 255,
                                         .use_unicode = true,
                                         .is_redshift = true };

/* Four columns: a table's key, one that may be null, an expression, an unknown type. */
static struct rs_shape *shape_new(void)
{
    struct rs_shape *shape = rs_alloc(1, sizeof *shape + 4 * sizeof shape->field[0], NULL);

    assert_non_null(shape);
    shape->n = 4;
    shape->field[0] = (struct rs_field){ .name = RS_STR("Key"),
                                         .type_oid = 23,
                                         .typmod = -1,
                                         .schema = RS_STR("public"),
                                         .table = RS_STR("sales"),
                                         .column = RS_STR("id"),
                                         .catalog = RS_STR("dev"),
                                         .flags = 0x0011 };
    shape->field[1] = (struct rs_field){
        .name = RS_STR("n"), .type_oid = 1043, .typmod = 14, .table = RS_STR("sales"), .flags = 0
    };
    shape->field[2] = (struct rs_field){
        .name = RS_STR("?column?"), .type_oid = 23, .typmod = -1, .flags = 0x0001
    };
    shape->field[3] = (struct rs_field){ .name = RS_STR(""), .type_oid = 987654, .typmod = -1 };
    return shape;
}

static void test_columns(void **state)
{
    struct rs_shape *shape = shape_new();
    struct rs_columns columns = { .n = 0 };
    struct rs_diag diag = { .n = 0 };

    (void)state;
    /* Twice: the second takes the place of the first. */
    for (int i = 0; i < 2; i++)
        assert_true(rs_columns_from(&columns, shape, &policy, &diag));
    rs_free(shape); /* texts are the columns' own */
    assert_int_equal(columns.n, 4);
    assert_string_equal(columns.at[0].label, "Key");
    assert_string_equal(columns.at[0].base_column, "id");
    assert_string_equal(columns.at[0].base_table, "sales");
    assert_string_equal(columns.at[0].schema, "public");
    assert_string_equal(columns.at[0].catalog, "dev");
    assert_int_equal(columns.at[0].nullable, SQL_NO_NULLS);
    assert_true(columns.at[0].auto_unique);
    assert_int_equal(columns.at[0].typed.concise_type, SQL_INTEGER);
    assert_int_equal(columns.at[0].type_oid, 23);

    assert_int_equal(columns.at[1].nullable, SQL_NULLABLE);
    assert_false(columns.at[1].auto_unique);
    assert_null(columns.at[1].schema);
    assert_null(columns.at[1].base_column);
    assert_int_equal(columns.at[1].typmod, 14);
    assert_int_equal(columns.at[1].typed.column_size, 10);

    /* No table: what the flag says is not known to hold. */
    assert_int_equal(columns.at[2].nullable, SQL_NULLABLE_UNKNOWN);
    assert_string_equal(columns.at[3].label, "");
    assert_string_equal(columns.at[3].typed.type_name, "unknown(987654)");
    assert_true(columns.at[3].typed.type_name == columns.at[3].typed.unknown_name);
    rs_columns_clear(&columns);
    assert_int_equal(columns.n, 0);
    assert_null(columns.at);
    rs_columns_clear(&columns);
}

/* Every part of a description counts. */
static void test_fit(void **state)
{
    struct rs_shape *shape = shape_new();
    struct rs_field *key = &shape->field[0], *other = &shape->field[2], *last = &shape->field[3];
    struct rs_columns columns = { .n = 0 };
    struct rs_diag diag = { .n = 0 };

    (void)state;
    assert_false(rs_columns_fit(&columns, shape));
    assert_true(rs_columns_from(&columns, shape, &policy, &diag));
    assert_true(rs_columns_fit(&columns, shape));
#define DIFFERS(field, part, value)                                                                \
    do {                                                                                           \
        struct rs_field was = *(field);                                                            \
        (field)->part = value;                                                                     \
        assert_false(rs_columns_fit(&columns, shape));                                             \
        *(field) = was;                                                                            \
        assert_true(rs_columns_fit(&columns, shape));                                              \
    } while (0)
    DIFFERS(key, name, RS_STR("Ke"));
    DIFFERS(key, name, RS_STR("Keys"));
    DIFFERS(key, name, RS_STR("key"));
    DIFFERS(key, name, RS_STR(""));
    DIFFERS(last, name, RS_STR("x"));
    DIFFERS(key, type_oid, 20);
    DIFFERS(&shape->field[1], typmod, 15);
    DIFFERS(key, schema, RS_STR("private"));
    DIFFERS(key, table, RS_STR("sale"));
    DIFFERS(key, column, RS_STR_NULL);
    DIFFERS(key, catalog, RS_STR("prod"));
    DIFFERS(other, catalog, RS_STR("dev"));
    DIFFERS(key, flags, 0x0001); /* no identity any more */
    DIFFERS(key, flags, 0x0010); /* may be NULL now */
    shape->n = 3;
    assert_false(rs_columns_fit(&columns, shape));
#undef DIFFERS
    rs_columns_clear(&columns);
    rs_free(shape);
}

/* NUMERIC in binary is an integer: no value without the scale that the modifier tells. */
static void test_binary_numeric(void **state)
{
    struct rs_column column = { .typmod = (18 << 16 | 4) + 4 };

    (void)state;
    rs_type_describe(&policy, 1700, column.typmod, &column.typed);
    column.is_binary = true;
    assert_int_equal(rs_column_scale(&column), 4);
    assert_non_null(rs_column_convert(&column, RS_CTYPE_NUMERIC));
    assert_non_null(rs_column_convert(&column, RS_CTYPE_CHAR));
    column.typmod = -1;
    rs_type_describe(&policy, 1700, -1, &column.typed);
    assert_null(rs_column_convert(&column, RS_CTYPE_NUMERIC));
    assert_null(rs_column_convert(&column, RS_CTYPE_CHAR));
    column.is_binary = false;
    assert_non_null(rs_column_convert(&column, RS_CTYPE_CHAR));
    rs_type_describe(&policy, 1700, (38 << 16 | 0x7FF) + 4, &column.typed); /* a scale of -1 */
    assert_int_equal(rs_column_scale(&column), UINT8_MAX);
}

static void test_no_columns(void **state)
{
    struct rs_shape shape = { .n = 0 };
    struct rs_columns columns = { .n = 0 };
    struct rs_diag diag = { .n = 0 };

    (void)state;
    assert_true(rs_columns_from(&columns, &shape, &policy, &diag));
    assert_int_equal(columns.n, 0);
    rs_columns_clear(&columns);
}

static bool make_columns(void *ctx)
{
    struct rs_columns columns = { .n = 0 };
    struct rs_diag diag = { .n = 0 };
    bool ok = rs_columns_from(&columns, ctx, &policy, &diag);

    if (!ok) { /* exactly one error, nothing written */
        assert_int_equal(diag.n_error, 1);
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
        assert_null(columns.at);
    }
    rs_columns_clear(&columns);
    rs_diag_clear(&diag);
    return ok;
}

static void test_columns_oom(void **state)
{
    struct rs_shape *shape = shape_new();

    (void)state;
    rs_test_oom(make_columns, shape);
    rs_free(shape);
}

static void expect_cell(const struct rs_made_rows *rows, size_t row, size_t column,
                        const char *want)
{
    const struct rs_made_cell *cell = &rows->cells[row * rows->n_columns + column];

    if (want == NULL) {
        assert_int_equal(cell->n, -1);
        return;
    }
    assert_int_equal(cell->n, strlen(want));
    if (cell->n > 0)
        assert_memory_equal(rows->bytes.p + cell->at, want, (size_t)cell->n);
}

static void test_made(void **state)
{
    struct rs_made_rows rows = { .n_columns = 3 };
    struct rs_diag diag = { .n = 0 };

    (void)state;
    assert_true(rs_made_ok(&rows, &diag));
    rs_made_text(&rows, "a");
    assert_int_equal(rows.n_rows, 0); /* a row counts when it is whole */
    rs_made_text(&rows, NULL);
    rs_made_int(&rows, INT64_MIN);
    assert_int_equal(rows.n_rows, 1);
    rs_made_text(&rows, "");
    rs_made_add(&rows, "b\0c", 3);
    rs_made_add(&rows, "ignored", -1);
    assert_int_equal(rows.n_rows, 2);
    assert_true(rs_made_ok(&rows, &diag));
    expect_cell(&rows, 0, 0, "a");
    expect_cell(&rows, 0, 1, NULL);
    expect_cell(&rows, 0, 2, "-9223372036854775808");
    expect_cell(&rows, 1, 0, "");
    assert_int_equal(rows.cells[4].n, 3);
    assert_memory_equal(rows.bytes.p + rows.cells[4].at, "b\0c", 3);
    expect_cell(&rows, 1, 2, NULL);
    rs_made_clear(&rows);
    assert_int_equal(rows.n_rows, 0);
    assert_null(rows.cells);
    rs_made_clear(&rows);
}

static bool make_rows(void *ctx)
{
    struct rs_made_rows rows = { .n_columns = 2 };
    struct rs_diag diag = { .n = 0 };
    char text[24];
    bool ok;

    (void)ctx;
    for (int i = 0; i < 300; i++) {
        rs_made_int(&rows, i);
        rs_made_text(&rows, i % 3 == 0 ? NULL : "text");
    }
    ok = rs_made_ok(&rows, &diag);
    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    if (ok) {
        assert_int_equal(rows.n_rows, 300);
        for (size_t i = 0; i < 300; i++) {
            text[rs_print_u64(text, i)] = '\0';
            expect_cell(&rows, i, 0, text);
            expect_cell(&rows, i, 1, i % 3 == 0 ? NULL : "text");
        }
    }
    rs_made_clear(&rows);
    rs_diag_clear(&diag);
    return ok;
}

static void test_made_oom(void **state)
{
    (void)state;
    rs_test_oom(make_rows, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_binary_numeric), cmocka_unit_test(test_no_columns),
        cmocka_unit_test(test_columns_oom),    cmocka_unit_test(test_made),
        cmocka_unit_test(test_made_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
