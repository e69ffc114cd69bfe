#include "chain.h"

#include "container.h"
#include "imds.h"

enum { TRIED_MAX_BYTES = 32768 };

/* A walk along the chain. */
struct walk {
    const struct rs_source *from;
    struct rs_profiles **profiles;
    struct rs_chain *chain;
    struct rs_buf tried; /* links that had nothing, and why */
    struct rs_diag *diag;
};

enum step { STEP_CHOSEN, STEP_NEXT, STEP_FAILED };

static bool is_set(const struct walk *walk, const char *name)
{
    const struct rs_world *world = walk->from->world;

    return world->env(world->ctx, name) != NULL;
}

static void begin_reason(struct walk *walk, const char *link)
{
    rs_buf_addf(&walk->tried, "%s%s: ", walk->tried.len == 0 ? "" : "; ", link);
}

static enum step look_at_environment(struct walk *walk)
{
    struct rs_creds creds = { 0 };
    const char *lacks = NULL;

    if (!rs_creds_from_env(walk->from->world, &creds, &lacks, walk->diag))
        return STEP_FAILED;
    rs_creds_clear(&creds);
    if (lacks == NULL) {
        walk->chain->link = RS_CHAIN_ENVIRONMENT;
        return STEP_CHOSEN;
    }
    begin_reason(walk, "environment");
    rs_buf_addf(&walk->tried, "%s is not set", lacks);
    return STEP_NEXT;
}

static enum step look_at_web_identity(struct walk *walk)
{
    const char *lacks = !is_set(walk, "AWS_WEB_IDENTITY_TOKEN_FILE") ? "AWS_WEB_IDENTITY_TOKEN_FILE"
                        : !is_set(walk, "AWS_ROLE_ARN")              ? "AWS_ROLE_ARN"
                                                                     : NULL;

    if (lacks == NULL) {
        walk->chain->link = RS_CHAIN_WEB_IDENTITY;
        return STEP_CHOSEN;
    }
    begin_reason(walk, "web identity");
    rs_buf_addf(&walk->tried, "%s is not set", lacks);
    return STEP_NEXT;
}

static enum step look_at_profile(struct walk *walk)
{
    const struct rs_source *from = walk->from;
    const char *name = rs_profiles_choose(NULL, from->world);
    bool is_named = is_set(walk, "AWS_PROFILE") || is_set(walk, "AWS_DEFAULT_PROFILE");
    const struct rs_profile *profile;
    struct rs_diag missing = { 0 };

    if (!rs_profiles_load(from->world, walk->profiles, from->log, walk->diag))
        return STEP_FAILED;
    profile = rs_profiles_need(*walk->profiles, name, is_named ? walk->diag : &missing);
    if (profile == NULL && is_named)
        return STEP_FAILED;
    if (profile != NULL && rs_creds_way(profile, NULL) != RS_CREDS_NONE) {
        walk->chain->link = RS_CHAIN_PROFILE;
        walk->chain->profile = profile;
        return STEP_CHOSEN;
    }
    begin_reason(walk, "profile");
    if (profile == NULL)
        rs_buf_adds(&walk->tried, rs_diag_first(&missing));
    else
        rs_buf_addf(&walk->tried, "AWS profile \"%s\" contains no credentials", name);
    rs_diag_clear(&missing);
    return STEP_NEXT;
}

static enum step look_at_container(struct walk *walk)
{
    if (rs_container_variable(walk->from->world) != NULL) {
        walk->chain->link = RS_CHAIN_CONTAINER;
        return STEP_CHOSEN;
    }
    begin_reason(walk, "container");
    rs_buf_adds(&walk->tried, "neither " RS_CONTAINER_RELATIVE " nor " RS_CONTAINER_FULL " is set");
    return STEP_NEXT;
}

static enum step look_at_instance(struct walk *walk)
{
    if (!rs_imds_is_disabled(walk->from->world)) {
        walk->chain->link = RS_CHAIN_INSTANCE;
        walk->chain->tried = rs_str_dup(rs_buf_str(&walk->tried), walk->diag);
        return walk->chain->tried == NULL ? STEP_FAILED : STEP_CHOSEN;
    }
    begin_reason(walk, "instance metadata");
    rs_buf_adds(&walk->tried, "AWS_EC2_METADATA_DISABLED is true");
    return STEP_NEXT;
}

void rs_chain_clear(struct rs_chain *chain)
{
    rs_free(chain->tried);
    chain->tried = NULL;
}

bool rs_chain_choose(const struct rs_source *from, struct rs_profiles **profiles,
                     struct rs_chain *out, struct rs_diag *diag)
{
    static enum step (*const links[])(struct walk *) = { look_at_environment, look_at_web_identity,
                                                         look_at_profile, look_at_container,
                                                         look_at_instance };
    struct rs_chain found = { 0 };
    struct walk walk = { .from = from,
                         .profiles = profiles,
                         .chain = &found,
                         .tried = RS_BUF_INIT(TRIED_MAX_BYTES),
                         .diag = diag };
    enum step step = STEP_NEXT;

    for (size_t i = 0; i < RS_COUNT(links) && step == STEP_NEXT; i++)
        step = links[i](&walk);
    if (step != STEP_FAILED && walk.tried.len > 0)
        RS_LOG(from->log, RS_LOG_DEBUG, "auth.chain", "nothing in %s", walk.tried.p);
    if (step == STEP_NEXT && rs_buf_ok(&walk.tried, diag))
        rs_fail(diag, RS_28000, 0, "no AWS credentials found (%s)", walk.tried.p);
    if (step == STEP_CHOSEN && !walk.tried.bad) {
        *out = found;
        found.tried = NULL;
    } else if (step == STEP_CHOSEN && !rs_buf_ok(&walk.tried, diag)) {
        step = STEP_FAILED;
    }
    rs_chain_clear(&found);
    rs_buf_clear(&walk.tried);
    return step == STEP_CHOSEN;
}

static bool fetch_environment(const struct rs_source *from, struct rs_creds *out,
                              struct rs_diag *diag)
{
    const char *lacks = NULL;

    if (!rs_creds_from_env(from->world, out, &lacks, diag))
        return false;
    return lacks == NULL || rs_fail(diag, RS_28000, 0, "%s is not set", lacks);
}

/* The end of the chain: what failed here is one reason among those of all links. */
static bool fetch_instance(const struct rs_source *from, const struct rs_chain *chain,
                           struct rs_creds *out, struct rs_diag *diag)
{
    const struct rs_profile *profile = NULL;
    struct rs_diag cause = { 0 };
    bool ok;

    if (from->profiles != NULL)
        profile = rs_profiles_find(from->profiles, rs_profiles_choose(NULL, from->world));
    ok = rs_imds_fetch(from, profile, RS_IMDS_CHAIN_ATTEMPTS, out, &cause);
    if (!ok && rs_diag_state(&cause) == RS_HY001)
        rs_fail_memory(diag);
    else if (!ok)
        rs_fail(diag, rs_diag_state(&cause) == RS_HYT00 ? RS_HYT00 : RS_28000, 0,
                "no AWS credentials found (%s; %s)", chain->tried, rs_diag_first(&cause));
    rs_diag_clear(&cause);
    return ok;
}

bool rs_chain_fetch(const struct rs_source *from, const struct rs_chain *chain,
                    struct rs_creds *out, struct rs_diag *diag)
{
    if (chain->link == RS_CHAIN_PROFILE)
        return rs_source_profile(from, chain->profile, out, diag);
    if (chain->link == RS_CHAIN_WEB_IDENTITY) {
        RS_LOG(from->log, RS_LOG_INFO, "auth.chain", "web identity of the environment");
        return rs_source_web_identity(from, out, diag);
    }
    if (chain->link == RS_CHAIN_CONTAINER)
        return rs_container_fetch(from, out, diag);
    if (chain->link == RS_CHAIN_INSTANCE)
        return fetch_instance(from, chain, out, diag);
    RS_LOG(from->log, RS_LOG_INFO, "auth.chain", "AWS credentials of the environment");
    return fetch_environment(from, out, diag);
}
