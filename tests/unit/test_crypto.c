/* Hashes, hex, base64. Vectors: FIPS 180-4 examples, RFC 4231 (HMAC), RFC 4648 (base64). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "crypto.h"
#include "diag.h"
#include "secret.h"

static struct rs_diag diag;

static void hashes(void **state)
{
    static const struct {
        struct rs_str text;
        const char *want;
    } cases[] = {
        { { "", 0 }, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { { NULL, 0 }, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { { "abc", 3 }, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    };
    uint8_t hash[RS_SHA256_BYTES];

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf hex = RS_BUF_INIT(128);

        assert_true(rs_sha256(cases[i].text, hash, &diag));
        rs_hex_add(&hex, hash, sizeof hash);
        assert_string_equal(hex.p, cases[i].want);
        rs_buf_clear(&hex);
    }
}

static void sha1(void **state)
{
    static const struct {
        struct rs_str text;
        const char *want;
    } cases[] = {
        { { "", 0 }, "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
        { { NULL, 0 }, "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
        { { "abc", 3 }, "a9993e364706816aba3e25717850c26c9cd0d89d" },
        { { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56 },
          "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
    };
    uint8_t hash[RS_SHA1_BYTES];

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf hex = RS_BUF_INIT(128);

        assert_true(rs_sha1(cases[i].text, hash, &diag));
        rs_hex_add(&hex, hash, sizeof hash);
        assert_string_equal(hex.p, cases[i].want);
        rs_buf_clear(&hex);
    }
}

static void hmacs(void **state)
{
    static const struct {
        struct rs_str key, text;
        const char *want;
    } cases[] = {
        { { "Jefe", 4 },
          { "what do ya want for nothing?", 28 },
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { { "", 0 },
          { "", 0 },
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
    };
    uint8_t hash[RS_SHA256_BYTES];

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf hex = RS_BUF_INIT(128);

        assert_true(rs_hmac_sha256(cases[i].key, cases[i].text, hash, &diag));
        rs_hex_add(&hex, hash, sizeof hash);
        assert_string_equal(hex.p, cases[i].want);
        rs_buf_clear(&hex);
    }
}

static void hex(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } cases[] = { { "00fF", true },  { "00f", false }, { "00fF0", false },
                  { "00gF", false }, { "", false },    { "00fF00", false } };
    uint8_t bytes[2] = { 7, 7 };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        assert_int_equal(rs_hex_read(rs_str_of(cases[i].text), bytes, 2), cases[i].ok);
    assert_int_equal(bytes[0], 0);
    assert_int_equal(bytes[1], 255);
}

static void base64(void **state)
{
    static const struct {
        const char *plain, *coded;
    } cases[] = { { "", "" },
                  { "f", "Zg==" },
                  { "fo", "Zm8=" },
                  { "foo", "Zm9v" },
                  { "foob", "Zm9vYg==" },
                  { "fooba", "Zm9vYmE=" },
                  { "foobar", "Zm9vYmFy" },
                  { "\xFB\xFF\xFE", "+//+" } };
    static const char *const bad[] = { "Z",    "Zg",    "Zg=",  "Zg===",    "Zh==",
                                       "Zm9=", "Zm9v=", "Z-==", "Zg==Zg==", "=" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf out = RS_BUF_INIT(64), back = RS_BUF_INIT(64);

        rs_base64_add(&out, rs_str_of(cases[i].plain));
        assert_true(rs_str_eq(rs_buf_str(&out), rs_str_of(cases[i].coded)));
        assert_true(rs_base64_read(rs_buf_str(&out), &back));
        assert_true(rs_str_eq(rs_buf_str(&back), rs_str_of(cases[i].plain)));
        rs_buf_clear(&out);
        rs_buf_clear(&back);
    }
    for (size_t i = 0; i < RS_COUNT(bad); i++) {
        struct rs_buf out = RS_BUF_INIT(64);

        if (rs_base64_read(rs_str_of(bad[i]), &out))
            fail_msg("%s was read", bad[i]);
        rs_buf_clear(&out);
    }
}

static void base64_with_line_ends(void **state)
{
    struct rs_buf out = RS_BUF_INIT(64);

    (void)state;
    assert_true(rs_base64_read(RS_STR("Zm9v\r\nYmFy\n"), &out));
    assert_string_equal(out.p, "foobar");
    rs_buf_clear(&out);
}

static void random_and_wipe(void **state)
{
    uint8_t a[32] = { 0 }, b[32] = { 0 }, zero[32] = { 0 };

    (void)state;
    assert_true(rs_random(a, sizeof a, &diag));
    assert_true(rs_random(b, sizeof b, &diag));
    assert_memory_not_equal(a, b, sizeof a);
    rs_wipe(a, sizeof a);
    assert_memory_equal(a, zero, sizeof a);
    rs_wipe(NULL, 0);
    assert_non_null(rs_crypto_default_ca_file());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),          cmocka_unit_test(sha1),
        cmocka_unit_test(hmacs),           cmocka_unit_test(hex),
        cmocka_unit_test(base64),          cmocka_unit_test(base64_with_line_ends),
        cmocka_unit_test(random_and_wipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
