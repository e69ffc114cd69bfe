/*
 * From an AWS profile to credentials, whatever way the profile describes.
 *
 * Source: credentials.md 3.2 to 3.7; AWS SDKs and Tools Reference Guide, "Settings reference".
 */
#ifndef RS_SOURCE_H
#define RS_SOURCE_H

#include "../attrs.h"
#include "../diag.h"
#include "../log.h"
#include "../os.h"
#include "creds.h"
#include "profile.h"

/* What getting credentials may need. All of it is borrowed. */
struct rs_http_proxy;
struct rs_source {
    const struct rs_world *world;
    struct rs_log *log;
    struct rs_deadline deadline; /* of the whole sign-in */
    int64_t call_timeout_ms;     /* of each request to AWS; 0: the default */
    const struct rs_profiles *profiles;
    const struct rs_profile *profile;  /* the selected one, for endpoints; NULL: none */
    const char *region;                /* of the cluster: roles are assumed there */
    const char *ca_file;               /* for AWS */
    const struct rs_http_proxy *proxy; /* for AWS; NULL: none */
    const char *sts_url;               /* StsEndpointUrl; NULL: by region */
};

/*
 * Posts 28000 (no or half credentials, contradictions, a process that fails), HYT00 (deadline),
 * HYC00 (a plugin: not in this build), HY001; for a role
 * also as rs_aws_send does.
 */
RS_NODISCARD bool rs_source_profile(const struct rs_source *from, const struct rs_profile *profile,
                                    struct rs_creds *out, struct rs_diag *diag);

enum { RS_SOURCE_MAX_HOPS = 16, RS_SOURCE_MAX_TOKEN = 20000 };

/* AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME; the first two are set. Posts
 * HY000 (file), 28000 (empty), and as rs_sts_assume_web_identity does. */
RS_NODISCARD bool rs_source_web_identity(const struct rs_source *from, struct rs_creds *out,
                                         struct rs_diag *diag);

#endif
