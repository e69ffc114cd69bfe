/*
 * AWS credentials, the places where they lie ready (explicit keys, the environment, a profile with
 * keys), and which way to credentials a profile describes. What has to be fetched: source.h.
 *
 * Source: credentials.md 2, 3.2 and 4.
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
    bool clock_is_off;              /* expires_at is not by our clock */
};
void rs_creds_clear(struct rs_creds *creds);
/* The session token as a slice, for the header that carries it. */
struct rs_str rs_creds_token(const struct rs_creds *creds);

/* Copies of all three; no expiry. Posts HY001. */
RS_NODISCARD bool rs_creds_make(struct rs_str id, struct rs_str key, struct rs_str token,
                                struct rs_creds *out, struct rs_diag *diag);

/* AccessKeyID, SecretAccessKey (else PWD), SessionToken. Posts 28000 (one is missing), HY001. */
RS_NODISCARD bool rs_creds_from_keys(const struct rs_settings *set, struct rs_creds *out,
                                     struct rs_diag *diag);

/* AWS_ACCESS_KEY_ID and the like, when both keys are there. *lacks: NULL, else the first variable
 * that is unset, and out is untouched. Posts HY001. */
RS_NODISCARD bool rs_creds_from_env(const struct rs_world *world, struct rs_creds *out,
                                    const char **lacks, struct rs_diag *diag);

/* The way a profile describes, the first of them that applies (credentials.md 3.2). */
enum rs_creds_way {
    RS_CREDS_NONE,
    RS_CREDS_PLUGIN,
    RS_CREDS_ROLE,
    RS_CREDS_SSO,
    RS_CREDS_KEYS,
    RS_CREDS_PROCESS
};
/* *key (may be NULL): the property that decides. */
enum rs_creds_way rs_creds_way(const struct rs_profile *profile, const char **key);

/* The static keys of a profile. Posts 28000 (one of the two is missing or empty), HY001. */
RS_NODISCARD bool rs_creds_from_profile(const struct rs_profile *profile, struct rs_creds *out,
                                        struct rs_diag *diag);

/* A property's value without blanks around it; empty when there is none. */
struct rs_str rs_creds_text(const struct rs_profile *profile, const char *key);

#endif
