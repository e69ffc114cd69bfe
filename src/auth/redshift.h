/*
 * The calls of the Redshift query API that a sign-in needs: where a cluster is, and a temporary
 * password for it.
 *
 * Source: Redshift API Reference, DescribeClusters and GetClusterCredentials; aws-api.md 4.1, 4.2.
 */
#ifndef RS_REDSHIFT_H
#define RS_REDSHIFT_H

#include "../attrs.h"
#include "../secret.h"
#include "aws.h"

/* Posts as rs_aws_send does, and 08001 (no such cluster, no endpoint yet), HY000 (an answer that
 * cannot be read), HY001. host: rs_free it. */
RS_NODISCARD bool rs_redshift_describe(const struct rs_aws *aws, const char *cluster_id,
                                       char **host, int32_t *port, struct rs_diag *diag);

struct rs_redshift_ask {
    const char *db_user;
    const char *database;   /* NULL: not sent */
    const char *cluster_id; /* or else custom_domain */
    const char *custom_domain;
    int32_t duration_s; /* 0: not sent */
    bool has_auto_create, auto_create;
    const char *groups; /* comma list, NULL: none */
    bool lower_case_groups;
};

struct rs_redshift_password {
    char *user; /* with AWS's prefix: used verbatim */
    struct rs_secret password;
    int64_t expires_at; /* UTC seconds */
};
void rs_redshift_password_clear(struct rs_redshift_password *password);

RS_NODISCARD bool rs_redshift_password_get(const struct rs_aws *aws,
                                           const struct rs_redshift_ask *ask,
                                           struct rs_redshift_password *out, struct rs_diag *diag);

/* The request's form; for tests. */
void rs_redshift_form(const struct rs_redshift_ask *ask, struct rs_buf *out);
/* The answers; for fuzzing. */
RS_NODISCARD bool rs_redshift_read_cluster(struct rs_str text, const char *cluster_id, char **host,
                                           int32_t *port, struct rs_diag *diag);
RS_NODISCARD bool rs_redshift_read_password(struct rs_str text, struct rs_redshift_password *out,
                                            struct rs_diag *diag);

#endif
