/*
 * Identity provider plugins: their names. No plugin works in this build; the table serves to name
 * the one that was asked for.
 *
 * Source: dsn-keys.md 4 (labels of the dialog), aws-api.md 13 (class names of other drivers).
 */
#ifndef RS_IDP_H
#define RS_IDP_H

#include "../attrs.h"
#include "../str.h"

struct rs_idp_plugin {
    const char *name;  /* value of plugin_name */
    const char *label; /* AuthType of the dialog */
    bool is_native;    /* signs in to the database itself, without AWS credentials */
};

/* By plugin_name or class name: the last dotted component counts, case is ignored. NULL: none. */
const struct rs_idp_plugin *rs_idp_find(struct rs_str name);
/* By the dialog's label, case ignored. */
const struct rs_idp_plugin *rs_idp_find_label(struct rs_str label);
/* Number i of the list; NULL past the end. */
const struct rs_idp_plugin *rs_idp_at(size_t i);

#endif
