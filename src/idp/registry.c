#include "idp.h"

#include "azure.h"
#include "browserazure.h"
#include "browseridc.h"
#include "browsersaml.h"
#include "jwt.h"
#include "okta.h"
#include "signin.h"
#include "token.h"

enum { NAMES_MAX_BYTES = 8192, IDP_PORT = 443 };

static const enum rs_key_id adfs_needs[] = { RS_KEY_idp_host, RS_KEY_NONE };
static const enum rs_key_id adfs_uses[] = { RS_KEY_idp_host,          RS_KEY_idp_port,
                                            RS_KEY_login_to_rp,       RS_KEY_preferred_role,
                                            RS_KEY_duration,          RS_KEY_ssl_insecure,
                                            RS_KEY_idp_trusted_hosts, RS_KEY_NONE };
static const enum rs_key_id ping_needs[] = { RS_KEY_idp_host, RS_KEY_uid, RS_KEY_pwd, RS_KEY_NONE };
static const enum rs_key_id ping_uses[] = { RS_KEY_idp_host,          RS_KEY_idp_port,
                                            RS_KEY_partner_spid,      RS_KEY_preferred_role,
                                            RS_KEY_duration,          RS_KEY_ssl_insecure,
                                            RS_KEY_idp_trusted_hosts, RS_KEY_NONE };
static const enum rs_key_id okta_needs[] = { RS_KEY_idp_host, RS_KEY_uid, RS_KEY_pwd, RS_KEY_app_id,
                                             RS_KEY_NONE };
static const enum rs_key_id okta_uses[] = { RS_KEY_idp_host,
                                            RS_KEY_app_id,
                                            RS_KEY_okta_mfa_code,
                                            RS_KEY_app_name,
                                            RS_KEY_preferred_role,
                                            RS_KEY_duration,
                                            RS_KEY_ssl_insecure,
                                            RS_KEY_idp_trusted_hosts,
                                            RS_KEY_NONE };
static const enum rs_key_id azure_needs[] = { RS_KEY_idp_tenant,    RS_KEY_client_id,
                                              RS_KEY_client_secret, RS_KEY_uid,
                                              RS_KEY_pwd,           RS_KEY_NONE };
static const enum rs_key_id azure_uses[] = {
    RS_KEY_idp_tenant,    RS_KEY_idp_partition,     RS_KEY_client_id,
    RS_KEY_client_secret, RS_KEY_preferred_role,    RS_KEY_duration,
    RS_KEY_ssl_insecure,  RS_KEY_idp_trusted_hosts, RS_KEY_NONE
};
static const enum rs_key_id browser_azure_needs[] = { RS_KEY_idp_tenant, RS_KEY_client_id,
                                                      RS_KEY_NONE };
static const enum rs_key_id browser_azure_uses[] = {
    RS_KEY_idp_tenant,  RS_KEY_idp_partition,        RS_KEY_client_id,
    RS_KEY_listen_port, RS_KEY_idp_response_timeout, RS_KEY_preferred_role,
    RS_KEY_duration,    RS_KEY_ssl_insecure,         RS_KEY_idp_trusted_hosts,
    RS_KEY_NONE
};
static const enum rs_key_id browser_saml_needs[] = { RS_KEY_login_url, RS_KEY_NONE };
static const enum rs_key_id browser_saml_uses[] = { RS_KEY_login_url,
                                                    RS_KEY_listen_port,
                                                    RS_KEY_idp_response_timeout,
                                                    RS_KEY_idp_trusted_hosts,
                                                    RS_KEY_preferred_role,
                                                    RS_KEY_duration,
                                                    RS_KEY_NONE };
static const enum rs_key_id jwt_iam_needs[] = { RS_KEY_web_identity_token, RS_KEY_role_arn,
                                                RS_KEY_NONE };
static const enum rs_key_id jwt_iam_uses[] = { RS_KEY_web_identity_token, RS_KEY_role_arn,
                                               RS_KEY_role_session_name, RS_KEY_duration,
                                               RS_KEY_NONE };
static const enum rs_key_id jwt_needs[] = { RS_KEY_web_identity_token, RS_KEY_NONE };
static const enum rs_key_id jwt_uses[] = { RS_KEY_web_identity_token, RS_KEY_provider_name,
                                           RS_KEY_NONE };
static const enum rs_key_id oauth2_needs[] = { RS_KEY_idp_tenant, RS_KEY_client_id, RS_KEY_NONE };
static const enum rs_key_id oauth2_uses[] = { RS_KEY_idp_tenant,
                                              RS_KEY_idp_partition,
                                              RS_KEY_client_id,
                                              RS_KEY_scope,
                                              RS_KEY_provider_name,
                                              RS_KEY_listen_port,
                                              RS_KEY_idp_response_timeout,
                                              RS_KEY_ssl_insecure,
                                              RS_KEY_idp_trusted_hosts,
                                              RS_KEY_NONE };
static const enum rs_key_id idp_token_needs[] = { RS_KEY_token, RS_KEY_token_type, RS_KEY_NONE };
static const enum rs_key_id idp_token_uses[] = { RS_KEY_token, RS_KEY_token_type,
                                                 RS_KEY_identity_namespace, RS_KEY_NONE };
static const enum rs_key_id idc_needs[] = { RS_KEY_issuer_url, RS_KEY_idc_region, RS_KEY_NONE };
static const enum rs_key_id idc_uses[] = { RS_KEY_issuer_url,
                                           RS_KEY_idc_region,
                                           RS_KEY_identity_namespace,
                                           RS_KEY_idc_client_display_name,
                                           RS_KEY_listen_port,
                                           RS_KEY_idp_response_timeout,
                                           RS_KEY_NONE };

/* Of a call to AWS, and so of use with access keys. */
static const enum rs_key_id call_uses[] = {
    RS_KEY_cluster_id,           RS_KEY_region,
    RS_KEY_serverless,           RS_KEY_workgroup,
    RS_KEY_endpoint_url,         RS_KEY_sts_connection_timeout,
    RS_KEY_disable_cache,        RS_KEY_https_proxy_host,
    RS_KEY_https_proxy_port,     RS_KEY_https_proxy_username,
    RS_KEY_https_proxy_password, RS_KEY_NONE
};

static const struct rs_idp_plugin plugins[] = {
    { .name = "ADFS",
      .yields = RS_IDP_SAML,
      .fetch = rs_idp_adfs,
      .takes_user = true,
      .needs = adfs_needs,
      .uses = adfs_uses },
    { .name = "Ping",
      .yields = RS_IDP_SAML,
      .fetch = rs_idp_ping,
      .takes_user = true,
      .needs = ping_needs,
      .uses = ping_uses },
    { .name = "Okta",
      .yields = RS_IDP_SAML,
      .takes_user = true,
      .fetch = rs_idp_okta,
      .needs = okta_needs,
      .uses = okta_uses },
    { .name = "AzureAD",
      .yields = RS_IDP_SAML,
      .takes_user = true,
      .fetch = rs_idp_azure,
      .needs = azure_needs,
      .uses = azure_uses },
    { .name = "BrowserAzureAD",
      .yields = RS_IDP_SAML,
      .fetch = rs_idp_browser_azure,
      .needs = browser_azure_needs,
      .uses = browser_azure_uses },
    { .name = "BrowserSAML",
      .yields = RS_IDP_SAML,
      .fetch = rs_idp_browser_saml,
      .needs = browser_saml_needs,
      .uses = browser_saml_uses },
    { .name = "JwtIamAuthPlugin",
      .yields = RS_IDP_JWT,
      .fetch = rs_idp_jwt_iam,
      .needs = jwt_iam_needs,
      .uses = jwt_iam_uses },
    { .name = "JWT",
      .yields = RS_IDP_TOKEN,
      .fetch = rs_idp_jwt,
      .needs = jwt_needs,
      .uses = jwt_uses },
    { .name = "BrowserAzureADOAuth2",
      .yields = RS_IDP_TOKEN,
      .fetch = rs_idp_browser_azure_oauth2,
      .keeps_token = true,
      .idp_type = "AzureAD",
      .needs = oauth2_needs,
      .uses = oauth2_uses },
    { .name = "IdpTokenAuthPlugin",
      .yields = RS_IDP_TOKEN,
      .fetch = rs_idp_token_keys,
      .takes_access_keys = true,
      .needs = idp_token_needs,
      .uses = idp_token_uses },
    { .name = "BrowserIdcAuthPlugin",
      .yields = RS_IDP_TOKEN,
      .fetch = rs_idp_browser_idc,
      .keeps_token = true,
      .idp_type = "AwsIdc",
      .token_type = "ACCESS_TOKEN",
      .needs = idc_needs,
      .uses = idc_uses },
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

bool rs_idp_is_native(const struct rs_idp_plugin *plugin)
{
    return plugin->yields == RS_IDP_TOKEN;
}

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
    const struct rs_auth_type *type = rs_auth_type_find(label);

    return type == NULL || type->plugin == NULL ? NULL : by_name(rs_str_of(type->plugin));
}

const struct rs_idp_plugin *rs_idp_at(size_t i)
{
    return i < RS_COUNT(plugins) ? &plugins[i] : NULL;
}

static void miss(struct rs_buf *list, size_t *n, const char *name)
{
    rs_buf_addf(list, "%s%s", (*n)++ == 0 ? "" : ", ", name);
}

static bool is_by_access_keys(const struct rs_idp_plugin *plugin, const struct rs_settings *set)
{
    return plugin->takes_access_keys && rs_settings_access_key(set) != RS_KEY_NONE;
}

bool rs_idp_check_needs(const struct rs_idp_plugin *plugin, const struct rs_settings *set,
                        struct rs_diag *diag)
{
    struct rs_buf list = RS_BUF_INIT(NAMES_MAX_BYTES);
    size_t n = 0;
    bool ok;

    if (is_by_access_keys(plugin, set))
        return true;
    if (rs_idp_is_native(plugin) && !rs_settings_has_text(set, RS_KEY_server) &&
        !rs_settings_has_text(set, RS_KEY_vpc_endpoint_url))
        miss(&list, &n, rs_key(RS_KEY_server)->name);
    if (!rs_settings_has_text(set, RS_KEY_database))
        miss(&list, &n, rs_key(RS_KEY_database)->name);
    for (const enum rs_key_id *need = plugin->needs; *need != RS_KEY_NONE; need++)
        if (!rs_settings_has_text(set, *need))
            miss(&list, &n, rs_key(*need)->name);
    ok = rs_buf_ok(&list, diag) &&
         (n == 0 || rs_fail(diag, RS_28000, 0, "%s %s required for plugin %s", list.p,
                            n == 1 ? "is" : "are", plugin->name));
    rs_buf_clear(&list);
    return ok;
}

static bool has(const enum rs_key_id *list, enum rs_key_id id)
{
    while (*list != RS_KEY_NONE && *list != id)
        list++;
    return *list == id;
}

/* A database that is named and a token are all that such a sign-in knows, and with access keys what
 * a call needs. What no sign-in of this build knows has been remarked upon, except for plugins. */
static bool is_idle(const struct rs_idp_plugin *plugin, const struct rs_settings *set,
                    enum rs_key_id id)
{
    bool calls = is_by_access_keys(plugin, set);

    if (rs_key(id)->state == RS_STATE_SILENT)
        return false;
    switch (rs_key(id)->group) {
    case RS_GROUP_TARGET:
        if (!rs_idp_is_native(plugin))
            return false;
        return id != RS_KEY_iam && id != RS_KEY_auth_type && rs_key(id)->state == RS_STATE_WORKS &&
               !(calls && has(call_uses, id));
    case RS_GROUP_PLUGIN:
        if (id == RS_KEY_idp_port && set->idp_port == IDP_PORT)
            return false; /* no other is asked for */
        return id != RS_KEY_plugin_name && !has(plugin->uses, id);
    case RS_GROUP_CONNECT:
        /* it may be the secret key */
        if (plugin->takes_user)
            return false;
        return id == RS_KEY_pwd && !(calls && !rs_settings_has_text(set, RS_KEY_secret_access_key));
    case RS_GROUP_CREDENTIALS:
    case RS_GROUP_SESSION:
    case RS_GROUP_FETCH:
    case RS_GROUP_STATEMENT:
    case RS_GROUP_TYPES:
    case RS_GROUP_METADATA:
    case RS_GROUP_LOG:
    case RS_GROUP_OLD:
        return false;
    }
    return false;
}

static const char *text_of(const struct rs_idp_plugin *plugin, const struct rs_settings *set,
                           enum rs_key_id id, const char *text)
{
    return has(plugin->uses, id) && rs_settings_has_text(set, id) ? text : NULL;
}

void rs_idp_describe(const struct rs_idp_plugin *plugin, const struct rs_settings *set,
                     struct rs_idp_proof *out)
{
    out->idp_type = plugin->idp_type;
    out->token_type = plugin->token_type;
    out->provider_name = text_of(plugin, set, RS_KEY_provider_name, set->provider_name);
    out->identity_namespace =
        text_of(plugin, set, RS_KEY_identity_namespace, set->identity_namespace);
}

bool rs_idp_warn_idle(const struct rs_idp_plugin *plugin, const struct rs_settings *set,
                      struct rs_diag *diag)
{
    struct rs_buf names = RS_BUF_INIT(NAMES_MAX_BYTES);
    size_t n = 0;
    bool ok;

    for (int i = 0; i < RS_KEY_COUNT; i++) {
        enum rs_key_id id = (enum rs_key_id)i;

        if (rs_settings_is_set(set, id) && is_idle(plugin, set, id))
            rs_buf_addf(&names, "%s%s", n++ == 0 ? "" : ", ", rs_key(id)->name);
    }
    ok = rs_buf_ok(&names, diag);
    if (ok && n > 0)
        rs_warn(diag, RS_01S00, "%s %s ignored for plugin %s", names.p, n == 1 ? "is" : "are",
                plugin->name);
    rs_buf_clear(&names);
    return ok;
}
