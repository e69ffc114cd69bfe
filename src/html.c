#include "html.h"

#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>
#include <libxml/SAX2.h>
#include <libxml/tree.h>
#include <string.h>

#include "diag.h"
#include "os.h"
#include "secret.h"

/* struct rs_html is libxml2's document and struct rs_html_node its element, under our names. */
enum { CHARSET_MAX = 40 };

static struct rs_once ready = RS_ONCE_INIT;

static void get_ready(void)
{
    xmlInitParser();
}

/* The parser's own stack of open elements is what its functions go down. */
static void on_start(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
    htmlParserCtxtPtr parser = ctx;
    bool *is_deep = parser->_private;

    if (parser->nodeNr >= RS_HTML_MAX_DEPTH) {
        *is_deep = true;
        xmlStopParser(parser);
    } else {
        xmlSAX2StartElement(ctx, name, attributes);
    }
}

static void wipe_text(xmlChar *text)
{
    if (text != NULL)
        rs_wipe(text, strlen((char *)text));
}

/* In the order of the page, by links and not by calls. */
static xmlNodePtr step(xmlNodePtr node)
{
    if (node->type == XML_ELEMENT_NODE && node->children != NULL)
        return node->children;
    while (node != NULL && node->next == NULL)
        node = node->parent == NULL || node->parent->type != XML_ELEMENT_NODE ? NULL : node->parent;
    return node == NULL ? NULL : node->next;
}

static void free_page(htmlDocPtr page)
{
    if (page == NULL)
        return;
    for (xmlNodePtr node = page->children; node != NULL; node = step(node)) {
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE ||
            node->type == XML_COMMENT_NODE)
            wipe_text(node->content);
        for (xmlAttrPtr at = node->type == XML_ELEMENT_NODE ? node->properties : NULL; at != NULL;
             at = at->next)
            if (at->children != NULL)
                wipe_text(at->children->content);
    }
    xmlFreeDoc(page);
}

/* A name of an encoding and nothing else. */
static const char *charset_name(struct rs_str charset, char room[CHARSET_MAX])
{
    if (charset.n == 0 || charset.n >= CHARSET_MAX)
        return NULL;
    for (size_t i = 0; i < charset.n; i++) {
        char c = charset.p[i];

        if (!rs_is_alnum(c) && c != '-' && c != '_' && c != '.' && c != ':')
            return NULL;
        room[i] = c;
    }
    room[charset.n] = '\0';
    return room;
}

static htmlDocPtr read_page(htmlParserCtxtPtr parser, struct rs_str text, struct rs_str charset)
{
    char room[CHARSET_MAX];
    htmlDocPtr page = htmlCtxtReadMemory(
        parser, text.p, (int)text.n, NULL, charset_name(charset, room),
        HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);

    if (parser->input != NULL && parser->input->base != NULL)
        rs_wipe((void *)(uintptr_t)parser->input->base,
                (size_t)(parser->input->end - parser->input->base));
    return page;
}

bool rs_html_parse(struct rs_str text, struct rs_str charset, struct rs_html **out,
                   struct rs_diag *diag)
{
    bool is_deep = false, ok = false;
    htmlParserCtxtPtr parser;
    htmlDocPtr page = NULL;

    if (text.n > RS_HTML_MAX_BYTES)
        return rs_fail(diag, RS_HY000, 0, "the page is larger than %d bytes", RS_HTML_MAX_BYTES);
    if (text.n == 0)
        text = RS_STR(" "); /* the parser knows no empty page */
    rs_once(&ready, get_ready);
    parser = htmlNewParserCtxt();
    if (parser == NULL)
        return rs_fail_memory(diag);
    parser->_private = &is_deep;
    parser->sax->startElement = on_start;
    page = read_page(parser, text, charset);
    if (is_deep) {
        rs_fail(diag, RS_HY000, 0, "the page is nested too deeply");
        goto out;
    }
    if (page == NULL)
        page = htmlNewDocNoDtD(NULL, NULL); /* nothing in it that could be read */
    if (page == NULL) {
        rs_fail_memory(diag);
        goto out;
    }
    *out = (struct rs_html *)page;
    page = NULL;
    ok = true;
out:
    free_page(page);
    htmlFreeParserCtxt(parser);
    return ok;
}

void rs_html_free(struct rs_html *page)
{
    free_page((htmlDocPtr)page);
}

static xmlNodePtr node_of(const struct rs_html_node *node)
{
    return (xmlNodePtr)(uintptr_t)node;
}

const struct rs_html_node *rs_html_next(const struct rs_html *page,
                                        const struct rs_html_node *after)
{
    xmlNodePtr node = after == NULL ? ((const xmlDoc *)page)->children : step(node_of(after));

    while (node != NULL && node->type != XML_ELEMENT_NODE)
        node = step(node);
    return (const struct rs_html_node *)node;
}

static bool is_named(const xmlChar *is, const char *name)
{
    return is != NULL && rs_str_eq_nocase(rs_str_of((const char *)is), rs_str_of(name));
}

bool rs_html_is(const struct rs_html_node *node, const char *name)
{
    return is_named(node_of(node)->name, name);
}

const struct rs_html_node *rs_html_around(const struct rs_html_node *node, const char *name)
{
    const xmlNode *up = node_of(node)->parent;

    while (up != NULL && !(up->type == XML_ELEMENT_NODE && is_named(up->name, name)))
        up = up->parent;
    return (const struct rs_html_node *)up;
}

static const xmlAttr *find(const struct rs_html_node *node, const char *attribute)
{
    const xmlAttr *at = node_of(node)->properties;

    while (at != NULL && !is_named(at->name, attribute))
        at = at->next;
    return at;
}

bool rs_html_has(const struct rs_html_node *node, const char *attribute)
{
    return find(node, attribute) != NULL;
}

struct rs_str rs_html_attr(const struct rs_html_node *node, const char *attribute)
{
    const xmlAttr *at = find(node, attribute);

    if (at == NULL || at->children == NULL || at->children->content == NULL)
        return RS_STR_NULL;
    return rs_str_of((const char *)at->children->content);
}

void rs_html_text(const struct rs_html_node *node, struct rs_buf *out)
{
    const xmlNode *top = node_of(node), *at = top->children;

    while (at != NULL && at != top) {
        if ((at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) &&
            at->content != NULL)
            rs_buf_adds(out, (const char *)at->content);
        if (at->type == XML_ELEMENT_NODE && at->children != NULL) {
            at = at->children;
            continue;
        }
        while (at != top && at->next == NULL)
            at = at->parent;
        if (at != top)
            at = at->next;
    }
}
