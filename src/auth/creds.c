#include "creds.h"

#include "../os.h"

void rs_creds_clear(struct rs_creds *creds)
{
    rs_free(creds->access_key_id);
    creds->access_key_id = NULL;
    rs_secret_clear(&creds->secret_access_key);
    rs_secret_clear(&creds->session_token);
    creds->expires_at = 0;
    creds->clock_is_off = false;
}

struct rs_str rs_creds_token(const struct rs_creds *creds)
{
    return (struct rs_str){ rs_secret_reveal(&creds->session_token),
                            rs_secret_len(&creds->session_token) };
}

static struct rs_str trimmed(const struct rs_secret *secret)
{
    if (secret == NULL)
        return RS_STR_NULL;
    return rs_str_trim((struct rs_str){ rs_secret_reveal(secret), rs_secret_len(secret) });
}

bool rs_creds_make(struct rs_str id, struct rs_str key, struct rs_str token, struct rs_creds *out,
                   struct rs_diag *diag)
{
    struct rs_creds creds = { 0 };
    bool ok = false;

    creds.access_key_id = rs_str_dup(id, diag);
    if (creds.access_key_id == NULL || !rs_secret_set(&creds.secret_access_key, key, diag) ||
        !rs_secret_set(&creds.session_token, token, diag))
        goto out;
    *out = creds;
    creds = (struct rs_creds){ 0 };
    ok = true;
out:
    rs_creds_clear(&creds);
    return ok;
}

bool rs_creds_from_keys(const struct rs_settings *set, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_str id = rs_str_trim(rs_str_of(set->access_key_id));
    struct rs_str key = trimmed(&set->secret_access_key);
    struct rs_str token = trimmed(&set->session_token);

    if (id.n == 0)
        return rs_fail(diag, RS_28000, 0, "AccessKeyID is required with %s",
                       key.n > 0 ? "SecretAccessKey" : "SessionToken");
    /* Tools that hide only PWD can hide the secret key there. */
    if (key.n == 0)
        key = trimmed(&set->pwd);
    if (key.n == 0)
        return rs_fail(diag, RS_28000, 0, "SecretAccessKey is required with AccessKeyID");
    return rs_creds_make(id, key, token, out, diag);
}

static struct rs_str variable(const struct rs_world *world, const char *name)
{
    return rs_str_trim(rs_str_of(world->env(world->ctx, name)));
}

bool rs_creds_from_env(const struct rs_world *world, struct rs_creds *out, const char **lacks,
                       struct rs_diag *diag)
{
    struct rs_str id = variable(world, "AWS_ACCESS_KEY_ID");
    struct rs_str key = variable(world, "AWS_SECRET_ACCESS_KEY");
    struct rs_str token = variable(world, "AWS_SESSION_TOKEN");

    *lacks = id.n == 0 ? "AWS_ACCESS_KEY_ID" : key.n == 0 ? "AWS_SECRET_ACCESS_KEY" : NULL;
    if (*lacks != NULL)
        return true;
    return rs_creds_make(id, key, token.n > 0 ? token : variable(world, "AWS_SECURITY_TOKEN"), out,
                         diag);
}

struct rs_str rs_creds_text(const struct rs_profile *profile, const char *key)
{
    return trimmed(rs_profile_get(profile, key));
}

enum rs_creds_way rs_creds_way(const struct rs_profile *profile, const char **key)
{
    /* In the order in which they win. */
    static const struct {
        const char *key;
        enum rs_creds_way way;
    } ways[] = {
        { "plugin_name", RS_CREDS_PLUGIN },
        { "role_arn", RS_CREDS_ROLE },
        { "sso_session", RS_CREDS_SSO },
        { "sso_account_id", RS_CREDS_SSO },
        { "sso_role_name", RS_CREDS_SSO },
        { "sso_start_url", RS_CREDS_SSO },
        { "aws_access_key_id", RS_CREDS_KEYS },
        { "aws_secret_access_key", RS_CREDS_KEYS },
        { "credential_process", RS_CREDS_PROCESS },
    };

    for (size_t i = 0; i < RS_COUNT(ways); i++) {
        if (rs_profile_get(profile, ways[i].key) == NULL)
            continue;
        /* As AWS's own tools: keys of the config file come after a process. */
        if (ways[i].way == RS_CREDS_KEYS && rs_profile_get(profile, "credential_process") != NULL &&
            rs_profile_is_config(profile, ways[i].key))
            continue;
        if (key != NULL)
            *key = ways[i].key;
        return ways[i].way;
    }
    return RS_CREDS_NONE;
}

/* First property of a list that has a value. */
static struct rs_str first_of(const struct rs_profile *profile, const char *const *names)
{
    for (; *names != NULL; names++) {
        struct rs_str value = rs_creds_text(profile, *names);

        if (value.n > 0)
            return value;
    }
    return RS_STR_NULL;
}

bool rs_creds_from_profile(const struct rs_profile *profile, struct rs_creds *out,
                           struct rs_diag *diag)
{
    static const char *const token_names[] = { "aws_session_token", "aws_security_token",
                                               "session_token", NULL };
    struct rs_str id = rs_creds_text(profile, "aws_access_key_id");
    struct rs_str key = rs_creds_text(profile, "aws_secret_access_key");

    if (id.n == 0 || key.n == 0)
        return rs_fail(diag, RS_28000, 0, "AWS profile \"%s\" has no %s", rs_profile_name(profile),
                       id.n == 0 ? "aws_access_key_id" : "aws_secret_access_key");
    return rs_creds_make(id, key, first_of(profile, token_names), out, diag);
}
