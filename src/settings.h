/*
 * Typed connection settings, derived from keys.def: layered values (connection string over DSN
 * over global file over profile over built-in default), validation, printing without secrets.
 *
 * Knows nothing of where the texts come from; connstr.c parses them.
 * Source: dsn-keys.md 1, 2, 3, 6.
 */
#ifndef RS_SETTINGS_H
#define RS_SETTINGS_H

#include "attrs.h"
#include "diag.h"
#include "secret.h"
#include "str.h"

enum rs_key_id {
    RS_KEY_NONE = -1,
#define KEY(field, name, type, dflt, min, max, group, state, help) RS_KEY_##field,
#include "keys.def"
    RS_KEY_COUNT
};

enum rs_key_type { RS_TYPE_TEXT, RS_TYPE_INT, RS_TYPE_BOOL, RS_TYPE_SECRET };
enum rs_key_state { RS_STATE_WORKS, RS_STATE_LATER, RS_STATE_SILENT, RS_STATE_DM };
enum rs_key_group {
    RS_GROUP_CONNECT,
    RS_GROUP_TARGET,
    RS_GROUP_CREDENTIALS,
    RS_GROUP_PLUGIN,
    RS_GROUP_SESSION,
    RS_GROUP_FETCH,
    RS_GROUP_STATEMENT,
    RS_GROUP_TYPES,
    RS_GROUP_METADATA,
    RS_GROUP_LOG,
    RS_GROUP_OLD
};

/* Where a value came from; a higher one wins. */
enum rs_layer {
    RS_LAYER_DEFAULT,
    RS_LAYER_ASSERTION,
    RS_LAYER_PROFILE,
    RS_LAYER_AUTH_PROFILE,
    RS_LAYER_GLOBAL,
    RS_LAYER_DSN,
    RS_LAYER_STRING,
    RS_LAYER_ATTRIBUTE /* SQLSetConnectAttr before connecting */
};

#define RS_FIELD_TEXT(f)   char *f;
#define RS_FIELD_INT(f)    int32_t f;
#define RS_FIELD_BOOL(f)   bool f;
#define RS_FIELD_SECRET(f) struct rs_secret f;
/* Unset: TEXT NULL, SECRET empty, INT and BOOL 0: ask rs_settings_is_set where 0 means something.
 */
struct rs_settings {
#define KEY(field, name, type, dflt, min, max, group, state, help) RS_FIELD_##type(field)
#include "keys.def"
    uint8_t layer[RS_KEY_COUNT]; /* enum rs_layer of each value; DEFAULT also when unset */
};

struct rs_key {
    const char *name, *dflt, *help;
    enum rs_key_type type;
    enum rs_key_group group;
    enum rs_key_state state;
    int32_t min, max;
    size_t offset;
    bool is_long; /* tokens */
};

const struct rs_key *rs_key(enum rs_key_id id);
size_t rs_key_max_len(enum rs_key_id id); /* bytes of a value: 4 KiB, tokens 64 KiB */
/* By canonical name or alias, case ignored; RS_KEY_NONE when unknown. */
enum rs_key_id rs_key_find(struct rs_str name);

/* All defaults. False: HY001. */
RS_NODISCARD bool rs_settings_init(struct rs_settings *set, struct rs_diag *diag);
void rs_settings_clear(struct rs_settings *set); /* wipes secrets, frees; all zero afterwards */
/* `to` is initialised or all zero; it keeps its values when this fails (HY001). */
RS_NODISCARD bool rs_settings_copy(struct rs_settings *to, const struct rs_settings *from,
                                   struct rs_diag *diag);

/*
 * Sets one value from text, checked by the table, unless a value of a higher or the same layer is
 * there (first wins within a layer). An empty value means "not set" and changes nothing.
 * Posts HY000 (bad boolean, integer, range, too long, NUL inside: dsn-keys.md 6), HY001.
 */
RS_NODISCARD bool rs_settings_put(struct rs_settings *set, enum rs_key_id id, struct rs_str value,
                                  enum rs_layer layer, struct rs_diag *diag);
/* True when a value above the default is there. */
bool rs_settings_is_set(const struct rs_settings *set, enum rs_key_id id);
/* True for a TEXT or SECRET that is not empty, a default included. */
bool rs_settings_has_text(const struct rs_settings *set, enum rs_key_id id);

/*
 * The checks that need several values; called once, after all layers are in. Brings values into
 * their one spelling on the way: the words of SSLMode, Opener …, ClusterID and Region in lower
 * case, SSLMode from EncryptionMethod, CaFile from TrustStore, Min_TLS at least 1.2.
 *
 * Refused are: an unknown AuthType, contradictions, missing keys (one message naming all), a weak
 * SSLMode with IAM, a malformed Region, ClusterID, endpoint URL, proxy or word. Posts HY000, 28000,
 * HYC00 (a proxy through libpq), HY001; 01S00 for set keys whose state is LATER or that do nothing
 * for this authentication. Keys that a profile could still supply (Region, DbUser) are not missed
 * here. Source: dsn-keys.md 5, 6; credentials.md 1.
 */
RS_NODISCARD bool rs_settings_check(struct rs_settings *set, struct rs_diag *diag);
/* Those of them that look at one value at a time. Posts HY000, HY001. */
RS_NODISCARD bool rs_settings_check_each(struct rs_settings *set, struct rs_diag *diag);
/* The words a key's value is one of, NULL after the last; NULL: it is free text. */
const char *const *rs_key_words(enum rs_key_id id);

/* How one signs in, decided by credentials.md 1 after the merge. */
enum rs_method {
    RS_METHOD_STANDARD,
    RS_METHOD_STATIC,
    RS_METHOD_PROFILE,
    RS_METHOD_INSTANCE,
    RS_METHOD_CHAIN,
    RS_METHOD_PLUGIN
};
/* AuthType's values, in the dialog's order; behind those comes Plugin, which needs plugin_name. */
struct rs_auth_type {
    const char *label, *stored; /* stored NULL: Plugin, with plugin_name */
    const char *plugin;         /* the label stands for Plugin with this name; NULL: it does not */
    enum rs_method method;
};
/* By label or stored word, case ignored; NULL: none. */
const struct rs_auth_type *rs_auth_type_find(struct rs_str value);
/* Posts HY000 with the list of all. */
bool rs_auth_type_fail(const char *value, struct rs_diag *diag);

/* Posts as rs_settings_check's first part does: HY000 for an AuthType that is unknown or that
 * plugin_name contradicts, 28000 for credentials that exclude each other. No warnings. */
RS_NODISCARD bool rs_settings_method(const struct rs_settings *set, enum rs_method *out,
                                     struct rs_diag *diag);
/* By label, stored word or plugin's name; NULL: none. */
const struct rs_auth_type *rs_auth_type_of_word(struct rs_str word);
/* The first set key of the three that make up explicit credentials; RS_KEY_NONE. */
enum rs_key_id rs_settings_access_key(const struct rs_settings *set);
/* Does plugin_name, or else the label in AuthType, mean this plugin? */
bool rs_settings_is_plugin(const struct rs_settings *set, const char *name);
/* 1, true, yes, on; 0, false, no, off: in any case, blanks around it. False: it is none of them. */
RS_NODISCARD bool rs_parse_bool(struct rs_str value, bool *out);
/* Is a value that word, in any case? NULL is none. */
bool rs_settings_is_word(const char *text, const char *word);

/* "Key=value; …" of what is set above the default; secrets as ****, access key ids but for their
 * last four characters. */
void rs_settings_print(const struct rs_settings *set, struct rs_buf *out);
/* One value in that way. */
void rs_settings_print_value(const struct rs_settings *set, enum rs_key_id id, struct rs_buf *out);
/* Where a value came from, in a user's words: "the data source". */
const char *rs_layer_name(enum rs_layer layer);

#endif
