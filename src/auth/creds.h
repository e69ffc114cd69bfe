/*
 * AWS credentials and where they come from: explicit keys, or the static keys of a named profile.
 * Ways that are not in this build answer HYC00 and say what they would need.
 *
 * Source: credentials.md 2 and 3.2.
 */
#ifndef RS_CREDS_H
#define RS_CREDS_H

#include "../attrs.h"
#include "../diag.h"
#include "../secret.h"
#include "../settings.h"
#include "profile.h"

/* All zero is a valid empty one. */
struct rs_creds {
    char *access_key_id;
    struct rs_secret secret_access_key;
    struct rs_secret session_token; /* empty: long-term keys */
    int64_t expires_at;             /* UTC seconds, 0: unknown or never */
};
void rs_creds_clear(struct rs_creds *creds);
/* The session token as a slice, for the header that carries it. */
struct rs_str rs_creds_token(const struct rs_creds *creds);

/* AccessKeyID, SecretAccessKey (else PWD), SessionToken. Posts 28000 (one is missing), HY001. */
RS_NODISCARD bool rs_creds_from_keys(const struct rs_settings *set, struct rs_creds *out,
                                     struct rs_diag *diag);

/*
 * The static keys of a profile, by the order of credentials.md 3.2. Posts 28000 (no or half
 * credentials, contradictions), HYC00 (plugin, role, Identity Center, process), HY001.
 */
RS_NODISCARD bool rs_creds_from_profile(const struct rs_profile *profile, struct rs_creds *out,
                                        struct rs_diag *diag);

#endif
