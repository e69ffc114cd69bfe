/*
 * A small reader of JSON objects: parse, ask for members of the outermost object. Strings written.
 *
 * Over cJSON, whose allocator is left alone, since the host may use the same library. Depth is
 * limited before it parses, the text must be UTF-8, and nothing may follow the value. Texts may be
 * secrets: all of them are wiped when the document is freed.
 */
#ifndef RS_JSON_H
#define RS_JSON_H

#include "attrs.h"
#include "str.h"

struct rs_diag;
struct rs_json; /* a document */

enum { RS_JSON_MAX_BYTES = 1 << 20, RS_JSON_MAX_DEPTH = 32 };

/* Posts HY000 (no JSON object, too large or deep; none of its text), HY001. */
RS_NODISCARD bool rs_json_parse(struct rs_str text, struct rs_json **out, struct rs_diag *diag);
void rs_json_free(struct rs_json *json); /* NULL is fine */

/* Names are case-sensitive. */
bool rs_json_has(const struct rs_json *json, const char *member); /* null counts as absent */
/* False when it is absent or no string. */
RS_NODISCARD bool rs_json_text(const struct rs_json *json, const char *member, struct rs_str *out);
/* False when it is absent or no whole number of at most 53 bits. */
RS_NODISCARD bool rs_json_int(const struct rs_json *json, const char *member, int64_t *out);
/* The same with its fraction cut: seconds. */
RS_NODISCARD bool rs_json_cut(const struct rs_json *json, const char *member, int64_t *out);
/* A member that is an object, which lives as long as the document; NULL when it is absent or is
 * none. json may be NULL. */
const struct rs_json *rs_json_object(const struct rs_json *json, const char *member);
/* Item i of a member that is an array, when it is an object; NULL past the end too. json may be
 * NULL. */
const struct rs_json *rs_json_item(const struct rs_json *json, const char *member, size_t i);
/* Member number i whose value is a text, whatever stands between them; false past the end. */
bool rs_json_text_at(const struct rs_json *json, size_t i, struct rs_str *name, struct rs_str *out);

/* Adds or replaces a member; text is UTF-8. Posts HY001. */
RS_NODISCARD bool rs_json_put_text(struct rs_json *json, const char *member, struct rs_str text,
                                   struct rs_diag *diag);
/* Appends the document on one line. Copies are wiped. */
void rs_json_print(const struct rs_json *json, struct rs_buf *out);

/* Appends a text as a JSON string; what is no UTF-8 becomes U+FFFD. Copies are wiped. */
void rs_json_quote(struct rs_buf *out, struct rs_str text);

#endif
