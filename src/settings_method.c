/*
 * Which way of signing in the settings mean. Source: credentials.md 1; dsn-keys.md 4.
 */
#include "settings.h"

#include <string.h>

#include "os.h"

enum { MAX_NAMES = 4096 };

/* dsn-keys.md 4. */
static const struct rs_auth_type auth_types[] = {
    { "Standard", "Standard", NULL, RS_METHOD_STANDARD },
    { "AWS Profile", "Profile", NULL, RS_METHOD_PROFILE },
    { "AWS IAM Credentials", "Static", NULL, RS_METHOD_STATIC },
    { "Identity Provider: AD FS", NULL, "ADFS", RS_METHOD_PLUGIN },
    { "Identity Provider: PingFederate", NULL, "Ping", RS_METHOD_PLUGIN },
    { "Identity Provider: Okta", NULL, "Okta", RS_METHOD_PLUGIN },
    { "Identity Provider: Azure AD", NULL, "AzureAD", RS_METHOD_PLUGIN },
    { "Identity Provider: Browser Azure AD", NULL, "BrowserAzureAD", RS_METHOD_PLUGIN },
    { "Identity Provider: Browser SAML", NULL, "BrowserSAML", RS_METHOD_PLUGIN },
    { "Identity Provider: JWT IAM Auth Plugin", NULL, "JwtIamAuthPlugin", RS_METHOD_PLUGIN },
    { "Identity Provider: JWT", NULL, "JWT", RS_METHOD_PLUGIN },
    { "Identity Provider: Browser Azure AD OAUTH2", NULL, "BrowserAzureADOAuth2",
      RS_METHOD_PLUGIN },
    { "IdP Token Auth Plugin", NULL, "IdpTokenAuthPlugin", RS_METHOD_PLUGIN },
    { "Browser IdC Auth Plugin", NULL, "BrowserIdcAuthPlugin", RS_METHOD_PLUGIN },
    { "Plugin", "Plugin", NULL, RS_METHOD_PLUGIN },
};

const struct rs_auth_type *rs_auth_type_find(struct rs_str value)
{
    struct rs_str given = rs_str_trim(value);

    for (size_t i = 0; i < RS_COUNT(auth_types); i++) {
        const struct rs_auth_type *type = &auth_types[i];

        if (rs_str_eq_nocase(given, rs_str_of(type->label)) ||
            (type->stored != NULL && rs_str_eq_nocase(given, rs_str_of(type->stored))))
            return type;
    }
    return NULL;
}

const struct rs_auth_type *rs_auth_type_of_word(struct rs_str word)
{
    for (size_t i = 0; i < RS_COUNT(auth_types); i++)
        if (auth_types[i].plugin != NULL &&
            rs_str_eq_nocase(rs_str_trim(word), rs_str_of(auth_types[i].plugin)))
            return &auth_types[i];
    return rs_auth_type_find(word);
}

bool rs_auth_type_fail(const char *value, struct rs_diag *diag)
{
    struct rs_buf list = RS_BUF_INIT(MAX_NAMES);

    for (size_t i = 0; i < RS_COUNT(auth_types); i++)
        rs_buf_addf(&list, "%s%s", i == 0 ? "" : ", ", auth_types[i].label);
    if (rs_buf_ok(&list, diag))
        (void)rs_fail(diag, RS_HY000, 0, "AuthType \"%s\" is not known; it is one of %s", value,
                      list.p);
    rs_buf_clear(&list);
    return false;
}

bool rs_settings_is_word(const char *text, const char *word)
{
    return text != NULL && rs_str_eq_nocase(rs_str_of(text), rs_str_of(word));
}

/* A class name of another driver ends in the plugin's name. */
static bool is_plugin(const char *given, const char *name)
{
    const char *dot = given == NULL ? NULL : strrchr(given, '.');

    return rs_settings_is_word(dot == NULL ? given : dot + 1, name);
}

bool rs_settings_is_plugin(const struct rs_settings *set, const char *name)
{
    const struct rs_auth_type *type = NULL;

    if (set->plugin_name == NULL && rs_settings_has_text(set, RS_KEY_auth_type))
        type = rs_auth_type_find(rs_str_of(set->auth_type));
    return is_plugin(type != NULL ? type->plugin : set->plugin_name, name);
}

/* Native logins that have no IAM part at all; with IAM=0 they are still meant. */
static bool is_token_plugin(const char *plugin)
{
    return is_plugin(plugin, "IdpTokenAuthPlugin") || is_plugin(plugin, "BrowserIdcAuthPlugin");
}

static bool is_native_plugin(const char *plugin)
{
    return is_token_plugin(plugin) || is_plugin(plugin, "JWT") ||
           is_plugin(plugin, "BrowserAzureADOAuth2");
}

static bool fail_pair(enum rs_key_id one, enum rs_key_id other, struct rs_diag *diag)
{
    return rs_fail(diag, RS_28000, 0, "%s and %s cannot be used together", rs_key(one)->name,
                   rs_key(other)->name);
}

enum rs_key_id rs_settings_access_key(const struct rs_settings *set)
{
    if (rs_settings_has_text(set, RS_KEY_access_key_id))
        return RS_KEY_access_key_id;
    if (rs_settings_has_text(set, RS_KEY_secret_access_key))
        return RS_KEY_secret_access_key;
    if (rs_settings_has_text(set, RS_KEY_session_token))
        return RS_KEY_session_token;
    return RS_KEY_NONE;
}

/* credentials.md 1, item 3: no AuthType. */
static bool infer_method(const struct rs_settings *set, enum rs_method *out, struct rs_diag *diag)
{
    bool has_plugin = rs_settings_has_text(set, RS_KEY_plugin_name);
    bool has_profile = rs_settings_has_text(set, RS_KEY_profile);
    enum rs_key_id access = rs_settings_access_key(set);
    bool keys_count = access != RS_KEY_NONE && !rs_settings_has_text(set, RS_KEY_auth_profile) &&
                      !is_plugin(set->plugin_name, "IdpTokenAuthPlugin");

    if (has_plugin && has_profile)
        return fail_pair(RS_KEY_plugin_name, RS_KEY_profile, diag);
    if (keys_count && has_plugin)
        return fail_pair(RS_KEY_plugin_name, access, diag);
    if (keys_count && has_profile)
        return fail_pair(RS_KEY_profile, access, diag);

    if (has_plugin)
        *out = RS_METHOD_PLUGIN;
    else if (set->instance_profile)
        *out = RS_METHOD_INSTANCE;
    else if (has_profile)
        *out = RS_METHOD_PROFILE;
    else if (access != RS_KEY_NONE)
        *out = RS_METHOD_STATIC;
    else
        *out = set->iam ? RS_METHOD_CHAIN : RS_METHOD_STANDARD;
    return true;
}

static bool given_method(const struct rs_settings *set, const struct rs_auth_type *type,
                         enum rs_method *out, struct rs_diag *diag)
{
    if (type->method == RS_METHOD_PLUGIN) {
        if (type->plugin == NULL && set->plugin_name == NULL)
            return rs_fail(diag, RS_28000, 0, "plugin_name is required with AuthType Plugin");
        if (type->plugin != NULL && set->plugin_name != NULL &&
            !rs_settings_is_word(set->plugin_name, type->plugin))
            return rs_fail(diag, RS_HY000, 0, "AuthType and plugin_name contradict each other");
    }
    *out = type->method;
    if (type->method == RS_METHOD_PROFILE && set->instance_profile)
        *out = RS_METHOD_INSTANCE;
    else if (type->method == RS_METHOD_PROFILE && !rs_settings_has_text(set, RS_KEY_profile))
        *out = RS_METHOD_CHAIN;
    return true;
}

bool rs_settings_method(const struct rs_settings *set, enum rs_method *out, struct rs_diag *diag)
{
    const struct rs_auth_type *type = NULL;
    const char *plugin = set->plugin_name;
    bool iam_is_set = rs_settings_is_set(set, RS_KEY_iam);
    enum rs_method method = RS_METHOD_STANDARD;

    if (rs_settings_has_text(set, RS_KEY_auth_type)) {
        type = rs_auth_type_find(rs_str_of(set->auth_type));
        if (type == NULL)
            return rs_auth_type_fail(set->auth_type, diag);
        if (type->plugin != NULL)
            plugin = type->plugin;
    }
    if (iam_is_set && !set->iam && !is_native_plugin(plugin)) {
        *out = RS_METHOD_STANDARD;
        return true;
    }
    if (type != NULL ? !given_method(set, type, &method, diag) : !infer_method(set, &method, diag))
        return false;
    if (method == RS_METHOD_PLUGIN && set->iam && is_token_plugin(plugin))
        return fail_pair(RS_KEY_iam, RS_KEY_plugin_name, diag);
    *out = method;
    return true;
}
