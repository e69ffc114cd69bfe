/*
 * The token of IAM Identity Center that signs its user in to the database: asked of AWS with the
 * credentials of an identity-enhanced session, by either of Redshift's two APIs.
 *
 * Source: Redshift API Reference and Redshift Serverless API Reference,
 * GetIdentityCenterAuthToken; aws-api.md 4.6, 5.4.
 */
#ifndef RS_IDCTOKEN_H
#define RS_IDCTOKEN_H

#include "../attrs.h"
#include "aws.h"

struct rs_idctoken {
    struct rs_secret token;
    int64_t expires_at; /* UTC seconds, 0: not said */
};
void rs_idctoken_clear(struct rs_idctoken *token);

struct rs_idctoken_ask {
    const char *workgroup; /* or else cluster_id */
    const char *cluster_id;
};

/* Posts as rs_aws_send does, and HY000 (an answer that cannot be read), HY001. */
RS_NODISCARD bool rs_idctoken_get(const struct rs_aws *aws, const struct rs_idctoken_ask *ask,
                                  struct rs_aws_told *told, struct rs_idctoken *out,
                                  struct rs_diag *diag);

/* The request's form or JSON body, appended. */
void rs_idctoken_body(const struct rs_idctoken_ask *ask, struct rs_buf *out);
/* The answers; for fuzzing. */
RS_NODISCARD bool rs_idctoken_read_xml(struct rs_str text, struct rs_idctoken *out,
                                       struct rs_diag *diag);
RS_NODISCARD bool rs_idctoken_read_json(struct rs_str text, struct rs_idctoken *out,
                                        struct rs_diag *diag);

#endif
