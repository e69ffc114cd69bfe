/* The password digest: the vector of redshift.md 3.2, every cut of the request, what lies. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypto.h"
#include "digest.h"
#include "oom.h"

#define PASSWORD "Rs-Passw0rd"
#define SALT     "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
#define NONCE    " !\"#$%&'()*+,-./" /* 20 to 2f */
#define OURS     "@ABCDEFGHIJKLMNO"  /* 40 to 4f */
#define N16      "\0\0\0\x10"
#define REQUEST  "\0\0\0\0" N16 SALT N16 NONCE

static struct rs_secret password_of(struct rs_str text)
{
    struct rs_secret secret = { 0 };

    while (!rs_secret_set(&secret, text, NULL))
        ;
    return secret;
}

static void test_vector(void **state)
{
    struct rs_secret password = password_of(RS_STR(PASSWORD));
    struct rs_buf out = RS_BUF_INIT(RS_DIGEST_ANSWER_MAX), hex = RS_BUF_INIT(4096);
    struct rs_str ours = RS_STR(OURS);
    struct rs_diag diag = { 0 };
    struct rs_digest digest;
    uint8_t sum[RS_SHA256_BYTES];

    (void)state;
    assert_true(rs_sha256(RS_STR(PASSWORD SALT), sum, &diag)); /* H1 */
    rs_hex_add(&hex, sum, sizeof(sum));
    assert_string_equal(hex.p, "1f5b7f6cc0e1bdc40e63406a28f4c252153dc40a0ba2e65b33be656291794d81");
    assert_true(rs_digest_read(RS_STR(REQUEST), &digest));
    assert_int_equal(digest.algorithm, RS_DIGEST_SHA256);
    assert_true(rs_str_eq(digest.salt, RS_STR(SALT)));
    assert_true(rs_str_eq(digest.nonce, RS_STR(NONCE)));
    assert_true(rs_digest_answer(&digest, &password, &ours, &out, &diag));
    rs_buf_truncate(&hex, 0);
    rs_hex_add(&hex, out.p, out.len);
    assert_string_equal(hex.p, "00000020"
                               "81497637ba9068153d80c82a6ec2700160107207e1debdbef845b58e057b77af"
                               "00000010404142434445464748494a4b4c4d4e4f");
    rs_secret_clear(&password);
    rs_buf_clear(&out);
    rs_buf_clear(&hex);
}

/* Our nonce is another one each time, and what it proves is the password. */
static void test_nonce(void **state)
{
    struct rs_secret password = password_of(RS_STR(PASSWORD));
    struct rs_buf one = RS_BUF_INIT(RS_DIGEST_ANSWER_MAX), two = RS_BUF_INIT(RS_DIGEST_ANSWER_MAX);
    struct rs_str ours;
    struct rs_diag diag = { 0 };
    struct rs_digest digest;

    (void)state;
    assert_true(rs_digest_read(RS_STR(REQUEST), &digest));
    assert_true(rs_digest_answer(&digest, &password, NULL, &one, &diag));
    assert_true(rs_digest_answer(&digest, &password, NULL, &two, &diag));
    assert_int_equal(one.len, 4 + 32 + 4 + RS_DIGEST_NONCE_BYTES);
    ours = rs_str_sub(rs_buf_str(&one), 40, one.len);
    assert_false(rs_str_eq(ours, rs_str_sub(rs_buf_str(&two), 40, two.len)));
    rs_buf_truncate(&two, 0);
    assert_true(rs_digest_answer(&digest, &password, &ours, &two, &diag));
    assert_true(rs_str_eq(rs_buf_str(&one), rs_buf_str(&two)));
    rs_secret_clear(&password);
    rs_buf_clear(&one);
    rs_buf_clear(&two);
}

/* Each text is a request on its own, and so is nothing shorter or longer. */
static void test_lengths(void **state)
{
    const struct rs_str good[] = {
        RS_STR(REQUEST),
        RS_STR("\0\0\0\0\0\0\0\0\0\0\0\0"),
        RS_STR("\0\0\0\0\0\0\0\0\0\0\0\1n"),
        RS_STR("\0\0\0\0\0\0\0\1s\0\0\0\0"),
    };
    const struct rs_str bad[] = {
        RS_STR("\0\0\0\0\0\0\4\1"),
        RS_STR("\0\0\0\0\xff\xff\xff\xff" SALT N16 NONCE),
        RS_STR("\0\0\0\0\x7f\xff\xff\xff" SALT N16 NONCE),
        RS_STR("\0\0\0\0\0\0\0\0\xff\xff\xff\xff"),
        RS_STR("\0\0\0\0\0\0\0\0\x80\0\0\0"),
        RS_STR(""),
        RS_STR("\0\0\0"),
        RS_STR("\0\0\0\0"),
    };
    struct rs_digest digest;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(good); i++) {
        char longer[64] = { 0 };

        assert_true(rs_digest_read(good[i], &digest));
        for (size_t n = 0; n < good[i].n; n++)
            assert_false(rs_digest_read(rs_str_sub(good[i], 0, n), &digest));
        memcpy(longer, good[i].p, good[i].n);
        assert_false(rs_digest_read((struct rs_str){ longer, good[i].n + 1 }, &digest));
    }
    for (size_t i = 0; i < RS_COUNT(bad); i++)
        assert_false(rs_digest_read(bad[i], &digest));
}

static void test_limits(void **state)
{
    static char request[4 + 4 + RS_DIGEST_PART_MAX + 1 + 4];
    struct rs_secret password = password_of(RS_STR("\xc3\xbc")); /* two bytes */
    struct rs_buf out = RS_BUF_INIT(RS_DIGEST_ANSWER_MAX);
    struct rs_diag diag = { 0 };
    struct rs_digest digest;

    (void)state;
    request[6] = 4; /* 1024 */
    assert_true(rs_digest_read((struct rs_str){ request, sizeof(request) - 1 }, &digest));
    assert_int_equal(digest.salt.n, RS_DIGEST_PART_MAX);
    assert_true(rs_digest_answer(&digest, &password, NULL, &out, &diag));
    request[7] = 1;
    assert_false(rs_digest_read((struct rs_str){ request, sizeof(request) }, &digest));
    rs_secret_clear(&password);
    rs_buf_clear(&out);
}

/* Another algorithm is told as such, whatever comes with it. */
static void test_algorithms(void **state)
{
    struct rs_digest digest;

    (void)state;
    assert_true(rs_digest_read(RS_STR("\0\0\0\1"), &digest));
    assert_int_equal(digest.algorithm, 1);
    assert_true(rs_digest_read(RS_STR("\0\0\0\2\xff\xff\xff\xff"), &digest));
    assert_int_equal(digest.algorithm, 2);
    assert_int_equal(digest.salt.n, 0);
}

static bool oom_scenario(void *ctx)
{
    struct rs_buf out = RS_BUF_INIT(RS_DIGEST_ANSWER_MAX);
    struct rs_diag diag = { 0 };
    struct rs_digest digest;
    bool ok = rs_digest_read(RS_STR(REQUEST), &digest) &&
              rs_digest_answer(&digest, ctx, NULL, &out, &diag);

    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    rs_buf_clear(&out);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    struct rs_secret password = password_of(RS_STR(PASSWORD));

    (void)state;
    rs_test_oom(oom_scenario, &password);
    rs_secret_clear(&password);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vector),     cmocka_unit_test(test_nonce),
        cmocka_unit_test(test_lengths),    cmocka_unit_test(test_limits),
        cmocka_unit_test(test_algorithms), cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
