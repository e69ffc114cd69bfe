/*
 * One sign-in on its way: what the files of src/auth that work on it share. Each step posts its own
 * error to diag.
 */
#ifndef RS_JOB_H
#define RS_JOB_H

#include "../attrs.h"
#include "../diag.h"
#include "../http.h"
#include "../idp/claims.h"
#include "../idp/idp.h"
#include "../log.h"
#include "../opener.h"
#include "../os.h"
#include "../settings.h"
#include "aws.h"
#include "chain.h"
#include "creds.h"
#include "endpoint.h"
#include "profile.h"
#include "target.h"

/* One sign-in on its way. */
struct rs_job {
    struct rs_settings *set;
    const struct rs_world *world;
    struct rs_deadline deadline;
    struct rs_log *log;
    struct rs_diag *diag;

    struct rs_profiles *profiles;
    const struct rs_profile *profile; /* the selected one, or NULL */
    struct rs_creds creds;
    const struct rs_idp_plugin *plugin;  /* that creds come from; NULL: none */
    struct rs_claims claims;             /* of its proof */
    struct rs_buf groups;                /* those of claims that are left */
    struct rs_host host;                 /* what Server says */
    bool is_serverless;                  /* by its own API: workgroup or custom domain */
    bool wants_token;                    /* not a password: the user is the token's */
    struct rs_buf workgroup, cluster_id; /* both empty: custom domain */
    struct rs_buf region;
    struct rs_buf ca_file;
    struct rs_http_proxy proxy; /* host NULL: none */
    struct rs_endpoint endpoint;
    struct rs_aws aws;
    struct rs_aws_told told; /* by the last call */
    struct rs_chain chain;
    /* How to get creds, and under what they are kept. */
    bool (*fetch)(struct rs_job *job, struct rs_creds *out, struct rs_diag *diag);
    uint8_t creds_key[RS_SHA256_BYTES];
    bool creds_are_kept;
    bool creds_are_nobodys; /* no setting says whose they are: never kept */
    struct rs_login login;
};

bool rs_job_has(const struct rs_job *job, enum rs_key_id id);
/* Replaces *to by a copy. */
RS_NODISCARD bool rs_job_set_text(struct rs_job *job, char **to, const char *value);
/* A property as it stands; empty when there is no such profile or property. */
struct rs_str rs_job_profile_text(const struct rs_profile *profile, const char *key);
int64_t rs_job_call_timeout_ms(const struct rs_job *job);

/* For calls to AWS; NULL: none. */
const struct rs_http_proxy *rs_job_proxy(const struct rs_job *job);

/* place.c: what is asked about, where, and for whom; before any call. */
RS_NODISCARD bool rs_job_find(struct rs_job *job);
/* By key, profile and claims; a plugin's UID is none. NULL or empty: not known. */
const char *rs_job_db_user(const struct rs_job *job);
/* Posts 28000 (there is none), HY000. */
RS_NODISCARD bool rs_job_check_db_user(struct rs_job *job);
/* The server's host and port from vpc_endpoint_url: a URL, or host[:port]. */
RS_NODISCARD bool rs_job_use_vpc_endpoint(struct rs_job *job);

/* authprofile.c: puts the options of the authentication profile below what the user set. */
RS_NODISCARD bool rs_job_take_auth_profile(struct rs_job *job);
/* place.c: CA file and proxy alone. */
RS_NODISCARD bool rs_job_find_way(struct rs_job *job);
/* place.c: region, endpoint, CA file and proxy alone. */
RS_NODISCARD bool rs_job_find_endpoint(struct rs_job *job);

/* grant.c: from a way to AWS credentials (job->fetch; NULL: job->creds are there) to a login, all
 * that rs_job_find finds being found. */
RS_NODISCARD bool rs_job_sign_in(struct rs_job *job);
/* grant.c: asks AWS for the token of the identity that job->creds carry, and where the server is
 * when nothing says so. Never kept. */
RS_NODISCARD bool rs_job_ask_token(struct rs_job *job, struct rs_secret *token);

/* resolve.c: what fetching credentials may need; borrowed from the job. */
struct rs_source rs_job_source(const struct rs_job *job);
/* The few keys a profile may hold for the database user, below what the user set. */
RS_NODISCARD bool rs_job_take_profile_keys(struct rs_job *job);

/* plugin.c: signs in with the plugin of the settings, or of the selected profile, which has one. */
RS_NODISCARD bool rs_job_sign_in_with_plugin(struct rs_job *job);
bool rs_job_has_plugin(const struct rs_profile *profile);
RS_NODISCARD bool rs_job_sign_in_with_profile_plugin(struct rs_job *job);
/* plugin.c: what of the claims follows from dbgroups_filter. Posts HY000, HY001. */
RS_NODISCARD bool rs_job_take_claims(struct rs_job *job);

#endif
