#include "page.h"
#include "signin.h"

/* One that AD FS has in its list of agents that can negotiate. */
static const char negotiating_agent[] =
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; WOW64; Trident/6.0)";

static bool start(struct rs_idp_visit *visit, struct rs_diag *diag)
{
    const struct rs_settings *set = visit->ask->set;
    struct rs_buf url = RS_BUF_INIT(RS_IDP_MAX_URL);
    struct rs_idp_step step = { .method = "GET" };
    bool ok;

    rs_buf_addf(&url, "https://%s:%d/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=", visit->host,
                (int)visit->port);
    rs_url_encode(&url, rs_str_of(set->login_to_rp));
    step.url = url.p;
    ok = rs_buf_ok(&url, diag) && rs_idp_visit_go(visit, &step, diag);
    rs_buf_clear(&url);
    if (ok && visit->reply.status == 404)
        return rs_fail(diag, RS_28000, 404,
                       "IdpInitiatedSignOn is disabled on this AD FS or idp_host is wrong");
    return ok;
}

static bool has_in_name(const struct rs_idp_control *control, const char *part)
{
    return rs_str_find_nocase(control->name, rs_str_of(part)) >= 0;
}

static bool fill(const struct rs_settings *set, struct rs_idp_form *form, struct rs_diag *diag)
{
    bool has_user = false, has_password = false;

    for (size_t i = 0; i < form->n; i++) {
        struct rs_idp_control *control = &form->controls[i];

        if (has_in_name(control, "username")) {
            control->value = rs_str_of(set->uid);
            has_user = true;
        } else if (has_in_name(control, "authmethod")) {
            control->is_left_out = control->value.n == 0;
        } else if (has_in_name(control, "password")) {
            control->value =
                (struct rs_str){ rs_secret_reveal(&set->pwd), rs_secret_len(&set->pwd) };
            has_password = true;
        }
    }
    return (has_user && has_password) ||
           rs_fail(diag, RS_28000, 0, "login form not understood (no %s field)",
                   has_user ? "password" : "user name");
}

/* The relying parties to choose from, on the page of a server that does not know the one named. */
static bool offers_parties(const struct rs_html *page)
{
    const struct rs_html_node *node = NULL;

    while ((node = rs_html_next(page, node)) != NULL)
        if ((rs_html_is(node, "select") &&
             rs_str_eq_nocase(rs_html_attr(node, "name"), RS_STR("SigninOptions"))) ||
            (rs_html_is(node, "input") &&
             rs_str_eq_nocase(rs_html_attr(node, "type"), RS_STR("radio"))))
            return true;
    return false;
}

static bool wants_second_factor(const struct rs_html *page)
{
    const struct rs_html_node *node = NULL;

    if (rs_idp_page_by_id(page, "mfaGreeting") != NULL)
        return true;
    while ((node = rs_html_next(page, node)) != NULL) {
        struct rs_str name = rs_html_attr(node, "name");

        if (rs_html_is(node, "input") && rs_html_around(node, "form") != NULL &&
            (rs_str_find_nocase(name, RS_STR("verificationcode")) >= 0 ||
             rs_str_find_nocase(name, RS_STR("otp")) >= 0))
            return true;
    }
    return false;
}

static bool reject(const struct rs_settings *set, const struct rs_html *page, struct rs_diag *diag)
{
    struct rs_buf words = RS_BUF_INIT(1024);

    rs_idp_page_words(page, "errorText", &set->pwd, &words);
    if (rs_buf_ok(&words, diag))
        rs_fail(diag, RS_28000, 0, "AD FS rejected the user name or password%s%s",
                words.len > 0 ? ": " : "", words.len > 0 ? words.p : "");
    rs_buf_clear(&words);
    return false;
}

/* What the page after the form, or instead of it, is when it holds no response. */
static bool fail_answer(const struct rs_settings *set, const struct rs_html *page,
                        struct rs_diag *diag)
{
    struct rs_idp_form form = { 0 };
    bool found = false;

    if (!rs_idp_form_login(page, &form, &found, diag))
        return false;
    rs_idp_form_clear(&form);
    if (found)
        return reject(set, page, diag);
    if (wants_second_factor(page))
        return rs_fail(diag, RS_28000, 0,
                       "AD FS asks for a second factor; use plugin_name=BrowserSAML");
    return rs_idp_page_fail_no_saml(diag);
}

static bool send_form(struct rs_idp_visit *visit, const struct rs_html *page,
                      struct rs_idp_form *form, struct rs_diag *diag)
{
    struct rs_buf url = RS_BUF_WIPED(RS_IDP_MAX_URL);
    bool ok = fill(visit->ask->set, form, diag) &&
              rs_idp_form_action(visit, page, form, &url, diag) &&
              rs_idp_form_send(visit, form, url.p, diag);

    rs_buf_clear(&url);
    return ok;
}

static bool by_form(struct rs_idp_visit *visit, struct rs_secret *out, struct rs_diag *diag)
{
    const struct rs_settings *set = visit->ask->set;
    struct rs_html *page = NULL, *answer = NULL;
    struct rs_idp_form form = { 0 };
    bool found = false, ok = false;

    if (!start(visit, diag) || !rs_idp_visit_need_ok(visit, diag) ||
        !rs_idp_page_read(visit, &page, diag) || !rs_idp_form_login(page, &form, &found, diag))
        goto out;
    if (!found) {
        ok = rs_idp_page_saml(page, out, diag);
        if (ok && !rs_secret_is_set(out))
            ok = rs_fail(diag, RS_28000, 0, "%s",
                         offers_parties(page) ? "relying party not found, check loginToRp"
                                              : "no login form in the IdP's answer");
        goto out;
    }
    if (!send_form(visit, page, &form, diag) || !rs_idp_page_read(visit, &answer, diag) ||
        !rs_idp_page_saml(answer, out, diag))
        goto out;
    ok = rs_secret_is_set(out) || fail_answer(set, answer, diag);
out:
    rs_idp_form_clear(&form);
    rs_html_free(page);
    rs_html_free(answer);
    return ok;
}

static bool by_ticket(struct rs_idp_visit *visit, struct rs_secret *out, struct rs_diag *diag)
{
    struct rs_html *page = NULL;
    struct rs_idp_form form = { 0 };
    bool found = false, ok = false;

    if (!rs_http_can_negotiate())
        return rs_fail(diag, RS_28000, 0,
                       "UID and PWD are empty and this build has no integrated authentication");
    visit->user_agent = negotiating_agent;
    visit->negotiates = true;
    if (!start(visit, diag))
        goto out;
    if (visit->reply.status == 401) {
        rs_fail(diag, RS_28000, 401,
                "integrated authentication failed (no valid Kerberos ticket?)");
        goto out;
    }
    if (!rs_idp_visit_need_ok(visit, diag) || !rs_idp_page_read(visit, &page, diag) ||
        !rs_idp_page_saml(page, out, diag))
        goto out;
    ok = rs_secret_is_set(out);
    if (ok || !rs_idp_form_login(page, &form, &found, diag))
        goto out;
    if (found)
        rs_fail(diag, RS_28000, 0,
                "AD FS offered the form instead of integrated authentication (user agent or "
                "network zone)");
    else if (offers_parties(page))
        rs_fail(diag, RS_28000, 0, "relying party not found, check loginToRp");
    else
        (void)fail_answer(visit->ask->set, page, diag);
out:
    rs_idp_form_clear(&form);
    rs_html_free(page);
    return ok;
}

bool rs_idp_adfs(const struct rs_idp_ask *ask, struct rs_idp_proof *out, struct rs_diag *diag)
{
    const struct rs_settings *set = ask->set;
    bool has_password = rs_settings_has_text(set, RS_KEY_uid) && rs_secret_is_set(&set->pwd), ok;
    struct rs_idp_visit visit;

    if (!rs_idp_host_check(set, diag))
        return false;
    rs_idp_visit_begin(&visit, ask, set->idp_host, set->idp_port);
    RS_LOG(ask->log, RS_LOG_INFO, "idp.adfs", "signing in at %s:%d by %s", set->idp_host,
           (int)set->idp_port, has_password ? "form" : "ticket");
    ok = has_password ? by_form(&visit, &out->text, diag) : by_ticket(&visit, &out->text, diag);
    rs_idp_visit_end(&visit);
    return ok;
}
