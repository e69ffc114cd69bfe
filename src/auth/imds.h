/*
 * Credentials of an EC2 instance: the metadata service, version 2 only.
 *
 * Source: aws-api.md 8; Amazon EC2 User Guide, "Use the Instance Metadata Service to access
 * instance metadata".
 */
#ifndef RS_IMDS_H
#define RS_IMDS_H

#include "../attrs.h"
#include "../diag.h"
#include "creds.h"
#include "profile.h"
#include "source.h"

enum { RS_IMDS_TOKEN_TTL_S = 21600, RS_IMDS_EXPLICIT_ATTEMPTS = 3, RS_IMDS_CHAIN_ATTEMPTS = 1 };

/* AWS_EC2_METADATA_DISABLED says so. */
bool rs_imds_is_disabled(const struct rs_world *world);

/*
 * profile (may be NULL) may name the service's place; attempts: AWS_METADATA_SERVICE_NUM_ATTEMPTS
 * wins. Posts 28000 (disabled, no service, no role, refused, unusable answer), HYT00, HY000, HY001.
 */
RS_NODISCARD bool rs_imds_fetch(const struct rs_source *from, const struct rs_profile *profile,
                                unsigned attempts, struct rs_creds *out, struct rs_diag *diag);

#endif
