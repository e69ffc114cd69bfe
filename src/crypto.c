#include "crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "diag.h"
#include "secret.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void rs_wipe(void *p, size_t n)
{
    if (p != NULL && n > 0)
        OPENSSL_cleanse(p, n);
}

/* The library asserts on NULL even when there is nothing to read. */
static const unsigned char *bytes_of(struct rs_str s)
{
    static const unsigned char none[1] = { 0 };

    return s.n == 0 ? none : (const unsigned char *)s.p;
}

bool rs_sha256(struct rs_str data, uint8_t out[RS_SHA256_BYTES], struct rs_diag *diag)
{
    unsigned int size = 0;

    if (EVP_Digest(bytes_of(data), data.n, out, &size, EVP_sha256(), NULL) != 1)
        return rs_fail(diag, RS_HY000, 0, "the cryptographic library cannot compute SHA-256");
    return true;
}

bool rs_hmac_sha256(struct rs_str key, struct rs_str data, uint8_t out[RS_SHA256_BYTES],
                    struct rs_diag *diag)
{
    unsigned int size = 0;

    if (key.n > INT_MAX ||
        HMAC(EVP_sha256(), bytes_of(key), (int)key.n, bytes_of(data), data.n, out, &size) == NULL)
        return rs_fail(diag, RS_HY000, 0, "the cryptographic library cannot compute HMAC-SHA-256");
    return true;
}

bool rs_pbkdf2_sha256(struct rs_str password, struct rs_str salt, int32_t count,
                      uint8_t out[RS_SHA256_BYTES], struct rs_diag *diag)
{
    if (password.n > INT_MAX || salt.n > INT_MAX ||
        PKCS5_PBKDF2_HMAC(password.n == 0 ? "" : password.p, (int)password.n, bytes_of(salt),
                          (int)salt.n, count, EVP_sha256(), RS_SHA256_BYTES, out) != 1)
        return rs_fail(diag, RS_HY000, 0,
                       "the cryptographic library cannot compute PBKDF2 with HMAC-SHA-256");
    return true;
}

bool rs_md5(struct rs_str data, uint8_t out[RS_MD5_BYTES], struct rs_diag *diag)
{
    unsigned int size = 0;

    if (EVP_Digest(bytes_of(data), data.n, out, &size, EVP_md5(), NULL) != 1)
        return rs_fail(diag, RS_HY000, 0,
                       "the cryptographic library of this system does not allow MD5");
    return true;
}

bool rs_sha1(struct rs_str data, uint8_t out[RS_SHA1_BYTES], struct rs_diag *diag)
{
    unsigned int size = 0;

    if (EVP_Digest(bytes_of(data), data.n, out, &size, EVP_sha1(), NULL) != 1)
        return rs_fail(diag, RS_HY000, 0,
                       "the cryptographic library of this system does not allow SHA-1");
    return true;
}

bool rs_bytes_equal(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}

void rs_hex_add(struct rs_buf *out, const void *p, size_t n)
{
    const uint8_t *byte = p;

    for (size_t i = 0; i < n; i++) {
        rs_buf_addc(out, hex_digits[byte[i] >> 4]);
        rs_buf_addc(out, hex_digits[byte[i] & 15]);
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = rs_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool rs_hex_read(struct rs_str text, uint8_t *out, size_t n)
{
    if (text.n / 2 != n || text.n % 2 != 0)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (hex_value(text.p[i]) < 0)
            return false;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(hex_value(text.p[2 * i]) * 16 + hex_value(text.p[2 * i + 1]));
    return true;
}

void rs_base64_add(struct rs_buf *out, struct rs_str data)
{
    for (size_t i = 0; i < data.n; i += 3) {
        size_t n = data.n - i < 3 ? data.n - i : 3;
        uint32_t bits = 0;

        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? (uint8_t)data.p[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            rs_buf_addc(out, k <= n ? base64_digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool rs_base64_read(struct rs_str text, struct rs_buf *out)
{
    uint32_t bits = 0;
    size_t digits = 0, pads = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (rs_is_space(c))
            continue;
        if (c == '=') {
            pads++;
            continue;
        }
        if (pads > 0 || base64_value(c) < 0)
            return false;
        bits = bits << 6 | (uint32_t)base64_value(c);
        digits++;
        if (digits % 4 != 1)
            rs_buf_addc(out, (char)(bits >> (6 - 2 * ((digits - 1) % 4)) & 255));
    }
    /* The bits that pad the last digit must be zero, so that each text has one reading. */
    if (digits % 4 == 1 || pads != (4 - digits % 4) % 4)
        return false;
    return digits % 4 == 0 || (bits & (digits % 4 == 2 ? 15u : 3u)) == 0;
}

bool rs_random(void *out, size_t n, struct rs_diag *diag)
{
    if (n > INT_MAX || RAND_bytes(out, (int)n) != 1)
        return rs_fail(diag, RS_HY000, 0, "the system gives no random bytes");
    return true;
}

const char *rs_crypto_default_ca_file(void)
{
    return X509_get_default_cert_file();
}
