#include "oidc.h"

#include "../json.h"
#include "browser.h"

enum {
    REPLY_MAX_BYTES = 1 << 18,
    BODY_MAX_BYTES = 1 << 18,
    URL_MAX_BYTES = 8192,
    ATTEMPTS = 3,
    TIMEOUT_S = 60,
    LIFETIME_MAX_S = 366 * 86400,
    CODE_MAX = 64,
    PAGE_MAX_BYTES = 2048,
    WORDS_MAX = 300
};

#define SCOPE        "\"scopes\":[\"redshift:connect\"]"
#define DEVICE_GRANT "urn:ietf:params:oauth:grant-type:device_code"

static struct rs_str reveal(const struct rs_secret *secret)
{
    return (struct rs_str){ rs_secret_reveal(secret), rs_secret_len(secret) };
}

void rs_oidc_client_clear(struct rs_oidc_client *client)
{
    rs_secret_clear(&client->id);
    rs_secret_clear(&client->secret);
    client->expires_at = 0;
}

bool rs_oidc_client_copy(struct rs_oidc_client *to, const struct rs_oidc_client *from,
                         struct rs_diag *diag)
{
    to->expires_at = from->expires_at;
    return rs_secret_copy(&to->id, &from->id, diag) &&
           rs_secret_copy(&to->secret, &from->secret, diag);
}

void rs_oidc_device_clear(struct rs_oidc_device *device)
{
    rs_secret_clear(&device->code);
    rs_free(device->user_code);
    rs_free(device->url);
    *device = (struct rs_oidc_device){ .user_code = NULL };
}

bool rs_oidc_device_copy(struct rs_oidc_device *to, const struct rs_oidc_device *from,
                         struct rs_diag *diag)
{
    rs_oidc_device_clear(to);
    to->expires_at = from->expires_at;
    to->interval_s = from->interval_s;
    to->user_code = rs_str_dup(rs_str_of(from->user_code), diag);
    to->url = to->user_code == NULL ? NULL : rs_str_dup(rs_str_of(from->url), diag);
    return to->url != NULL && rs_secret_copy(&to->code, &from->code, diag);
}

/* ---- one call ---- */

struct call {
    const struct rs_idp_ask *ask;
    const char *what, *path;
    struct rs_buf body; /* JSON */
    struct rs_http_reply reply;
    struct rs_diag *diag;
};

static void add_member(struct rs_buf *body, const char *name, struct rs_str value)
{
    rs_buf_addf(body, "%s\"%s\":", body->len == 0 ? "{" : ",", name);
    rs_json_quote(body, value);
}

static bool fail_call(const struct call *call, const struct rs_diag *cause)
{
    enum rs_state state = rs_diag_state(cause);

    if (state == RS_HY001)
        return rs_fail_memory(call->diag);
    if (state == RS_HYT00 && rs_deadline_passed(call->ask->deadline))
        return rs_fail(call->diag, RS_HYT00, 0,
                       "IAM Identity Center: %s: the login timeout ran out", call->what);
    return rs_fail(call->diag, state, 0, "IAM Identity Center: %s: %s", call->what,
                   rs_diag_first(cause));
}

/* Waits before another attempt; false: there is none. */
static bool has_another(const struct call *call, int attempt)
{
    const struct rs_world *world = call->ask->world;
    int64_t ms = (int64_t)(world->random01(world->ctx) * 1000 * attempt);

    if (attempt >= ATTEMPTS || ms >= rs_deadline_left(call->ask->deadline))
        return false;
    world->sleep_ms(world->ctx, ms);
    return true;
}

static bool send_to(struct call *call, const char *url)
{
    static const struct rs_header headers[] = {
        { { "Content-Type", 12 }, { "application/json", 16 } },
        { { "Accept", 6 }, { "application/json", 16 } },
    };
    const struct rs_idp_ask *ask = call->ask;
    int32_t timeout_s = ask->set->sts_connection_timeout;
    struct rs_http_request req = { .method = "POST",
                                   .url = url,
                                   .headers = headers,
                                   .n_headers = RS_COUNT(headers),
                                   .body = rs_buf_str(&call->body),
                                   .ca_file = ask->ca_file,
                                   .proxy = ask->aws_proxy,
                                   .max_reply_bytes = REPLY_MAX_BYTES };

    for (int attempt = 1;; attempt++) {
        struct rs_diag cause = { 0 };
        bool retryable = false, ok;

        req.deadline = rs_deadline_min(
            ask->deadline, rs_deadline_in((int64_t)(timeout_s > 0 ? timeout_s : TIMEOUT_S) * 1000));
        ok = ask->world->http(ask->world->ctx, &req, &call->reply, &retryable, &cause);
        RS_LOG(ask->log, RS_LOG_DEBUG, "auth.call", "%s: attempt %d: %d %s", call->what, attempt,
               ok ? call->reply.status : 0, ok ? "" : rs_diag_first(&cause));
        retryable = ok ? call->reply.status == 429 || call->reply.status >= 500 : retryable;
        if (retryable && has_another(call, attempt)) {
            rs_http_reply_clear(&call->reply);
            call->reply = (struct rs_http_reply){ .status = 0 };
            rs_diag_clear(&cause);
            continue;
        }
        if (!ok)
            (void)fail_call(call, &cause);
        rs_diag_clear(&cause);
        return ok;
    }
}

static bool send_call(struct call *call)
{
    struct rs_buf url = RS_BUF_INIT(URL_MAX_BYTES);
    bool ok;

    rs_buf_addc(&call->body, '}');
    rs_buf_adds(&url, call->ask->oidc_url);
    rs_buf_adds(&url, call->path);
    ok = rs_buf_ok(&call->body, call->diag) && rs_buf_ok(&url, call->diag) && send_to(call, url.p);
    rs_buf_clear(&url);
    return ok;
}

static void call_clear(struct call *call)
{
    rs_buf_clear(&call->body);
    rs_http_reply_clear(&call->reply);
}

/* ---- refusals ---- */

static bool is_error(const struct rs_buf *code, const char *name)
{
    return rs_str_eq(rs_buf_str(code), rs_str_of(name));
}

/* What was asked may stand in the service's words, and it may be secret. */
static bool holds_secret(struct rs_str words, const struct rs_secret *const secrets[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (secrets[i] != NULL && rs_secret_is_in(secrets[i], words))
            return true;
    return false;
}

/* error and error_description of an answer; of another kind of answer the status. */
static bool read_error(const struct call *call, struct rs_buf *code, struct rs_buf *words)
{
    struct rs_json *json = NULL;
    struct rs_diag cause = { 0 };
    struct rs_str text;
    bool ok = rs_json_parse(rs_buf_str(&call->reply.body), &json, &cause) ||
              rs_diag_state(&cause) != RS_HY001;

    if (!ok)
        (void)rs_fail_memory(call->diag);
    if (json != NULL && rs_json_text(json, "error", &text))
        rs_buf_add_line(code, text, CODE_MAX);
    if (json != NULL &&
        (rs_json_text(json, "error_description", &text) || rs_json_text(json, "message", &text)))
        rs_buf_add_line(words, text, WORDS_MAX);
    if (code->len == 0)
        rs_buf_addf(code, "HTTP %d", call->reply.status);
    ok = ok && rs_buf_ok(code, call->diag) && rs_buf_ok(words, call->diag);
    rs_json_free(json);
    rs_diag_clear(&cause);
    return ok;
}

static const char *hint_of(const struct rs_buf *code)
{
    static const char *const hints[][2] = {
        { "access_denied", "; it was refused in the browser, or the user is not assigned to the "
                           "application" },
        { "expired_token", "; it was not confirmed in time, connect again" },
        { "invalid_grant", "; the code is used up or too old, connect again" },
        { "invalid_client", "; connect again" },
        { "invalid_request", "; check issuer_url and idc_region" },
        { "unauthorized_client", "; check issuer_url and idc_region" },
    };

    for (size_t i = 0; i < RS_COUNT(hints); i++)
        if (is_error(code, hints[i][0]))
            return hints[i][1];
    return "";
}

static enum rs_oidc_said refuse(const struct call *call, const struct rs_secret *const secrets[],
                                size_t n)
{
    struct rs_buf code = RS_BUF_INIT(CODE_MAX + 16), words = RS_BUF_WIPED(WORDS_MAX + 16);
    enum rs_oidc_said said = RS_OIDC_FAILED;
    int status = call->reply.status;

    if (!read_error(call, &code, &words))
        goto out;
    if (holds_secret(rs_buf_str(&words), secrets, n))
        rs_buf_truncate(&words, 0);
    if (is_error(&code, "authorization_pending")) {
        said = RS_OIDC_PENDING;
    } else if (is_error(&code, "slow_down")) {
        said = RS_OIDC_SLOWER;
    } else {
        rs_fail(call->diag, status >= 400 && status < 500 && status != 429 ? RS_28000 : RS_08001,
                status, "IAM Identity Center: %s: %s%s%s (HTTP %d)%s", call->what, code.p,
                words.len == 0 ? "" : ": ", words.len == 0 ? "" : words.p, status, hint_of(&code));
        if (is_error(&code, "invalid_client"))
            said = RS_OIDC_NO_CLIENT;
    }
out:
    rs_buf_clear(&code);
    rs_buf_clear(&words);
    return said;
}

/* An answer that is none. */
static bool unusable(const struct call *call, const struct rs_diag *cause)
{
    if (rs_diag_state(cause) == RS_HY001)
        return rs_fail_memory(call->diag);
    return rs_fail(call->diag, RS_HY000, 0,
                   "IAM Identity Center: %s: the answer cannot be used: %s", call->what,
                   rs_diag_first(cause));
}

/* ---- answers ---- */

static bool need_text(const struct rs_json *json, const char *name, struct rs_str *out,
                      struct rs_diag *diag)
{
    return (rs_json_text(json, name, out) && out->n > 0) ||
           rs_fail(diag, RS_HY000, 0, "%s is missing", name);
}

static bool need_secret(const struct rs_json *json, const char *name, struct rs_secret *out,
                        struct rs_diag *diag)
{
    struct rs_str text;

    return need_text(json, name, &text, diag) && rs_secret_set(out, text, diag);
}

static bool need_lifetime(const struct rs_json *json, int64_t now_s, int64_t *expires_at,
                          struct rs_diag *diag)
{
    int64_t lifetime_s;

    if (!rs_json_int(json, "expiresIn", &lifetime_s) || lifetime_s <= 0 ||
        lifetime_s > LIFETIME_MAX_S)
        return rs_fail(diag, RS_HY000, 0, "expiresIn is not a number of seconds");
    *expires_at = now_s + lifetime_s;
    return true;
}

bool rs_oidc_read_client(struct rs_str text, struct rs_oidc_client *out, struct rs_diag *diag)
{
    struct rs_json *json = NULL;
    bool ok = rs_json_parse(text, &json, diag) && need_secret(json, "clientId", &out->id, diag) &&
              need_secret(json, "clientSecret", &out->secret, diag);

    if (ok && !rs_json_int(json, "clientSecretExpiresAt", &out->expires_at))
        out->expires_at = 0; /* good for this time */
    rs_json_free(json);
    return ok;
}

/* It is shown to the user, who is to trust it. */
static bool check_page(struct rs_str url, struct rs_diag *diag)
{
    struct rs_url parts = { .port = 0 };

    return (rs_browser_may_show(url, &parts) && url.n <= PAGE_MAX_BYTES) ||
           rs_fail(diag, RS_HY000, 0, "verificationUri is no https URL");
}

static bool check_code(struct rs_str code, struct rs_diag *diag)
{
    for (size_t i = 0; i < code.n; i++)
        if (code.p[i] <= ' ' || code.p[i] > '~' || i == CODE_MAX)
            return rs_fail(diag, RS_HY000, 0, "userCode is no code");
    return true;
}

static bool read_page(const struct rs_json *json, struct rs_oidc_device *out, struct rs_diag *diag)
{
    struct rs_str code, url;

    if (!need_text(json, "userCode", &code, diag) || !check_code(code, diag))
        return false;
    if (!rs_json_text(json, "verificationUriComplete", &url) &&
        !need_text(json, "verificationUri", &url, diag))
        return false;
    if (!check_page(url, diag))
        return false;
    out->user_code = rs_str_dup(code, diag);
    out->url = out->user_code == NULL ? NULL : rs_str_dup(url, diag);
    return out->url != NULL;
}

bool rs_oidc_read_device(struct rs_str text, int64_t now_s, struct rs_oidc_device *out,
                         struct rs_diag *diag)
{
    struct rs_json *json = NULL;
    bool ok = rs_json_parse(text, &json, diag) &&
              need_secret(json, "deviceCode", &out->code, diag) && read_page(json, out, diag) &&
              need_lifetime(json, now_s, &out->expires_at, diag);

    if (ok && (!rs_json_int(json, "interval", &out->interval_s) || out->interval_s < 1 ||
               out->interval_s > 60))
        out->interval_s = 5; /* RFC 8628, 3.5 */
    rs_json_free(json);
    return ok;
}

bool rs_oidc_read_token(struct rs_str text, int64_t now_s, struct rs_idp_proof *out,
                        struct rs_diag *diag)
{
    struct rs_json *json = NULL;
    bool ok = rs_json_parse(text, &json, diag) &&
              need_secret(json, "accessToken", &out->text, diag) &&
              need_lifetime(json, now_s, &out->expires_at, diag);

    rs_json_free(json);
    return ok;
}

/* ---- the calls ---- */

static struct call call_begin(const struct rs_idp_ask *ask, const char *what, const char *path,
                              struct rs_diag *diag)
{
    return (struct call){
        .ask = ask, .what = what, .path = path, .body = RS_BUF_WIPED(BODY_MAX_BYTES), .diag = diag
    };
}

static void add_client(struct call *call, const struct rs_oidc_client *client)
{
    add_member(&call->body, "clientId", reveal(&client->id));
    add_member(&call->body, "clientSecret", reveal(&client->secret));
}

static int64_t now_of(const struct rs_idp_ask *ask)
{
    return ask->world->utc_s(ask->world->ctx);
}

bool rs_oidc_register(const struct rs_idp_ask *ask, const char *redirect,
                      struct rs_oidc_client *out, struct rs_diag *diag)
{
    struct call call = call_begin(ask, "RegisterClient", "/client/register", diag);
    struct rs_diag cause = { 0 };
    bool ok = false;

    add_member(&call.body, "clientName", rs_str_of(ask->set->idc_client_display_name));
    add_member(&call.body, "clientType", RS_STR("public"));
    add_member(&call.body, "issuerUrl", rs_str_of(ask->set->issuer_url));
    rs_buf_adds(&call.body, "," SCOPE);
    if (redirect != NULL) {
        rs_buf_adds(&call.body, ",\"redirectUris\":[");
        rs_json_quote(&call.body, rs_str_of(redirect));
        rs_buf_adds(&call.body, "],\"grantTypes\":[\"authorization_code\"]");
    } else {
        rs_buf_adds(&call.body, ",\"grantTypes\":[\"" DEVICE_GRANT "\"]");
    }
    if (send_call(&call)) {
        if (call.reply.status != 200)
            (void)refuse(&call, NULL, 0);
        else
            ok = rs_oidc_read_client(rs_buf_str(&call.reply.body), out, &cause) ||
                 unusable(&call, &cause);
    }
    rs_diag_clear(&cause);
    call_clear(&call);
    return ok;
}

enum rs_oidc_said rs_oidc_start_device(const struct rs_idp_ask *ask,
                                       const struct rs_oidc_client *client,
                                       struct rs_oidc_device *out, struct rs_diag *diag)
{
    const struct rs_secret *const secrets[] = { &client->secret };
    struct call call = call_begin(ask, "StartDeviceAuthorization", "/device_authorization", diag);
    enum rs_oidc_said said = RS_OIDC_FAILED;
    struct rs_diag cause = { 0 };

    add_client(&call, client);
    add_member(&call.body, "startUrl", rs_str_of(ask->set->issuer_url));
    if (send_call(&call)) {
        if (call.reply.status != 200)
            said = refuse(&call, secrets, RS_COUNT(secrets));
        else if (rs_oidc_read_device(rs_buf_str(&call.reply.body), now_of(ask), out, &cause))
            said = RS_OIDC_DONE;
        else
            (void)unusable(&call, &cause);
    }
    if (said == RS_OIDC_PENDING || said == RS_OIDC_SLOWER) {
        rs_fail(diag, RS_08001, 0, "IAM Identity Center: %s: it wants to be asked less often",
                call.what);
        said = RS_OIDC_FAILED;
    }
    rs_diag_clear(&cause);
    call_clear(&call);
    return said;
}

enum rs_oidc_said rs_oidc_token(const struct rs_idp_ask *ask, const struct rs_oidc_client *client,
                                const struct rs_oidc_grant *grant, struct rs_idp_proof *out,
                                struct rs_diag *diag)
{
    const struct rs_secret *const secrets[] = { &client->secret, grant->code, grant->verifier,
                                                grant->device_code };
    struct call call = call_begin(ask, "CreateToken", "/token", diag);
    enum rs_oidc_said said = RS_OIDC_FAILED;
    struct rs_diag cause = { 0 };

    add_client(&call, client);
    if (grant->device_code != NULL) {
        add_member(&call.body, "grantType", RS_STR(DEVICE_GRANT));
        add_member(&call.body, "deviceCode", reveal(grant->device_code));
    } else {
        add_member(&call.body, "grantType", RS_STR("authorization_code"));
        add_member(&call.body, "code", reveal(grant->code));
        add_member(&call.body, "codeVerifier", reveal(grant->verifier));
        add_member(&call.body, "redirectUri", rs_str_of(grant->redirect));
    }
    if (send_call(&call)) {
        if (call.reply.status != 200)
            said = refuse(&call, secrets, RS_COUNT(secrets));
        else if (rs_oidc_read_token(rs_buf_str(&call.reply.body), now_of(ask), out, &cause))
            said = RS_OIDC_DONE;
        else
            (void)unusable(&call, &cause);
    }
    rs_diag_clear(&cause);
    call_clear(&call);
    return said;
}
