#include "page.h"

enum { BODY_MAX_BYTES = 1 << 20, TEXT_MAX_BYTES = 64 << 10 };

bool rs_idp_control_is(const struct rs_idp_control *control, const char *type)
{
    return rs_str_eq_nocase(control->type, rs_str_of(type));
}

static bool is_password(const struct rs_html_node *node)
{
    return rs_html_is(node, "input") &&
           rs_str_eq_nocase(rs_str_trim(rs_html_attr(node, "type")), RS_STR("password"));
}

/* Buttons send something only when they are pressed. */
static bool is_sent(const struct rs_html_node *node, struct rs_str type)
{
    static const char *const never[] = { "submit", "button", "image", "reset", "file" };

    if (rs_html_attr(node, "name").n == 0 || rs_html_has(node, "disabled"))
        return false;
    for (size_t i = 0; i < RS_COUNT(never); i++)
        if (rs_str_eq_nocase(type, rs_str_of(never[i])))
            return false;
    return (!rs_str_eq_nocase(type, RS_STR("checkbox")) &&
            !rs_str_eq_nocase(type, RS_STR("radio"))) ||
           rs_html_has(node, "checked");
}

static struct rs_str kept_text(struct rs_idp_control *control, const struct rs_html_node *node)
{
    control->text = (struct rs_buf)RS_BUF_WIPED(TEXT_MAX_BYTES);
    rs_html_text(node, &control->text);
    return rs_buf_str(&control->text);
}

/* The option that is selected, or the first. */
static struct rs_str option_of(struct rs_idp_control *control, const struct rs_html *page,
                               const struct rs_html_node *select)
{
    const struct rs_html_node *node = select, *chosen = NULL;

    while ((node = rs_html_next(page, node)) != NULL && rs_html_around(node, "select") == select)
        if (rs_html_is(node, "option") && (chosen == NULL || rs_html_has(node, "selected"))) {
            chosen = node;
            if (rs_html_has(node, "selected"))
                break;
        }
    if (chosen == NULL)
        return RS_STR_NULL;
    return rs_html_has(chosen, "value") ? rs_html_attr(chosen, "value")
                                        : rs_str_trim(kept_text(control, chosen));
}

/* False: it sends nothing. */
static bool read_control(const struct rs_html *page, const struct rs_html_node *node,
                         struct rs_idp_control *out)
{
    *out = (struct rs_idp_control){ .name = rs_html_attr(node, "name"),
                                    .id = rs_html_attr(node, "id") };
    if (rs_html_is(node, "input")) {
        out->type = rs_str_trim(rs_html_attr(node, "type"));
        out->value = rs_html_attr(node, "value");
        if (!rs_html_has(node, "value") &&
            (rs_idp_control_is(out, "checkbox") || rs_idp_control_is(out, "radio")))
            out->value = RS_STR("on");
    } else if (rs_html_is(node, "select")) {
        out->type = RS_STR("select");
    } else if (rs_html_is(node, "textarea")) {
        out->type = RS_STR("textarea");
    } else {
        return false;
    }
    if (!is_sent(node, out->type))
        return false;
    if (rs_idp_control_is(out, "select"))
        out->value = option_of(out, page, node);
    else if (rs_idp_control_is(out, "textarea"))
        out->value = kept_text(out, node);
    return true;
}

static bool has_name(const struct rs_idp_form *form, struct rs_str name)
{
    for (size_t i = 0; i < form->n; i++)
        if (rs_str_eq_nocase(form->controls[i].name, name))
            return true;
    return false;
}

static bool add_control(struct rs_idp_form *form, struct rs_idp_control *control,
                        struct rs_diag *diag)
{
    if (control->text.bad)
        return rs_buf_ok(&control->text, diag);
    if (has_name(form, control->name)) {
        rs_buf_clear(&control->text);
        return true;
    }
    if (form->n == RS_IDP_MAX_CONTROLS)
        return rs_fail(diag, RS_28000, 0, "login form not understood (more than %d fields)",
                       RS_IDP_MAX_CONTROLS);
    form->controls[form->n++] = *control;
    *control = (struct rs_idp_control){ 0 };
    return true;
}

bool rs_idp_form_read(const struct rs_html *page, const struct rs_html_node *form,
                      struct rs_idp_form *out, struct rs_diag *diag)
{
    struct rs_idp_form made = { .node = form };
    const struct rs_html_node *node = form;
    bool ok = true;

    made.controls = rs_alloc(RS_IDP_MAX_CONTROLS, sizeof *made.controls, diag);
    if (made.controls == NULL)
        return false;
    while (ok && (node = rs_html_next(page, node)) != NULL) {
        struct rs_idp_control control;

        if (rs_html_around(node, "form") == form && read_control(page, node, &control)) {
            ok = add_control(&made, &control, diag);
            rs_buf_clear(&control.text);
        }
    }
    if (ok)
        *out = made;
    else
        rs_idp_form_clear(&made);
    return ok;
}

void rs_idp_form_clear(struct rs_idp_form *form)
{
    for (size_t i = 0; i < form->n; i++)
        rs_buf_clear(&form->controls[i].text);
    rs_free(form->controls);
    *form = (struct rs_idp_form){ 0 };
}

bool rs_idp_form_login(const struct rs_html *page, struct rs_idp_form *out, bool *found,
                       struct rs_diag *diag)
{
    const struct rs_html_node *node = NULL, *form = NULL;
    size_t n_outside = 0;

    *found = false;
    while (form == NULL && (node = rs_html_next(page, node)) != NULL)
        if (is_password(node)) {
            form = rs_html_around(node, "form");
            n_outside += form == NULL ? 1 : 0;
        }
    if (form == NULL && n_outside != 1)
        return true;
    *found = rs_idp_form_read(page, form, out, diag);
    return *found;
}

/* ---- sending it ---- */

static struct rs_str base_of(const struct rs_html *page)
{
    const struct rs_html_node *node = NULL;

    while ((node = rs_html_next(page, node)) != NULL)
        if (rs_html_is(node, "base") && rs_html_has(node, "href"))
            return rs_str_trim(rs_html_attr(node, "href"));
    return RS_STR_NULL;
}

bool rs_idp_form_action(const struct rs_idp_visit *visit, const struct rs_html *page,
                        const struct rs_idp_form *form, struct rs_buf *out, struct rs_diag *diag)
{
    struct rs_buf url = RS_BUF_WIPED(RS_IDP_MAX_URL);
    struct rs_str action = RS_STR_NULL;
    struct rs_url parts = { .port = 0 };
    bool is_link = false, ok = false;

    if (form->node != NULL)
        action = rs_str_trim(rs_html_attr(form->node, "action"));
    /* Without an action a form goes to its page, whatever the base. */
    if (!rs_idp_visit_resolve(visit, action.n == 0 ? RS_STR_NULL : base_of(page), action, &url,
                              &is_link, diag))
        goto out;
    if (!is_link || !rs_url_split(rs_buf_str(&url), &parts))
        rs_fail(diag, RS_28000, 0, "login form not understood (its action is no address)");
    else if (rs_idp_visit_may(visit, &parts))
        ok = true;
    else if (!rs_str_eq_nocase(parts.scheme, RS_STR("https")))
        rs_fail(diag, RS_28000, 0, "login form posts to a place that is not https (%.*s)",
                RS_ARG(parts.host));
    else
        rs_fail(diag, RS_28000, 0,
                "login form posts to another host (%.*s:%d); add it to idp_trusted_hosts if it is "
                "yours",
                RS_ARG(parts.host), parts.port == 0 ? 443 : (int)parts.port);
    if (ok) {
        rs_buf_add(out, rs_buf_str(&url));
        ok = rs_buf_ok(out, diag);
    }
out:
    rs_buf_clear(&url);
    return ok;
}

/* application/x-www-form-urlencoded */
static void add_encoded(struct rs_buf *body, struct rs_str text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (rs_is_alnum((char)c) || c == '*' || c == '-' || c == '.' || c == '_') {
            rs_buf_addc(body, (char)c);
        } else if (c == ' ') {
            rs_buf_addc(body, '+');
        } else {
            rs_buf_addc(body, '%');
            rs_buf_addc(body, digits[c >> 4]);
            rs_buf_addc(body, digits[c & 15]);
        }
    }
}

bool rs_idp_form_send(struct rs_idp_visit *visit, const struct rs_idp_form *form, const char *url,
                      struct rs_diag *diag)
{
    static const struct rs_header type = { { "Content-Type", 12 },
                                           { "application/x-www-form-urlencoded", 33 } };
    struct rs_buf body = RS_BUF_WIPED(BODY_MAX_BYTES);
    struct rs_idp_step step = { .method = "POST", .url = url, .headers = &type, .n_headers = 1 };
    bool ok;

    for (size_t i = 0; i < form->n; i++) {
        if (form->controls[i].is_left_out)
            continue;
        if (body.len > 0)
            rs_buf_addc(&body, '&');
        add_encoded(&body, form->controls[i].name);
        rs_buf_addc(&body, '=');
        add_encoded(&body, form->controls[i].value);
    }
    step.body = rs_buf_str(&body);
    ok = rs_buf_ok(&body, diag) && rs_idp_visit_go(visit, &step, diag) &&
         rs_idp_visit_need_ok(visit, diag);
    rs_buf_clear(&body);
    return ok;
}
