#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "oom.h"
#include "os.h"
#include "pgmsg.h"

#define BYTES(lit)                                                                                 \
    {                                                                                              \
        "" lit, sizeof(lit) - 1                                                                    \
    }

static void same(struct rs_buf *b, const char *p, size_t n)
{
    assert_false(b->bad);
    assert_int_equal(b->len, n);
    assert_memory_equal(b->p, p, n);
    rs_buf_truncate(b, 0);
}
#define SAME(b, lit) same((b), "" lit, sizeof(lit) - 1)

static void test_encode(void **state)
{
    struct rs_buf b = RS_BUF_INIT(1 << 20);
    struct rs_param params[] = { { 23, "41", 2 }, { 0, NULL, -1 }, { 25, "", 0 } };

    (void)state;
    rs_msg_query(&b, RS_STR("BEGIN;"), RS_STR("x"));
    SAME(&b, "Q\0\0\0\x0c"
             "BEGIN;x\0");
    rs_msg_parse(&b, "rs1", RS_STR("q"), params, 2);
    SAME(&b, "P\0\0\0\x14"
             "rs1\0q\0\0\2\0\0\0\x17\0\0\0\0");
    rs_msg_bind(&b, "rs1", params, 3);
    SAME(&b, "B\0\0\0\x1d"
             "\0rs1\0\0\0\0\3\0\0\0\2"
             "41\xff\xff\xff\xff\0\0\0\0\0\0");
    rs_msg_describe(&b, 'P', "");
    SAME(&b, "D\0\0\0\6P\0");
    rs_msg_execute(&b, 0);
    SAME(&b, "E\0\0\0\x09\0\0\0\0\0");
    rs_msg_close(&b, 'S', "rs1");
    SAME(&b, "C\0\0\0\x09Srs1\0");
    rs_msg_sync(&b);
    rs_msg_flush(&b);
    rs_msg_terminate(&b);
    SAME(&b, "S\0\0\0\4H\0\0\0\4X\0\0\0\4");
    rs_msg_parse(&b, "", RS_STR("q"), params, RS_MSG_MAX_PARAMS + 1);
    assert_true(b.bad);
    rs_buf_clear(&b);
}

static void test_peek(void **state)
{
    static const struct {
        struct rs_str in;
        enum rs_msg_state want;
        size_t need;
    } cases[] = {
        { BYTES(""), RS_MSG_PARTIAL, 5 },
        { BYTES("Z"), RS_MSG_PARTIAL, 5 },
        { BYTES("Z\0\0\0\5"), RS_MSG_PARTIAL, 6 },
        { BYTES("Z\0\0\0\5I"), RS_MSG_WHOLE, 0 },
        { BYTES("Z\0\0\0\5IZ"), RS_MSG_WHOLE, 0 },
        { BYTES("Z\0\0\0\4"), RS_MSG_BAD, 0 },
        { BYTES("Z\0\0\0\6"), RS_MSG_BAD, 0 },
        { BYTES("1\0\0\0\4"), RS_MSG_WHOLE, 0 },
        { BYTES("1\0\0\0\5x"), RS_MSG_BAD, 0 },
        { BYTES("D\0\0\0\3"), RS_MSG_BAD, 0 },
        { BYTES("D\xff\xff\xff\xff"), RS_MSG_BAD, 0 },
        { BYTES("D\x7f\xff\xff\xff"), RS_MSG_BAD, 0 },
        { BYTES("D\x40\0\0\0"), RS_MSG_BAD, 0 },
        { BYTES("R\0\0\0\x08"), RS_MSG_BAD, 0 },
        { BYTES("v\0\0\0\x08"), RS_MSG_BAD, 0 },
        { BYTES("\0"), RS_MSG_BAD, 0 },
        { BYTES("ZZ"), RS_MSG_PARTIAL, 5 },
        { BYTES("T\0\0\0\6\0\0"), RS_MSG_WHOLE, 0 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_msg msg;
        size_t need = 0;

        assert_int_equal(rs_msg_peek(cases[i].in, &msg, &need), cases[i].want);
        if (cases[i].want == RS_MSG_PARTIAL)
            assert_int_equal(need, cases[i].need);
    }
}

#define FIELD0 "id\0\0\0\1\2\0\3\0\0\0\x17\0\4\xff\xff\xff\xff\0\0"
#define FIELD1 FIELD0 "s\0tab\0col\0\0\1\x11"

static void test_shape_levels(void **state)
{
    static const char plain[] = "\0\1" FIELD0, extended[] = "\0\1" FIELD1;
    struct rs_diag diag = { 0 };

    (void)state;
    for (int32_t level = 0; level <= 3; level++) {
        struct rs_str body = level == 0 ? (struct rs_str){ plain, sizeof(plain) - 1 }
                                        : (struct rs_str){ extended, sizeof(extended) - 1 };
        struct rs_shape *shape = NULL, *none = NULL;

        assert_int_equal(rs_msg_shape(body, level, &shape, &diag), RS_MADE_OK);
        assert_int_equal(shape->n, 1);
        assert_string_equal(shape->field[0].name.p, "id");
        assert_int_equal(shape->field[0].table_oid, 258);
        assert_int_equal(shape->field[0].attribute, 3);
        assert_int_equal(shape->field[0].type_oid, 23);
        assert_int_equal(shape->field[0].type_len, 4);
        assert_int_equal(shape->field[0].typmod, -1);
        assert_int_equal(shape->field[0].format, 0);
        if (level > 0) {
            assert_string_equal(shape->field[0].schema.p, "s");
            assert_string_equal(shape->field[0].table.p, "tab");
            assert_string_equal(shape->field[0].column.p, "col");
            assert_int_equal(shape->field[0].catalog.n, 0);
            assert_int_equal(shape->field[0].flags, 0x111);
        }
        rs_free(shape);
        /* cut anywhere, or with a byte too many, it is malformed; at the other level too */
        for (size_t n = 0; n < body.n; n++)
            assert_int_equal(rs_msg_shape(rs_str_sub(body, 0, n), level, &none, &diag),
                             RS_MADE_MALFORMED);
        assert_int_equal(rs_msg_shape(body, level == 0 ? 1 : 0, &none, &diag), RS_MADE_MALFORMED);
    }
    assert_int_equal(diag.n, 0);
}

/* Columns of tables beside an expression, every named flag; and what a length or an end that is
 * missing makes of it. */
static void test_shape_extended(void **state)
{
    static const char body[] = "\0\3" FIELD0 "public\0sales\0id\0dev\0\x11\x13"
                               "sum\0\0\0\0\0\0\0\0\0\6\xa4\xff\xff\0\x26\0\4\0\1"
                               "\0\0\0\0\x10\0"
                               "n\0\0\0\1\2\0\4\0\0\4\x13\xff\xff\0\0\0\x0e\0\0"
                               "public\0sales\0name\0dev\0\xff\xff";
    struct rs_str whole = { body, sizeof(body) - 1 }, longer = { body, sizeof(body) };
    struct rs_shape *shape = NULL, *none = NULL;
    struct rs_diag diag = { 0 };

    (void)state;
    for (int32_t level = 1; level <= 3; level++) {
        assert_int_equal(rs_msg_shape(whole, level, &shape, &diag), RS_MADE_OK);
        assert_int_equal(shape->n, 3);
        assert_string_equal(shape->field[0].catalog.p, "dev");
        assert_int_equal(shape->field[0].flags, 0x1113);
        assert_string_equal(shape->field[1].name.p, "sum");
        assert_int_equal(shape->field[1].type_oid, 1700);
        assert_int_equal(shape->field[1].typmod, (38 << 16 | 0) + 4);
        assert_int_equal(shape->field[1].format, 1);
        assert_int_equal(shape->field[1].schema.n + shape->field[1].table.n, 0);
        assert_int_equal(shape->field[1].column.n + shape->field[1].catalog.n, 0);
        assert_int_equal(shape->field[1].flags, 0x1000);
        assert_string_equal(shape->field[2].column.p, "name");
        assert_int_equal(shape->field[2].flags, 0xffff);
        for (size_t n = 0; n < whole.n; n++)
            assert_int_equal(rs_msg_shape(rs_str_sub(whole, 0, n), level, &none, &diag),
                             RS_MADE_MALFORMED);
        assert_int_equal(rs_msg_shape(longer, level, &none, &diag), RS_MADE_MALFORMED);
    }
    assert_null(none);
    assert_int_equal(diag.n, 0);
    rs_free(shape);
}

/* A block is used again when it has room, and shows nothing of what it held. */
static void test_shape_again(void **state)
{
    static const struct rs_str extended = BYTES("\0\1" FIELD1), plain = BYTES("\0\1" FIELD0),
                               two = BYTES("\0\2" FIELD1 FIELD1), bad = BYTES("\0\1" FIELD0 "x");
    struct rs_diag diag = { 0 };
    struct rs_shape *shape = NULL, *first;

    (void)state;
    assert_int_equal(rs_msg_shape(extended, 1, &shape, &diag), RS_MADE_OK);
    first = shape;
    assert_int_equal(rs_msg_shape(plain, 0, &shape, &diag), RS_MADE_OK);
    assert_ptr_equal(shape, first);
    assert_string_equal(shape->field[0].name.p, "id");
    assert_int_equal(shape->field[0].table.n + shape->field[0].schema.n, 0);
    assert_int_equal(shape->field[0].flags, 0);
    assert_int_equal(rs_msg_shape(bad, 0, &shape, &diag), RS_MADE_MALFORMED);
    assert_ptr_equal(shape, first);
    assert_int_equal(rs_msg_shape(two, 1, &shape, &diag), RS_MADE_OK); /* needs a larger one */
    assert_int_equal(shape->n, 2);
    assert_string_equal(shape->field[1].table.p, "tab");
    assert_int_equal(diag.n, 0);
    rs_free(shape);
}

static void test_shape_counts(void **state)
{
    static const struct rs_str bad[] = {
        BYTES("\xff\xff" FIELD0), BYTES("\0\2" FIELD0), BYTES("\0\0" FIELD0),
        BYTES("\0\1id\0\0\0\1\2\0\3\0\0\0\x17\0\4\xff\xff\xff\xff\0\2"), /* format 2 */
    };
    static const struct rs_str empty = BYTES("\0\0");
    struct rs_diag diag = { 0 };
    struct rs_shape *shape = NULL;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(bad); i++)
        assert_int_equal(rs_msg_shape(bad[i], 0, &shape, &diag), RS_MADE_MALFORMED);
    assert_int_equal(rs_msg_shape(empty, 0, &shape, &diag), RS_MADE_OK);
    assert_int_equal(shape->n, 0);
    rs_free(shape);
}

static void test_param_types(void **state)
{
    static const struct rs_str good = BYTES("\0\2\0\0\0\x17\0\0\4\x13");
    struct rs_diag diag = { 0 };
    uint32_t *types = NULL;
    size_t n = 0;

    (void)state;
    assert_int_equal(rs_msg_param_types(good, &types, &n, &diag), RS_MADE_OK);
    assert_int_equal(n, 2);
    assert_int_equal(types[0], 23);
    assert_int_equal(types[1], 1043);
    rs_free(types);
    for (size_t cut = 0; cut < good.n; cut++)
        assert_int_equal(rs_msg_param_types(rs_str_sub(good, 0, cut), &types, &n, &diag),
                         RS_MADE_MALFORMED);
}

static void test_command(void **state)
{
    static const struct {
        struct rs_str body;
        int64_t count;
        bool ok;
    } cases[] = {
        { BYTES("SELECT 12\0"), 12, true },
        { BYTES("INSERT 0 3\0"), 3, true },
        { BYTES("SELECT\0"), -1, true },
        { BYTES("CREATE TABLE\0"), -1, true },
        { BYTES("X9\0"), -1, true },
        { BYTES("7\0"), -1, true },
        { BYTES("UPDATE 99999999999999999999\0"), -1, true },
        { BYTES("\0"), -1, true },
        { BYTES("SELECT 1"), 0, false },
        { BYTES("SELECT 1\0x"), 0, false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_str tag;
        int64_t count = 0;

        assert_int_equal(rs_msg_command(cases[i].body, &tag, &count), cases[i].ok);
        if (cases[i].ok)
            assert_int_equal(count, cases[i].count);
    }
}

static void test_small(void **state)
{
    static const struct rs_str status = BYTES("name\0value\0"), key = BYTES("\0\0\1\2\0\0\0\1");
    struct rs_str name, value;
    int32_t pid;
    char txn;

    (void)state;
    assert_true(rs_msg_status(status, &name, &value));
    assert_true(rs_str_eq(name, RS_STR("name")) && rs_str_eq(value, RS_STR("value")));
    for (size_t n = 0; n < status.n; n++)
        assert_false(rs_msg_status(rs_str_sub(status, 0, n), &name, &value));
    assert_true(rs_msg_key(key, &pid));
    assert_int_equal(pid, 258);
    assert_false(rs_msg_key(rs_str_sub(key, 0, 7), &pid));
    assert_true(rs_msg_ready(RS_STR("T"), &txn));
    assert_int_equal(txn, 'T');
    assert_false(rs_msg_ready(RS_STR("x"), &txn));
}

static void test_report(void **state)
{
    static const struct {
        struct rs_str body;
        int64_t skip;
        const char *text, *code;
        int32_t native;
        bool fatal;
    } cases[] = {
        { BYTES("SERROR\0C42601\0Msyntax error\0P15\0\0"), 0, "syntax error at character 15",
          "42601", 0, false },
        { BYTES("SERROR\0C42601\0Msyntax error\0P15\0\0"), 6, "syntax error at character 9",
          "42601", 0, false },
        { BYTES("SERROR\0C23505\0Mdup\0DKey (a)=(b-)\0Hhint\0\0"), 0, "dup (Key (a)=(b-)); hint",
          "23505", 0, false },
        { BYTES("SERROR\0CXX000\0M1023\0D\n  -----\n  error:  Serializable --- \n  code: 1023\n"
                "  ----\0\0"),
          0, "1023 (  error:  Serializable\n  code: 1023)", "XX000", 1023, false },
        { BYTES("SFATAL\0C57P01\0Mbye\0\0"), 0, "bye", "57P01", 0, true },
        { BYTES("SFATALE\0VFATAL\0C28000\0Mno\0\0"), 0, "no", "28000", 0, true },
        { BYTES("SERROR\0C4260\0Mx\0\0"), 0, "x", "", 0, false },
        { BYTES("SERROR\0C42\x61"
                "01\0M1234567\0\0"),
          0, "1234567", "", 0, false },
        { BYTES("\0"), 0, "the server gave no message", "", 0, false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf text = RS_BUF_INIT(1000);
        struct rs_msg_report report;

        assert_true(rs_msg_report(cases[i].body, &report));
        rs_msg_report_text(&report, cases[i].skip, &text);
        assert_string_equal(text.p, cases[i].text);
        assert_string_equal(report.code, cases[i].code);
        assert_int_equal(rs_msg_report_native(&report), cases[i].native);
        assert_int_equal(report.is_fatal, cases[i].fatal);
        rs_buf_clear(&text);
        for (size_t n = 0; n < cases[i].body.n; n++)
            assert_false(rs_msg_report(rs_str_sub(cases[i].body, 0, n), &report));
    }
}

static void test_loaded(void **state)
{
    static const struct {
        const char *message;
        int64_t rows; /* -1: it tells of none */
    } cases[] = {
        { "Load into table 't' completed, 12 record(s) loaded successfully.", 12 },
        { "Load into table 'a completed, b' completed, 0 record(s) loaded successfully.", 0 },
        { "load INTO table 't' COMPLETED, 9223372036854775807 RECORD(S) LOADED", INT64_MAX },
        { "Load into table 't' completed, 9223372036854775808 record(s) loaded", -1 },
        { "Load into table 't' completed,  record(s) loaded", -1 },
        { "completed, 7 record(s) loaded", 7 },
        { "ompleted, 7 record(s) loaded", -1 },
        { "7 record(s) loaded", -1 },
        { " record(s) loaded", -1 },
        { "completed, 7 record(s) could not be loaded", -1 },
        { "", -1 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_msg_report report = { .message = rs_str_of(cases[i].message) };
        int64_t rows = -1;

        assert_int_equal(rs_msg_report_loaded(&report, &rows), cases[i].rows >= 0);
        assert_int_equal(rows, cases[i].rows);
    }
}

static bool oom_scenario(void *ctx)
{
    static const struct rs_str body = BYTES("\0\1" FIELD0);
    struct rs_diag diag = { 0 };
    struct rs_shape *shape = NULL;
    bool ok = rs_msg_shape(body, 0, &shape, &diag) == RS_MADE_OK;

    (void)ctx;
    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    rs_free(shape);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    rs_test_oom(oom_scenario, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode),       cmocka_unit_test(test_peek),
        cmocka_unit_test(test_shape_levels), cmocka_unit_test(test_shape_extended),
        cmocka_unit_test(test_shape_again),  cmocka_unit_test(test_shape_counts),
        cmocka_unit_test(test_param_types),  cmocka_unit_test(test_command),
        cmocka_unit_test(test_small),        cmocka_unit_test(test_report),
        cmocka_unit_test(test_loaded),       cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
