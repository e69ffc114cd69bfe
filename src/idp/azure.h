/*
 * Azure AD (Entra ID): signing in with a password, and what its other plugins share: hosts, the
 * token request, the assertion in its answer.
 *
 * Source: idp-flows.md 6.
 */
#ifndef RS_AZURE_H
#define RS_AZURE_H

#include "idp.h"
#include "visit.h"

/* Of idp_partition; idp_tenant is checked too, since it becomes part of a URL. Posts HY000. */
RS_NODISCARD bool rs_azure_host(const struct rs_settings *set, const char **out,
                                struct rs_diag *diag);
/* Posts the form and takes the token out of the answer. *expires_at: UTC seconds, 0: not said.
 * Posts as rs_idp_visit_go does, and 28000 (refused: Azure's code and first line). */
RS_NODISCARD bool rs_azure_token(struct rs_idp_visit *visit, const char *url, struct rs_str form,
                                 struct rs_secret *access_token, int64_t *expires_at,
                                 struct rs_diag *diag);
/* The SAML assertion in base64url as the Security Token Service takes it. Posts 28000, HY001. */
RS_NODISCARD bool rs_azure_saml(struct rs_str access_token, struct rs_secret *saml,
                                struct rs_diag *diag);

rs_idp_fetch_fn rs_idp_azure;

#endif
