/* The key table: every key, every alias, every type, the edges of every range; layers; printing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "oom.h"
#include "os.h"
#include "settings.h"

static const struct {
    const char *alias, *name;
    enum rs_key_id id;
} aliases[] = {
#define ALIAS(field, name_) { name_, #field, RS_KEY_##field },
#include "keys.def"
};

static void start(struct rs_settings *set)
{
    struct rs_diag diag = { 0 };

    assert_true(rs_settings_init(set, &diag));
    rs_diag_clear(&diag);
}

/* Puts one value; checks that it was taken, or refused with the state and a text naming the key. */
static void expect_put(enum rs_key_id id, struct rs_str value, const char *state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;
    bool ok;

    start(&set);
    ok = rs_settings_put(&set, id, value, RS_LAYER_STRING, &diag);
    if (ok != (state == NULL))
        fail_msg("%s=%.*s: %s", rs_key(id)->name, RS_ARG(value), rs_diag_first(&diag));
    if (state != NULL) {
        assert_string_equal(rs_state_text(rs_diag_state(&diag), false), state);
        assert_non_null(strstr(rs_diag_first(&diag), rs_key(id)->name));
        assert_false(rs_settings_is_set(&set, id));
        assert_int_equal(diag.n, 1);
    }
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < RS_KEY_COUNT; i++) {
        char upper[64];
        size_t n = strlen(rs_key((enum rs_key_id)i)->name);

        assert_true(n < sizeof upper);
        for (size_t k = 0; k < n; k++)
            upper[k] = rs_upper(rs_key((enum rs_key_id)i)->name[k]);
        assert_int_equal(rs_key_find(rs_str_of(rs_key((enum rs_key_id)i)->name)), i);
        assert_int_equal(rs_key_find((struct rs_str){ upper, n }), i);
    }
    for (size_t i = 0; i < RS_COUNT(aliases); i++)
        assert_int_equal(rs_key_find(rs_str_of(aliases[i].alias)), aliases[i].id);
    assert_int_equal(rs_key_find(RS_STR("Servers")), RS_KEY_NONE);
    assert_int_equal(rs_key_find(RS_STR("")), RS_KEY_NONE);
}

static void test_defaults(void **state)
{
    struct rs_settings set;

    (void)state;
    start(&set);
    for (int i = 0; i < RS_KEY_COUNT; i++)
        assert_false(rs_settings_is_set(&set, (enum rs_key_id)i));
    assert_int_equal(set.port, 5439);
    assert_string_equal(set.sslmode, "verify-full");
    assert_true(set.keep_alive);
    assert_null(set.server);
    assert_false(rs_settings_has_text(&set, RS_KEY_server));
    assert_true(rs_settings_has_text(&set, RS_KEY_sslmode));
    rs_settings_clear(&set);
    rs_settings_clear(&set);
}

static void test_ranges(void **state)
{
    (void)state;
    for (int i = 0; i < RS_KEY_COUNT; i++) {
        const struct rs_key *key = rs_key((enum rs_key_id)i);
        const int64_t edges[] = { key->min, key->max, (int64_t)key->min - 1,
                                  (int64_t)key->max + 1 };

        if (key->type != RS_TYPE_INT)
            continue;
        assert_true(key->min < key->max);
        for (size_t k = 0; k < RS_COUNT(edges); k++) {
            char text[32];
            int n = snprintf(text, sizeof text, "%lld", (long long)edges[k]);

            expect_put((enum rs_key_id)i, (struct rs_str){ text, (size_t)n },
                       k < 2 ? NULL : "HY000");
        }
        expect_put((enum rs_key_id)i, RS_STR("9x"), "HY000");
        expect_put((enum rs_key_id)i, RS_STR("9.0"), "HY000");
        expect_put((enum rs_key_id)i, RS_STR("99999999999999999999"), "HY000");
    }
}

static void test_bools(void **state)
{
    static const struct {
        const char *text;
        bool want;
    } words[] = { { "1", true },  { "TRUE", true },   { "yes", true }, { " On ", true },
                  { "0", false }, { "False", false }, { "NO", false }, { "off", false } };
    struct rs_diag diag = { 0 };

    (void)state;
    for (int i = 0; i < RS_KEY_COUNT; i++) {
        if (rs_key((enum rs_key_id)i)->type != RS_TYPE_BOOL)
            continue;
        for (size_t k = 0; k < RS_COUNT(words); k++) {
            struct rs_settings set;
            bool value;

            start(&set);
            assert_true(rs_settings_put(&set, (enum rs_key_id)i, rs_str_of(words[k].text),
                                        RS_LAYER_DSN, &diag));
            memcpy(&value, (char *)&set + rs_key((enum rs_key_id)i)->offset, sizeof value);
            assert_int_equal(value, words[k].want);
            assert_true(rs_settings_is_set(&set, (enum rs_key_id)i));
            rs_settings_clear(&set);
        }
        expect_put((enum rs_key_id)i, RS_STR("2"), "HY000");
        expect_put((enum rs_key_id)i, RS_STR("ja"), "HY000");
    }
}

static void test_lengths(void **state)
{
    static char text[70000];

    (void)state;
    memset(text, 'x', sizeof text);
    for (int i = 0; i < RS_KEY_COUNT; i++) {
        const struct rs_key *key = rs_key((enum rs_key_id)i);
        size_t max = rs_key_max_len((enum rs_key_id)i);

        if (key->type != RS_TYPE_TEXT && key->type != RS_TYPE_SECRET)
            continue;
        expect_put((enum rs_key_id)i, (struct rs_str){ text, max }, NULL);
        expect_put((enum rs_key_id)i, (struct rs_str){ text, max + 1 }, "HY000");
        expect_put((enum rs_key_id)i, (struct rs_str){ "a\0b", 3 }, "HY000");
    }
    assert_int_equal(rs_key_max_len(RS_KEY_session_token), 65536);
    assert_int_equal(rs_key_max_len(RS_KEY_token), 65536);
    assert_int_equal(rs_key_max_len(RS_KEY_web_identity_token), 65536);
    assert_int_equal(rs_key_max_len(RS_KEY_server), 4096);
}

/* A bad value must not be quoted when the key is a secret, and is cut when it is long. */
static void test_message(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;
    char value[200];

    (void)state;
    start(&set);
    memset(value, 'v', sizeof value);
    assert_false(rs_settings_put(&set, RS_KEY_iam, RS_STR("maybe"), RS_LAYER_DSN, &diag));
    assert_string_equal(rs_diag_first(&diag), "IAM: \"maybe\" is not a boolean");
    rs_diag_clear(&diag);
    assert_false(rs_settings_put(&set, RS_KEY_port, RS_STR("0"), RS_LAYER_DSN, &diag));
    assert_string_equal(rs_diag_first(&diag), "Port must be between 1 and 65535");
    rs_diag_clear(&diag);
    value[63] = (char)0xC3; /* two bytes that must not be parted */
    value[64] = (char)0xA4;
    assert_false(rs_settings_put(&set, RS_KEY_iam, (struct rs_str){ value, sizeof value },
                                 RS_LAYER_DSN, &diag));
    assert_true(strlen(rs_diag_first(&diag)) < 100);
    assert_null(strchr(rs_diag_first(&diag), 0xC3));
    rs_diag_clear(&diag);
    rs_settings_clear(&set);
}

/* Every pair of layers, in both orders of arrival: the higher one stands; first within one. */
static void test_layers(void **state)
{
    struct rs_diag diag = { 0 };

    (void)state;
    for (int a = RS_LAYER_ASSERTION; a <= RS_LAYER_ATTRIBUTE; a++) {
        for (int b = RS_LAYER_ASSERTION; b <= RS_LAYER_ATTRIBUTE; b++) {
            struct rs_settings set;
            const char *want = b > a ? "second" : "first";

            start(&set);
            assert_true(
                rs_settings_put(&set, RS_KEY_server, RS_STR("first"), (enum rs_layer)a, &diag));
            assert_true(
                rs_settings_put(&set, RS_KEY_server, RS_STR("second"), (enum rs_layer)b, &diag));
            assert_string_equal(set.server, want);
            assert_int_equal(set.layer[RS_KEY_server], a > b ? a : b);
            assert_true(
                rs_settings_put(&set, RS_KEY_pwd, RS_STR("first"), (enum rs_layer)a, &diag));
            assert_true(
                rs_settings_put(&set, RS_KEY_pwd, RS_STR("second"), (enum rs_layer)b, &diag));
            assert_string_equal(rs_secret_reveal(&set.pwd), want);
            rs_settings_clear(&set);
        }
    }
}

static void test_empty_and_zero(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    start(&set);
    /* empty: not set, so the lower layer shows; an explicit 0 hides it */
    assert_true(rs_settings_put(&set, RS_KEY_db_user, RS_STR(""), RS_LAYER_STRING, &diag));
    assert_true(rs_settings_put(&set, RS_KEY_db_user, RS_STR("low"), RS_LAYER_DSN, &diag));
    assert_string_equal(set.db_user, "low");
    assert_true(rs_settings_put(&set, RS_KEY_iam, RS_STR("0"), RS_LAYER_STRING, &diag));
    assert_true(rs_settings_put(&set, RS_KEY_iam, RS_STR("1"), RS_LAYER_DSN, &diag));
    assert_false(set.iam);
    assert_true(rs_settings_is_set(&set, RS_KEY_iam));
    /* a hidden value is not judged */
    assert_true(rs_settings_put(&set, RS_KEY_port, RS_STR("1"), RS_LAYER_STRING, &diag));
    assert_true(rs_settings_put(&set, RS_KEY_port, RS_STR("x"), RS_LAYER_DSN, &diag));
    /* blanks copied along with an access key */
    assert_true(
        rs_settings_put(&set, RS_KEY_access_key_id, RS_STR(" AKIA \n"), RS_LAYER_DSN, &diag));
    assert_string_equal(set.access_key_id, "AKIA");
    assert_int_equal(diag.n, 0);
    rs_settings_clear(&set);
}

static void test_print(void **state)
{
    struct rs_buf out = RS_BUF_INIT(100000);
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    start(&set);
    rs_settings_print(&set, &out);
    assert_int_equal(out.len, 0);
    for (int i = 0; i < RS_KEY_COUNT; i++) {
        if (rs_key((enum rs_key_id)i)->type == RS_TYPE_SECRET)
            assert_true(
                rs_settings_put(&set, (enum rs_key_id)i, RS_STR("canary"), RS_LAYER_DSN, &diag));
    }
    assert_true(rs_settings_put(&set, RS_KEY_url, RS_STR("jdbc:redshift://h/d?PWD=canary"),
                                RS_LAYER_DSN, &diag));
    assert_true(rs_settings_put(&set, RS_KEY_access_key_id, RS_STR("AKIAIOSFODNN7EXAMPLE"),
                                RS_LAYER_DSN, &diag));
    assert_true(rs_settings_put(&set, RS_KEY_port, RS_STR("5439"), RS_LAYER_DSN, &diag));
    assert_true(rs_settings_put(&set, RS_KEY_iam, RS_STR("true"), RS_LAYER_DSN, &diag));
    rs_settings_print(&set, &out);
    assert_true(rs_buf_ok(&out, &diag));
    assert_null(strstr(out.p, "canary"));
    assert_non_null(strstr(out.p, "PWD=****"));
    assert_non_null(strstr(out.p, "AccessKeyID=****MPLE"));
    assert_null(strstr(out.p, "AKIA"));
    assert_non_null(strstr(out.p, "Port=5439; "));
    assert_non_null(strstr(out.p, "IAM=1"));
    rs_buf_clear(&out);
    rs_settings_clear(&set);
}

static bool make_and_copy(void *ctx)
{
    struct rs_settings set, copy = { 0 };
    struct rs_diag diag = { 0 };
    bool ok;

    (void)ctx;
    ok = rs_settings_init(&set, &diag);
    if (ok) {
        ok = rs_settings_put(&set, RS_KEY_pwd, RS_STR("p"), RS_LAYER_STRING, &diag) &&
             rs_settings_put(&set, RS_KEY_server, RS_STR("h"), RS_LAYER_STRING, &diag) &&
             rs_settings_copy(&copy, &set, &diag);
        rs_settings_clear(&set);
    }
    if (ok) {
        assert_string_equal(copy.server, "h");
        assert_string_equal(rs_secret_reveal(&copy.pwd), "p");
        assert_int_equal(copy.port, 5439);
        assert_int_equal(copy.layer[RS_KEY_pwd], RS_LAYER_STRING);
    } else {
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
        assert_null(copy.server);
    }
    rs_settings_clear(&copy);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    rs_test_oom(make_and_copy, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),   cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_ranges),  cmocka_unit_test(test_bools),
        cmocka_unit_test(test_lengths), cmocka_unit_test(test_message),
        cmocka_unit_test(test_layers),  cmocka_unit_test(test_empty_and_zero),
        cmocka_unit_test(test_print),   cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
