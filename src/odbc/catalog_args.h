/*
 * Arguments of the catalog functions: pattern values, ordinary arguments, identifiers, type lists.
 * Pure; what depends on the connection comes in struct rs_arg_rules.
 *
 * Posts: HY009 (identifier NULL), HY090 (length), 22018, HY001.
 * Source: ODBC Programmer's Reference, "Arguments in Catalog Functions"; odbc.md 13.1, 13.3.
 */
#ifndef RS_ODBC_CATALOG_ARGS_H
#define RS_ODBC_CATALOG_ARGS_H

#include "text.h"

enum rs_arg_kind { RS_ARG_PATTERN, RS_ARG_ORDINARY };

/* How an argument restricts a column. */
enum rs_arg_match { RS_MATCH_ALL, RS_MATCH_LIKE, RS_MATCH_EQUAL };

struct rs_arg_rules {
    bool is_identifier; /* SQL_ATTR_METADATA_ID */
    bool folds;         /* names were folded to lower case when they were stored */
    size_t name_max;    /* bytes */
};

struct rs_catalog_arg {
    struct rs_buf raw; /* as given; empty for NULL too */
    bool is_null;
    struct rs_buf text; /* what to compare with: for LIKE, escaped by a backslash */
    enum rs_arg_match match;
};

#define RS_CATALOG_ARG_INIT                                                                        \
    {                                                                                              \
        .raw = RS_BUF_INIT(65536), .text = RS_BUF_INIT(131072)                                     \
    }

/* Takes the application's text in; nothing is interpreted. */
RS_NODISCARD bool rs_catalog_arg_get(struct rs_catalog_arg *arg, struct rs_text t,
                                     struct rs_diag *diag);
/* Makes text and match from raw. name: of the argument, for messages. */
RS_NODISCARD bool rs_catalog_arg_settle(struct rs_catalog_arg *arg, enum rs_arg_kind kind,
                                        const struct rs_arg_rules *rules, const char *name,
                                        struct rs_diag *diag);
/* Given and equal to that text, nothing interpreted. */
bool rs_catalog_arg_is(const struct rs_catalog_arg *arg, struct rs_str text);
/* Does the settled argument let that name through? As the server would have it. */
bool rs_catalog_arg_takes(const struct rs_catalog_arg *arg, struct rs_str name);
/* Does the settled argument mean one name and no others? */
bool rs_catalog_arg_is_one(const struct rs_catalog_arg *arg);
/* The same, and appends the name. */
bool rs_catalog_arg_one(const struct rs_catalog_arg *arg, struct rs_buf *out);
bool rs_catalog_arg_has_upper(const struct rs_catalog_arg *arg); /* ASCII */
void rs_catalog_arg_clear(struct rs_catalog_arg *arg);

/* Table types, in the order of their names. */
enum rs_table_type {
#define RS_TABLE_TYPES(X)                                                                          \
    X(EXTERNAL_TABLE, "EXTERNAL TABLE")                                                            \
    X(MATERIALIZED_VIEW, "MATERIALIZED VIEW")                                                      \
    X(SYSTEM_TABLE, "SYSTEM TABLE")                                                                \
    X(SYSTEM_VIEW, "SYSTEM VIEW")                                                                  \
    X(TABLE, "TABLE")                                                                              \
    X(TEMPORARY_TABLE, "TEMPORARY TABLE")                                                          \
    X(TEMPORARY_VIEW, "TEMPORARY VIEW")                                                            \
    X(VIEW, "VIEW")
#define RS_TABLE_TYPE_ID(id, name) RS_TT_##id,
    RS_TABLE_TYPES(RS_TABLE_TYPE_ID) RS_TT_COUNT
};
enum { RS_TT_ALL = (1 << RS_TT_COUNT) - 1 };
const char *rs_table_type_name(enum rs_table_type type);
/* Bits 1 << type of a comma-separated list, quoted or not, case ignored. Empty or %: all. */
unsigned rs_table_types_parse(struct rs_str list);

#endif
