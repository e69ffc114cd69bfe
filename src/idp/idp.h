/*
 * Identity provider plugins: their names, what each needs, and how each gets what proves who the
 * user is. Knows no AWS and no ODBC.
 *
 * Source: dsn-keys.md 4 (labels of the dialog), idp-flows.md, aws-api.md 13 (class names of other
 * drivers).
 */
#ifndef RS_IDP_H
#define RS_IDP_H

#include "../attrs.h"
#include "../diag.h"
#include "../http.h"
#include "../log.h"
#include "../os.h"
#include "../secret.h"
#include "../settings.h"
#include "../str.h"

/* One sign-in, as a plugin sees it; all of it is the caller's. */
struct rs_idp_ask {
    const struct rs_settings *set;
    const struct rs_world *world;
    struct rs_deadline deadline;
    struct rs_log *log;
    const char *ca_file;                   /* NULL: libcurl's default */
    const struct rs_http_proxy *proxy;     /* for the provider; NULL: none */
    const struct rs_http_proxy *aws_proxy; /* for what AWS provides; NULL: none */
    const char *oidc_url; /* of IAM Identity Center, no slash at its end; NULL: not known */
};

/* What comes of it. Texts are the settings' or constants; NULL: not said. */
struct rs_idp_proof {
    struct rs_secret text; /* by what the plugin yields */
    int64_t expires_at;    /* UTC seconds, 0: not said */
    /* of RS_IDP_TOKEN */
    const char *idp_type, *provider_name, *token_type, *identity_namespace;
    bool is_asked_of_aws; /* with the access keys that are set; text is empty */
};

enum rs_idp_yield {
    RS_IDP_TOKEN, /* for the database itself, without AWS credentials */
    RS_IDP_SAML,  /* a SAML response in base64, as the Security Token Service takes it */
    RS_IDP_JWT,   /* a web identity token for the Security Token Service */
};

/* All that the plugin needs is there. out is all zero; its text is cleared by the caller whatever
 * the outcome. Posts the errors of idp-flows.md 13, and HY001. */
typedef bool rs_idp_fetch_fn(const struct rs_idp_ask *ask, struct rs_idp_proof *out,
                             struct rs_diag *diag);

struct rs_idp_plugin {
    const char *name; /* value of plugin_name */
    enum rs_idp_yield yields;
    rs_idp_fetch_fn *fetch;
    bool takes_access_keys;             /* they may stand in place of what it needs */
    bool takes_user;                    /* UID and PWD are the provider's */
    bool keeps_token;                   /* a native one's: good for other connections, too */
    const char *idp_type, *token_type;  /* of a token that is kept; NULL: not said */
    const enum rs_key_id *needs, *uses; /* plugin keys, besides plugin_name; NONE ends the list */
};

/* Signs in to the database itself, without AWS credentials. */
bool rs_idp_is_native(const struct rs_idp_plugin *plugin);

/* By plugin_name or class name: the last dotted component counts, case is ignored. NULL: none. */
const struct rs_idp_plugin *rs_idp_find(struct rs_str name);
/* By the dialog's label (settings.h), case ignored. */
const struct rs_idp_plugin *rs_idp_find_label(struct rs_str label);
/* Number i of the list; NULL past the end. */
const struct rs_idp_plugin *rs_idp_at(size_t i);
/* What there is to say of a token of a plugin that keeps it. */
void rs_idp_describe(const struct rs_idp_plugin *plugin, const struct rs_settings *set,
                     struct rs_idp_proof *out);
/* Database and what the plugin needs, for a native one Server too; 28000 naming all that is
 * missing, HY001. Not looked at when access keys take the place: the calls to AWS know what they
 * need. */
RS_NODISCARD bool rs_idp_check_needs(const struct rs_idp_plugin *plugin,
                                     const struct rs_settings *set, struct rs_diag *diag);
/* 01S00 naming what is set and does nothing for this plugin; false: HY001. */
RS_NODISCARD bool rs_idp_warn_idle(const struct rs_idp_plugin *plugin,
                                   const struct rs_settings *set, struct rs_diag *diag);

/* What plugins keep in memory between sign-ins is wiped, with pending_too that also which a user
 * may be about to confirm; around a fork it is held still, and the child begins without. */
void rs_idp_forget(bool pending_too);
void rs_idp_before_fork(void);
void rs_idp_after_fork(bool is_child);

#endif
