/*
 * Reads the lines of an odbc.ini-like file: [section], key = value, comments from # or ; at the
 * beginning of a line. Values are taken as they stand (no braces, quotes or trailing comments),
 * as the driver manager does. Allocates nothing; all slices point into the text.
 */
#ifndef RS_INI_H
#define RS_INI_H

#include "../str.h"

enum rs_ini_item { RS_INI_END, RS_INI_SECTION, RS_INI_PAIR, RS_INI_NONSENSE };

struct rs_ini {
    struct rs_str rest;
    size_t line; /* number of the line handed out last, from 1 */
    bool done;
};

/* Borrows text; a byte-order mark in front is skipped. */
void rs_ini_init(struct rs_ini *ini, struct rs_str text);
/* The next line that says something. name: the section's or the key's, never empty for a PAIR;
 * value: may be empty. Both are trimmed. */
enum rs_ini_item rs_ini_next(struct rs_ini *ini, struct rs_str *name, struct rs_str *value);

#endif
