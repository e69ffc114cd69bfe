/*
 * A small reader of web pages: elements in the order of the page, their attributes and text.
 *
 * Over libxml2's HTML parser, which mends what a browser would mend. Nothing is loaded from
 * anywhere, no script runs, size and depth are limited. Names are in lower case, values come with
 * their entities decoded. A page may hold an assertion, so it is wiped when it is freed.
 */
#ifndef RS_HTML_H
#define RS_HTML_H

#include "attrs.h"
#include "str.h"

struct rs_diag;
struct rs_html;      /* a page */
struct rs_html_node; /* an element; lives as long as its page */

enum { RS_HTML_MAX_BYTES = 2 << 20, RS_HTML_MAX_DEPTH = 200 };

/* charset: what the HTTP header says of the bytes; empty or unknown: the page is asked. A page of
 * no elements is one too. Posts HY000 (too large or deep; none of its text), HY001. */
RS_NODISCARD bool rs_html_parse(struct rs_str text, struct rs_str charset, struct rs_html **out,
                                struct rs_diag *diag);
void rs_html_free(struct rs_html *page); /* NULL is fine */

/* The element whose tag comes next in the page; NULL after the last. after NULL: the first. */
const struct rs_html_node *rs_html_next(const struct rs_html *page,
                                        const struct rs_html_node *after);
bool rs_html_is(const struct rs_html_node *node, const char *name);
/* The nearest element of that name that this one stands in; NULL: none. */
const struct rs_html_node *rs_html_around(const struct rs_html_node *node, const char *name);
bool rs_html_has(const struct rs_html_node *node, const char *attribute);
/* Empty when there is none. */
struct rs_str rs_html_attr(const struct rs_html_node *node, const char *attribute);
/* Appends all text inside the element as it stands there; scripts and styles are text too. */
void rs_html_text(const struct rs_html_node *node, struct rs_buf *out);

#endif
