#include "okta.h"

#include "../html.h"
#include "../json.h"
#include "../os.h"
#include "../url.h"
#include "page.h"
#include "visit.h"

enum {
    BODY_MAX_BYTES = 1 << 17,
    WORDS_MAX_BYTES = 512,
    MESSAGE_MAX_CHARS = 200,
    CODE_MAX_CHARS = 64,
    HTTPS_PORT = 443,
    RATE_WAIT_MAX_S = 5,
    PUSH_PAUSE_MS = 3000,
    FACTORS_MAX = 32
};

/* One sign-in: where it has got to. */
struct okta {
    const struct rs_idp_ask *ask;
    struct rs_idp_visit visit;
    struct rs_json *json;           /* the last answer of the API */
    struct rs_secret state_token;   /* of a sign-in that is not over */
    struct rs_secret session_token; /* good for one page */
    struct rs_diag *diag;
};

static bool fail_none(struct okta *okta)
{
    return rs_fail(okta->diag, RS_28000, 0,
                   "no SAML response in the IdP's answer; check app_id and app_name");
}

/* ---- the API ---- */

static struct rs_str member(const struct rs_json *json, const char *name)
{
    struct rs_str text;

    return json != NULL && rs_json_text(json, name, &text) ? text : RS_STR_NULL;
}

/* What was sent may stand in Okta's words. */
static bool holds_secret(const struct okta *okta, struct rs_str words)
{
    const struct rs_settings *set = okta->ask->set;

    return rs_secret_is_in(&set->pwd, words) || rs_secret_is_in(&set->okta_mfa_code, words) ||
           rs_secret_is_in(&okta->state_token, words);
}

static bool fail_status(struct okta *okta)
{
    int status = okta->visit.reply.status;
    struct rs_buf code = RS_BUF_INIT(WORDS_MAX_BYTES), words = RS_BUF_INIT(WORDS_MAX_BYTES);
    const char *gap;

    rs_buf_add_line(&code, member(okta->json, "errorCode"), CODE_MAX_CHARS);
    if (!holds_secret(okta, member(okta->json, "errorSummary")))
        rs_buf_add_line(&words, member(okta->json, "errorSummary"), MESSAGE_MAX_CHARS);
    if (!rs_buf_ok(&code, okta->diag) || !rs_buf_ok(&words, okta->diag))
        goto out;
    gap = code.len > 0 && words.len > 0 ? ": " : "";
    if (status == 401 && !rs_secret_is_set(&okta->state_token))
        rs_fail(okta->diag, RS_28000, status, "Okta rejected the user name or password");
    else if (status == 401 || status == 403)
        rs_fail(okta->diag, RS_28000, status, "Okta refused access (%.*s%s%.*s)",
                RS_ARG(rs_buf_str(&code)), gap, RS_ARG(rs_buf_str(&words)));
    else if (status == 429)
        rs_fail(okta->diag, RS_08001, status,
                "Okta's rate limit is reached: too many sign-ins; wait a minute");
    else if (code.len > 0)
        rs_fail(okta->diag, RS_08001, status, "the identity provider answered HTTP %d (%.*s%s%.*s)",
                status, RS_ARG(rs_buf_str(&code)), gap, RS_ARG(rs_buf_str(&words)));
    else
        rs_fail(okta->diag, RS_08001, status, "the identity provider answered HTTP %d", status);
out:
    rs_buf_clear(&code);
    rs_buf_clear(&words);
    return false;
}

/* An answer of too many requests may name the moment from which on it is not. */
static bool wait_for_rate(struct okta *okta)
{
    const struct rs_world *world = okta->ask->world;
    const struct rs_http_reply *reply = &okta->visit.reply;
    int64_t now =
        reply->date_s != 0 ? reply->date_s : world->utc_s(world->ctx); /* by Okta's clock */
    int64_t reset = 0, left;

    if (reply->status != 429 ||
        !rs_parse_i64(rs_http_header(reply, "X-Rate-Limit-Reset"), &reset) || reset < now ||
        reset > now + RATE_WAIT_MAX_S)
        return false;
    left = reset - now;
    if (left * 1000 >= rs_deadline_left(okta->ask->deadline))
        return false;
    if (left > 0)
        world->sleep_ms(world->ctx, left * 1000);
    return true;
}

/* What the answer says of the sign-in, for the next step. */
static bool take_tokens(struct okta *okta)
{
    struct rs_str state = member(okta->json, "stateToken");
    struct rs_str session = member(okta->json, "sessionToken");

    return (state.n == 0 || rs_secret_set(&okta->state_token, state, okta->diag)) &&
           rs_secret_set(&okta->session_token, session, okta->diag);
}

static bool read_reply(struct okta *okta)
{
    struct rs_diag cause = { 0 };
    bool ok = true;

    rs_json_free(okta->json);
    okta->json = NULL;
    if (!rs_json_parse(rs_buf_str(&okta->visit.reply.body), &okta->json, &cause)) {
        okta->json = NULL;
        ok = rs_diag_state(&cause) != RS_HY001 || rs_fail_memory(okta->diag);
    }
    rs_diag_clear(&cause);
    if (ok && okta->visit.reply.status != 200)
        return fail_status(okta);
    if (ok && okta->json == NULL)
        return rs_fail(okta->diag, RS_08001, 0, "Okta's answer is no JSON; check idp_host");
    return ok && take_tokens(okta);
}

static bool call(struct okta *okta, const char *path, const struct rs_buf *body)
{
    static const struct rs_header headers[] = {
        { { "Accept", 6 }, { "application/json", 16 } },
        { { "Content-Type", 12 }, { "application/json", 16 } },
        { { "Cache-Control", 13 }, { "no-cache", 8 } },
    };
    struct rs_buf url = RS_BUF_WIPED(RS_IDP_MAX_URL);
    struct rs_idp_step step = { .method = "POST",
                                .headers = headers,
                                .n_headers = RS_COUNT(headers),
                                .body = rs_buf_str(body) };
    bool ok;

    rs_buf_addf(&url, "https://%s/api/v1/authn%s", okta->ask->set->idp_host, path);
    ok = rs_buf_ok(&url, okta->diag) && rs_buf_ok(body, okta->diag);
    step.url = url.p;
    ok = ok && rs_idp_visit_go(&okta->visit, &step, okta->diag);
    if (ok && wait_for_rate(okta))
        ok = rs_idp_visit_go(&okta->visit, &step, okta->diag);
    ok = ok && read_reply(okta);
    rs_buf_clear(&url);
    return ok;
}

static void add_member(struct rs_buf *body, const char *name, struct rs_str value)
{
    rs_buf_adds(body, body->len == 0 ? "{" : ",");
    rs_json_quote(body, rs_str_of(name));
    rs_buf_addc(body, ':');
    rs_json_quote(body, value);
}

static struct rs_str revealed(const struct rs_secret *secret)
{
    return (struct rs_str){ rs_secret_reveal(secret), rs_secret_len(secret) };
}

static bool send_password(struct okta *okta)
{
    const struct rs_settings *set = okta->ask->set;
    struct rs_buf body = RS_BUF_WIPED(BODY_MAX_BYTES);
    bool ok;

    add_member(&body, "username", rs_str_of(set->uid));
    add_member(&body, "password", revealed(&set->pwd));
    rs_buf_addc(&body, '}');
    ok = call(okta, "", &body);
    rs_buf_clear(&body);
    return ok;
}

/* ---- a second factor ---- */

static bool is_status(const struct okta *okta, const char *status)
{
    return rs_str_eq(member(okta->json, "status"), rs_str_of(status));
}

/* Becomes part of a URL. */
static bool is_id(struct rs_str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (!rs_is_alnum(id.p[i]) && id.p[i] != '-' && id.p[i] != '_')
            return false;
    return id.n > 0;
}

static struct rs_str find_factor(const struct okta *okta, const char *type)
{
    const struct rs_json *embedded = rs_json_object(okta->json, "_embedded"), *item;

    for (size_t i = 0; i < FACTORS_MAX; i++) {
        item = rs_json_item(embedded, "factors", i);
        if (item == NULL)
            break;
        if (rs_str_eq(member(item, "factorType"), rs_str_of(type)) && is_id(member(item, "id")))
            return member(item, "id");
    }
    return RS_STR_NULL;
}

/* Names what Okta offers and this plugin cannot answer. */
static bool fail_factor(struct okta *okta)
{
    const struct rs_json *embedded = rs_json_object(okta->json, "_embedded"), *item;
    struct rs_buf names = RS_BUF_INIT(WORDS_MAX_BYTES);

    for (size_t i = 0; i < FACTORS_MAX && names.len < MESSAGE_MAX_CHARS; i++) {
        item = rs_json_item(embedded, "factors", i);
        if (item == NULL)
            break;
        rs_buf_adds(&names, names.len == 0 ? " (" : ", ");
        rs_buf_add_line(&names, member(item, "factorType"), CODE_MAX_CHARS);
    }
    if (names.len > 0)
        rs_buf_addc(&names, ')');
    if (rs_buf_ok(&names, okta->diag))
        rs_fail(okta->diag, RS_28000, 0,
                "Okta asks for a second factor%.*s, which this plugin cannot answer; set "
                "okta_mfa_code for a code, or use plugin_name=BrowserSAML",
                RS_ARG(rs_buf_str(&names)));
    rs_buf_clear(&names);
    return false;
}

/* name: of the member that has the code; NULL: none is sent */
static bool verify(struct okta *okta, const char *path, const char *name,
                   const struct rs_secret *code)
{
    struct rs_buf body = RS_BUF_WIPED(BODY_MAX_BYTES);
    bool ok;

    add_member(&body, "stateToken", revealed(&okta->state_token));
    if (name != NULL)
        add_member(&body, name, rs_str_trim(revealed(code)));
    rs_buf_addc(&body, '}');
    ok = call(okta, path, &body);
    rs_buf_clear(&body);
    return ok;
}

/* Asked until the user has answered on the phone, or the deadline is there. */
static bool wait_for_push(struct okta *okta, const char *path)
{
    const struct rs_world *world = okta->ask->world;

    RS_LOG(okta->ask->log, RS_LOG_INFO, "idp.okta", "a push was sent; waiting for the user");
    while (is_status(okta, "MFA_CHALLENGE")) {
        struct rs_str result = member(okta->json, "factorResult");

        if (rs_str_eq(result, RS_STR("REJECTED")))
            return rs_fail(okta->diag, RS_28000, 0, "the sign-in was rejected on the phone");
        if (rs_str_eq(result, RS_STR("TIMEOUT")))
            return rs_fail(okta->diag, RS_28000, 0, "nobody answered Okta's push on the phone");
        if (PUSH_PAUSE_MS >= rs_deadline_left(okta->ask->deadline))
            return rs_fail(okta->diag, RS_HYT00, 0,
                           "the login timeout ran out while waiting for Okta's push on the phone");
        world->sleep_ms(world->ctx, PUSH_PAUSE_MS);
        if (!verify(okta, path, NULL, NULL))
            return false;
        RS_LOG(okta->ask->log, RS_LOG_INFO, "idp.okta", "still waiting for the user's phone");
    }
    return true;
}

static bool answer_factor(struct okta *okta)
{
    const struct rs_secret *code = &okta->ask->set->okta_mfa_code;
    bool has_code = rs_secret_is_set(code);
    struct rs_str id = find_factor(okta, has_code ? "token:software:totp" : "push");
    struct rs_buf path = RS_BUF_INIT(WORDS_MAX_BYTES);
    const char *name = has_code ? "passCode" : NULL;
    bool ok = false;

    if (has_code && id.n == 0) {
        name = "answer";
        id = find_factor(okta, "question");
    }
    if (id.n == 0 || !rs_secret_is_set(&okta->state_token))
        return fail_factor(okta);
    rs_buf_addf(&path, "/factors/%.*s/verify", RS_ARG(id));
    if (!rs_buf_ok(&path, okta->diag))
        goto out;
    ok = verify(okta, path.p, name, code) && (has_code || wait_for_push(okta, path.p));
out:
    rs_buf_clear(&path);
    return ok;
}

/* ---- how the sign-in ended ---- */

static bool fail_state(struct okta *okta)
{
    static const struct {
        const char *status, *text;
    } states[] = {
        { "MFA_ENROLL", "Okta wants a second factor to be enrolled; sign in with a browser first" },
        { "MFA_ENROLL_ACTIVATE",
          "Okta wants a second factor to be enrolled; sign in with a browser first" },
        { "PASSWORD_EXPIRED", "the Okta password has expired" },
        { "PASSWORD_WARN", "the Okta password is about to expire; sign in with a browser" },
        { "PASSWORD_RESET", "Okta wants a password reset" },
        { "RECOVERY", "Okta wants a password reset" },
        { "RECOVERY_CHALLENGE", "Okta wants a password reset" },
        { "LOCKED_OUT", "the Okta account is locked" },
    };
    struct rs_buf status = RS_BUF_INIT(WORDS_MAX_BYTES);

    for (size_t i = 0; i < RS_COUNT(states); i++)
        if (is_status(okta, states[i].status))
            return rs_fail(okta->diag, RS_28000, 0, "%s", states[i].text);
    if (is_status(okta, "MFA_REQUIRED") || is_status(okta, "MFA_CHALLENGE"))
        return fail_factor(okta);
    rs_buf_add_line(&status, member(okta->json, "status"), CODE_MAX_CHARS);
    if (rs_buf_ok(&status, okta->diag))
        rs_fail(okta->diag, RS_28000, 0, "Okta returned status \"%.*s\"%s",
                RS_ARG(rs_buf_str(&status)),
                is_status(okta, "SUCCESS") ? " without a session token" : "");
    rs_buf_clear(&status);
    return false;
}

static bool sign_in(struct okta *okta)
{
    if (!send_password(okta))
        return false;
    if ((is_status(okta, "MFA_REQUIRED") || is_status(okta, "MFA_CHALLENGE")) &&
        !answer_factor(okta))
        return false;
    return ((is_status(okta, "SUCCESS") || is_status(okta, "PASSWORD_WARN")) &&
            rs_secret_is_set(&okta->session_token)) ||
           fail_state(okta);
}

/* ---- the application's page ---- */

/* Nothing of it is encoded: what could be is refused. */
static bool check_app_id(const char *id, struct rs_diag *diag)
{
    struct rs_str rest = rs_str_trim(rs_str_of(id)), part;
    bool done = false, ok = true;
    size_t n = 0;

    while (rs_str_split(&rest, '/', &done, &part)) {
        ok = ok && is_id(part);
        n++;
    }
    return (ok && n <= 2) ||
           rs_fail(diag, RS_HY000, 0,
                   "app_id must be what follows the application's name in its embed link, such as "
                   "0oa2hylwrpM8UGehd1t7 or 0oa2hylwrpM8UGehd1t7/272");
}

static bool asks_for_more(const struct rs_html *page)
{
    const struct rs_html_node *node = NULL;

    while ((node = rs_html_next(page, node)) != NULL)
        if ((rs_html_is(node, "input") &&
             rs_str_eq_nocase(rs_html_attr(node, "type"), RS_STR("password"))) ||
            rs_str_find_nocase(rs_html_attr(node, "class"), RS_STR("mfa")) >= 0)
            return true;
    return false;
}

static bool read_page(struct okta *okta, struct rs_secret *out)
{
    struct rs_html *page = NULL;
    bool ok;

    if (okta->visit.reply.status == 404)
        return fail_none(okta);
    ok = rs_idp_visit_need_ok(&okta->visit, okta->diag) &&
         rs_idp_page_read(&okta->visit, &page, okta->diag) &&
         rs_idp_page_saml(page, out, okta->diag);
    if (ok && !rs_secret_is_set(out))
        ok = asks_for_more(page)
                 ? rs_fail(okta->diag, RS_28000, 0,
                           "Okta asked for another sign-in step (application policy needs MFA); "
                           "use plugin_name=BrowserSAML")
                 : fail_none(okta);
    rs_html_free(page);
    return ok;
}

static bool get_page(struct okta *okta, struct rs_secret *out)
{
    const struct rs_settings *set = okta->ask->set;
    struct rs_buf url = RS_BUF_WIPED(RS_IDP_MAX_URL);
    struct rs_idp_step step = { .method = "GET" };
    bool ok;

    rs_buf_addf(&url, "https://%s/home/", set->idp_host);
    rs_url_encode(&url, rs_str_trim(rs_str_of(set->app_name)));
    rs_buf_addc(&url, '/');
    rs_buf_add(&url, rs_str_trim(rs_str_of(set->app_id)));
    rs_buf_adds(&url, "?onetimetoken=");
    rs_url_encode(&url, revealed(&okta->session_token));
    ok = rs_buf_ok(&url, okta->diag);
    step.url = url.p;
    ok = ok && rs_idp_visit_go(&okta->visit, &step, okta->diag) && read_page(okta, out);
    rs_buf_clear(&url);
    return ok;
}

bool rs_idp_okta(const struct rs_idp_ask *ask, struct rs_idp_proof *out, struct rs_diag *diag)
{
    struct okta okta = { .ask = ask, .diag = diag };
    bool ok;

    if (!rs_idp_host_check(ask->set, diag) || !check_app_id(ask->set->app_id, diag))
        return false;
    rs_idp_visit_begin(&okta.visit, ask, ask->set->idp_host, HTTPS_PORT);
    ok = sign_in(&okta) && get_page(&okta, &out->text);
    rs_idp_visit_end(&okta.visit);
    rs_json_free(okta.json);
    rs_secret_clear(&okta.state_token);
    rs_secret_clear(&okta.session_token);
    return ok;
}
