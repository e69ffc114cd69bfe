/*
 * Which endpoint the calls of a service go to, as the environment and the AWS profile say.
 *
 * Source: credentials.md 4 (end), aws-api.md 3; AWS SDKs and Tools Reference Guide,
 * "Service-specific endpoints", "Dual-stack and FIPS endpoints".
 */
#ifndef RS_LOCATE_H
#define RS_LOCATE_H

#include "../attrs.h"
#include "../diag.h"
#include "../log.h"
#include "../os.h"
#include "endpoint.h"
#include "profile.h"

enum rs_service {
    RS_SERVICE_REDSHIFT,
    RS_SERVICE_SERVERLESS,
    RS_SERVICE_STS,
    RS_SERVICE_SSO,
    RS_SERVICE_SSO_OIDC
};

/* Who asks. All of it is borrowed; profiles and profile may be NULL. */
struct rs_locate {
    const struct rs_world *world;
    struct rs_log *log;
    const struct rs_profiles *profiles;
    const struct rs_profile *profile; /* the selected one */
};

/*
 * In this order: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, endpoint_url of the service in the
 * profile's services section, endpoint_url of the profile (unless the configured ones are to be
 * ignored), the name made of region, partition, FIPS and dual stack. The log says which it was.
 *
 * Posts HY000 (no https URL, a services section that is not there, no dual-stack names in the
 * partition), HY001.
 */
RS_NODISCARD bool rs_locate(const struct rs_locate *from, enum rs_service service,
                            const char *region, struct rs_endpoint *out, struct rs_diag *diag);

#endif
