/*
 * What several settings say together: what is missing, what clashes, what does nothing.
 */
#include "settings.h"

#include <string.h>

#include "os.h"

enum { MAX_NAMES = 4096, MAX_CLUSTER_ID = 128, MAX_REGION = 64, MAX_MISSING = 8 };

/* Keys whose value is one of a few words. */
static const struct {
    enum rs_key_id id;
    const char *words[7];
} word_keys[] = {
    { RS_KEY_sslmode,
      { "disable", "allow", "prefer", "require", "verify-ca", "verify-full", NULL } },
    { RS_KEY_min_tls, { "1.2", "1.3", "1.0", "1.1", NULL } },
    { RS_KEY_opener, { "auto", "libpq", "native", NULL } },
    { RS_KEY_prepare_mode, { "lazy", "eager", NULL } },
    { RS_KEY_string_type, { "varchar", "unspecified", NULL } },
    { RS_KEY_param_errors, { "stop", "continue", NULL } },
    { RS_KEY_metadata_source, { "auto", "views", "show", "catalog", NULL } },
    { RS_KEY_log_format, { "text", "json", NULL } },
};

/* ---- spelling ---- */

static void lower(char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        *text = rs_lower(*text);
}

static char **text_of(struct rs_settings *set, enum rs_key_id id)
{
    return (char **)(void *)((char *)set + rs_key(id)->offset);
}

static bool fail_word(const char *name, const char *value, const char *const *words,
                      struct rs_diag *diag)
{
    struct rs_buf list = RS_BUF_INIT(MAX_NAMES);

    for (size_t i = 0; words[i] != NULL; i++)
        rs_buf_addf(&list, "%s%s", i == 0 ? "" : ", ", words[i]);
    if (rs_buf_ok(&list, diag))
        (void)rs_fail(diag, RS_HY000, 0, "%s \"%s\" is not known; it is one of %s", name, value,
                      list.p);
    rs_buf_clear(&list);
    return false;
}

const char *const *rs_key_words(enum rs_key_id id)
{
    for (size_t i = 0; i < RS_COUNT(word_keys); i++)
        if (word_keys[i].id == id)
            return word_keys[i].words;
    return NULL;
}

static bool check_words(struct rs_settings *set, struct rs_diag *diag)
{
    for (size_t i = 0; i < RS_COUNT(word_keys); i++) {
        char *value = *text_of(set, word_keys[i].id);
        size_t k = 0;

        if (value == NULL)
            continue;
        while (word_keys[i].words[k] != NULL && !rs_settings_is_word(value, word_keys[i].words[k]))
            k++;
        if (word_keys[i].words[k] == NULL)
            return fail_word(rs_key(word_keys[i].id)->name, value, word_keys[i].words, diag);
        lower(value);
    }
    return true;
}

static bool is_cluster_id(const char *text)
{
    size_t n = strlen(text);

    for (size_t i = 0; i < n; i++) {
        if (!rs_is_alnum(text[i]) && text[i] != '-')
            return false;
    }
    return n > 0 && n <= MAX_CLUSTER_ID;
}

/* us-east-1, us-gov-west-1, eusc-de-east-1: it becomes part of host names, so nothing else. */
static bool is_region(const char *text)
{
    size_t n = strlen(text);
    bool has_dash = false;

    for (size_t i = 0; i < n; i++) {
        if (!rs_is_alnum(text[i]) && text[i] != '-')
            return false;
        if (text[i] == '-' && (i + 1 == n || text[i + 1] == '-'))
            return false;
        has_dash = has_dash || text[i] == '-';
    }
    return n > 0 && n <= MAX_REGION && rs_is_alpha(text[0]) && rs_is_digit(text[n - 1]) && has_dash;
}

static bool check_shapes(struct rs_settings *set, struct rs_diag *diag)
{
    const char *login = set->login_url; /* the other URLs are endpoint.c's to read */

    lower(set->region);
    lower(set->cluster_id);
    if (set->region != NULL && !is_region(set->region))
        return rs_fail(diag, RS_HY000, 0, "Region \"%s\" is not a region name", set->region);
    if (set->cluster_id != NULL && !is_cluster_id(set->cluster_id))
        return rs_fail(diag, RS_HY000, 0, "ClusterID \"%s\" is not a cluster identifier",
                       set->cluster_id);
    if (login != NULL && (!rs_str_starts_nocase(rs_str_of(login), RS_STR("https://")) ||
                          login[sizeof "https://" - 1] == '\0'))
        return rs_fail(diag, RS_HY000, 0, "%s must be an https URL",
                       rs_key(RS_KEY_login_url)->name);
    if (set->idp_host != NULL && strpbrk(set->idp_host, "/: \t") != NULL)
        return rs_fail(diag, RS_HY000, 0, "idp_host must be a host name");
    return true;
}

static bool has_control(struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == 127)
            return true;
    return false;
}

static void warn_proxy(const struct rs_settings *set, struct rs_diag *diag)
{
    static const enum rs_key_id ids[] = { RS_KEY_proxy_port, RS_KEY_proxy_uid, RS_KEY_proxy_pwd };

    for (size_t i = 0; i < RS_COUNT(ids); i++)
        if (rs_settings_is_set(set, ids[i]))
            rs_warn(diag, RS_01S00, "%s is ignored without ProxyHost", rs_key(ids[i])->name);
}

/* RFC 7617 has no way to write a colon in the name, nor a control character in either. */
static bool check_proxy(const struct rs_settings *set, struct rs_diag *diag)
{
    struct rs_str password = { rs_secret_reveal(&set->proxy_pwd), rs_secret_len(&set->proxy_pwd) };

    if (set->proxy_host == NULL) {
        warn_proxy(set, diag);
        return true;
    }
    if (set->proxy_host[strcspn(set->proxy_host, "/@[] \t")] != '\0')
        return rs_fail(diag, RS_HY000, 0, "ProxyHost must be a host name");
    if (!rs_settings_is_set(set, RS_KEY_proxy_port))
        return rs_fail(diag, RS_28000, 0, "ProxyPort is required with ProxyHost");
    if (rs_settings_has_text(set, RS_KEY_proxy_pwd) && set->proxy_uid == NULL)
        return rs_fail(diag, RS_28000, 0, "ProxyUid is required with ProxyPwd");
    if (set->proxy_uid != NULL &&
        (strchr(set->proxy_uid, ':') != NULL || has_control(rs_str_of(set->proxy_uid))))
        return rs_fail(diag, RS_HY000, 0,
                       "ProxyUid must hold no colon and no control character: HTTP cannot carry "
                       "them");
    if (has_control(password))
        return rs_fail(diag, RS_HY000, 0,
                       "ProxyPwd must hold no control character: HTTP cannot carry it");
    if (rs_settings_is_word(set->opener, "libpq"))
        return rs_fail(diag, RS_HYC00, 0,
                       "libpq knows no proxy (ProxyHost); Opener=auto or Opener=native does");
    return true;
}

static bool replace(struct rs_settings *set, enum rs_key_id id, const char *value,
                    enum rs_key_id source, struct rs_diag *diag)
{
    char *copy = rs_str_dup(rs_str_of(value), diag);

    if (copy == NULL)
        return false;
    rs_free(*text_of(set, id));
    *text_of(set, id) = copy;
    set->layer[id] = set->layer[source];
    return true;
}

static bool apply_old_keys(struct rs_settings *set, struct rs_diag *diag)
{
    static const char *const methods[] = { "disable", "verify-ca", "verify-full", "require" };

    if (rs_settings_is_set(set, RS_KEY_encryption_method) &&
        !rs_settings_is_set(set, RS_KEY_sslmode) &&
        !replace(set, RS_KEY_sslmode, methods[set->encryption_method], RS_KEY_encryption_method,
                 diag))
        return false;
    if (set->trust_store != NULL &&
        !replace(set, RS_KEY_ca_file, set->trust_store, RS_KEY_trust_store, diag))
        return false;
    if (rs_settings_is_word(set->min_tls, "1.0") || rs_settings_is_word(set->min_tls, "1.1")) {
        rs_warn(diag, RS_01S00, "Min_TLS %s is raised to 1.2", set->min_tls);
        return replace(set, RS_KEY_min_tls, "1.2", RS_KEY_min_tls, diag);
    }
    return true;
}

/* ---- what is missing ---- */

struct missing {
    const char *part[MAX_MISSING];
    size_t n;
};

static const char target[] = "Server (or ClusterID and Region)";

static void miss(struct missing *list, const char *part)
{
    if (list->n < MAX_MISSING)
        list->part[list->n++] = part;
}

static void miss_key(struct missing *list, const struct rs_settings *set, enum rs_key_id id)
{
    if (!rs_settings_has_text(set, id))
        miss(list, rs_key(id)->name);
}

/* GetClusterCredentials alone takes a DbUser (credentials.md 6). */
static bool needs_db_user(const struct rs_settings *set)
{
    return !set->group_federation && !set->serverless && set->workgroup == NULL &&
           set->auth_profile == NULL &&
           rs_str_find_nocase(rs_str_of(set->server), RS_STR(".redshift-serverless")) < 0;
}

static void miss_static(struct missing *list, const struct rs_settings *set)
{
    miss_key(list, set, RS_KEY_access_key_id);
    if (!rs_settings_has_text(set, RS_KEY_pwd))
        miss_key(list, set, RS_KEY_secret_access_key);
    if (needs_db_user(set) && set->uid == NULL)
        miss_key(list, set, RS_KEY_db_user);
}

static bool fail_missing(const struct missing *list, const struct rs_settings *set,
                         enum rs_method method, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_INIT(MAX_NAMES);
    const char *one = list->part[0];
    enum rs_key_id access = rs_settings_access_key(set);

    if (list->n == 1 && one == target)
        return rs_fail(diag, RS_28000, 0, "Server, or ClusterID and Region, is required");
    if (list->n == 1 && method == RS_METHOD_STATIC && access != RS_KEY_NONE &&
        (one == rs_key(RS_KEY_access_key_id)->name ||
         one == rs_key(RS_KEY_secret_access_key)->name))
        return rs_fail(diag, RS_28000, 0, "%s is required with %s", one, rs_key(access)->name);
    for (size_t i = 0; i < list->n; i++)
        rs_buf_addf(&text, "%s%s", i == 0 ? "" : i + 1 == list->n ? " and " : ", ", list->part[i]);
    if (rs_buf_ok(&text, diag))
        (void)rs_fail(diag, RS_28000, 0, "%s %s required", text.p, list->n == 1 ? "is" : "are");
    rs_buf_clear(&text);
    return false;
}

static bool check_missing(const struct rs_settings *set, enum rs_method method,
                          struct rs_diag *diag)
{
    struct missing list = { .n = 0 };

    if (set->auth_profile != NULL && method != RS_METHOD_STANDARD &&
        (set->region == NULL || set->access_key_id == NULL ||
         !rs_settings_has_text(set, RS_KEY_secret_access_key)))
        return rs_fail(diag, RS_28000, 0,
                       "AuthProfile needs AccessKeyID, SecretAccessKey and Region");
    if (set->auth_profile != NULL && method != RS_METHOD_STANDARD)
        return true; /* what else is needed may stand in it */
    switch (method) {
    case RS_METHOD_STANDARD:
        miss_key(&list, set, RS_KEY_server);
        miss_key(&list, set, RS_KEY_database);
        miss_key(&list, set, RS_KEY_uid);
        break;
    case RS_METHOD_STATIC:
    case RS_METHOD_PROFILE:
    case RS_METHOD_INSTANCE:
    case RS_METHOD_CHAIN:
        /* Region may still come from the environment or a profile. */
        if (set->server == NULL && set->cluster_id == NULL && set->workgroup == NULL)
            miss(&list, target);
        miss_key(&list, set, RS_KEY_database);
        if (method == RS_METHOD_STATIC)
            miss_static(&list, set);
        break;
    case RS_METHOD_PLUGIN:
        break; /* each plugin names what it needs */
    }
    return list.n == 0 || fail_missing(&list, set, method, diag);
}

/* ---- what does nothing ---- */

/* A switch that is off, or a word that asks for what happens anyway, needs no remark. */
static bool asks_for_nothing(const struct rs_settings *set, enum rs_key_id id)
{
    const struct rs_key *key = rs_key(id);
    const bool *flag = (const bool *)(const void *)((const char *)set + key->offset);

    if (id == RS_KEY_compression)
        return rs_settings_is_word(set->compression, "off");
    return key->type == RS_TYPE_BOOL && !*flag &&
           (key->dflt == NULL || strcmp(key->dflt, "0") == 0);
}

static bool is_access_key(enum rs_key_id id)
{
    return id == RS_KEY_access_key_id || id == RS_KEY_secret_access_key ||
           id == RS_KEY_session_token;
}

static bool is_ignored_with_password(const struct rs_settings *set, enum rs_key_id id)
{
    enum rs_key_group group = rs_key(id)->group;

    if (id == RS_KEY_iam)
        return set->iam;
    if (id == RS_KEY_auth_type)
        return !rs_settings_is_word(set->auth_type, "Standard");
    return id == RS_KEY_vpc_endpoint_url || group == RS_GROUP_TARGET ||
           group == RS_GROUP_CREDENTIALS || group == RS_GROUP_PLUGIN;
}

static bool is_ignored(const struct rs_settings *set, enum rs_key_id id, enum rs_method method)
{
    bool is_plugin_key = rs_key(id)->group == RS_GROUP_PLUGIN;
    bool is_access = is_access_key(id) && set->auth_profile == NULL;

    switch (method) {
    case RS_METHOD_STANDARD:
        return is_ignored_with_password(set, id);
    case RS_METHOD_STATIC:
        return is_plugin_key || id == RS_KEY_profile || id == RS_KEY_instance_profile ||
               (id == RS_KEY_pwd && rs_settings_has_text(set, RS_KEY_secret_access_key));
    case RS_METHOD_PROFILE:
        return is_access || id == RS_KEY_pwd; /* plugin keys may serve the profile's plugin */
    case RS_METHOD_INSTANCE:
        return is_access || is_plugin_key || id == RS_KEY_pwd || id == RS_KEY_profile;
    case RS_METHOD_CHAIN:
        return is_access || is_plugin_key || id == RS_KEY_pwd;
    case RS_METHOD_PLUGIN:
        return (is_access && !rs_settings_is_plugin(set, "IdpTokenAuthPlugin")) ||
               id == RS_KEY_profile || id == RS_KEY_instance_profile;
    }
    return false;
}

static const char *method_name(enum rs_method method)
{
    switch (method) {
    case RS_METHOD_STANDARD:
        return "a login with user and password";
    case RS_METHOD_STATIC:
        return "AWS IAM Credentials";
    case RS_METHOD_PROFILE:
        return "AWS Profile";
    case RS_METHOD_INSTANCE:
        return "the instance profile";
    case RS_METHOD_CHAIN:
        return "the default credential chain";
    case RS_METHOD_PLUGIN:
        return "an identity provider plugin";
    }
    return "";
}

static bool warn_ignored(const struct rs_settings *set, enum rs_method method, struct rs_diag *diag)
{
    struct rs_buf names = RS_BUF_INIT(MAX_NAMES);
    size_t n = 0;
    bool ok;

    for (int i = 0; i < RS_KEY_COUNT; i++) {
        enum rs_key_id id = (enum rs_key_id)i;

        if (!rs_settings_is_set(set, id) || rs_key(id)->state == RS_STATE_SILENT)
            continue;
        if (is_ignored(set, id, method)) {
            rs_buf_addf(&names, "%s%s", n == 0 ? "" : ", ", rs_key(id)->name);
            n++;
        } else if (rs_key(id)->state == RS_STATE_LATER && !asks_for_nothing(set, id) &&
                   !(method == RS_METHOD_PLUGIN && rs_key(id)->group == RS_GROUP_PLUGIN)) {
            rs_warn(diag, RS_01S00, "%s has no effect in this build", rs_key(id)->name);
        }
    }
    ok = rs_buf_ok(&names, diag);
    if (ok && n > 0)
        rs_warn(diag, RS_01S00, "%s %s ignored for %s", names.p, n == 1 ? "is" : "are",
                method_name(method));
    rs_buf_clear(&names);
    return ok;
}

bool rs_settings_check_each(struct rs_settings *set, struct rs_diag *diag)
{
    return check_words(set, diag) && check_shapes(set, diag);
}

bool rs_settings_check(struct rs_settings *set, struct rs_diag *diag)
{
    enum rs_method method = RS_METHOD_STANDARD;

    if (!rs_settings_method(set, &method, diag))
        return false;
    if (!check_words(set, diag) || !apply_old_keys(set, diag) || !check_shapes(set, diag) ||
        !check_proxy(set, diag))
        return false;
    if (method != RS_METHOD_STANDARD &&
        (rs_settings_is_word(set->sslmode, "disable") ||
         rs_settings_is_word(set->sslmode, "allow") || rs_settings_is_word(set->sslmode, "prefer")))
        return rs_fail(diag, RS_HY000, 0,
                       "IAM authentication needs SSLMode require, verify-ca or verify-full");
    if (!check_missing(set, method, diag))
        return false;
    return warn_ignored(set, method, diag);
}
