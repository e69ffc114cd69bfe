#include "cachekey.h"

/* What src/auth and ca.c read, and what the identity providers' libraries read behind them. */
static const char *const variables[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_METADATA_SERVICE_TIMEOUT",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
    "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_REDSHIFT",
    "AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "HOME",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "PATH",
    "SSL_CERT_FILE",
    "KRB5CCNAME",
    "KRB5_CLIENT_KTNAME",
};

/* Besides the groups CREDENTIALS and PLUGIN. */
static const enum rs_key_id keys[] = {
    RS_KEY_uid,
    RS_KEY_pwd,
    RS_KEY_ca_file,
    RS_KEY_ca_path,
    RS_KEY_iam,
    RS_KEY_auth_type,
    RS_KEY_region,
    RS_KEY_endpoint_url,
    RS_KEY_sts_endpoint_url,
    RS_KEY_auth_profile,
    RS_KEY_https_proxy_host,
    RS_KEY_https_proxy_port,
    RS_KEY_https_proxy_username,
    RS_KEY_https_proxy_password,
    RS_KEY_idp_use_https_proxy,
};

const char *rs_cachekey_variable(size_t i)
{
    return i < RS_COUNT(variables) ? variables[i] : NULL;
}

bool rs_cachekey_has(enum rs_key_id id)
{
    if (rs_key(id)->group == RS_GROUP_CREDENTIALS || rs_key(id)->group == RS_GROUP_PLUGIN)
        return true;
    for (size_t i = 0; i < RS_COUNT(keys); i++)
        if (keys[i] == id)
            return true;
    return false;
}

static void add_part(struct rs_buf *text, struct rs_str part)
{
    rs_buf_add32(text, (uint32_t)part.n);
    rs_buf_add(text, part);
}

void rs_cachekey_add(struct rs_buf *text, const char *name, struct rs_str value)
{
    add_part(text, rs_str_of(name));
    add_part(text, value);
}

void rs_cachekey_add_int(struct rs_buf *text, const char *name, int64_t value)
{
    char digits[24];

    rs_cachekey_add(text, name, (struct rs_str){ digits, rs_print_i64(digits, value) });
}

void rs_cachekey_add_secret(struct rs_buf *text, const char *name, const struct rs_secret *value)
{
    rs_cachekey_add(text, name, (struct rs_str){ rs_secret_reveal(value), rs_secret_len(value) });
}

void rs_cachekey_add_asker(struct rs_buf *text, const struct rs_world *world)
{
    rs_cachekey_add_int(text, "user", rs_os_user());
    for (size_t i = 0; i < RS_COUNT(variables); i++) {
        const char *value = world->env(world->ctx, variables[i]);

        if (value != NULL)
            rs_cachekey_add(text, variables[i], rs_str_of(value));
    }
}

static void add_setting(struct rs_buf *text, const struct rs_settings *set, enum rs_key_id id)
{
    const struct rs_key *key = rs_key(id);
    const void *field = (const char *)set + key->offset;

    switch (key->type) {
    case RS_TYPE_TEXT:
        rs_cachekey_add(text, key->name, rs_str_of(*(char *const *)field));
        break;
    case RS_TYPE_SECRET:
        rs_cachekey_add_secret(text, key->name, field);
        break;
    case RS_TYPE_INT:
        rs_cachekey_add_int(text, key->name, *(const int32_t *)field);
        break;
    case RS_TYPE_BOOL:
        rs_cachekey_add_int(text, key->name, *(const bool *)field);
        break;
    }
}

void rs_cachekey_add_settings(struct rs_buf *text, const struct rs_settings *set)
{
    for (int id = 0; id < RS_KEY_COUNT; id++)
        if (rs_cachekey_has((enum rs_key_id)id) && rs_settings_is_set(set, (enum rs_key_id)id))
            add_setting(text, set, (enum rs_key_id)id);
}

static void add_property(void *ctx, const char *profile, const char *key,
                         const struct rs_secret *value)
{
    rs_cachekey_add(ctx, "profile", rs_str_of(profile));
    rs_cachekey_add_secret(ctx, key, value);
}

void rs_cachekey_add_profiles(struct rs_buf *text, const struct rs_profiles *profiles)
{
    if (profiles != NULL)
        rs_profiles_each(profiles, add_property, text);
}

/* ---- the digest ---- */

static struct {
    struct rs_once once;
    uint8_t bytes[RS_SHA256_BYTES];
    bool is_there;
} process_key = { .once = RS_ONCE_INIT };

static void make_process_key(void)
{
    struct rs_diag ignored = { 0 };

    process_key.is_there = rs_random(process_key.bytes, sizeof process_key.bytes, &ignored);
    rs_diag_clear(&ignored);
}

bool rs_cachekey_end(const struct rs_buf *text, uint8_t out[RS_SHA256_BYTES], struct rs_diag *diag)
{
    if (!rs_buf_ok(text, diag))
        return false;
    rs_once(&process_key.once, make_process_key);
    if (!process_key.is_there)
        return rs_fail(diag, RS_HY000, 0, "the system gives no random bytes");
    return rs_hmac_sha256(
        (struct rs_str){ (const char *)process_key.bytes, sizeof process_key.bytes },
        rs_buf_str(text), out, diag);
}
