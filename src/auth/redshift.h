/*
 * The calls of the Redshift query API that a sign-in needs: where a cluster is, whose a custom
 * domain is, and a temporary password.
 *
 * Source: Redshift API Reference, DescribeClusters, GetClusterCredentials,
 * GetClusterCredentialsWithIAM, DescribeCustomDomainAssociations, DescribeAuthenticationProfiles;
 * aws-api.md 4.1 to 4.5, 12.
 */
#ifndef RS_REDSHIFT_H
#define RS_REDSHIFT_H

#include "../attrs.h"
#include "../secret.h"
#include "../xml.h"
#include "aws.h"

/* Posts as rs_aws_send does, and 08001 (no such cluster, no endpoint yet), HY000 (an answer that
 * cannot be read), HY001. host: rs_free it. */
RS_NODISCARD bool rs_redshift_describe(const struct rs_aws *aws, const char *cluster_id,
                                       struct rs_aws_told *told, char **host, int32_t *port,
                                       struct rs_diag *diag);

struct rs_redshift_ask {
    bool with_iam;        /* the user follows from the identity: neither user nor groups are sent */
    const char *db_user;  /* NULL with with_iam */
    const char *database; /* NULL: not sent */
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
    bool clock_is_off;  /* expires_at is not by our clock */
};
void rs_redshift_password_clear(struct rs_redshift_password *password);

/*
 * When AWS does not know the custom domain as a cluster's, its association is looked up once, and
 * the first error stands when that gives nothing. told says how the last call ended.
 * Posts as rs_aws_send does, HY000 (an answer that cannot be read), HY001.
 */
RS_NODISCARD bool rs_redshift_password_get(const struct rs_aws *aws,
                                           const struct rs_redshift_ask *ask,
                                           struct rs_aws_told *told,
                                           struct rs_redshift_password *out, struct rs_diag *diag);

/* DescribeCustomDomainAssociations: whose a custom domain is; *id is NULL when nobody's, else
 * rs_free it. Posts as rs_aws_send does, HY000, HY001. */
RS_NODISCARD bool rs_redshift_domain(const struct rs_aws *aws, const char *domain, char **id,
                                     struct rs_diag *diag);

/* DescribeAuthenticationProfiles: the content of that profile, JSON, appended. Posts as rs_aws_send
 * does, 28000 (there is no such profile), HY000, HY001. */
RS_NODISCARD bool rs_redshift_profile(const struct rs_aws *aws, const char *name,
                                      struct rs_buf *out, struct rs_diag *diag);

/* For every call: how its form begins; an answer parsed, its first element checked (HY000, HY001).
 * *xml: rs_xml_free it, whatever the outcome. */
void rs_redshift_begin_form(struct rs_buf *out, const char *action);
RS_NODISCARD bool rs_redshift_parse(struct rs_str text, const char *operation, struct rs_xml **xml,
                                    struct rs_diag *diag);

/* The request's form; for tests. */
void rs_redshift_form(const struct rs_redshift_ask *ask, struct rs_buf *out);
/* The answers; for fuzzing. */
RS_NODISCARD bool rs_redshift_read_cluster(struct rs_str text, const char *cluster_id, char **host,
                                           int32_t *port, struct rs_diag *diag);
RS_NODISCARD bool rs_redshift_read_password(struct rs_str text, bool with_iam,
                                            struct rs_redshift_password *out, struct rs_diag *diag);
RS_NODISCARD bool rs_redshift_read_profile(struct rs_str text, const char *name, struct rs_buf *out,
                                           struct rs_diag *diag);
/* *id is NULL when the answer names no cluster for this domain; else rs_free it. */
RS_NODISCARD bool rs_redshift_read_domain(struct rs_str text, const char *domain, char **id,
                                          struct rs_diag *diag);

#endif
