/*
 * The JSON document in which an instance or a container hands out credentials. Pure text work.
 *
 * Source: aws-api.md 8 and 9; Amazon EC2 User Guide, "Retrieve security credentials from instance
 * metadata".
 */
#ifndef RS_KEYDOC_H
#define RS_KEYDOC_H

#include "../attrs.h"
#include "../diag.h"
#include "../str.h"
#include "creds.h"

/*
 * AccessKeyId, SecretAccessKey, Token and Expiration must be there. A Code other than Success is a
 * failure that an instance reports so. An Expiration that has passed is no failure: AWS has the
 * last word on it.
 *
 * Posts 28000 (none of the document's secrets), HY001.
 */
RS_NODISCARD bool rs_keydoc_read(struct rs_str text, struct rs_creds *out, struct rs_diag *diag);

#endif
