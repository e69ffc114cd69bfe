#include "browserazure.h"

#include "../url.h"
#include "azure.h"
#include "codeanswer.h"

enum { URL_MAX_BYTES = 16 << 10, FORM_MAX_BYTES = 1 << 20, VERIFIER_BYTES = 32 };

/* What differs between the two. */
struct kind {
    const char *authorize, *token; /* paths behind the tenant */
    bool is_native;
};

struct flow {
    const struct rs_idp_ask *ask;
    const struct kind *kind;
    const char *host;
    struct rs_buf scope, redirect;
    struct rs_pkce pkce;
    struct rs_listener listener;
    struct rs_codeanswer answer;
    struct rs_diag *diag;
};

/* ---- the question ---- */

static bool make_texts(struct flow *flow)
{
    const struct rs_settings *set = flow->ask->set;

    rs_buf_adds(&flow->scope, "openid");
    if (flow->kind->is_native && rs_settings_has_text(set, RS_KEY_scope))
        rs_buf_addf(&flow->scope, " %s", set->scope);
    rs_buf_addf(&flow->redirect, "http://localhost:%d/redshift/",
                (int)rs_listener_port(&flow->listener));
    return rs_buf_ok(&flow->scope, flow->diag) && rs_buf_ok(&flow->redirect, flow->diag);
}

static void add_place(const struct flow *flow, const char *path, struct rs_buf *out)
{
    rs_buf_addf(out, "https://%s/%s%s", flow->host, flow->ask->set->idp_tenant, path);
}

static void add_page(const struct flow *flow, struct rs_buf *out)
{
    struct rs_buf query = RS_BUF_WIPED(URL_MAX_BYTES);

    rs_query_add(&query, "scope", rs_buf_str(&flow->scope));
    rs_query_add(&query, "response_type", RS_STR("code"));
    rs_query_add(&query, "response_mode", RS_STR("form_post"));
    rs_query_add(&query, "client_id", rs_str_of(flow->ask->set->client_id));
    rs_query_add(&query, "redirect_uri", rs_buf_str(&flow->redirect));
    rs_query_add(&query, "state", rs_str_of(rs_secret_reveal(&flow->pkce.state)));
    rs_query_add(&query, "code_challenge", rs_str_of(flow->pkce.challenge));
    rs_query_add(&query, "code_challenge_method", RS_STR("S256"));
    add_place(flow, flow->kind->authorize, out);
    rs_buf_addc(out, '?');
    rs_buf_add(out, rs_buf_str(&query));
    out->bad = out->bad || query.bad;
    rs_buf_clear(&query);
}

static bool get_code(struct flow *flow)
{
    struct rs_buf url = RS_BUF_WIPED(URL_MAX_BYTES);
    bool ok;

    flow->answer = (struct rs_codeanswer){ .listener = &flow->listener,
                                           .pkce = &flow->pkce,
                                           .provider = "Azure AD" };
    flow->listener = (struct rs_listener){ .ask = flow->ask,
                                           .what = "answer of Azure AD",
                                           .take = rs_codeanswer_take,
                                           .ctx = &flow->answer };
    if (!rs_listener_open(&flow->listener, 0, flow->diag))
        return false;
    ok = make_texts(flow) && rs_pkce_make(VERIFIER_BYTES, &flow->pkce, flow->diag);
    if (ok) {
        add_page(flow, &url);
        ok = rs_buf_ok(&url, flow->diag) && rs_listener_run(&flow->listener, url.p, flow->diag);
    }
    rs_listener_close(&flow->listener);
    rs_buf_clear(&url);
    return ok;
}

/* ---- the token ---- */

static void add_form(const struct flow *flow, struct rs_buf *form)
{
    struct rs_str client = rs_str_of(flow->ask->set->client_id);

    rs_query_add(
        form, "code",
        (struct rs_str){ rs_secret_reveal(&flow->answer.code), rs_secret_len(&flow->answer.code) });
    if (!flow->kind->is_native)
        rs_query_add(form, "requested_token_type",
                     RS_STR("urn:ietf:params:oauth:token-type:saml2"));
    rs_query_add(form, "grant_type", RS_STR("authorization_code"));
    rs_query_add(form, "scope", rs_buf_str(&flow->scope));
    if (!flow->kind->is_native)
        rs_query_add(form, "resource", client);
    rs_query_add(form, "client_id", client);
    rs_query_add(form, "redirect_uri", rs_buf_str(&flow->redirect));
    rs_query_add(form, "code_verifier", rs_str_of(rs_secret_reveal(&flow->pkce.verifier)));
}

static bool get_token(struct flow *flow, struct rs_idp_proof *out)
{
    struct rs_buf url = RS_BUF_INIT(URL_MAX_BYTES), form = RS_BUF_WIPED(FORM_MAX_BYTES);
    struct rs_secret token = { NULL, 0 };
    struct rs_idp_visit visit = { .ask = NULL };
    bool ok;

    rs_idp_visit_begin(&visit, flow->ask, flow->host, 443);
    add_place(flow, flow->kind->token, &url);
    add_form(flow, &form);
    ok = rs_buf_ok(&url, flow->diag) && rs_buf_ok(&form, flow->diag) &&
         rs_azure_token(&visit, url.p, rs_buf_str(&form), &token, &out->expires_at, flow->diag);
    rs_idp_visit_end(&visit);
    if (ok && flow->kind->is_native)
        rs_secret_move(&out->text, &token);
    else if (ok)
        ok = rs_azure_saml((struct rs_str){ rs_secret_reveal(&token), rs_secret_len(&token) },
                           &out->text, flow->diag);
    rs_secret_clear(&token);
    rs_buf_clear(&url);
    rs_buf_clear(&form);
    return ok;
}

static bool fetch(const struct rs_idp_ask *ask, const struct kind *kind, struct rs_idp_proof *out,
                  struct rs_diag *diag)
{
    struct flow flow = { .ask = ask,
                         .kind = kind,
                         .scope = RS_BUF_INIT(URL_MAX_BYTES),
                         .redirect = RS_BUF_INIT(64),
                         .diag = diag };
    bool ok = rs_azure_host(ask->set, &flow.host, diag) && get_code(&flow) && get_token(&flow, out);

    rs_secret_clear(&flow.answer.code);
    rs_pkce_clear(&flow.pkce);
    rs_buf_clear(&flow.scope);
    rs_buf_clear(&flow.redirect);
    return ok;
}

bool rs_idp_browser_azure(const struct rs_idp_ask *ask, struct rs_idp_proof *out,
                          struct rs_diag *diag)
{
    static const struct kind kind = { .authorize = "/oauth2/authorize", .token = "/oauth2/token" };

    return fetch(ask, &kind, out, diag);
}

bool rs_idp_browser_azure_oauth2(const struct rs_idp_ask *ask, struct rs_idp_proof *out,
                                 struct rs_diag *diag)
{
    static const struct kind kind = { .authorize = "/oauth2/v2.0/authorize",
                                      .token = "/oauth2/v2.0/token",
                                      .is_native = true };

    return fetch(ask, &kind, out, diag);
}
