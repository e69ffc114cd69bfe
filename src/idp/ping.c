#include "page.h"
#include "signin.h"

/* A sign-in on its way. */
struct ping {
    struct rs_idp_visit visit;
    struct rs_html *page; /* the last one */
    struct rs_idp_form form;
    bool has_sent_user, has_sent_password;
};

static bool is_text(const struct rs_idp_control *control)
{
    return control->type.n == 0 || rs_idp_control_is(control, "text") ||
           rs_idp_control_is(control, "email");
}

static bool is_either(struct rs_str text, const char *a, const char *b)
{
    return rs_str_eq_nocase(text, rs_str_of(a)) || rs_str_eq_nocase(text, rs_str_of(b));
}

static bool has_usual_name(const struct rs_idp_control *control)
{
    return is_either(control->id, "username", "pf.username") ||
           is_either(control->name, "username", "pf.username");
}

static bool has_likely_name(const struct rs_idp_control *control)
{
    return rs_str_find_nocase(control->name, RS_STR("email")) >= 0 ||
           rs_str_find_nocase(control->name, RS_STR("user")) >= 0;
}

static struct rs_idp_control *user_field(const struct rs_idp_form *form)
{
    for (size_t i = 0; i < form->n; i++)
        if (is_text(&form->controls[i]) && has_usual_name(&form->controls[i]))
            return &form->controls[i];
    for (size_t i = 0; i < form->n; i++)
        if (is_text(&form->controls[i]) && has_likely_name(&form->controls[i]))
            return &form->controls[i];
    return NULL;
}

/* False: there are two of them. */
static bool password_field(const struct rs_idp_form *form, struct rs_idp_control **out,
                           struct rs_diag *diag)
{
    *out = NULL;
    for (size_t i = 0; i < form->n; i++) {
        struct rs_idp_control *control = &form->controls[i];

        if (!rs_idp_control_is(control, "password") ||
            rs_str_find_nocase(control->name, RS_STR("pass")) < 0)
            continue;
        if (*out != NULL)
            return rs_fail(diag, RS_28000, 0, "two password fields on the login page");
        *out = control;
    }
    return true;
}

/* What the page's script does when its button is pressed. */
static void press(struct rs_idp_form *form)
{
    for (size_t i = 0; i < form->n; i++)
        if (rs_str_eq_nocase(form->controls[i].name, RS_STR("pf.ok")) &&
            form->controls[i].value.n == 0)
            form->controls[i].value = RS_STR("clicked");
}

static bool fill(struct ping *ping, bool has_password, struct rs_diag *diag)
{
    const struct rs_settings *set = ping->visit.ask->set;
    struct rs_idp_control *user = user_field(&ping->form), *password = NULL;

    if (has_password && !password_field(&ping->form, &password, diag))
        return false;
    if (user == NULL && !ping->has_sent_user)
        return rs_fail(diag, RS_28000, 0, "login form not understood (no user name field)");
    if (has_password && password == NULL)
        return rs_fail(diag, RS_28000, 0, "login form not understood (no password field)");
    if (user != NULL)
        user->value = rs_str_of(set->uid);
    if (password != NULL)
        password->value = (struct rs_str){ rs_secret_reveal(&set->pwd), rs_secret_len(&set->pwd) };
    press(&ping->form);
    return true;
}

/* The first form, or what stands outside all forms, that has a field for the user's name. */
static bool find_user_form(struct ping *ping, bool *found, struct rs_diag *diag)
{
    const struct rs_html_node *node = NULL;

    *found = false;
    do {
        do
            node = rs_html_next(ping->page, node);
        while (node != NULL && !rs_html_is(node, "form"));
        if (!rs_idp_form_read(ping->page, node, &ping->form, diag))
            return false;
        *found = user_field(&ping->form) != NULL;
        if (!*found)
            rs_idp_form_clear(&ping->form);
    } while (!*found && node != NULL);
    return true;
}

/* An interstitial page about other sign-ins under way is not wanted. */
static void add_query(struct rs_buf *url)
{
    struct rs_url parts;
    bool has_query;

    if (!rs_url_split(rs_buf_str(url), &parts) ||
        !rs_str_ends_nocase(parts.path, RS_STR("startSSO.ping")))
        return;
    has_query = parts.has_query;
    rs_buf_addc(url, has_query ? '&' : '?');
    rs_buf_adds(url, "skip.simultaneous.authn.req.check=true");
}

static bool read_page(struct ping *ping, struct rs_diag *diag)
{
    rs_idp_form_clear(&ping->form);
    rs_html_free(ping->page);
    ping->page = NULL;
    return rs_idp_visit_need_ok(&ping->visit, diag) &&
           rs_idp_page_read(&ping->visit, &ping->page, diag);
}

static bool send_form(struct ping *ping, bool has_password, struct rs_diag *diag)
{
    struct rs_buf url = RS_BUF_WIPED(RS_IDP_MAX_URL);
    bool ok = fill(ping, has_password, diag) &&
              rs_idp_form_action(&ping->visit, ping->page, &ping->form, &url, diag);

    if (ok)
        add_query(&url);
    ok = ok && rs_buf_ok(&url, diag) && rs_idp_form_send(&ping->visit, &ping->form, url.p, diag) &&
         read_page(ping, diag);
    rs_buf_clear(&url);
    ping->has_sent_user = true;
    ping->has_sent_password = has_password;
    return ok;
}

static bool start(struct ping *ping, struct rs_diag *diag)
{
    struct rs_buf url = RS_BUF_INIT(RS_IDP_MAX_URL);
    struct rs_idp_step step = { .method = "GET" };
    bool ok;

    rs_buf_addf(&url, "https://%s:%d/idp/startSSO.ping?PartnerSpId=", ping->visit.host,
                (int)ping->visit.port);
    rs_url_encode(&url, rs_str_of(ping->visit.ask->set->partner_spid));
    step.url = url.p;
    ok = rs_buf_ok(&url, diag) && rs_idp_visit_go(&ping->visit, &step, diag) &&
         read_page(ping, diag);
    rs_buf_clear(&url);
    return ok;
}

/* Pages until one holds the response: user and password, or the user's name and then the password.
 */
static bool sign_in(struct ping *ping, struct rs_secret *out, struct rs_diag *diag)
{
    for (;;) {
        bool has_password = false, has_user = false;

        if (!rs_idp_page_saml(ping->page, out, diag))
            return false;
        if (rs_secret_is_set(out))
            return true;
        if (!rs_idp_form_login(ping->page, &ping->form, &has_password, diag))
            return false;
        if (has_password && ping->has_sent_password)
            return rs_fail(diag, RS_28000, 0, "PingFederate rejected the user name or password");
        if (!has_password && !ping->has_sent_user && !find_user_form(ping, &has_user, diag))
            return false;
        if (!has_password && !has_user)
            return ping->has_sent_user
                       ? rs_idp_page_fail_no_saml(diag)
                       : rs_fail(diag, RS_28000, 0, "no login form in the IdP's answer");
        if (!send_form(ping, has_password, diag))
            return false;
    }
}

bool rs_idp_ping(const struct rs_idp_ask *ask, struct rs_idp_proof *out, struct rs_diag *diag)
{
    const struct rs_settings *set = ask->set;
    struct ping ping = { 0 };
    bool ok;

    if (!rs_idp_host_check(set, diag))
        return false;
    rs_idp_visit_begin(&ping.visit, ask, set->idp_host, set->idp_port);
    RS_LOG(ask->log, RS_LOG_INFO, "idp.ping", "signing in at %s:%d", set->idp_host,
           (int)set->idp_port);
    ok = start(&ping, diag) && sign_in(&ping, &out->text, diag);
    rs_idp_form_clear(&ping.form);
    rs_html_free(ping.page);
    rs_idp_visit_end(&ping.visit);
    return ok;
}
