#include "ssotoken.h"

#include "../json.h"
#include "../os.h"
#include "aws.h"

void rs_ssotoken_clear(struct rs_ssotoken *token)
{
    rs_secret_clear(&token->access);
    rs_secret_clear(&token->refresh);
    rs_secret_clear(&token->client_secret);
    rs_secret_clear(&token->client_id);
    token->expires_at = token->registered_until = 0;
}

/* Old files end in UTC instead of Z. */
static bool read_time(const struct rs_json *json, const char *member, int64_t *out)
{
    struct rs_buf clean = RS_BUF_INIT(64);
    struct rs_str text;
    bool ok;

    if (!rs_json_text(json, member, &text))
        return false;
    if (!rs_str_ends_nocase(text, RS_STR("UTC")))
        return rs_aws_time(text, out);
    rs_buf_add(&clean, rs_str_sub(text, 0, text.n - 3));
    rs_buf_addc(&clean, 'Z');
    ok = !clean.bad && rs_aws_time(rs_buf_str(&clean), out);
    rs_buf_clear(&clean);
    return ok;
}

static bool keep(const struct rs_json *json, const char *member, struct rs_secret *to,
                 struct rs_diag *diag)
{
    struct rs_str text;

    return !rs_json_text(json, member, &text) || rs_secret_set(to, text, diag);
}

static bool read_members(const struct rs_json *json, struct rs_ssotoken *token,
                         struct rs_diag *diag)
{
    struct rs_str access;

    if (!rs_json_text(json, "accessToken", &access) || access.n == 0)
        return rs_fail(diag, RS_HY000, 0, "accessToken is missing");
    if (!read_time(json, "expiresAt", &token->expires_at))
        return rs_fail(diag, RS_HY000, 0, "expiresAt is not a time");
    if (!read_time(json, "registrationExpiresAt", &token->registered_until))
        token->registered_until = 0;
    return rs_secret_set(&token->access, access, diag) &&
           keep(json, "refreshToken", &token->refresh, diag) &&
           keep(json, "clientId", &token->client_id, diag) &&
           keep(json, "clientSecret", &token->client_secret, diag);
}

bool rs_ssotoken_read(struct rs_str text, struct rs_ssotoken *out, struct rs_diag *diag)
{
    struct rs_ssotoken token = { .expires_at = 0 };
    struct rs_json *json = NULL;
    bool ok;

    if (!rs_json_parse(text, &json, diag))
        return false;
    ok = read_members(json, &token, diag);
    if (ok)
        *out = token;
    else
        rs_ssotoken_clear(&token);
    rs_json_free(json);
    return ok;
}

bool rs_ssotoken_is_renewable(const struct rs_ssotoken *token, int64_t now_s)
{
    return rs_secret_is_set(&token->refresh) && rs_secret_is_set(&token->client_id) &&
           rs_secret_is_set(&token->client_secret) && token->registered_until > now_s;
}

static void add_member(struct rs_buf *out, const char *name, const struct rs_secret *value)
{
    rs_buf_addf(out, ",\"%s\":", name);
    rs_json_quote(out, (struct rs_str){ rs_secret_reveal(value), rs_secret_len(value) });
}

void rs_ssotoken_ask(const struct rs_ssotoken *token, struct rs_buf *out)
{
    rs_buf_adds(out, "{\"grantType\":\"refresh_token\"");
    add_member(out, "clientId", &token->client_id);
    add_member(out, "clientSecret", &token->client_secret);
    add_member(out, "refreshToken", &token->refresh);
    rs_buf_addc(out, '}');
}

static bool put_time(struct rs_json *json, int64_t when_s, struct rs_diag *diag)
{
    struct rs_utc_time t = rs_utc_split(when_s);
    struct rs_buf text = RS_BUF_INIT(64);
    bool ok;

    rs_buf_addf(&text, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.year, t.month, t.day, t.hour, t.minute,
                t.second);
    ok = rs_buf_ok(&text, diag) && rs_json_put_text(json, "expiresAt", rs_buf_str(&text), diag);
    rs_buf_clear(&text);
    return ok;
}

static bool renew(struct rs_json *file, const struct rs_json *answer, int64_t now_s,
                  struct rs_buf *out, struct rs_diag *diag)
{
    static const int64_t most_s = 366 * 86400;
    struct rs_str access, refresh;
    int64_t lifetime_s;

    if (!rs_json_text(answer, "accessToken", &access) || access.n == 0)
        return rs_fail(diag, RS_HY000, 0, "accessToken is missing");
    if (!rs_json_int(answer, "expiresIn", &lifetime_s) || lifetime_s <= 0 || lifetime_s > most_s)
        return rs_fail(diag, RS_HY000, 0, "expiresIn is not a number of seconds");
    if (!rs_json_put_text(file, "accessToken", access, diag) ||
        !put_time(file, now_s + lifetime_s, diag))
        return false;
    if (rs_json_text(answer, "refreshToken", &refresh) && refresh.n > 0 &&
        !rs_json_put_text(file, "refreshToken", refresh, diag))
        return false;
    rs_json_print(file, out);
    return rs_buf_ok(out, diag);
}

bool rs_ssotoken_renew(struct rs_str file, struct rs_str answer, int64_t now_s, struct rs_buf *out,
                       struct rs_diag *diag)
{
    struct rs_json *old = NULL, *json = NULL;
    bool ok = rs_json_parse(file, &old, diag) && rs_json_parse(answer, &json, diag) &&
              renew(old, json, now_s, out, diag);

    rs_json_free(old);
    rs_json_free(json);
    return ok;
}
