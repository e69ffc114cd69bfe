/*
 * A page of an identity provider's sign-in: its forms as a browser would send them, and the SAML
 * response that stands in the last one.
 *
 * Source: idp-flows.md 1.3, 1.4; HTML, "Form submission" (constructing the entry list).
 */
#ifndef RS_IDP_PAGE_H
#define RS_IDP_PAGE_H

#include "../attrs.h"
#include "../diag.h"
#include "../html.h"
#include "../secret.h"
#include "visit.h"

enum { RS_IDP_MAX_CONTROLS = 500 };

/* The last reply's body. Posts HY000, HY001. */
RS_NODISCARD bool rs_idp_page_read(const struct rs_idp_visit *visit, struct rs_html **out,
                                   struct rs_diag *diag);
/* What stands in the field SAMLResponse, without blanks and padded; left empty: there is no such
 * field. Posts 28000 (it is there, and no base64), HY001. */
RS_NODISCARD bool rs_idp_page_saml(const struct rs_html *page, struct rs_secret *out,
                                   struct rs_diag *diag);
/* 28000 "no SAML response in the IdP's answer" */
bool rs_idp_page_fail_no_saml(struct rs_diag *diag);
/* The element with that id; NULL: none. */
const struct rs_html_node *rs_idp_page_by_id(const struct rs_html *page, const char *id);
/* What the element with that id says to the user, for a message: at most 200 bytes, nothing when it
 * repeats the password. */
void rs_idp_page_words(const struct rs_html *page, const char *id, const struct rs_secret *password,
                       struct rs_buf *out);

/* What a control sends; all but value is the page's. */
struct rs_idp_control {
    struct rs_str name, id, type; /* type: empty for none, "select", "textarea" */
    struct rs_str value;          /* its own, or what the caller puts there */
    bool is_left_out;             /* the caller's: nothing is sent */
    struct rs_buf text;           /* inside: of a value that does not stand in an attribute */
};

/* All zero is one without controls. */
struct rs_idp_form {
    const struct rs_html_node *node; /* NULL: what stands outside all forms of the page */
    struct rs_idp_control *controls; /* in the order of the page, the first of a name */
    size_t n;
};

/* The login form: the first one with a password, or what stands outside all forms when the only
 * password does. *found false: there is none. */
RS_NODISCARD bool rs_idp_form_login(const struct rs_html *page, struct rs_idp_form *out,
                                    bool *found, struct rs_diag *diag);
/* The controls of a form; NULL: of what stands outside all forms. */
RS_NODISCARD bool rs_idp_form_read(const struct rs_html *page, const struct rs_html_node *form,
                                   struct rs_idp_form *out, struct rs_diag *diag);
void rs_idp_form_clear(struct rs_idp_form *form);
bool rs_idp_control_is(const struct rs_idp_control *control, const char *type);

/* Where it is sent, appended. Posts 28000 (to a place where nothing may go), HY001. */
RS_NODISCARD bool rs_idp_form_action(const struct rs_idp_visit *visit, const struct rs_html *page,
                                     const struct rs_idp_form *form, struct rs_buf *out,
                                     struct rs_diag *diag);
/* Sends it there by POST. Posts as rs_idp_visit_go and rs_idp_visit_need_ok. */
RS_NODISCARD bool rs_idp_form_send(struct rs_idp_visit *visit, const struct rs_idp_form *form,
                                   const char *url, struct rs_diag *diag);

#endif
