/*
 * Identity provider plugins: their names, and those that need no more than keys. Knows no AWS and
 * no ODBC.
 *
 * Source: dsn-keys.md 4 (labels of the dialog), idp-flows.md 10 (native plugins), aws-api.md 13
 * (class names of other drivers).
 */
#ifndef RS_IDP_H
#define RS_IDP_H

#include "../attrs.h"
#include "../diag.h"
#include "../secret.h"
#include "../settings.h"
#include "../str.h"

/* What a native plugin signs in with. Texts are the settings' or constants; NULL: not said. */
struct rs_idp_token {
    struct rs_secret token;
    const char *idp_type, *provider_name, *token_type, *identity_namespace;
    bool is_asked_of_aws; /* with the access keys that are set; token is empty */
};

/* What the plugin needs is there. out is all zero; its token is cleared by the caller whatever the
 * outcome. Posts 28000 (keys that exclude or need each other), HY000, HY001. */
typedef bool rs_idp_token_fn(const struct rs_settings *set, struct rs_idp_token *out,
                             struct rs_diag *diag);

struct rs_idp_plugin {
    const char *name;       /* value of plugin_name */
    const char *label;      /* AuthType of the dialog */
    bool is_native;         /* signs in to the database itself, without AWS credentials */
    rs_idp_token_fn *token; /* NULL: not in this build */
    bool takes_access_keys; /* they may stand in place of what it needs */
    const enum rs_key_id *needs, *uses; /* plugin keys, besides plugin_name; NONE ends the list */
};

/* By plugin_name or class name: the last dotted component counts, case is ignored. NULL: none. */
const struct rs_idp_plugin *rs_idp_find(struct rs_str name);
/* By the dialog's label, case ignored. */
const struct rs_idp_plugin *rs_idp_find_label(struct rs_str label);
/* Number i of the list; NULL past the end. */
const struct rs_idp_plugin *rs_idp_at(size_t i);
/* Server, Database and what the plugin needs; 28000 naming all that is missing, HY001. Not looked
 * at when access keys take the place: the calls to AWS know what they need. */
RS_NODISCARD bool rs_idp_check_needs(const struct rs_idp_plugin *plugin,
                                     const struct rs_settings *set, struct rs_diag *diag);
/* 01S00 naming what is set and does nothing for a native plugin of this build; false: HY001. */
RS_NODISCARD bool rs_idp_warn_idle(const struct rs_idp_plugin *plugin,
                                   const struct rs_settings *set, struct rs_diag *diag);

#endif
