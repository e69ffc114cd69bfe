/* The JSON reader: members by kind, and what it must refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "diag.h"
#include "json.h"
#include "oom.h"
#include "os.h"

static void members(void **state)
{
    static const char text[] =
        " {\"text\":\"a\\u00e9\\n\\\"\",\"Text\":\"other\",\"empty\":\"\",\"one\":1,\"low\":-12e1,"
        "\"half\":1.5,\"most\":9007199254740992,\"more\":1e300,\"null\":null,\"true\":true,"
        "\"list\":[1,{\"one\":2}],\"brackets\":\"[[[[{{{{\\\\\\\"{{{\"}\r\n";
    static const struct {
        const char *name, *text; /* NULL: no text */
        bool has, is_int;
        int64_t number;
    } cases[] = {
        { "text", "a\xC3\xA9\n\"", true, false, 0 },
        { "Text", "other", true, false, 0 },
        { "TEXT", NULL, false, false, 0 },
        { "empty", "", true, false, 0 },
        { "one", NULL, true, true, 1 },
        { "low", NULL, true, true, -120 },
        { "half", NULL, true, false, 0 },
        { "most", NULL, true, true, 9007199254740992 },
        { "more", NULL, true, false, 0 },
        { "null", NULL, false, false, 0 },
        { "true", NULL, true, false, 0 },
        { "list", NULL, true, false, 0 },
        { "brackets", "[[[[{{{{\\\"{{{", true, false, 0 },
        { "absent", NULL, false, false, 0 },
    };
    struct rs_json *json = NULL;
    struct rs_diag diag = { 0 };

    (void)state;
    if (!rs_json_parse(rs_str_of(text), &json, &diag))
        fail_msg("%s", rs_diag_first(&diag));
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_str found;
        int64_t number = 0;

        print_message("%s\n", cases[i].name);
        assert_int_equal(rs_json_has(json, cases[i].name), cases[i].has);
        assert_int_equal(rs_json_text(json, cases[i].name, &found), cases[i].text != NULL);
        if (cases[i].text != NULL)
            assert_true(rs_str_eq(found, rs_str_of(cases[i].text)));
        assert_int_equal(rs_json_int(json, cases[i].name, &number), cases[i].is_int);
        assert_int_equal(number, cases[i].number);
    }
    rs_json_free(json);
    rs_json_free(NULL);
}

static void nested(void **state)
{
    static const char text[] = "{\"o\":{\"l\":[1,{\"t\":\"a\"},{\"t\":\"b\"}]},\"l\":\"no\"}";
    struct rs_json *json = NULL;
    struct rs_diag diag = { 0 };
    const struct rs_json *inner;
    struct rs_str found;

    (void)state;
    assert_true(rs_json_parse(rs_str_of(text), &json, &diag));
    inner = rs_json_object(json, "o");
    assert_null(rs_json_item(inner, "l", 0));
    assert_true(rs_json_text(rs_json_item(inner, "l", 2), "t", &found));
    assert_true(rs_str_eq(found, RS_STR("b")));
    assert_null(rs_json_item(inner, "l", 3));
    assert_null(rs_json_item(json, "l", 0));
    assert_null(rs_json_item(json, "absent", 0));
    assert_null(rs_json_item(NULL, "l", 0));
    rs_json_free(json);
}

static void refused(void **state)
{
    const struct {
        struct rs_str text;
        const char *says;
    } cases[] = {
        { RS_STR(""), "empty" },
        { RS_STR("  "), "not JSON" },
        { RS_STR("CANARY"), "not JSON" },
        { RS_STR("{\"a\":\"CANARY\""), "not JSON" },
        { RS_STR("{\"a\":\"CANARY"), "not JSON" },
        { RS_STR("{\"a\":1,}"), "not JSON" },
        { RS_STR("{\"1\":1,"), "not JSON" },
        { RS_STR("{'a':1}"), "not JSON" },
        { RS_STR("{\"a\":\"\xFF\"}"), "not JSON" },
        { RS_STR("{\"a\":\"\xC3\"}"), "not JSON" },
        { RS_STR("{}\0{}"), "not JSON" },
        { RS_STR("{} x"), "not one JSON object" },
        { RS_STR("{}{}"), "not one JSON object" },
        { RS_STR("[]"), "not one JSON object" },
        { RS_STR("\"CANARY\""), "not one JSON object" },
        { RS_STR("1"), "not one JSON object" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_json *json = NULL;
        struct rs_diag diag = { 0 };

        if (rs_json_parse(cases[i].text, &json, &diag))
            fail_msg("case %zu was taken", i);
        assert_null(json);
        assert_int_equal(rs_diag_state(&diag), RS_HY000);
        assert_int_equal(diag.n_error, 1);
        if (strstr(rs_diag_first(&diag), cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        assert_null(strstr(rs_diag_first(&diag), "CANARY"));
        rs_diag_clear(&diag);
    }
}

static void limits(void **state)
{
    struct rs_diag diag = { 0 };

    (void)state;
    for (int depth = RS_JSON_MAX_DEPTH; depth <= RS_JSON_MAX_DEPTH + 1; depth++) {
        struct rs_buf text = RS_BUF_INIT(RS_JSON_MAX_BYTES);
        struct rs_json *json = NULL;

        rs_buf_adds(&text, "{\"a\":");
        for (int i = 1; i < depth; i++)
            rs_buf_addc(&text, '[');
        for (int i = 1; i < depth; i++)
            rs_buf_addc(&text, ']');
        rs_buf_addc(&text, '}');
        assert_int_equal(rs_json_parse(rs_buf_str(&text), &json, &diag),
                         depth == RS_JSON_MAX_DEPTH);
        rs_json_free(json);
        rs_buf_clear(&text);
    }
    assert_non_null(strstr(rs_diag_first(&diag), "nested too deeply"));
    rs_diag_clear(&diag);
}

static bool parse_once(void *ctx)
{
    struct rs_json *json = NULL;
    struct rs_diag diag = { 0 };
    bool ok = rs_json_parse(rs_str_of(ctx), &json, &diag);

    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_json_free(json);
    rs_diag_clear(&diag);
    return ok;
}

static void sweep(void **state)
{
    char text[] = "{\"a\":[1,2,\"three\"]}";

    (void)state;
    rs_test_oom(parse_once, text);
}

/* A member put takes the place of all that have its name; the rest stays. */
static void put(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_buf out = RS_BUF_INIT(200);
    struct rs_json *json = NULL;

    (void)state;
    assert_true(rs_json_parse(RS_STR("{\"a\":1,\"b\":\"x\",\"A\":2,\"a\":3}"), &json, &diag));
    assert_true(rs_json_put_text(json, "a", RS_STR("new \"\xC3\xA9\""), &diag));
    assert_true(rs_json_put_text(json, "c", RS_STR_NULL, &diag));
    rs_json_print(json, &out);
    assert_false(out.bad);
    assert_string_equal(out.p, "{\"b\":\"x\",\"A\":2,\"a\":\"new \\\"\xC3\xA9\\\"\",\"c\":\"\"}");
    rs_os_fail_alloc(1);
    assert_false(rs_json_put_text(json, "b", RS_STR("y"), &diag));
    rs_os_fail_alloc(0);
    assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_buf_truncate(&out, 0);
    rs_json_print(json, &out);
    assert_non_null(strstr(out.p, "\"b\":\"x\""));
    rs_diag_clear(&diag);
    rs_json_free(json);
    rs_buf_clear(&out);
}

/* What is quoted reads back as it was, but for bytes that are no UTF-8. */
static void quoted(void **state)
{
    const struct {
        struct rs_str in;
        const char *out;
    } cases[] = {
        { RS_STR(""), "\"\"" },
        { RS_STR("a \"quote\" \\ \n \x01"), "\"a \\\"quote\\\" \\\\ \\n \\u0001\"" },
        { RS_STR("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\"" },
        { RS_STR("a\xC3"), "\"a\xEF\xBF\xBD\"" },
    };
    struct rs_buf out = RS_BUF_INIT(100), small = RS_BUF_INIT(3);

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        rs_buf_truncate(&out, 0);
        rs_json_quote(&out, cases[i].in);
        assert_false(out.bad);
        assert_string_equal(out.p, cases[i].out);
    }
    rs_json_quote(&small, RS_STR("longer"));
    assert_true(small.bad);
    rs_buf_clear(&small);
    rs_buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members), cmocka_unit_test(nested), cmocka_unit_test(refused),
        cmocka_unit_test(limits),  cmocka_unit_test(put),    cmocka_unit_test(quoted),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
