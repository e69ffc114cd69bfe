/*
 * Credentials of a container: ECS tasks, EKS Pod Identity, and what else speaks their protocol.
 *
 * Source: aws-api.md 9; AWS SDKs and Tools Reference Guide, "Container credential provider".
 */
#ifndef RS_CONTAINER_H
#define RS_CONTAINER_H

#include "../attrs.h"
#include "../diag.h"
#include "creds.h"
#include "source.h"

#define RS_CONTAINER_RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define RS_CONTAINER_FULL     "AWS_CONTAINER_CREDENTIALS_FULL_URI"

enum { RS_CONTAINER_TIMEOUT_MS = 2000, RS_CONTAINER_ATTEMPTS = 3, RS_CONTAINER_GAP_MS = 1000 };

/* The variable that decides; NULL when neither is set. */
const char *rs_container_variable(const struct rs_world *world);

/* Posts 28000 (refused, unusable answer or URI, no variable), 08001 (no answer), HYT00, HY000
 * (token file), HY001. */
RS_NODISCARD bool rs_container_fetch(const struct rs_source *from, struct rs_creds *out,
                                     struct rs_diag *diag);

/* True for a URI that credentials may be asked of: https, or http to this computer or to one of
 * the three addresses of the container agents. */
bool rs_container_allows(struct rs_str uri);

#endif
