#include "browseridc.h"

#include "../url.h"
#include "codeanswer.h"
#include "oidckeep.h"

enum { USUAL_PORT = 7890, VERIFIER_BYTES = 60, URL_MAX_BYTES = 16 << 10, SLOWER_S = 5 };

struct flow {
    const struct rs_idp_ask *ask;
    struct rs_idp_proof *out;
    struct rs_diag *diag;
    struct rs_deadline deadline; /* of the user's part */
    int64_t waited_ms;
    struct rs_oidckeep_key key;
    struct rs_oidc_client client;
    bool client_is_kept;
};

static int64_t now_of(const struct flow *flow)
{
    return flow->ask->world->utc_s(flow->ask->world->ctx);
}

/* A registration that is kept, or a new one. device may be NULL. */
static bool get_client(struct flow *flow, const char *redirect, struct rs_oidc_device *device)
{
    bool keeps = !flow->ask->set->disable_cache;

    if (!rs_oidckeep_key(flow->ask, redirect, &flow->key, flow->diag) ||
        (keeps && !rs_oidckeep_get(&flow->key, now_of(flow), &flow->client, device, flow->diag)))
        return false;
    flow->client_is_kept = rs_secret_is_set(&flow->client.id);
    if (flow->client_is_kept)
        return true;
    if (!rs_oidc_register(flow->ask, redirect, &flow->client, flow->diag))
        return false;
    if (keeps)
        rs_oidckeep_put(&flow->key, &flow->client, NULL);
    return true;
}

/* ---- asking for the token until the user is done ---- */

static bool fail_late(struct flow *flow, const char *more)
{
    if (rs_deadline_passed(flow->ask->deadline))
        return rs_fail(flow->diag, RS_HYT00, 0,
                       "the login timeout ran out before the sign-in was confirmed%s", more);
    return rs_fail(flow->diag, RS_HYT00, 0, "the sign-in was not confirmed within %d seconds%s",
                   (int)flow->ask->set->idp_response_timeout, more);
}

/* True: a while has passed. */
static bool pause(struct flow *flow, int64_t ms, const char *more)
{
    const struct rs_world *world = flow->ask->world;
    int64_t most = (int64_t)flow->ask->set->idp_response_timeout * 1000;

    flow->waited_ms += ms;
    if (flow->waited_ms > most || ms >= rs_deadline_left(flow->deadline))
        return fail_late(flow, more);
    world->sleep_ms(world->ctx, ms);
    return true;
}

static bool poll_token(struct flow *flow, const struct rs_oidc_grant *grant, int64_t interval_s,
                       const char *more)
{
    for (;;) {
        enum rs_oidc_said said =
            rs_oidc_token(flow->ask, &flow->client, grant, flow->out, flow->diag);

        if (said == RS_OIDC_NO_CLIENT || said == RS_OIDC_FAILED)
            rs_oidckeep_drop(&flow->key);
        if (said != RS_OIDC_PENDING && said != RS_OIDC_SLOWER)
            return said == RS_OIDC_DONE;
        if (said == RS_OIDC_SLOWER)
            interval_s += SLOWER_S;
        if (!pause(flow, interval_s * 1000, more))
            return false;
    }
}

/* ---- a browser here ---- */

static void add_page(const struct flow *flow, const struct rs_pkce *pkce, const char *redirect,
                     struct rs_buf *out)
{
    struct rs_buf query = RS_BUF_WIPED(URL_MAX_BYTES);

    rs_query_add(&query, "response_type", RS_STR("code"));
    rs_query_add(&query, "client_id", rs_str_of(rs_secret_reveal(&flow->client.id)));
    rs_query_add(&query, "redirect_uri", rs_str_of(redirect));
    rs_query_add(&query, "state", rs_str_of(rs_secret_reveal(&pkce->state)));
    rs_query_add(&query, "scopes", RS_STR("redshift:connect"));
    rs_query_add(&query, "code_challenge", rs_str_of(pkce->challenge));
    rs_query_add(&query, "code_challenge_method", RS_STR("S256"));
    rs_buf_addf(out, "%s/authorize?", flow->ask->oidc_url);
    rs_buf_add(out, rs_buf_str(&query));
    out->bad = out->bad || query.bad;
    rs_buf_clear(&query);
}

static bool get_code(struct flow *flow, struct rs_listener *listener, const struct rs_pkce *pkce,
                     const char *redirect)
{
    struct rs_buf url = RS_BUF_WIPED(URL_MAX_BYTES);
    bool ok;

    add_page(flow, pkce, redirect, &url);
    ok = rs_buf_ok(&url, flow->diag) && rs_listener_run(listener, url.p, flow->diag);
    rs_buf_clear(&url);
    return ok;
}

/* *has_none: there is no browser after all, and nothing is posted. */
static bool sign_in_here(struct flow *flow, bool *has_none)
{
    struct rs_pkce pkce = { .challenge = "" };
    struct rs_codeanswer answer = { .pkce = &pkce, .provider = "IAM Identity Center" };
    struct rs_listener listener = { .ask = flow->ask,
                                    .what = "answer of IAM Identity Center",
                                    .by_get = true,
                                    .stays_here = true,
                                    .take = rs_codeanswer_take,
                                    .ctx = &answer };
    struct rs_buf redirect = RS_BUF_INIT(64);
    size_t n = flow->diag->n;
    bool ok = false;

    answer.listener = &listener;
    if (!rs_listener_open(&listener, USUAL_PORT, flow->diag))
        return false;
    rs_buf_addf(&redirect, "http://127.0.0.1:%d", (int)rs_listener_port(&listener));
    if (rs_buf_ok(&redirect, flow->diag) && get_client(flow, redirect.p, NULL) &&
        rs_pkce_make(VERIFIER_BYTES, &pkce, flow->diag) &&
        get_code(flow, &listener, &pkce, redirect.p)) {
        struct rs_oidc_grant grant = { .code = &answer.code,
                                       .verifier = &pkce.verifier,
                                       .redirect = redirect.p };

        ok = poll_token(flow, &grant, 1, "");
    }
    *has_none = !ok && listener.has_no_browser;
    if (*has_none)
        rs_diag_cut(flow->diag, n);
    rs_listener_close(&listener);
    rs_secret_clear(&answer.code);
    rs_pkce_clear(&pkce);
    rs_buf_clear(&redirect);
    return ok;
}

/* ---- a browser elsewhere ---- */

/* A registration that is kept may not be good any longer. */
static bool start_device(struct flow *flow, struct rs_oidc_device *device)
{
    size_t n = flow->diag->n;
    enum rs_oidc_said said = rs_oidc_start_device(flow->ask, &flow->client, device, flow->diag);

    if (said == RS_OIDC_NO_CLIENT && flow->client_is_kept) {
        rs_oidckeep_drop(&flow->key);
        rs_oidc_client_clear(&flow->client);
        rs_diag_cut(flow->diag, n);
        if (!get_client(flow, NULL, NULL))
            return false;
        said = rs_oidc_start_device(flow->ask, &flow->client, device, flow->diag);
    }
    if (said == RS_OIDC_DONE && !flow->ask->set->disable_cache)
        rs_oidckeep_put(&flow->key, &flow->client, device);
    return said == RS_OIDC_DONE;
}

/* Nobody can read a log while we wait: it is told at once, and the next attempt of this process
 * goes on with the same code. */
static bool ask_once(struct flow *flow, const struct rs_oidc_device *device,
                     const struct rs_oidc_grant *grant, const char *why, bool is_new)
{
    enum rs_oidc_said said =
        is_new ? RS_OIDC_PENDING
               : rs_oidc_token(flow->ask, &flow->client, grant, flow->out, flow->diag);

    if (said == RS_OIDC_NO_CLIENT || said == RS_OIDC_FAILED)
        rs_oidckeep_drop(&flow->key);
    if (said != RS_OIDC_PENDING && said != RS_OIDC_SLOWER)
        return said == RS_OIDC_DONE;
    return rs_fail(flow->diag, RS_HY000, 0,
                   "could not open a browser: %s; open %s in any browser, confirm the code %s and "
                   "connect again (another process has to wait: connect there with LogLevel=3 and "
                   "look into the log)",
                   why, device->url, device->user_code);
}

static bool sign_in_elsewhere(struct flow *flow, const char *why)
{
    struct rs_oidc_device device = { .user_code = NULL };
    struct rs_oidc_grant grant = { .device_code = &device.code };
    struct rs_buf more = RS_BUF_INIT(URL_MAX_BYTES);
    struct rs_log *log = flow->ask->log;
    bool ok = get_client(flow, NULL, &device), is_new = !rs_secret_is_set(&device.code);

    if (!ok || (is_new && !start_device(flow, &device))) {
        ok = false;
        goto out;
    }
    RS_LOG(log, RS_LOG_WARNING, "auth.browser",
           "%s: open %s in any browser and confirm the code %s", why, device.url, device.user_code);
    rs_buf_addf(&more,
                "; no browser could be opened here, the page to open elsewhere was %s, the "
                "code %s",
                device.url, device.user_code);
    if (!rs_buf_ok(&more, flow->diag))
        ok = false;
    else if (rs_log_on(log, RS_LOG_WARNING))
        ok = poll_token(flow, &grant, device.interval_s, more.p);
    else
        ok = ask_once(flow, &device, &grant, why, is_new);
    if (ok && !flow->ask->set->disable_cache) /* a code is good for one token */
        rs_oidckeep_put(&flow->key, &flow->client, NULL);
out:
    rs_buf_clear(&more);
    rs_oidc_device_clear(&device);
    return ok;
}

/* ---- entry ---- */

static bool check_keys(const struct rs_idp_ask *ask, struct rs_diag *diag)
{
    struct rs_url url = { .port = 0 };

    if (!rs_url_split(rs_str_of(ask->set->issuer_url), &url) ||
        !rs_str_eq_nocase(url.scheme, RS_STR("https")))
        return rs_fail(diag, RS_HY000, 0, "%s must be an https URL",
                       rs_key(RS_KEY_issuer_url)->name);
    return ask->oidc_url != NULL ||
           rs_fail(diag, RS_HY000, 0, "where IAM Identity Center is in %s is not known",
                   rs_key(RS_KEY_idc_region)->name);
}

bool rs_idp_browser_idc(const struct rs_idp_ask *ask, struct rs_idp_proof *out,
                        struct rs_diag *diag)
{
    const struct rs_settings *set = ask->set;
    struct flow flow = { .ask = ask,
                         .out = out,
                         .diag = diag,
                         .deadline = rs_deadline_min(
                             ask->deadline,
                             rs_deadline_in((int64_t)set->idp_response_timeout * 1000)) };
    const char *why = "the program that opens pages could not open one";
    bool has_none = false, ok = false;

    if (!check_keys(ask, diag))
        return false;
    if (rs_browser_is_there(ask, &why))
        ok = sign_in_here(&flow, &has_none);
    else
        has_none = true;
    if (has_none) {
        rs_oidc_client_clear(&flow.client);
        ok = sign_in_elsewhere(&flow, why);
    }
    rs_oidc_client_clear(&flow.client);
    return ok;
}
