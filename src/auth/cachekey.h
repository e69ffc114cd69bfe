/*
 * Under what a credential is kept: a digest of all that determines it. Names and values go in with
 * their lengths, so that no two lists read alike, and the digest is keyed with random bytes of this
 * process, so that it tells nothing about the secrets in it.
 *
 * Source: credentials.md 7.
 */
#ifndef RS_CACHEKEY_H
#define RS_CACHEKEY_H

#include "../attrs.h"
#include "../crypto.h"
#include "../os.h"
#include "../settings.h"
#include "../str.h"
#include "profile.h"

enum { RS_CACHEKEY_MAX_BYTES = 8 << 20 };

/* All append to a wiped buffer whose failure is sticky. */
void rs_cachekey_add(struct rs_buf *text, const char *name, struct rs_str value);
void rs_cachekey_add_int(struct rs_buf *text, const char *name, int64_t value);
void rs_cachekey_add_secret(struct rs_buf *text, const char *name, const struct rs_secret *value);
/* Who asks: the effective user, and every variable that deciding on credentials may read. */
void rs_cachekey_add_asker(struct rs_buf *text, const struct rs_world *world);
/* The keys that say how to come by AWS credentials. */
void rs_cachekey_add_settings(struct rs_buf *text, const struct rs_settings *set);
/* All of both files; NULL: they were not read. */
void rs_cachekey_add_profiles(struct rs_buf *text, const struct rs_profiles *profiles);

/* Posts HY001, HY000 (too long; no random bytes). */
RS_NODISCARD bool rs_cachekey_end(const struct rs_buf *text, uint8_t out[RS_SHA256_BYTES],
                                  struct rs_diag *diag);

/* Variable number i that goes in; NULL past the end (tests). */
const char *rs_cachekey_variable(size_t i);
/* Does the key say how to come by AWS credentials? */
bool rs_cachekey_has(enum rs_key_id id);

#endif
