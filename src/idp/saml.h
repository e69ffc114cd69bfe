/*
 * A SAML response: its text made clean, and what it says of roles and the database user.
 *
 * The signature is not checked here: the Security Token Service does that, and what is read only
 * chooses what is asked for. Source: idp-flows.md 1.4, 2.1 to 2.3, 6.2; SAML 2.0
 * Core, 3.2.2, 2.7.3.
 */
#ifndef RS_SAML_H
#define RS_SAML_H

#include "../attrs.h"
#include "../diag.h"
#include "../log.h"
#include "../secret.h"
#include "../str.h"
#include "claims.h"

enum { RS_SAML_MAX_CHARS = 100000, RS_SAML_MAX_BYTES = RS_SAML_MAX_CHARS / 4 * 3 };

struct rs_saml_role {
    char *role, *provider; /* ARNs */
};

/* All zero is a valid empty one. */
struct rs_saml {
    struct rs_saml_role *roles; /* usable pairs in the order of the document */
    size_t n_roles;
    struct rs_claims claims; /* db_user: DbUser, else RoleSessionName */
    bool is_bare;            /* an assertion without a response around it: rs_saml_wrap it */
};
void rs_saml_clear(struct rs_saml *saml);

/* The value of a form's field: without blanks, padded, base64. Posts 28000 (it is none, is empty or
 * longer than RS_SAML_MAX_CHARS), HY001. */
RS_NODISCARD bool rs_saml_clean(struct rs_str value, struct rs_secret *out, struct rs_diag *diag);

/* A text as rs_saml_clean gives it. No role is no error: rs_saml_choose says so. Posts 28000 (no
 * XML, a document type, no response, refused by the provider, encrypted), HY001; the messages hold
 * nothing of it but the provider's status. */
RS_NODISCARD bool rs_saml_read(struct rs_str base64, struct rs_saml *out, struct rs_diag *diag);

/* The pair that is preferred (NULL or empty: the first). NULL after posting 28000. */
RS_NODISCARD const struct rs_saml_role *rs_saml_choose(const struct rs_saml *saml,
                                                       const char *preferred, struct rs_log *log,
                                                       struct rs_diag *diag);

/* An assertion as XML becomes a response in base64. It is signed: nothing but a byte order mark and
 * an XML declaration is taken off. Posts 28000 (too long), HY001. */
RS_NODISCARD bool rs_saml_wrap(struct rs_str assertion, struct rs_secret *out,
                               struct rs_diag *diag);

#endif
