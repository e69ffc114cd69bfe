/* The kept token of IAM Identity Center, the answers that renew it and that give credentials. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "auth/sso.h"
#include "auth/ssotoken.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is written can be read again, and says what was answered. */
static void renew(struct rs_str text)
{
    static const char file[] = "{\"accessToken\":\"a\",\"expiresAt\":\"2026-01-15T12:00:00Z\"}";
    static const char answer[] = "{\"accessToken\":\"b\",\"expiresIn\":60}";
    struct rs_buf out = RS_BUF_WIPED(1 << 23);
    struct rs_ssotoken token = { .expires_at = 0 };
    struct rs_diag diag = { 0 };

    if (rs_ssotoken_renew(rs_str_of(file), text, 1768478400, &out, &diag) &&
        (!rs_ssotoken_read(rs_buf_str(&out), &token, &diag) || token.expires_at <= 1768478400))
        abort();
    rs_ssotoken_clear(&token);
    rs_buf_clear(&out);
    rs_diag_clear(&diag);
    if (rs_ssotoken_renew(text, rs_str_of(answer), 1768478400, &out, &diag) &&
        (!rs_ssotoken_read(rs_buf_str(&out), &token, &diag) || token.expires_at != 1768478460))
        abort();
    rs_ssotoken_clear(&token);
    rs_buf_clear(&out);
    rs_diag_clear(&diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    struct rs_ssotoken token = { .expires_at = 0 };
    struct rs_creds creds = { 0 };
    struct rs_diag diag = { 0 };

    if (rs_ssotoken_read(text, &token, &diag) != (diag.n_error == 0))
        abort();
    rs_ssotoken_clear(&token);
    rs_diag_clear(&diag);
    if (rs_sso_read(text, &creds, &diag)) {
        if (creds.access_key_id[0] == '\0' || !rs_secret_is_set(&creds.session_token))
            abort();
    } else if (diag.n_error != 1) {
        abort();
    }
    rs_creds_clear(&creds);
    rs_diag_clear(&diag);
    renew(text);
    return 0;
}
