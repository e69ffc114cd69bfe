/*
 * The default chain: where credentials come from when the settings name no source.
 *
 * Choosing makes no call and is apart from fetching, since a chosen profile also says things that
 * fetching needs (region, CA bundle).
 * Source: credentials.md 4.
 */
#ifndef RS_CHAIN_H
#define RS_CHAIN_H

#include "../attrs.h"
#include "../diag.h"
#include "creds.h"
#include "profile.h"
#include "source.h"

enum rs_chain_link {
    RS_CHAIN_ENVIRONMENT,
    RS_CHAIN_WEB_IDENTITY,
    RS_CHAIN_PROFILE,
    RS_CHAIN_CONTAINER,
    RS_CHAIN_INSTANCE /* the last: whether there is one, only a call can tell */
};

struct rs_chain {
    enum rs_chain_link link;
    const struct rs_profile *profile; /* of RS_CHAIN_PROFILE: lives as long as *profiles */
    char *tried;                      /* of RS_CHAIN_INSTANCE: what had nothing, and why */
};
void rs_chain_clear(struct rs_chain *chain);

/*
 * The first link that has something. The files are read into *profiles (rs_profiles_free it) only
 * when the links before the profile have nothing.
 *
 * Posts 28000 (no link has anything: names each and why; the profile of AWS_PROFILE is missing),
 * HY000 (as rs_profiles_load), HY001. rs_chain_clear it.
 */
RS_NODISCARD bool rs_chain_choose(const struct rs_source *from, struct rs_profiles **profiles,
                                  struct rs_chain *out, struct rs_diag *diag);

/* Posts as the link's own function does; 28000 naming every link when the last has nothing. */
RS_NODISCARD bool rs_chain_fetch(const struct rs_source *from, const struct rs_chain *chain,
                                 struct rs_creds *out, struct rs_diag *diag);

#endif
