#include "chain.h"

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
    static const char *const names[] = { "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                         "AWS_CONTAINER_CREDENTIALS_FULL_URI" };

    for (size_t i = 0; i < RS_COUNT(names); i++)
        if (is_set(walk, names[i])) {
            rs_fail(walk->diag, RS_HYC00, 0,
                    "%s is set, but container credentials are not in this build; use "
                    "AWS_ACCESS_KEY_ID, or a profile with keys",
                    names[i]);
            return STEP_FAILED;
        }
    begin_reason(walk, "container");
    rs_buf_addf(&walk->tried, "neither %s nor %s is set", names[0], names[1]);
    return STEP_NEXT;
}

static enum step look_at_instance(struct walk *walk)
{
    begin_reason(walk, "instance metadata");
    rs_buf_adds(&walk->tried, "not in this build");
    return STEP_NEXT;
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
    if (step == STEP_CHOSEN)
        *out = found;
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

bool rs_chain_fetch(const struct rs_source *from, const struct rs_chain *chain,
                    struct rs_creds *out, struct rs_diag *diag)
{
    if (chain->link == RS_CHAIN_PROFILE)
        return rs_source_profile(from, chain->profile, out, diag);
    if (chain->link == RS_CHAIN_WEB_IDENTITY) {
        RS_LOG(from->log, RS_LOG_INFO, "auth.chain", "web identity of the environment");
        return rs_source_web_identity(from, out, diag);
    }
    RS_LOG(from->log, RS_LOG_INFO, "auth.chain", "AWS credentials of the environment");
    return fetch_environment(from, out, diag);
}
