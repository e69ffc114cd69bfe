#include "pkce.h"

#include "../crypto.h"

/* Base64 for URLs, without padding; appended. */
static void add_base64url(struct rs_buf *out, struct rs_str bytes)
{
    size_t from = out->len;

    rs_base64_add(out, bytes);
    if (out->bad)
        return;
    while (out->len > from && out->p[out->len - 1] == '=')
        rs_buf_truncate(out, out->len - 1);
    for (size_t i = from; i < out->len; i++) {
        if (out->p[i] == '+')
            out->p[i] = '-';
        else if (out->p[i] == '/')
            out->p[i] = '_';
    }
}

static bool make_random(size_t n, struct rs_secret *out, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_WIPED(4 * RS_PKCE_MAX_BYTES);
    char bytes[RS_PKCE_MAX_BYTES];
    bool ok = rs_random(bytes, n, diag);

    if (ok) {
        add_base64url(&text, (struct rs_str){ bytes, n });
        ok = rs_buf_ok(&text, diag) && rs_secret_set(out, rs_buf_str(&text), diag);
    }
    rs_wipe(bytes, sizeof bytes);
    rs_buf_clear(&text);
    return ok;
}

bool rs_pkce_challenge(struct rs_str verifier, char out[48], struct rs_diag *diag)
{
    uint8_t digest[RS_SHA256_BYTES];
    struct rs_buf text = RS_BUF_INIT(47);
    bool ok = rs_sha256(verifier, digest, diag);

    if (ok) {
        add_base64url(&text, (struct rs_str){ (const char *)digest, sizeof digest });
        ok = rs_buf_ok(&text, diag);
    }
    if (ok)
        memcpy(out, text.p, text.len + 1);
    rs_buf_clear(&text);
    return ok;
}

bool rs_pkce_make(size_t verifier_bytes, struct rs_pkce *out, struct rs_diag *diag)
{
    return make_random(RS_PKCE_STATE_BYTES, &out->state, diag) &&
           make_random(verifier_bytes, &out->verifier, diag) &&
           rs_pkce_challenge(
               (struct rs_str){ rs_secret_reveal(&out->verifier), rs_secret_len(&out->verifier) },
               out->challenge, diag);
}

bool rs_pkce_is_state(const struct rs_pkce *pkce, struct rs_str state)
{
    size_t n = rs_secret_len(&pkce->state);

    return n > 0 && state.n == n && rs_bytes_equal(rs_secret_reveal(&pkce->state), state.p, n);
}

void rs_pkce_clear(struct rs_pkce *pkce)
{
    rs_secret_clear(&pkce->state);
    rs_secret_clear(&pkce->verifier);
}
