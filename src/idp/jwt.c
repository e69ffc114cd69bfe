#include "jwt.h"

#include "../crypto.h"
#include "../json.h"
#include "../os.h"

enum { PARTS = 3 };

static bool fail_token(struct rs_diag *diag)
{
    return rs_fail(diag, RS_28000, 0,
                   "invalid JWT: web_identity_token must be three parts of base64url joined by "
                   "dots, the second a JSON object, and at most %d characters",
                   RS_JWT_MAX_CHARS);
}

void rs_jwt_clear(struct rs_jwt *jwt)
{
    rs_claims_clear(&jwt->claims);
    *jwt = (struct rs_jwt){ .expires_at = 0 };
}

static bool is_base64url(struct rs_str part)
{
    for (size_t i = 0; i < part.n; i++)
        if (!rs_is_alnum(part.p[i]) && part.p[i] != '-' && part.p[i] != '_')
            return false;
    return part.n > 0 && part.n % 4 != 1;
}

/* False without an error: it is no base64url. */
static bool decode(struct rs_str part, struct rs_buf *out, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_WIPED(RS_JWT_MAX_CHARS + 4);
    bool ok;

    for (size_t i = 0; i < part.n; i++)
        rs_buf_addc(&text, part.p[i] == '-' ? '+' : part.p[i] == '_' ? '/' : part.p[i]);
    while (text.len % 4 != 0 && !text.bad)
        rs_buf_addc(&text, '=');
    ok = rs_buf_ok(&text, diag);
    if (ok && !rs_base64_read(rs_buf_str(&text), out))
        ok = out->bad ? rs_buf_ok(out, diag) : fail_token(diag);
    rs_buf_clear(&text);
    return ok && rs_buf_ok(out, diag);
}

static bool take_claims(const struct rs_json *json, struct rs_jwt *out, struct rs_diag *diag)
{
    static const char *const users[] = { "DbUser", "upn", "preferred_username", "email" };
    struct rs_str text = RS_STR_NULL;

    for (size_t i = 0; i < RS_COUNT(users) && text.n == 0; i++)
        if (!rs_json_text(json, users[i], &text))
            text = RS_STR_NULL;
    if (!rs_json_cut(json, "exp", &out->expires_at))
        out->expires_at = 0;
    if (text.n > 0)
        out->claims.db_user = rs_str_dup(text, diag);
    return text.n == 0 || out->claims.db_user != NULL;
}

bool rs_jwt_read(struct rs_str text, struct rs_jwt *out, struct rs_diag *diag)
{
    struct rs_buf payload = RS_BUF_WIPED(RS_JWT_MAX_CHARS);
    struct rs_str rest = text, part, parts[PARTS];
    struct rs_diag cause = { 0 };
    struct rs_json *json = NULL;
    bool done = false, ok = false;
    size_t n = 0;

    while (rs_str_split(&rest, '.', &done, &part)) {
        if (n == PARTS || !is_base64url(part))
            return fail_token(diag);
        parts[n++] = part;
    }
    if (n != PARTS || text.n > RS_JWT_MAX_CHARS)
        return fail_token(diag);
    if (!decode(parts[1], &payload, diag))
        goto out;
    if (!rs_json_parse(rs_buf_str(&payload), &json, &cause)) {
        if (rs_diag_state(&cause) == RS_HY001)
            rs_fail_memory(diag);
        else
            fail_token(diag);
        goto out;
    }
    ok = take_claims(json, out, diag);
out:
    rs_json_free(json);
    rs_buf_clear(&payload);
    rs_diag_clear(&cause);
    return ok;
}

bool rs_idp_jwt_iam(const struct rs_idp_ask *ask, struct rs_idp_proof *out, struct rs_diag *diag)
{
    const struct rs_secret *token = &ask->set->web_identity_token;
    struct rs_str text =
        rs_str_trim((struct rs_str){ rs_secret_reveal(token), rs_secret_len(token) });
    struct rs_jwt jwt = { .expires_at = 0 };
    bool ok = rs_jwt_read(text, &jwt, diag);

    if (ok && jwt.expires_at > 0 && jwt.expires_at <= ask->world->utc_s(ask->world->ctx))
        ok = rs_fail(diag, RS_28000, 0, "the token has expired (web_identity_token)");
    ok = ok && rs_secret_set(&out->text, text, diag);
    rs_jwt_clear(&jwt);
    return ok;
}
