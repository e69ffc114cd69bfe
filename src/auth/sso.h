/*
 * Credentials of a profile by IAM Identity Center: with the token that `aws sso login` left, which
 * is renewed where it can be, and never by a sign-in of our own.
 *
 * Source: credentials.md 3.6, aws-api.md 7; AWS SDKs and Tools Reference Guide, "IAM Identity
 * Center credential provider".
 */
#ifndef RS_SSO_H
#define RS_SSO_H

#include "../attrs.h"
#include "../diag.h"
#include "creds.h"
#include "profile.h"
#include "source.h"

/*
 * Posts 28000 (settings missing or at odds, no token or an expired one: says which command to run;
 * refused), 08001 (no answer), HYT00, HY000 (an answer that cannot be used), HY001.
 */
RS_NODISCARD bool rs_sso_fetch(const struct rs_source *from, const struct rs_profile *profile,
                               struct rs_creds *out, struct rs_diag *diag);

/* The answer of GetRoleCredentials. Posts HY000, HY001. */
RS_NODISCARD bool rs_sso_read(struct rs_str text, struct rs_creds *out, struct rs_diag *diag);

#endif
