/*
 * The calls of the Security Token Service: temporary credentials for a role.
 *
 * Source: STS API Reference, AssumeRole, AssumeRoleWithSAML and AssumeRoleWithWebIdentity;
 * aws-api.md 6.
 */
#ifndef RS_STS_H
#define RS_STS_H

#include "../attrs.h"
#include "../diag.h"
#include "creds.h"
#include "source.h"

/* What is asked for; empty is not sent, except for the session's name, which has a default. */
struct rs_sts_role {
    struct rs_str arn, session_name, external_id, duration_s;
};

/* Signed with base. Posts as rs_aws_send does, HY000 (an answer that cannot be used; StsEndpointUrl
 * is no URL), HY001. */
RS_NODISCARD bool rs_sts_assume_role(const struct rs_source *from, const struct rs_sts_role *role,
                                     const struct rs_creds *base, struct rs_creds *out,
                                     struct rs_diag *diag);

/* The token is the proof: nothing is signed, and external_id is not sent. Posts the same. */
RS_NODISCARD bool rs_sts_assume_web_identity(const struct rs_source *from,
                                             const struct rs_sts_role *role, struct rs_str token,
                                             struct rs_creds *out, struct rs_diag *diag);

/* The assertion, in base64, is the proof: nothing is signed, and only arn and duration_s of the
 * role are sent. Posts the same. */
RS_NODISCARD bool rs_sts_assume_saml(const struct rs_source *from, const struct rs_sts_role *role,
                                     const char *provider, struct rs_str assertion,
                                     struct rs_creds *out, struct rs_diag *diag);

/* The Credentials of an answer. Posts HY000, HY001. */
RS_NODISCARD bool rs_sts_read(struct rs_str text, const char *operation, struct rs_creds *out,
                              struct rs_diag *diag);

#endif
