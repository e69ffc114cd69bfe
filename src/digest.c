#include "digest.h"

#include "crypto.h"
#include "pgmsg.h"

/* ---- the request ---- */

static bool take32(struct rs_str *rest, uint32_t *out)
{
    if (rest->n < 4)
        return false;
    *out = rs_be32(rest->p);
    *rest = rs_str_sub(*rest, 4, rest->n);
    return true;
}

/* A length, and so many bytes. */
static bool take_part(struct rs_str *rest, struct rs_str *out)
{
    uint32_t n;

    if (!take32(rest, &n) || n > RS_DIGEST_PART_MAX || n > rest->n)
        return false;
    *out = rs_str_sub(*rest, 0, n);
    *rest = rs_str_sub(*rest, n, rest->n);
    return true;
}

bool rs_digest_read(struct rs_str request, struct rs_digest *out)
{
    struct rs_digest read = { 0 };

    if (!take32(&request, &read.algorithm))
        return false;
    /* What an unknown algorithm sends need not have this shape. */
    if (read.algorithm == RS_DIGEST_SHA256 &&
        (!take_part(&request, &read.salt) || !take_part(&request, &read.nonce) || request.n != 0))
        return false;
    *out = read;
    return true;
}

/* ---- the answer ---- */

/* SHA-256 of two or three texts behind each other. */
static bool hash(struct rs_str a, struct rs_str b, struct rs_str c, uint8_t out[RS_SHA256_BYTES],
                 struct rs_diag *diag)
{
    struct rs_buf all = RS_BUF_WIPED(a.n + b.n + c.n);
    bool ok;

    rs_buf_add(&all, a);
    rs_buf_add(&all, b);
    rs_buf_add(&all, c);
    ok = rs_buf_ok(&all, diag) && rs_sha256(rs_buf_str(&all), out, diag);
    rs_buf_clear(&all);
    return ok;
}

bool rs_digest_answer(const struct rs_digest *digest, const struct rs_secret *password,
                      const struct rs_str *nonce, struct rs_buf *out, struct rs_diag *diag)
{
    uint8_t random[RS_DIGEST_NONCE_BYTES], salted[RS_SHA256_BYTES], proof[RS_SHA256_BYTES];
    struct rs_str ours = { (const char *)random, sizeof(random) };
    struct rs_str key = { (const char *)salted, sizeof(salted) };
    bool ok;

    if (nonce != NULL)
        ours = *nonce;
    else if (!rs_random(random, sizeof(random), diag))
        return false;
    ok = hash((struct rs_str){ rs_secret_reveal(password), rs_secret_len(password) }, digest->salt,
              RS_STR_NULL, salted, diag) &&
         hash(key, digest->nonce, ours, proof, diag);
    if (ok) {
        rs_buf_add32(out, sizeof(proof));
        rs_buf_add(out, (struct rs_str){ (const char *)proof, sizeof(proof) });
        rs_buf_add32(out, (uint32_t)ours.n);
        rs_buf_add(out, ours);
        ok = rs_buf_ok(out, diag);
    }
    rs_wipe(salted, sizeof(salted));
    return ok;
}
