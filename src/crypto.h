/*
 * Hashes, text forms of bytes, random bytes. The only place that sees libcrypto.
 *
 * Also defines rs_wipe of secret.h: overwriting that survives the optimiser is the library's trade.
 * Source: FIPS 180-4 (SHA-256), RFC 2104 (HMAC), RFC 8018 (PBKDF2), RFC 1321 (MD5), RFC 4648
 * (base64).
 */
#ifndef RS_CRYPTO_H
#define RS_CRYPTO_H

#include "attrs.h"
#include "str.h"

struct rs_diag;

enum { RS_SHA256_BYTES = 32, RS_MD5_BYTES = 16, RS_SHA1_BYTES = 20 };

/* Both post HY000 when the library refuses (a FIPS provider without the algorithm, no memory). */
RS_NODISCARD bool rs_sha256(struct rs_str data, uint8_t out[RS_SHA256_BYTES], struct rs_diag *diag);
RS_NODISCARD bool rs_hmac_sha256(struct rs_str key, struct rs_str data,
                                 uint8_t out[RS_SHA256_BYTES], struct rs_diag *diag);

/* PBKDF2 with HMAC-SHA-256, one block; count is at least 1. Posts HY000 as above. */
RS_NODISCARD bool rs_pbkdf2_sha256(struct rs_str password, struct rs_str salt, int32_t count,
                                   uint8_t out[RS_SHA256_BYTES], struct rs_diag *diag);
/* For the server's md5 passwords only. Posts HY000 where the system forbids it (FIPS). */
RS_NODISCARD bool rs_md5(struct rs_str data, uint8_t out[RS_MD5_BYTES], struct rs_diag *diag);
/* For the names of files that others chose so. Posts HY000 as rs_md5 does. */
RS_NODISCARD bool rs_sha1(struct rs_str data, uint8_t out[RS_SHA1_BYTES], struct rs_diag *diag);
/* Compares in a time that does not tell where they differ. */
bool rs_bytes_equal(const void *a, const void *b, size_t n);

/* Lower-case hex, appended. */
void rs_hex_add(struct rs_buf *out, const void *p, size_t n);
/* Exactly 2 * n digits of either case; false otherwise (nothing posted). */
RS_NODISCARD bool rs_hex_read(struct rs_str text, uint8_t *out, size_t n);

/* Standard alphabet with padding, appended. */
void rs_base64_add(struct rs_buf *out, struct rs_str data);
/* Appends the bytes. Blanks and line ends are skipped; anything else that is not base64, missing
 * padding included, gives false (nothing posted; what was appended stays, so clear the buffer). */
RS_NODISCARD bool rs_base64_read(struct rs_str text, struct rs_buf *out);

/* Bytes nobody can foresee; posts HY000 when the system has none. */
RS_NODISCARD bool rs_random(void *out, size_t n, struct rs_diag *diag);

/* Where the TLS library itself would look for a CA file; never NULL, may not exist. */
const char *rs_crypto_default_ca_file(void);

#endif
