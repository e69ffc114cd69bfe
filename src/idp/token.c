#include "token.h"

#include "../os.h"

static const char *text_or_null(const struct rs_settings *set, enum rs_key_id id, const char *text)
{
    return rs_settings_has_text(set, id) ? text : NULL;
}

bool rs_idp_jwt(const struct rs_idp_ask *ask, struct rs_idp_proof *out, struct rs_diag *diag)
{
    const struct rs_settings *set = ask->set;

    out->idp_type = "AzureAD";
    out->provider_name = text_or_null(set, RS_KEY_provider_name, set->provider_name);
    return rs_secret_copy(&out->text, &set->web_identity_token, diag);
}

/* Upper case, as the server knows them. */
static const char *token_type_of(const char *given, struct rs_diag *diag)
{
    static const char *const types[] = { "ACCESS_TOKEN", "EXT_JWT" };

    for (size_t i = 0; i < RS_COUNT(types); i++)
        if (rs_settings_is_word(given, types[i]))
            return types[i];
    (void)rs_fail(diag, RS_HY000, 0,
                  "token_type \"%s\" is not known; it is one of ACCESS_TOKEN, EXT_JWT", given);
    return NULL;
}

static bool by_access_keys(const struct rs_settings *set, enum rs_key_id access,
                           struct rs_idp_proof *out, struct rs_diag *diag)
{
    static const enum rs_key_id others[] = { RS_KEY_token, RS_KEY_token_type };

    for (size_t i = 0; i < RS_COUNT(others); i++)
        if (rs_settings_has_text(set, others[i]))
            return rs_fail(diag, RS_28000, 0, "%s and %s cannot be used together",
                           rs_key(others[i])->name, rs_key(access)->name);
    /* Keys without a session carry nobody's identity. */
    if (access == RS_KEY_access_key_id && !rs_settings_has_text(set, RS_KEY_session_token))
        return rs_fail(diag, RS_28000, 0, "%s is required with %s for plugin IdpTokenAuthPlugin",
                       rs_key(RS_KEY_session_token)->name, rs_key(access)->name);
    out->token_type = "SUBJECT_TOKEN";
    out->is_asked_of_aws = true;
    return true;
}

bool rs_idp_token_keys(const struct rs_idp_ask *ask, struct rs_idp_proof *out, struct rs_diag *diag)
{
    const struct rs_settings *set = ask->set;
    enum rs_key_id access = rs_settings_access_key(set);

    out->idp_type = "AwsIdc";
    out->identity_namespace = text_or_null(set, RS_KEY_identity_namespace, set->identity_namespace);
    if (access != RS_KEY_NONE)
        return by_access_keys(set, access, out, diag);
    out->token_type = token_type_of(set->token_type, diag);
    return out->token_type != NULL && rs_secret_copy(&out->text, &set->token, diag);
}
