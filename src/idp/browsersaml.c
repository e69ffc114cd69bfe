#include "browsersaml.h"

#include "../url.h"
#include "incoming.h"
#include "listener.h"
#include "saml.h"
#include "visit.h"

enum { USUAL_PORT = 7890 };

struct flow {
    const struct rs_idp_ask *ask;
    struct rs_listener listener;
    struct rs_url home; /* login_url */
    struct rs_secret *saml;
};

/* From an https page to http browsers say "null", which tells as much as nothing. */
static bool comes_from_home(struct flow *flow, const struct rs_incoming *request)
{
    struct rs_url from = { .port = 0 };
    bool is_page = rs_url_split(request->origin, &from);

    if (!request->has_origin || rs_str_eq(request->origin, RS_STR("null"))) {
        RS_LOG(flow->ask->log, RS_LOG_WARNING, "auth.listener",
               "the browser does not say which page the answer comes from");
        return true;
    }
    if (is_page && rs_str_eq_nocase(from.scheme, RS_STR("https")) &&
        (rs_str_eq_nocase(from.host, flow->home.host) ||
         rs_idp_is_trusted(flow->ask->set, from.host)))
        return true;
    if (is_page)
        rs_listener_because(&flow->listener,
                            "it came from a page of %.*s, which is neither the host of login_url "
                            "nor in idp_trusted_hosts; add it there if it is yours",
                            RS_ARG(from.host));
    else
        rs_listener_because(&flow->listener, "where it came from is not readable");
    return false;
}

/* A response in good form with a role in it. False: *cause says why not. */
static bool read_response(struct flow *flow, const struct rs_buf *value, struct rs_diag *cause)
{
    struct rs_secret clean = { NULL, 0 };
    struct rs_saml saml = { .roles = NULL };
    bool ok;

    ok = rs_saml_clean(rs_buf_str(value), &clean, cause) &&
         rs_saml_read((struct rs_str){ rs_secret_reveal(&clean), rs_secret_len(&clean) }, &saml,
                      cause) &&
         rs_saml_choose(&saml, NULL, flow->ask->log, cause) != NULL;
    if (ok) {
        RS_LOG(flow->ask->log, RS_LOG_INFO, "auth.saml", "signed in as %s",
               saml.claims.db_user == NULL ? "a user without name" : saml.claims.db_user);
        rs_secret_move(flow->saml, &clean);
    }
    rs_saml_clear(&saml);
    rs_secret_clear(&clean);
    return ok;
}

static enum rs_verdict take(void *ctx, const struct rs_incoming *request, struct rs_diag *diag)
{
    struct rs_buf value = RS_BUF_WIPED(RS_INCOMING_BODY_MAX);
    enum rs_verdict verdict = RS_VERDICT_BAD;
    struct rs_diag cause = { 0 };
    struct flow *flow = ctx;
    enum rs_field found;

    if (!comes_from_home(flow, request))
        return RS_VERDICT_STRANGER;
    found = rs_incoming_field(request->fields, "SAMLResponse", &value);
    if (value.bad)
        verdict = rs_buf_ok(&value, diag) ? RS_VERDICT_BAD : RS_VERDICT_FAILED;
    else if (found != RS_FIELD_ONE)
        rs_listener_because(&flow->listener, "it has %s SAMLResponse",
                            found == RS_FIELD_NONE ? "no" : "more than one");
    else if (read_response(flow, &value, &cause))
        verdict = RS_VERDICT_TAKEN;
    else if (rs_diag_state(&cause) == RS_HY001)
        verdict = rs_fail_memory(diag) ? RS_VERDICT_BAD : RS_VERDICT_FAILED;
    else
        rs_listener_because(&flow->listener, "%s", rs_diag_first(&cause));
    rs_buf_clear(&value);
    rs_diag_clear(&cause);
    return verdict;
}

bool rs_idp_browser_saml(const struct rs_idp_ask *ask, struct rs_idp_proof *out,
                         struct rs_diag *diag)
{
    struct flow flow = { .ask = ask, .saml = &out->text };
    bool ok;

    if (!rs_url_split(rs_str_of(ask->set->login_url), &flow.home) ||
        !rs_str_eq_nocase(flow.home.scheme, RS_STR("https")))
        return rs_fail(diag, RS_HY000, 0, "%s must be an https URL",
                       rs_key(RS_KEY_login_url)->name);
    flow.listener =
        (struct rs_listener){ .ask = ask, .what = "SAML response", .take = take, .ctx = &flow };
    ok = rs_listener_open(&flow.listener, USUAL_PORT, diag) &&
         rs_listener_run(&flow.listener, ask->set->login_url, diag);
    rs_listener_close(&flow.listener);
    return ok;
}
