/* What goes into the digest: every key and variable that decides, each by itself. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/cachekey.h"
#include "fakeworld.h"
#include "oom.h"

struct digest {
    uint8_t bytes[RS_SHA256_BYTES];
};

static struct digest digest_of(const struct rs_settings *set, const char *const (*env)[2],
                               const char *config)
{
    struct rs_buf text = RS_BUF_WIPED(RS_CACHEKEY_MAX_BYTES);
    struct rs_profiles *profiles = NULL;
    struct fake_world fake;
    struct rs_diag diag = { 0 };
    struct digest out;

    fake_world_init(&fake, NULL, 0);
    fake.env = env;
    if (config != NULL)
        assert_true(rs_profiles_parse(rs_str_of(config), RS_PROFILE_CREDENTIALS, "x", &profiles,
                                      NULL, &diag));
    rs_cachekey_add_asker(&text, &fake.world);
    rs_cachekey_add_settings(&text, set);
    rs_cachekey_add_profiles(&text, profiles);
    assert_true(rs_cachekey_end(&text, out.bytes, &diag));
    rs_profiles_free(profiles);
    rs_buf_clear(&text);
    return out;
}

static bool equal(struct digest a, struct digest b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

static void put(struct rs_settings *set, enum rs_key_id id, const char *value)
{
    struct rs_diag diag = { 0 };

    if (!rs_settings_put(set, id, rs_str_of(value), RS_LAYER_STRING, &diag))
        fail_msg("%s: %s", rs_key(id)->name, rs_diag_first(&diag));
}

/* Two values of a key's type. */
static void values_of(enum rs_key_id id, char (*value)[32])
{
    const struct rs_key *key = rs_key(id);
    int64_t n = key->min;

    if (key->type == RS_TYPE_BOOL)
        n = 0;
    for (int i = 0; i < 2; i++)
        if (key->type == RS_TYPE_INT || key->type == RS_TYPE_BOOL)
            snprintf(value[i], 32, "%lld", (long long)n + i);
        else
            snprintf(value[i], 32, "value%d", i);
}

static void settings(void **state)
{
    static const char *const none[][2] = { { NULL, NULL } };
    size_t n_in = 0;

    (void)state;
    for (int id = 0; id < RS_KEY_COUNT; id++) {
        struct rs_settings set[3] = { { 0 }, { 0 }, { 0 } };
        struct rs_diag diag = { 0 };
        struct digest digest[3];
        char value[2][32];
        bool in = rs_cachekey_has((enum rs_key_id)id);

        values_of((enum rs_key_id)id, value);
        for (int i = 0; i < 3; i++) {
            assert_true(rs_settings_init(&set[i], &diag));
            if (i < 2)
                put(&set[i], (enum rs_key_id)id, value[i]);
            digest[i] = digest_of(&set[i], none, NULL);
            rs_settings_clear(&set[i]);
        }
        if (equal(digest[0], digest[1]) == in || equal(digest[0], digest[2]) == in)
            fail_msg("%s", rs_key((enum rs_key_id)id)->name);
        n_in += in;
    }
    assert_true(n_in > 40);
}

/* Those that must never be left out, whatever the groups of keys.def say. */
static void settings_that_decide(void **state)
{
    static const enum rs_key_id ids[] = {
        RS_KEY_access_key_id,
        RS_KEY_secret_access_key,
        RS_KEY_session_token,
        RS_KEY_profile,
        RS_KEY_instance_profile,
        RS_KEY_plugin_name,
        RS_KEY_uid,
        RS_KEY_pwd,
        RS_KEY_region,
        RS_KEY_endpoint_url,
        RS_KEY_sts_endpoint_url,
        RS_KEY_auth_type,
        RS_KEY_auth_profile,
        RS_KEY_role_arn,
        RS_KEY_role_session_name,
        RS_KEY_web_identity_token,
        RS_KEY_preferred_role,
        RS_KEY_duration,
        RS_KEY_idp_host,
        RS_KEY_idp_port,
        RS_KEY_login_url,
        RS_KEY_client_id,
        RS_KEY_client_secret,
        RS_KEY_idp_tenant,
        RS_KEY_ca_file,
        RS_KEY_ssl_insecure,
        RS_KEY_https_proxy_host,
        RS_KEY_https_proxy_port,
        RS_KEY_https_proxy_username,
        RS_KEY_https_proxy_password,
    };
    static const enum rs_key_id others[] = { RS_KEY_application_name, RS_KEY_database,
                                             RS_KEY_login_timeout, RS_KEY_log_level,
                                             RS_KEY_disable_cache };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(ids); i++)
        assert_true(rs_cachekey_has(ids[i]));
    for (size_t i = 0; i < RS_COUNT(others); i++)
        assert_false(rs_cachekey_has(others[i]));
}

static void environment(void **state)
{
    static const char *const none[][2] = { { NULL, NULL } };
    struct rs_settings set = { 0 };
    struct rs_diag diag = { 0 };
    struct digest before;

    (void)state;
    assert_true(rs_settings_init(&set, &diag));
    before = digest_of(&set, none, NULL);
    for (size_t i = 0; rs_cachekey_variable(i) != NULL; i++) {
        const char *const one[][2] = { { rs_cachekey_variable(i), "a" }, { NULL, NULL } };
        const char *const other[][2] = { { rs_cachekey_variable(i), "b" }, { NULL, NULL } };

        if (equal(before, digest_of(&set, one, NULL)) ||
            equal(digest_of(&set, other, NULL), digest_of(&set, one, NULL)))
            fail_msg("%s", rs_cachekey_variable(i));
    }
    rs_settings_clear(&set);
}

static bool has_variable(struct rs_str name)
{
    for (size_t i = 0; rs_cachekey_variable(i) != NULL; i++)
        if (rs_str_eq(rs_str_of(rs_cachekey_variable(i)), name))
            return true;
    return false;
}

/* Every "AWS_…" in the sources stands in the list. */
static size_t look_at(const char *path)
{
    struct rs_buf text = RS_BUF_INIT(1 << 20);
    struct rs_diag diag = { 0 };
    const char *at;
    size_t n = 0;

    assert_int_equal(rs_os_read_file(path, &text, NULL, &diag), RS_FILE_READ);
    for (at = strstr(text.p, "\"AWS_"); at != NULL; at = strstr(at + 1, "\"AWS_"), n++) {
        struct rs_str name = { at + 1, strspn(at + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") };

        if (!has_variable(name) && name.p[name.n - 1] != '_')
            fail_msg("%s reads %.*s, which is not part of the digest", path, RS_ARG(name));
    }
    rs_buf_clear(&text);
    return n;
}

static void variables_of_the_sources(void **state)
{
    DIR *folder = opendir(RS_SOURCES "/auth");
    const struct dirent *file;
    size_t n = 0;

    (void)state;
    assert_non_null(folder);
    while ((file = readdir(folder)) != NULL) {
        char path[1024];

        snprintf(path, sizeof path, "%s/auth/%s", RS_SOURCES, file->d_name);
        if (rs_str_ends_nocase(rs_str_of(path), RS_STR(".c")))
            n += look_at(path);
    }
    closedir(folder);
    n += look_at(RS_SOURCES "/ca.c");
    assert_true(n > 20);
}

static void user(void **state)
{
    static const char *const none[][2] = { { NULL, NULL } };
    struct rs_settings set = { 0 };
    struct rs_diag diag = { 0 };
    struct digest mine, theirs;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_true(rs_settings_init(&set, &diag));
    mine = digest_of(&set, none, NULL);
    assert_int_equal(seteuid(65534), 0);
    theirs = digest_of(&set, none, NULL);
    assert_int_equal(seteuid(0), 0);
    assert_false(equal(mine, theirs));
    assert_true(equal(mine, digest_of(&set, none, NULL)));
    rs_settings_clear(&set);
}

static void profiles(void **state)
{
    static const char *const none[][2] = { { NULL, NULL } };
    static const char *const texts[] = { "[a]\nk = v\n",
                                         "[b]\nk = v\n",
                                         "[a]\nl = v\n",
                                         "[a]\nk = w\n",
                                         "[a]\nk = v\nl = v\n",
                                         "[a]\nkv =\n",
                                         "[a]\nk = v\n[b]\nk = v\n",
                                         "[a]\n" };
    struct rs_settings set = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(rs_settings_init(&set, &diag));
    for (size_t i = 0; i < RS_COUNT(texts); i++)
        for (size_t k = 0; k < RS_COUNT(texts); k++)
            if (equal(digest_of(&set, none, texts[i]), digest_of(&set, none, texts[k])) != (i == k))
                fail_msg("%s%s", texts[i], texts[k]);
    rs_settings_clear(&set);
}

/* Moving a byte from one value to the next, or from a name to its value, is another text. */
static void framing(void **state)
{
    static const char *const pairs[][4] = { { "a", "bc", "d", "e" },   { "ab", "c", "d", "e" },
                                            { "a", "b", "cd", "e" },   { "a", "bcd", "", "e" },
                                            { "a", "bc", "de", "" },   { "", "abc", "d", "e" },
                                            { "a", "bc", "d", "e\1" }, { "abcde", "", "", "" } };
    struct digest digest[RS_COUNT(pairs)];
    struct rs_diag diag = { 0 };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(pairs); i++) {
        struct rs_buf text = RS_BUF_WIPED(1024);

        rs_cachekey_add(&text, pairs[i][0], rs_str_of(pairs[i][1]));
        rs_cachekey_add(&text, pairs[i][2], rs_str_of(pairs[i][3]));
        assert_true(rs_cachekey_end(&text, digest[i].bytes, &diag));
        for (size_t k = 0; k < i; k++)
            assert_false(equal(digest[i], digest[k]));
        rs_buf_clear(&text);
    }
}

/* The digest is keyed: a plain hash of the text would let a secret be guessed. */
static void keyed(void **state)
{
    struct rs_buf text = RS_BUF_WIPED(1024);
    struct rs_diag diag = { 0 };
    struct digest plain, made;

    (void)state;
    rs_cachekey_add(&text, "PWD", RS_STR("guess"));
    assert_true(rs_cachekey_end(&text, made.bytes, &diag));
    assert_true(rs_sha256(rs_buf_str(&text), plain.bytes, &diag));
    assert_false(equal(plain, made));
    rs_buf_clear(&text);
}

static bool make_once(void *ctx)
{
    struct rs_buf text = RS_BUF_WIPED(1 << 16);
    struct rs_diag diag = { 0 };
    struct digest digest;
    bool ok;

    rs_cachekey_add_settings(&text, ctx);
    rs_cachekey_add(&text, "a", RS_STR("b"));
    ok = rs_cachekey_end(&text, digest.bytes, &diag);
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_buf_clear(&text);
    rs_diag_clear(&diag);
    return ok;
}

static void sweep(void **state)
{
    struct rs_settings set = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(rs_settings_init(&set, &diag));
    put(&set, RS_KEY_pwd, "x");
    rs_test_oom(make_once, &set);
    rs_settings_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),    cmocka_unit_test(settings_that_decide),
        cmocka_unit_test(environment), cmocka_unit_test(variables_of_the_sources),
        cmocka_unit_test(user),        cmocka_unit_test(profiles),
        cmocka_unit_test(framing),     cmocka_unit_test(keyed),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
