#include "xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "diag.h"
#include "os.h"
#include "secret.h"

/* struct rs_xml is libxml2's document and struct rs_xml_node its element, under our names. */
enum trouble { TROUBLE_NONE, TROUBLE_DOCTYPE, TROUBLE_DEPTH };

static struct rs_once ready = RS_ONCE_INIT;

static void get_ready(void)
{
    xmlInitParser();
}

static xmlParserCtxtPtr parser_of(void *ctx)
{
    return ctx;
}

static void give_up(xmlParserCtxtPtr parser, enum trouble why)
{
    enum trouble *trouble = parser->_private;

    *trouble = why;
    xmlStopParser(parser);
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *sys)
{
    (void)name;
    (void)external;
    (void)sys;
    give_up(parser_of(ctx), TROUBLE_DOCTYPE);
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_ns, const xmlChar **ns, int n_attr, int n_default, const xmlChar **attr)
{
    xmlParserCtxtPtr parser = parser_of(ctx);

    if (parser->nodeNr >= RS_XML_MAX_DEPTH)
        give_up(parser, TROUBLE_DEPTH);
    else
        xmlSAX2StartElementNs(ctx, name, prefix, uri, n_ns, ns, n_attr, n_default, attr);
}

/* The parser's own copy of the text. */
static void wipe_input(xmlParserCtxtPtr parser)
{
    if (parser->input != NULL && parser->input->base != NULL)
        rs_wipe((void *)(uintptr_t)parser->input->base,
                (size_t)(parser->input->end - parser->input->base));
}

static void wipe_tree(xmlNodePtr node)
{
    for (; node != NULL; node = node->next) {
        if ((node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) &&
            node->content != NULL)
            rs_wipe(node->content, strlen((char *)node->content));
        if (node->type == XML_ELEMENT_NODE)
            wipe_tree(node->children); /* at most RS_XML_MAX_DEPTH deep */
    }
}

static void free_doc(xmlDocPtr doc)
{
    if (doc == NULL)
        return;
    wipe_tree(doc->children);
    xmlFreeDoc(doc);
}

static bool fail_parse(xmlParserCtxtPtr parser, enum trouble trouble, struct rs_diag *diag)
{
    const xmlError *error = xmlCtxtGetLastError(parser);

    if (trouble == TROUBLE_DOCTYPE)
        return rs_fail(diag, RS_HY000, 0, "the XML text has a document type, which is not allowed");
    if (trouble == TROUBLE_DEPTH)
        return rs_fail(diag, RS_HY000, 0, "the XML text is nested too deeply");
    if (error != NULL && error->code == XML_ERR_NO_MEMORY)
        return rs_fail_memory(diag);
    return rs_fail(diag, RS_HY000, 0, "the XML text is not well formed (line %d)",
                   error == NULL ? 1 : error->line);
}

bool rs_xml_parse(struct rs_str text, struct rs_xml **out, struct rs_diag *diag)
{
    enum trouble trouble = TROUBLE_NONE;
    xmlParserCtxtPtr parser;
    xmlDocPtr doc;

    if (text.n > RS_XML_MAX_BYTES)
        return rs_fail(diag, RS_HY000, 0, "the XML text is larger than %d bytes", RS_XML_MAX_BYTES);
    if (text.n == 0)
        return rs_fail(diag, RS_HY000, 0, "the XML text is empty");
    rs_once(&ready, get_ready);
    parser = xmlNewParserCtxt();
    if (parser == NULL)
        return rs_fail_memory(diag);
    parser->_private = &trouble;
    parser->sax->internalSubset = on_doctype;
    parser->sax->startElementNs = on_start;
    doc = xmlCtxtReadMemory(parser, text.p, (int)text.n, NULL, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    wipe_input(parser);
    if (doc == NULL || trouble != TROUBLE_NONE || xmlDocGetRootElement(doc) == NULL) {
        free_doc(doc);
        fail_parse(parser, trouble, diag);
        xmlFreeParserCtxt(parser);
        return false;
    }
    xmlFreeParserCtxt(parser);
    *out = (struct rs_xml *)doc;
    return true;
}

void rs_xml_free(struct rs_xml *xml)
{
    free_doc((xmlDocPtr)xml);
}

static const xmlNode *node_of(const struct rs_xml_node *node)
{
    return (const xmlNode *)node;
}

const struct rs_xml_node *rs_xml_root(const struct rs_xml *xml)
{
    return (const struct rs_xml_node *)xmlDocGetRootElement((const xmlDoc *)xml);
}

static bool is_named(const xmlNode *node, struct rs_str name)
{
    return node->type == XML_ELEMENT_NODE && rs_str_eq(rs_str_of((const char *)node->name), name);
}

bool rs_xml_is(const struct rs_xml_node *node, const char *name)
{
    return node != NULL && is_named(node_of(node), rs_str_of(name));
}

bool rs_xml_is_in(const struct rs_xml_node *node, const char *space)
{
    const xmlNs *ns = node == NULL ? NULL : node_of(node)->ns;

    return ns != NULL && rs_str_eq(rs_str_of((const char *)ns->href), rs_str_of(space));
}

static const struct rs_xml_node *first_named(const xmlNode *node, struct rs_str name)
{
    for (; node != NULL; node = node->next)
        if (is_named(node, name))
            break;
    return (const struct rs_xml_node *)node;
}

const struct rs_xml_node *rs_xml_child(const struct rs_xml_node *node, const char *name)
{
    return node == NULL ? NULL : first_named(node_of(node)->children, rs_str_of(name));
}

const struct rs_xml_node *rs_xml_next(const struct rs_xml_node *node, const char *name)
{
    return node == NULL ? NULL : first_named(node_of(node)->next, rs_str_of(name));
}

const struct rs_xml_node *rs_xml_find(const struct rs_xml_node *node, const char *path)
{
    struct rs_str rest = rs_str_of(path), part;
    bool done = false;

    while (node != NULL && rs_str_split(&rest, '/', &done, &part))
        node = first_named(node_of(node)->children, part);
    return node;
}

void rs_xml_text(const struct rs_xml_node *node, struct rs_buf *out)
{
    struct rs_buf text = RS_BUF_WIPED(RS_XML_MAX_BYTES);

    for (const xmlNode *child = node == NULL ? NULL : node_of(node)->children; child != NULL;
         child = child->next)
        if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) &&
            child->content != NULL)
            rs_buf_adds(&text, (const char *)child->content);
    if (text.bad)
        out->bad = true;
    else
        rs_buf_add(out, rs_str_trim(rs_buf_str(&text)));
    rs_buf_clear(&text);
}

bool rs_xml_attribute(const struct rs_xml_node *node, const char *name, struct rs_buf *out)
{
    const xmlAttr *attr = node == NULL ? NULL : node_of(node)->properties;

    while (attr != NULL &&
           (attr->ns != NULL || !rs_str_eq(rs_str_of((const char *)attr->name), rs_str_of(name))))
        attr = attr->next;
    for (const xmlNode *child = attr == NULL ? NULL : attr->children; child != NULL;
         child = child->next)
        if (child->type == XML_TEXT_NODE && child->content != NULL)
            rs_buf_adds(out, (const char *)child->content);
    return attr != NULL;
}
