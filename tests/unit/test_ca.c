/* Which CA file: the order of the sources, and what is wrong with a named one. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ca.h"
#include "fakeworld.h"
#include "oom.h"

static char folder[] = "/tmp/rs_ca_XXXXXX";
static char path[8][64];

enum { TRUST, FILE_, PATH, AWS, PROFILE, ENV };
static const char *const names[] = { "trust.pem", "file.pem",    "root.crt",
                                     "aws.pem",   "profile.pem", "env.pem" };

static int make_files(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < RS_COUNT(names); i++) {
        FILE *file;

        snprintf(path[i], sizeof path[i], "%s/%s", folder, names[i]);
        file = fopen(path[i], "w");
        assert_non_null(file);
        assert_true(fputs("-----BEGIN CERTIFICATE-----\n", file) >= 0);
        fclose(file);
    }
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(names); i++)
        unlink(path[i]);
    rmdir(folder);
    return 0;
}

static void put(struct rs_settings *set, enum rs_key_id id, const char *value)
{
    struct rs_diag diag = { 0 };

    assert_true(rs_settings_put(set, id, rs_str_of(value), RS_LAYER_STRING, &diag));
}

/* Sources from `first` on are there. */
static void expect(int first, bool is_aws, int want)
{
    const char *const env[][2] = { { "AWS_CA_BUNDLE", first <= AWS ? path[AWS] : "" },
                                   { "SSL_CERT_FILE", first <= ENV ? path[ENV] : "" },
                                   { NULL, NULL } };
    struct rs_buf out = RS_BUF_INIT(4096);
    struct rs_diag diag = { 0 };
    struct rs_settings set;
    struct fake_world fake;

    fake_world_init(&fake, NULL, 0);
    fake.env = env;
    assert_true(rs_settings_init(&set, &diag));
    if (first <= TRUST)
        put(&set, RS_KEY_trust_store, path[TRUST]);
    if (first <= FILE_)
        put(&set, RS_KEY_ca_file, path[FILE_]);
    if (first <= PATH)
        put(&set, RS_KEY_ca_path, folder);
    if (is_aws)
        assert_true(rs_ca_file_aws(&set, &fake.world, first <= PROFILE ? path[PROFILE] : NULL, &out,
                                   &diag));
    else
        assert_true(rs_ca_file(&set, &fake.world, &out, &diag));
    assert_string_equal(out.p, path[want]);
    rs_buf_clear(&out);
    rs_settings_clear(&set);
}

static void order(void **state)
{
    (void)state;
    for (int first = TRUST; first <= ENV; first++)
        expect(first, true, first);
    for (int first = TRUST; first <= PATH; first++)
        expect(first, false, first);
    expect(AWS, false, ENV);
}

static void bad_files(void **state)
{
    static const struct {
        enum rs_key_id id;
        const char *value;
        enum rs_state want;
        const char *text;
    } cases[] = {
        { RS_KEY_ca_file, "/nonexistent/ca.pem", RS_08001, "CaFile" },
        { RS_KEY_trust_store, "/nonexistent/ca.pem", RS_08001, "TrustStore" },
        { RS_KEY_ca_path, "/nonexistent", RS_08001, "/nonexistent/root.crt" },
        { RS_KEY_ca_file, "/", RS_HY000, "/" },
        { RS_KEY_ca_file, "/etc/passwd", RS_08001, "CaFile: \"/etc/passwd\" holds no" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf out = RS_BUF_INIT(4096);
        struct rs_diag diag = { 0 };
        struct rs_settings set;
        struct fake_world fake;

        fake_world_init(&fake, NULL, 0);
        assert_true(rs_settings_init(&set, &diag));
        put(&set, cases[i].id, cases[i].value);
        assert_false(rs_ca_file(&set, &fake.world, &out, &diag));
        assert_int_equal(rs_diag_state(&diag), cases[i].want);
        assert_int_equal(diag.n_error, 1);
        assert_non_null(strstr(rs_diag_first(&diag), cases[i].text));
        rs_diag_clear(&diag);
        rs_buf_clear(&out);
        rs_settings_clear(&set);
    }
}

static void a_named_variable_must_exist(void **state)
{
    const char *const env[][2] = { { "SSL_CERT_FILE", "/nonexistent/x.pem" }, { NULL, NULL } };
    struct rs_buf out = RS_BUF_INIT(4096);
    struct rs_settings set = { 0 };
    struct rs_diag diag = { 0 };
    struct fake_world fake;

    (void)state;
    fake_world_init(&fake, NULL, 0);
    fake.env = env;
    assert_false(rs_ca_file(&set, &fake.world, &out, &diag));
    assert_non_null(strstr(rs_diag_first(&diag), "SSL_CERT_FILE"));
    rs_diag_clear(&diag);
}

static bool find_once(void *ctx)
{
    struct rs_buf out = RS_BUF_INIT(4096);
    struct rs_diag diag = { 0 };
    struct fake_world fake;
    bool ok;

    fake_world_init(&fake, NULL, 0);
    ok = rs_ca_file(ctx, &fake.world, &out, &diag);
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_diag_clear(&diag);
    rs_buf_clear(&out);
    return ok;
}

static void sweep(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    assert_true(rs_settings_init(&set, &diag));
    put(&set, RS_KEY_ca_path, folder);
    rs_test_oom(find_once, &set);
    rs_settings_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order),
        cmocka_unit_test(bad_files),
        cmocka_unit_test(a_named_variable_must_exist),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
