/* SCRAM-SHA-256 and the sums that signing in needs, against published vectors and liars. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "oom.h"
#include "scram.h"

/* RFC 7677, section 3. */
#define NONCE        "rOprNGfwEbeRWgbNEkqO"
#define SERVER_NONCE NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SERVER_FIRST "r=" SERVER_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define CLIENT_FINAL "c=biws,r=" SERVER_NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define SERVER_FINAL "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static struct rs_secret pencil(void)
{
    struct rs_secret secret = { 0 };

    while (!rs_secret_set(&secret, RS_STR("pencil"), NULL))
        ;
    return secret;
}

static void test_vector(void **state)
{
    struct rs_scram scram = { 0 };
    struct rs_buf out = RS_BUF_INIT(4096);
    struct rs_secret password = pencil();
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(rs_scram_first(&scram, "user", NONCE, &out, &diag));
    assert_string_equal(out.p, "n,,n=user,r=" NONCE);
    rs_buf_truncate(&out, 0);
    assert_true(rs_scram_final(&scram, RS_STR(SERVER_FIRST), &password, &out, &diag));
    assert_string_equal(out.p, CLIENT_FINAL);
    assert_true(rs_scram_check(&scram, RS_STR(SERVER_FINAL), &diag));
    assert_true(rs_scram_check(&scram, RS_STR(SERVER_FINAL ",x=more"), &diag));
    rs_scram_clear(&scram);
    assert_false(rs_scram_check(&scram, RS_STR(SERVER_FINAL), &diag)); /* nothing was promised */
    rs_buf_clear(&out);
    rs_secret_clear(&password);
    rs_diag_clear(&diag);
}

static void test_nonce(void **state)
{
    struct rs_scram a = { 0 }, b = { 0 };
    struct rs_buf out = RS_BUF_INIT(4096);
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(rs_scram_first(&a, "x=y,z", NULL, &out, &diag));
    assert_memory_equal(out.p, "n,,n=x=3Dy=2Cz,r=", 17);
    assert_int_equal(out.len, 17 + 24); /* 18 random bytes */
    assert_true(rs_scram_first(&b, "x=y,z", NULL, &out, &diag));
    assert_true(a.bare.len == b.bare.len && memcmp(a.bare.p, b.bare.p, a.bare.len) != 0);
    rs_scram_clear(&a);
    rs_scram_clear(&b);
    rs_buf_clear(&out);
}

static void test_challenges(void **state)
{
    static const struct {
        const char *text;
        enum rs_state want;
    } cases[] = {
        { "r=" NONCE "x,s=QUJD,i=4096", RS_00000 },
        { "r=" NONCE "x,s=QUJD,i=1", RS_00000 },
        { "r=" NONCE "x,s=QUJD,i=4096,m=later", RS_00000 },
        { "r=" NONCE ",s=QUJD,i=4096", RS_28000 }, /* it added nothing of its own */
        { "r=someone,s=QUJD,i=4096", RS_28000 },
        { "r=x" NONCE ",s=QUJD,i=4096", RS_28000 },
        { "r=" NONCE "x,s=QUJD,i=0", RS_28000 },
        { "r=" NONCE "x,s=QUJD,i=5001", RS_28000 },
        { "r=" NONCE "x,s=QUJD,i=4294967297", RS_28000 },
        { "r=" NONCE "x,s=QUJD,i=99999999999999999999", RS_08S01 },
        { "r=" NONCE "x,s=QUJD,i=-1", RS_08S01 },
        { "r=" NONCE "x,s=QUJD,i=+1", RS_08S01 },
        { "r=" NONCE "x,s=QUJD,i=", RS_08S01 },
        { "r=" NONCE "x,s=QUJD,i=4096x", RS_08S01 },
        { "r=" NONCE "x,s=QUJ,i=4096", RS_08S01 },
        { "r=" NONCE "x,s=,i=4096", RS_08S01 },
        { "r=" NONCE "x,i=4096,s=QUJD", RS_08S01 },
        { "m=must,r=" NONCE "x,s=QUJD,i=4096", RS_08S01 },
        { "r=" NONCE " x,s=QUJD,i=4096", RS_08S01 },
        { "r=" NONCE "x,s=QUJD", RS_08S01 },
        { "r=" NONCE "x", RS_08S01 },
        { "e=other-error", RS_08S01 },
        { "", RS_08S01 },
    };
    struct rs_secret password = pencil();

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_scram scram = { 0 };
        struct rs_buf out = RS_BUF_INIT(8192);
        struct rs_diag diag = { 0 };
        bool ok;

        assert_true(rs_scram_first(&scram, "", NONCE, &out, &diag));
        scram.count_max = 5000;
        ok = rs_scram_final(&scram, rs_str_of(cases[i].text), &password, &out, &diag);
        if (rs_diag_state(&diag) != cases[i].want || ok != (cases[i].want == RS_00000))
            fail_msg("\"%s\": %s", cases[i].text, rs_diag_first(&diag));
        assert_int_equal(diag.n, ok ? 0 : 1);
        rs_scram_clear(&scram);
        rs_buf_clear(&out);
        rs_diag_clear(&diag);
    }
    rs_secret_clear(&password);
}

static void test_signatures(void **state)
{
    static const struct {
        const char *text;
        enum rs_state want;
    } cases[] = {
        { SERVER_FINAL, RS_00000 },
        { "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", RS_28000 },
        { "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95A==", RS_08S01 }, /* 31 bytes */
        { "v=", RS_08S01 },
        { "v=AAAA", RS_08S01 },
        { "x=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", RS_08S01 },
        { "", RS_08S01 },
        { "e=invalid-proof", RS_28000 },
    };
    struct rs_secret password = pencil();

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_scram scram = { 0 };
        struct rs_buf out = RS_BUF_INIT(8192);
        struct rs_diag diag = { 0 };

        assert_true(rs_scram_first(&scram, "user", NONCE, &out, &diag));
        assert_true(rs_scram_final(&scram, RS_STR(SERVER_FIRST), &password, &out, &diag));
        assert_int_equal(rs_scram_check(&scram, rs_str_of(cases[i].text), &diag),
                         cases[i].want == RS_00000);
        assert_int_equal(rs_diag_state(&diag), cases[i].want);
        rs_scram_clear(&scram);
        rs_buf_clear(&out);
        rs_diag_clear(&diag);
    }
    rs_secret_clear(&password);
}

static void test_sums(void **state)
{
    uint8_t sum[RS_SHA256_BYTES];
    struct rs_buf hex = RS_BUF_INIT(256);
    struct rs_diag diag = { 0 };

    (void)state;
    /* RFC 1321, A.5 */
    assert_true(rs_md5(RS_STR("message digest"), sum, &diag));
    rs_hex_add(&hex, sum, RS_MD5_BYTES);
    assert_string_equal(hex.p, "f96b697d7cb7938d525a2f31aaf161d0");
    /* RFC 7914, 11: the first block */
    rs_buf_truncate(&hex, 0);
    assert_true(rs_pbkdf2_sha256(RS_STR("passwd"), RS_STR("salt"), 1, sum, &diag));
    rs_hex_add(&hex, sum, sizeof(sum));
    assert_string_equal(hex.p, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
    assert_true(rs_bytes_equal("abc", "abd", 2));
    assert_false(rs_bytes_equal("abc", "abd", 3));
    rs_buf_clear(&hex);
}

static bool oom_scenario(void *ctx)
{
    struct rs_scram scram = { 0 };
    struct rs_buf out = RS_BUF_INIT(8192);
    struct rs_diag diag = { 0 };
    bool ok;

    ok = rs_scram_first(&scram, "", NONCE, &out, &diag) &&
         rs_scram_final(&scram, RS_STR("r=" NONCE "x,s=QUJD,i=1"), ctx, &out, &diag);
    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    if (ok && !rs_scram_check(&scram, RS_STR(SERVER_FINAL), &diag)) {
        ok = rs_diag_state(&diag) == RS_28000; /* it is another exchange's */
        assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    }
    rs_scram_clear(&scram);
    rs_buf_clear(&out);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    struct rs_secret password = pencil();

    (void)state;
    rs_test_oom(oom_scenario, &password);
    rs_secret_clear(&password);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vector),     cmocka_unit_test(test_nonce),
        cmocka_unit_test(test_challenges), cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_sums),       cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
