#include "idp.h"

static const struct rs_idp_plugin plugins[] = {
    { "ADFS", "Identity Provider: AD FS", false },
    { "Ping", "Identity Provider: PingFederate", false },
    { "Okta", "Identity Provider: Okta", false },
    { "AzureAD", "Identity Provider: Azure AD", false },
    { "BrowserAzureAD", "Identity Provider: Browser Azure AD", false },
    { "BrowserSAML", "Identity Provider: Browser SAML", false },
    { "JwtIamAuthPlugin", "Identity Provider: JWT IAM Auth Plugin", false },
    { "JWT", "Identity Provider: JWT", true },
    { "BrowserAzureADOAuth2", "Identity Provider: Browser Azure AD OAUTH2", true },
    { "IdpTokenAuthPlugin", "IdP Token Auth Plugin", true },
    { "BrowserIdcAuthPlugin", "Browser IdC Auth Plugin", true },
};

/* Class names that users of other drivers bring along. */
static const struct {
    const char *alias, *name;
} aliases[] = {
    { "AdfsCredentialsProvider", "ADFS" },
    { "PingCredentialsProvider", "Ping" },
    { "OktaCredentialsProvider", "Okta" },
    { "AzureCredentialsProvider", "AzureAD" },
    { "BrowserAzureCredentialsProvider", "BrowserAzureAD" },
    { "BrowserSamlCredentialsProvider", "BrowserSAML" },
    { "BasicJwtCredentialsProvider", "JWT" },
    { "BrowserAzureOAuth2CredentialsProvider", "BrowserAzureADOAuth2" },
};

static const struct rs_idp_plugin *by_name(struct rs_str name)
{
    for (size_t i = 0; i < RS_COUNT(plugins); i++)
        if (rs_str_eq_nocase(name, rs_str_of(plugins[i].name)))
            return &plugins[i];
    return NULL;
}

const struct rs_idp_plugin *rs_idp_find(struct rs_str name)
{
    struct rs_str rest, part, last = RS_STR_NULL;
    bool done = false;

    rest = rs_str_trim(name);
    while (rs_str_split(&rest, '.', &done, &part))
        last = part;
    for (size_t i = 0; i < RS_COUNT(aliases); i++)
        if (rs_str_eq_nocase(last, rs_str_of(aliases[i].alias)))
            return by_name(rs_str_of(aliases[i].name));
    return by_name(last);
}

const struct rs_idp_plugin *rs_idp_find_label(struct rs_str label)
{
    label = rs_str_trim(label);
    for (size_t i = 0; i < RS_COUNT(plugins); i++)
        if (rs_str_eq_nocase(label, rs_str_of(plugins[i].label)))
            return &plugins[i];
    return NULL;
}

const struct rs_idp_plugin *rs_idp_at(size_t i)
{
    return i < RS_COUNT(plugins) ? &plugins[i] : NULL;
}
