/*
 * The calls of the Redshift Serverless API that a sign-in needs: where a workgroup is, and a
 * temporary password for it.
 *
 * Source: Redshift Serverless API Reference, GetWorkgroup and GetCredentials; aws-api.md 5.
 */
#ifndef RS_SERVERLESS_H
#define RS_SERVERLESS_H

#include "../attrs.h"
#include "../json.h"
#include "aws.h"
#include "redshift.h"

/* Posts as rs_aws_send does, and 08001 (no endpoint yet), HY000 (an answer that cannot be read),
 * HY001. host: rs_free it. */
RS_NODISCARD bool rs_serverless_describe(const struct rs_aws *aws, const char *workgroup,
                                         struct rs_aws_told *told, char **host, int32_t *port,
                                         struct rs_diag *diag);

struct rs_serverless_ask {
    const char *workgroup; /* or else custom_domain */
    const char *custom_domain;
    const char *database; /* NULL: not sent */
    int32_t duration_s;   /* 0: not sent */
};
RS_NODISCARD bool rs_serverless_password_get(const struct rs_aws *aws,
                                             const struct rs_serverless_ask *ask,
                                             struct rs_aws_told *told,
                                             struct rs_redshift_password *out,
                                             struct rs_diag *diag);

/* For every call: an answer parsed (HY000, HY001). rs_json_free it. */
RS_NODISCARD bool rs_serverless_parse(struct rs_str text, const char *operation,
                                      struct rs_json **json, struct rs_diag *diag);

/* The request's body. */
void rs_serverless_body(const struct rs_serverless_ask *ask, struct rs_buf *out);
/* The answers; for fuzzing. */
RS_NODISCARD bool rs_serverless_read_workgroup(struct rs_str text, const char *workgroup,
                                               char **host, int32_t *port, struct rs_diag *diag);
RS_NODISCARD bool rs_serverless_read_password(struct rs_str text, struct rs_redshift_password *out,
                                              struct rs_diag *diag);

#endif
