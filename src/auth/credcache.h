/*
 * Credentials that all connections of a process share: AWS credentials and passwords of the
 * database, each under a digest of everything that determines it (cachekey.h), in memory alone.
 *
 * Whoever misses first fetches; those who miss the same thing meanwhile wait for the outcome. What
 * is wrong is told to those who waited and then forgotten. An entry is renewed before it expires,
 * and wiped when it has, when it is dropped, with the last environment and in a forked child.
 * Source: credentials.md 7.
 */
#ifndef RS_CREDCACHE_H
#define RS_CREDCACHE_H

#include "../attrs.h"
#include "../crypto.h"
#include "../diag.h"
#include "../idp/claims.h"
#include "../log.h"
#include "../os.h"
#include "../secret.h"

/* AWS credentials, passwords of the database, tokens for it. */
enum rs_credcache {
    RS_CREDCACHE_AWS,
    RS_CREDCACHE_PASSWORD,
    RS_CREDCACHE_TOKEN,
    RS_CREDCACHE_COUNT
};

enum {
    RS_CREDCACHE_ENTRIES = 64,  /* of each kind; the one unused for the longest time goes */
    RS_CREDCACHE_MARGIN_S = 60, /* with less left nothing is used */
    RS_CREDCACHE_RENEW_S = 300, /* with less left AWS credentials are renewed if they can be */
    RS_CREDCACHE_RETRY_S = 30,  /* before renewing is tried again after a failure */
    RS_CREDCACHE_MAX_AWS_S =
        48 * 3600, /* an expiry further off is no time by our clock; tokens too */
    RS_CREDCACHE_MAX_PASSWORD_S = 2 * 3600
};

/* What is handed out for a while. All zero is an empty one. */
struct rs_grant {
    char *user; /* access key id; user of the database */
    struct rs_secret secret, token;
    struct rs_claims claims; /* of an identity provider, with AWS credentials */
    char *host;              /* of the server, where it was looked up; else NULL */
    int32_t port;
    int64_t expires_at; /* UTC seconds; 0: nobody said, it is not kept */
    bool clock_is_off;  /* expires_at is by a clock that is not ours: it is not kept */
};
void rs_grant_clear(struct rs_grant *grant);

struct rs_credcache_ask {
    enum rs_credcache which;
    uint8_t key[RS_SHA256_BYTES];
    bool is_off; /* neither look nor keep */
    struct rs_deadline deadline;
    struct rs_log *log;
    /* UTC seconds by the clock that expires_at is compared with. */
    int64_t (*now)(void *ctx);
    /* Called without a lock; may ask for another kind, but not for its own. diag is empty or the
     * caller's. */
    bool (*fetch)(void *ctx, struct rs_grant *out, struct rs_diag *diag);
    void *ctx;
};

/*
 * *was_kept: it was fetched for an earlier ask. out is the caller's to clear.
 *
 * Posts what fetch posts, to those too who waited for it; HYT00 (the deadline passed while another
 * connection was fetching), HY001.
 */
RS_NODISCARD bool rs_credcache_get(const struct rs_credcache_ask *ask, struct rs_grant *out,
                                   bool *was_kept, struct rs_diag *diag);

/* Wipes the entry if it still holds that secret: a newer one may have come meanwhile. */
void rs_credcache_drop(enum rs_credcache which, const uint8_t key[RS_SHA256_BYTES],
                       const struct rs_secret *secret);
/* Wipes all of it. */
void rs_credcache_clear(void);
/* How many entries there are (tests). */
size_t rs_credcache_size(enum rs_credcache which);

/* Users of the cache, that is environments: when the last one goes all is wiped. */
void rs_credcache_hold(void);
void rs_credcache_release(void);

#endif
