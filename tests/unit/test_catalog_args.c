/* Arguments of the catalog functions; ODBC, "Arguments in Catalog Functions". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "odbc/catalog_args.h"
#include "oom.h"
#include "os.h"

static struct rs_text narrow(const char *text)
{
    return (struct rs_text){ .p = text, .n = SQL_NTS };
}

enum { FOLDS = 1, IDENTIFIER = 2 };

static struct rs_arg_rules rules_of(int flags)
{
    return (struct rs_arg_rules){
        .folds = (flags & FOLDS) != 0,
        .is_identifier = (flags & IDENTIFIER) != 0,
        .name_max = 8,
    };
}

static const struct {
    const char *given;
    enum rs_arg_kind kind;
    int flags;
    enum rs_arg_match match;
    const char *want; /* NULL: the state */
    const char *state;
} args[] = {
    /* patterns */
    { NULL, RS_ARG_PATTERN, 0, RS_MATCH_ALL, "", NULL },
    { "", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "", NULL },
    { "%", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "%", NULL },
    { "a_b%", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "a_b%", NULL },
    { "a\\_b\\%", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "a\\_b\\%", NULL },
    { "a\\\\b", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "a\\\\b", NULL },
    { "a\\b", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "a\\\\b", NULL },
    { "a\\", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "a\\\\", NULL },
    { "a\\\\\\", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "a\\\\\\\\", NULL },
    { "\\\\_", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "\\\\_", NULL },
    { "AbÄ", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "AbÄ", NULL },
    { "AbÄ", RS_ARG_PATTERN, FOLDS, RS_MATCH_LIKE, "abÄ", NULL },
    { "o'b\"c", RS_ARG_PATTERN, FOLDS, RS_MATCH_LIKE, "o'b\"c", NULL },
    { "12345678", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "12345678", NULL },
    { "%12345678%", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "%12345678%", NULL },
    { "\\_2345678", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, "\\_2345678", NULL },
    { "123456789", RS_ARG_PATTERN, 0, RS_MATCH_LIKE, NULL, "HY090" },
    /* ordinary arguments: nothing is special */
    { NULL, RS_ARG_ORDINARY, 0, RS_MATCH_ALL, "", NULL },
    { "", RS_ARG_ORDINARY, 0, RS_MATCH_EQUAL, "", NULL },
    { "a_b%\\", RS_ARG_ORDINARY, 0, RS_MATCH_EQUAL, "a_b%\\", NULL },
    { "AbC", RS_ARG_ORDINARY, FOLDS, RS_MATCH_EQUAL, "abc", NULL },
    { "123456789", RS_ARG_ORDINARY, 0, RS_MATCH_EQUAL, NULL, "HY090" },
    /* identifiers: kinds do not matter */
    { NULL, RS_ARG_PATTERN, IDENTIFIER, RS_MATCH_EQUAL, NULL, "HY009" },
    { "AbC  ", RS_ARG_PATTERN, IDENTIFIER, RS_MATCH_EQUAL, "abc", NULL },
    { "a_b%\\", RS_ARG_PATTERN, IDENTIFIER, RS_MATCH_EQUAL, "a_b%\\", NULL },
    { "\"AbC\"", RS_ARG_ORDINARY, IDENTIFIER, RS_MATCH_EQUAL, "AbC", NULL },
    { "\"a \" ", RS_ARG_ORDINARY, IDENTIFIER, RS_MATCH_EQUAL, "a ", NULL },
    { "\"a\"\"b\"", RS_ARG_ORDINARY, IDENTIFIER, RS_MATCH_EQUAL, "a\"b", NULL },
    { "\"a\"\"\"", RS_ARG_ORDINARY, IDENTIFIER, RS_MATCH_EQUAL, "a\"", NULL },
    { "\"\"", RS_ARG_ORDINARY, IDENTIFIER, RS_MATCH_EQUAL, "", NULL },
    { "\"", RS_ARG_ORDINARY, IDENTIFIER, RS_MATCH_EQUAL, "\"", NULL },
    { "", RS_ARG_ORDINARY, IDENTIFIER, RS_MATCH_EQUAL, "", NULL },
    { "\"12345678\"", RS_ARG_ORDINARY, IDENTIFIER, RS_MATCH_EQUAL, "12345678", NULL },
    { "\"123456789\"", RS_ARG_ORDINARY, IDENTIFIER, RS_MATCH_EQUAL, NULL, "HY090" },
};

static void settles_arguments(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(args); i++) {
        struct rs_catalog_arg arg = RS_CATALOG_ARG_INIT;
        struct rs_arg_rules rules = rules_of(args[i].flags);
        struct rs_diag diag = { 0 };
        bool ok;

        assert_true(rs_catalog_arg_get(&arg, narrow(args[i].given), &diag));
        ok = rs_catalog_arg_settle(&arg, args[i].kind, &rules, "the name", &diag);
        if (ok != (args[i].state == NULL))
            fail_msg("row %zu: %s", i, rs_diag_first(&diag));
        if (ok) {
            struct rs_str got = rs_buf_str(&arg.text);

            if (arg.match != args[i].match || !rs_str_eq(got, rs_str_of(args[i].want)))
                fail_msg("row %zu: got %d \"%.*s\"", i, (int)arg.match, RS_ARG(got));
            if (args[i].given != NULL)
                assert_non_null(arg.text.p); /* would be sent as SQL's NULL */
        } else {
            assert_string_equal(rs_state_text(rs_diag_state(&diag), false), args[i].state);
        }
        rs_catalog_arg_clear(&arg);
        rs_diag_clear(&diag);
    }
}

static void tells_null_from_empty(void **state)
{
    struct rs_catalog_arg null = RS_CATALOG_ARG_INIT, empty = RS_CATALOG_ARG_INIT;
    struct rs_diag diag = { 0 };

    (void)state;
    /* unixODBC makes the length of a NULL 0 */
    assert_true(rs_catalog_arg_get(&null, (struct rs_text){ NULL, 0, false }, &diag));
    assert_true(rs_catalog_arg_get(&empty, (struct rs_text){ "xyz", 0, false }, &diag));
    assert_false(rs_catalog_arg_is(&null, RS_STR("")));
    assert_true(rs_catalog_arg_is(&empty, RS_STR("")));
    rs_catalog_arg_clear(&null);
    rs_catalog_arg_clear(&empty);
}

static void sees_upper_case(void **state)
{
    static const struct {
        const char *text;
        bool has;
    } rows[] = { { "abc_%ä", false }, { "abC", true }, { "", false }, { "Ä", false } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_catalog_arg arg = RS_CATALOG_ARG_INIT;
        struct rs_diag diag = { 0 };

        assert_true(rs_catalog_arg_get(&arg, narrow(rows[i].text), &diag));
        assert_int_equal(rs_catalog_arg_has_upper(&arg), rows[i].has);
        rs_catalog_arg_clear(&arg);
    }
}

/* What the driver compares itself, as the server would by LIKE and =. */
static const struct {
    const char *given;
    int flags;
    const char *name;
    bool takes;
} names[] = {
    { NULL, 0, "abc", true },
    { "", 0, "", true },
    { "", 0, "a", false },
    { "abc", 0, "abc", true },
    { "abc", 0, "ab", false },
    { "ab", 0, "abc", false },
    { "ABC", 0, "abc", false },
    { "ABC", FOLDS, "abc", true },
    { "%", 0, "", true },
    { "%", 0, "abc", true },
    { "a%", 0, "abc", true },
    { "a%", 0, "bac", false },
    { "%c", 0, "abcc", true },
    { "%c", 0, "abcb", false },
    { "%b%", 0, "abc", true },
    { "a%b%c", 0, "a-b-b-c", true },
    { "a%b%c", 0, "a-b-b-", false },
    { "%%", 0, "a", true },
    { "_", 0, "", false },
    { "_", 0, "ä", true },
    { "__", 0, "ä", false },
    { "%_", 0, "ä", true },
    { "%_ß", 0, "äß", true },
    { "_%_", 0, "a", false },
    { "\\_", 0, "_", true },
    { "\\_", 0, "a", false },
    { "\\%", 0, "%", true },
    { "\\%", 0, "a", false },
    { "%\\%", 0, "50%", true },
    { "\\\\", 0, "\\", true },
    { "a\\b", 0, "a\\b", true },
    { "a\\", 0, "a\\", true },
    { "a%", IDENTIFIER, "abc", false },
    { "a%", IDENTIFIER, "a%", true },
};

static void looks_through_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(names); i++) {
        struct rs_catalog_arg arg = RS_CATALOG_ARG_INIT;
        struct rs_arg_rules rules = rules_of(names[i].flags);
        struct rs_diag diag = { 0 };

        assert_true(rs_catalog_arg_get(&arg, narrow(names[i].given), &diag));
        assert_true(rs_catalog_arg_settle(&arg, RS_ARG_PATTERN, &rules, "the name", &diag));
        if (rs_catalog_arg_takes(&arg, rs_str_of(names[i].name)) != names[i].takes)
            fail_msg("row %zu", i);
        rs_catalog_arg_clear(&arg);
    }
}

static void reads_type_lists(void **state)
{
    static const struct {
        const char *list;
        unsigned want;
    } rows[] = {
        { "", RS_TT_ALL },
        { "%", RS_TT_ALL },
        { "  % ", RS_TT_ALL },
        { "TABLE", 1u << RS_TT_TABLE },
        { "TABLE,VIEW", 1u << RS_TT_TABLE | 1u << RS_TT_VIEW },
        { "'TABLE','VIEW'", 1u << RS_TT_TABLE | 1u << RS_TT_VIEW },
        { " 'table' , system view ", 1u << RS_TT_TABLE | 1u << RS_TT_SYSTEM_VIEW },
        { "TABLE,%", 1u << RS_TT_TABLE },
        { "SYNONYM", 0 },
        { "SYNONYM,MATERIALIZED VIEW", 1u << RS_TT_MATERIALIZED_VIEW },
        { ",", 0 },
        { "'", 0 },
        { "TABL", 0 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++)
        if (rs_table_types_parse(rs_str_of(rows[i].list)) != rows[i].want)
            fail_msg("\"%s\": %#x", rows[i].list, rs_table_types_parse(rs_str_of(rows[i].list)));
}

static void type_names_are_sorted(void **state)
{
    (void)state;
    for (unsigned i = 1; i < RS_TT_COUNT; i++)
        assert_true(strcmp(rs_table_type_name((enum rs_table_type)(i - 1)),
                           rs_table_type_name((enum rs_table_type)i)) < 0);
}

static bool settle_once(void *ctx)
{
    struct rs_catalog_arg arg = RS_CATALOG_ARG_INIT;
    struct rs_arg_rules rules = { .name_max = 127, .folds = true };
    struct rs_diag diag = { 0 };
    bool ok = rs_catalog_arg_get(&arg, narrow(ctx), &diag) &&
              rs_catalog_arg_settle(&arg, RS_ARG_PATTERN, &rules, "the name", &diag);

    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_catalog_arg_clear(&arg);
    rs_diag_clear(&diag);
    return ok;
}

static void survives_lack_of_memory(void **state)
{
    static char text[] = "A\\B\\C\\D\\E\\F and a rather long pattern that makes the buffer grow %";

    (void)state;
    rs_test_oom(settle_once, text);
}

/* ---- arguments that mean one name ---- */

static const struct {
    const char *given;
    enum rs_arg_kind kind;
    int flags;
    const char *want; /* NULL: not one */
} ones[] = {
    { "abc", RS_ARG_PATTERN, 0, "abc" },
    { "a_b", RS_ARG_PATTERN, 0, NULL },
    { "a%", RS_ARG_PATTERN, 0, NULL },
    { "a\\_b", RS_ARG_PATTERN, 0, "a_b" },
    { "a\\%\\\\", RS_ARG_PATTERN, 0, "a%\\" },
    { "a\\", RS_ARG_PATTERN, 0, "a\\" },
    { "\\\\_", RS_ARG_PATTERN, 0, NULL },
    { "", RS_ARG_PATTERN, 0, NULL },
    { NULL, RS_ARG_PATTERN, 0, NULL },
    { "a_%", RS_ARG_ORDINARY, 0, "a_%" },
    { "a\\_", RS_ARG_ORDINARY, 0, "a\\_" },
    { "", RS_ARG_ORDINARY, 0, NULL },
    { "\"A_\"", RS_ARG_PATTERN, IDENTIFIER, "A_" },
};

static void knows_single_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(ones); i++) {
        struct rs_catalog_arg arg = RS_CATALOG_ARG_INIT;
        struct rs_arg_rules rules = rules_of(ones[i].flags);
        struct rs_buf name = RS_BUF_INIT(64);
        struct rs_diag diag = { 0 };
        bool is_one;

        assert_true(rs_catalog_arg_get(&arg, narrow(ones[i].given), &diag));
        assert_true(rs_catalog_arg_settle(&arg, ones[i].kind, &rules, "the name", &diag));
        is_one = rs_catalog_arg_one(&arg, &name);
        if (is_one != (ones[i].want != NULL) || rs_catalog_arg_is_one(&arg) != is_one ||
            (is_one && !rs_str_eq(rs_buf_str(&name), rs_str_of(ones[i].want))))
            fail_msg("row %zu: \"%.*s\"", i, (int)name.len, name.p);
        rs_buf_clear(&name);
        rs_catalog_arg_clear(&arg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settles_arguments),     cmocka_unit_test(knows_single_names),
        cmocka_unit_test(tells_null_from_empty), cmocka_unit_test(sees_upper_case),
        cmocka_unit_test(reads_type_lists),      cmocka_unit_test(looks_through_names),
        cmocka_unit_test(type_names_are_sorted), cmocka_unit_test(survives_lack_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
