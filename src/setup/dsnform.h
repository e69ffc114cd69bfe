/*
 * The form of a data source: which Auth Type, which fields that shows, their values. A window, a
 * terminal and an administrator's list of properties each show it in their way; nothing here draws.
 *
 * The fields are dsnform.def's. All values are held as secrets: a form may hold somebody's
 * password.
 */
#ifndef RS_DSNFORM_H
#define RS_DSNFORM_H

#include "../secret.h"
#include "../settings.h"

enum rs_form_part {
    RS_PART_CONNECTION,
    RS_PART_AUTHENTICATION,
    RS_PART_ADVANCED,
    RS_PART_SSL,
    RS_PART_LOGGING,
    RS_PART_COUNT
};
enum rs_form_widget {
    RS_WIDGET_TEXT,
    RS_WIDGET_NUMBER,
    RS_WIDGET_LIST,
    RS_WIDGET_CHECKBOX,
    RS_WIDGET_FILE,
    RS_WIDGET_FOLDER,
    RS_WIDGET_PASSWORD
};
enum rs_form_mark { RS_MARK_MAY, RS_MARK_MUST, RS_MARK_TARGET, RS_MARK_EITHER };

/* One field as an Auth Type shows it; the help text is rs_key(id)->help. */
struct rs_form_item {
    enum rs_key_id id;
    const char *label;
    enum rs_form_widget widget;
    enum rs_form_part part;
    enum rs_form_mark mark;
};

/* Number i of the dialog's Auth Types; NULL past the end. */
const struct rs_auth_type *rs_form_type(size_t i);
/* Number i of the fields that Auth Type number `type` shows, part after part; false past the end.
 */
bool rs_form_item(size_t type, size_t i, struct rs_form_item *out);
/* A field by its key, as type shows it; false when it does not. */
bool rs_form_find(size_t type, enum rs_key_id id, struct rs_form_item *out);
/* Does any Auth Type show it? */
bool rs_form_knows(enum rs_key_id id);
/* Number i of the words of a LIST; NULL past the end. Others may be typed. */
const char *rs_form_word(enum rs_key_id id, size_t i);
const char *rs_form_part_name(enum rs_form_part part);

/* All zero is an empty form of Auth Type Standard. */
struct rs_dsnform {
    struct rs_secret name;
    size_t type; /* of rs_form_type */
    struct rs_secret value[RS_KEY_COUNT];
};

void rs_dsnform_clear(struct rs_dsnform *form); /* wipes; all zero afterwards */
/* By label, stored word or plugin's name. Posts HY000 when there is none such. */
RS_NODISCARD bool rs_dsnform_set_type(struct rs_dsnform *form, struct rs_str word,
                                      struct rs_diag *diag);
/* Posts HY000 when no data source can be called so, HY001. */
RS_NODISCARD bool rs_dsnform_set_name(struct rs_dsnform *form, struct rs_str name,
                                      struct rs_diag *diag);
/*
 * One value, shown or not; an empty one takes it away. What is no secret is trimmed. Posts what the
 * driver has to say about this value by itself (HY000: not a number, out of range, not one of the
 * words, no region name …), HY001; the old value stays then.
 */
RS_NODISCARD bool rs_dsnform_set(struct rs_dsnform *form, enum rs_key_id id, struct rs_str value,
                                 struct rs_diag *diag);
/* The same for a pair of text, as a connection string or odbc.ini has it: AuthType and plugin_name
 * choose the Auth Type, DSN is the name. Posts HY000 for an unknown key too. */
RS_NODISCARD bool rs_dsnform_put(struct rs_dsnform *form, struct rs_str key, struct rs_str value,
                                 struct rs_diag *diag);
/* The value, good until it is changed; empty: not set. It may be a secret. */
struct rs_str rs_dsnform_get(const struct rs_dsnform *form, enum rs_key_id id);
/* Will it be part of the data source: is it set, and shown or no field of any Auth Type? */
bool rs_dsnform_has(const struct rs_dsnform *form, enum rs_key_id id);

enum rs_form_purpose {
    RS_FORM_TO_SAVE, /* secrets may be left out: an application may give them */
    RS_FORM_TO_CONNECT
};
/*
 * The driver's own checks of it all. *at: the field to go to, RS_KEY_NONE when none is meant (or
 * RS_KEY_dsn for the name, TO_SAVE alone). Posts as rs_settings_check and rs_idp_check_needs do,
 * warnings too.
 */
RS_NODISCARD bool rs_dsnform_check(const struct rs_dsnform *form, enum rs_form_purpose purpose,
                                   enum rs_key_id *at, struct rs_diag *diag);
/* Appends it as a connection string without DSN, secrets too: out must wipe. */
void rs_dsnform_string(const struct rs_dsnform *form, const char *driver, struct rs_buf *out);
/* Calls pair for each line the data source has, but for Driver: name and value, until one says
 * false. */
bool rs_dsnform_each(const struct rs_dsnform *form,
                     bool (*pair)(void *ctx, enum rs_key_id id, struct rs_str value), void *ctx);

#endif
