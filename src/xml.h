/*
 * A small reader of XML answers: parse, find elements by local name, take their text.
 *
 * Over libxml2 with everything dangerous off: a document type declaration of any kind is refused
 * while it is read, nothing is loaded from anywhere, no entity but the five built-in ones is
 * replaced, and size and depth are limited. Namespaces are compared only where it is asked for:
 * services answer with many. Texts may hold passwords, so the tree is wiped when it is freed.
 */
#ifndef RS_XML_H
#define RS_XML_H

#include "attrs.h"
#include "str.h"

struct rs_diag;
struct rs_xml;      /* a document */
struct rs_xml_node; /* an element; lives as long as its document */

enum { RS_XML_MAX_BYTES = 4 << 20, RS_XML_MAX_DEPTH = 64 };

/* Posts HY000 (not well formed, with the line; has a document type; too large or deep), HY001.
 * The message holds none of the document's text. */
RS_NODISCARD bool rs_xml_parse(struct rs_str text, struct rs_xml **out, struct rs_diag *diag);
void rs_xml_free(struct rs_xml *xml); /* NULL is fine */

const struct rs_xml_node *rs_xml_root(const struct rs_xml *xml);
bool rs_xml_is(const struct rs_xml_node *node, const char *name);
bool rs_xml_is_in(const struct rs_xml_node *node, const char *space); /* the element's namespace */
/* First child element of that name; NULL when there is none or node is NULL. */
const struct rs_xml_node *rs_xml_child(const struct rs_xml_node *node, const char *name);
/* Next sibling element of that name. */
const struct rs_xml_node *rs_xml_next(const struct rs_xml_node *node, const char *name);
/* Goes down by names joined with '/', the first child of each. */
const struct rs_xml_node *rs_xml_find(const struct rs_xml_node *node, const char *path);
/* Appends the text directly inside the element, trimmed as a whole. A NULL node has none. */
void rs_xml_text(const struct rs_xml_node *node, struct rs_buf *out);
/* Appends the value of an attribute that is in no namespace; false when there is none. */
bool rs_xml_attribute(const struct rs_xml_node *node, const char *name, struct rs_buf *out);

#endif
