#include "azure.h"

#include <string.h>

#include "../crypto.h"
#include "../json.h"
#include "../os.h"
#include "../url.h"
#include "saml.h"

enum { FORM_MAX_BYTES = 1 << 18, MESSAGE_MAX_CHARS = 300, CODE_MAX_CHARS = 64, HTTPS_PORT = 443 };

/* ---- where ---- */

bool rs_azure_host(const struct rs_settings *set, const char **out, struct rs_diag *diag)
{
    static const struct {
        const char *partition, *host;
    } hosts[] = {
        { "", "login.microsoftonline.com" },
        { "commercial", "login.microsoftonline.com" },
        { "us-gov", "login.microsoftonline.us" },
        { "cn", "login.chinacloudapi.cn" },
    };
    struct rs_str partition = rs_str_trim(rs_str_of(set->idp_partition));
    struct rs_str tenant = rs_str_of(set->idp_tenant);

    for (size_t i = 0; i < tenant.n; i++)
        if (!rs_is_alnum(tenant.p[i]) && tenant.p[i] != '.' && tenant.p[i] != '-')
            return rs_fail(diag, RS_HY000, 0,
                           "idp_tenant must be a tenant's name or GUID: letters, digits, \".\" and "
                           "\"-\"");
    for (size_t i = 0; i < RS_COUNT(hosts); i++)
        if (rs_str_eq_nocase(partition, rs_str_of(hosts[i].partition))) {
            *out = hosts[i].host;
            return true;
        }
    return rs_fail(diag, RS_HY000, 0,
                   "idp_partition \"%.*s\" is not known; it is one of commercial, us-gov, cn",
                   RS_ARG(rs_str_sub(partition, 0, CODE_MAX_CHARS)));
}

/* ---- the answer ---- */

/* Only a hint hangs on these: Microsoft may change them. */
static bool wants_factor(struct rs_str error, struct rs_str description)
{
    static const char *const codes[] = { "AADSTS50076:", "AADSTS50079:", "AADSTS50158:" };

    for (size_t i = 0; i < RS_COUNT(codes); i++)
        if (rs_str_starts_nocase(description, rs_str_of(codes[i])))
            return true;
    return rs_str_eq(error, RS_STR("interaction_required"));
}

/* What was sent may stand in Azure's words, and some of it is secret. False: there is no memory. */
static bool find_secret(struct rs_str words, struct rs_str form, bool *out)
{
    static const char *const names[] = { "password", "client_secret", "code", "code_verifier" };
    struct rs_str name, value;
    bool ok = true;

    *out = false;
    while (ok && rs_query_next(&form, &name, &value))
        for (size_t i = 0; i < RS_COUNT(names); i++) {
            struct rs_buf plain = RS_BUF_WIPED(FORM_MAX_BYTES);

            if (!rs_str_eq(name, rs_str_of(names[i])) || value.n == 0)
                continue;
            rs_url_decode(&plain, value);
            ok = ok && !plain.bad;
            *out = *out || (ok && rs_str_find_nocase(words, rs_buf_str(&plain)) >= 0);
            rs_buf_clear(&plain);
        }
    return ok;
}

static bool fail_refused(const struct rs_json *json, int status, struct rs_str form,
                         struct rs_diag *diag)
{
    struct rs_buf code = RS_BUF_INIT(MESSAGE_MAX_CHARS), text = RS_BUF_INIT(MESSAGE_MAX_CHARS);
    struct rs_str error = RS_STR_NULL, description = RS_STR_NULL;
    bool is_secret = false;

    if (!rs_json_text(json, "error", &error))
        error = RS_STR_NULL;
    if (!rs_json_text(json, "error_description", &description))
        description = RS_STR_NULL;
    rs_buf_add_line(&code, error, CODE_MAX_CHARS);
    if (!find_secret(description, form, &is_secret)) {
        rs_fail_memory(diag);
        goto out;
    }
    if (!is_secret)
        rs_buf_add_line(&text, description, MESSAGE_MAX_CHARS);
    if (!rs_buf_ok(&code, diag) || !rs_buf_ok(&text, diag))
        goto out;
    if (code.len == 0)
        rs_fail(diag, RS_08001, status, "the identity provider answered HTTP %d", status);
    else
        rs_fail(diag, RS_28000, status, "Azure AD: %s%s%s%s", code.p, text.len > 0 ? ": " : "",
                text.len > 0 ? text.p : "",
                wants_factor(error, description)
                    ? "; multi-factor sign-in needed; use plugin_name=BrowserAzureAD"
                    : "");
out:
    rs_buf_clear(&code);
    rs_buf_clear(&text);
    return false;
}

static bool read_answer(const struct rs_idp_visit *visit, const struct rs_json *json,
                        struct rs_str form, struct rs_secret *access_token, int64_t *expires_at,
                        struct rs_diag *diag)
{
    const struct rs_world *world = visit->ask->world;
    struct rs_str token, text;
    int64_t seconds = 0;

    if (visit->reply.status != 200)
        return fail_refused(json, visit->reply.status, form, diag);
    if (!rs_json_text(json, "access_token", &token) || token.n == 0)
        return rs_fail(diag, RS_28000, 0, "Azure AD answered without a token");
    /* A number, or a text of digits. */
    if (!rs_json_int(json, "expires_in", &seconds) &&
        (!rs_json_text(json, "expires_in", &text) || !rs_parse_i64(text, &seconds)))
        seconds = 0;
    *expires_at = seconds > 0 && seconds <= INT32_MAX ? world->utc_s(world->ctx) + seconds : 0;
    return rs_secret_set(access_token, token, diag);
}

bool rs_azure_token(struct rs_idp_visit *visit, const char *url, struct rs_str form,
                    struct rs_secret *access_token, int64_t *expires_at, struct rs_diag *diag)
{
    static const struct rs_header headers[] = {
        { { "Content-Type", 12 }, { "application/x-www-form-urlencoded", 33 } },
        { { "Accept", 6 }, { "application/json", 16 } },
    };
    struct rs_idp_step step = { .method = "POST",
                                .url = url,
                                .headers = headers,
                                .n_headers = RS_COUNT(headers),
                                .body = form };
    struct rs_diag cause = { 0 };
    struct rs_json *json = NULL;
    bool ok = false;

    if (!rs_idp_visit_go(visit, &step, diag))
        return false;
    if (rs_json_parse(rs_buf_str(&visit->reply.body), &json, &cause))
        ok = read_answer(visit, json, form, access_token, expires_at, diag);
    else if (rs_diag_state(&cause) == RS_HY001)
        rs_fail_memory(diag);
    else if (rs_idp_visit_need_ok(visit, diag))
        rs_fail(diag, RS_28000, 0, "Azure AD answered without a token");
    rs_json_free(json);
    rs_diag_clear(&cause);
    return ok;
}

bool rs_azure_saml(struct rs_str access_token, struct rs_secret *saml, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_WIPED(RS_SAML_MAX_CHARS), xml = RS_BUF_WIPED(RS_SAML_MAX_BYTES);
    bool ok = false;

    for (size_t i = 0; i < access_token.n; i++) {
        char c = access_token.p[i];

        if (c != '=' && !rs_is_space(c))
            rs_buf_addc(&text, c == '-' ? '+' : c == '_' ? '/' : c);
    }
    while (text.len % 4 != 0 && !text.bad)
        rs_buf_addc(&text, '=');
    if (text.too_long) {
        rs_fail(diag, RS_28000, 0, "the SAML response is longer than %d characters",
                RS_SAML_MAX_CHARS);
        goto out;
    }
    if (!rs_buf_ok(&text, diag))
        goto out;
    if (!rs_base64_read(rs_buf_str(&text), &xml) && !xml.bad)
        rs_fail(diag, RS_28000, 0, "Azure AD answered with a token that is no SAML assertion");
    else
        ok = rs_buf_ok(&xml, diag) && rs_saml_wrap(rs_buf_str(&xml), saml, diag);
out:
    rs_buf_clear(&text);
    rs_buf_clear(&xml);
    return ok;
}

/* ---- with a password ---- */

static void add_secret(struct rs_buf *form, const char *name, const struct rs_secret *secret)
{
    rs_query_add(form, name, (struct rs_str){ rs_secret_reveal(secret), rs_secret_len(secret) });
}

static void write_form(const struct rs_settings *set, struct rs_buf *form)
{
    rs_query_add(form, "grant_type", RS_STR("password"));
    rs_query_add(form, "requested_token_type", RS_STR("urn:ietf:params:oauth:token-type:saml2"));
    rs_query_add(form, "username", rs_str_of(set->uid));
    add_secret(form, "password", &set->pwd);
    add_secret(form, "client_secret", &set->client_secret);
    rs_query_add(form, "client_id", rs_str_of(set->client_id));
    rs_query_add(form, "resource", rs_str_of(set->client_id));
}

bool rs_idp_azure(const struct rs_idp_ask *ask, struct rs_idp_proof *out, struct rs_diag *diag)
{
    struct rs_buf form = RS_BUF_WIPED(FORM_MAX_BYTES), url = RS_BUF_INIT(RS_IDP_MAX_URL);
    struct rs_idp_visit visit;
    struct rs_secret token = { 0 };
    const char *host = NULL;
    int64_t expires_at = 0;
    bool ok;

    if (!rs_azure_host(ask->set, &host, diag))
        return false;
    rs_buf_addf(&url, "https://%s/%s/oauth2/token", host, ask->set->idp_tenant);
    write_form(ask->set, &form);
    rs_idp_visit_begin(&visit, ask, host, HTTPS_PORT);
    ok = rs_buf_ok(&url, diag) && rs_buf_ok(&form, diag) &&
         rs_azure_token(&visit, url.p, rs_buf_str(&form), &token, &expires_at, diag) &&
         rs_azure_saml((struct rs_str){ rs_secret_reveal(&token), rs_secret_len(&token) },
                       &out->text, diag);
    rs_idp_visit_end(&visit);
    rs_secret_clear(&token);
    rs_buf_clear(&form);
    rs_buf_clear(&url);
    return ok;
}
