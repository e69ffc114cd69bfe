/*
 * The token of a plugin that signs in to the database itself: fetched, or that of an earlier
 * sign-in where the plugin lets it be kept. So an application with twenty connections opens one
 * browser window.
 *
 * Source: credentials.md 7, idp-flows.md 10.
 */
#ifndef RS_NATIVETOKEN_H
#define RS_NATIVETOKEN_H

#include "../attrs.h"
#include "../idp/idp.h"
#include "job.h"

/* out is all zero and the caller's to clear; job->login gets where it is kept and until when it is
 * good. Posts what the plugin posts, HY000 (idc_region), HYT00, HY001. */
RS_NODISCARD bool rs_job_get_token(struct rs_job *job, const struct rs_idp_plugin *plugin,
                                   struct rs_idp_proof *out);

#endif
