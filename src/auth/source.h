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
struct rs_source {
    const struct rs_world *world;
    struct rs_log *log;
    struct rs_deadline deadline; /* of the whole sign-in */
};

/*
 * Posts 28000 (no or half credentials, contradictions, a process that fails), HYT00 (deadline),
 * HYC00 (plugin, role, Identity Center), HY001.
 */
RS_NODISCARD bool rs_source_profile(const struct rs_source *from, const struct rs_profile *profile,
                                    struct rs_creds *out, struct rs_diag *diag);

#endif
