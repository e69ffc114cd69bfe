#include "page.h"

#include "saml.h"

enum { WORDS_MAX_BYTES = 200 };

static struct rs_str charset_of(struct rs_str type)
{
    static const struct rs_str name = { "charset=", 8 };
    ptrdiff_t at = rs_str_find_nocase(type, name);
    struct rs_str value = at < 0 ? RS_STR_NULL : rs_str_sub(type, (size_t)at + name.n, type.n);
    ptrdiff_t end = rs_str_chr(value, ';');

    value = rs_str_trim(end < 0 ? value : rs_str_sub(value, 0, (size_t)end));
    if (value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"')
        value = rs_str_sub(value, 1, value.n - 2);
    return value;
}

bool rs_idp_page_read(const struct rs_idp_visit *visit, struct rs_html **out, struct rs_diag *diag)
{
    return rs_html_parse(rs_buf_str(&visit->reply.body),
                         charset_of(rs_http_header(&visit->reply, "Content-Type")), out, diag);
}

/* ---- the response ---- */

bool rs_idp_page_fail_no_saml(struct rs_diag *diag)
{
    return rs_fail(diag, RS_28000, 0, "no SAML response in the IdP's answer");
}

static const struct rs_html_node *saml_field(const struct rs_html *page)
{
    const struct rs_html_node *node = NULL, *other = NULL;

    while ((node = rs_html_next(page, node)) != NULL) {
        struct rs_str name = rs_html_attr(node, "name");

        if (!rs_html_is(node, "input"))
            continue;
        if (rs_str_eq(name, RS_STR("SAMLResponse")))
            return node;
        if (other == NULL && rs_str_eq_nocase(name, RS_STR("SAMLResponse")))
            other = node;
    }
    return other;
}

bool rs_idp_page_saml(const struct rs_html *page, struct rs_secret *out, struct rs_diag *diag)
{
    const struct rs_html_node *field = saml_field(page);

    return field == NULL || rs_saml_clean(rs_html_attr(field, "value"), out, diag);
}

/* ---- words ---- */

const struct rs_html_node *rs_idp_page_by_id(const struct rs_html *page, const char *id)
{
    const struct rs_html_node *node = NULL;

    while ((node = rs_html_next(page, node)) != NULL)
        if (rs_str_eq(rs_html_attr(node, "id"), rs_str_of(id)))
            return node;
    return NULL;
}

/* In one line, blanks next to each other made one. */
static void add_flat(struct rs_buf *out, struct rs_str text)
{
    text = rs_str_trim(text);
    for (size_t i = 0; i < text.n; i++)
        if (!rs_is_space(text.p[i]))
            rs_buf_addc(out, text.p[i]);
        else if (!rs_is_space(text.p[i - 1]))
            rs_buf_addc(out, ' ');
}

void rs_idp_page_words(const struct rs_html *page, const char *id, const struct rs_secret *password,
                       struct rs_buf *out)
{
    const struct rs_html_node *node = rs_idp_page_by_id(page, id);
    struct rs_buf text = RS_BUF_WIPED(RS_HTML_MAX_BYTES), flat = RS_BUF_WIPED(RS_HTML_MAX_BYTES);

    if (node != NULL)
        rs_html_text(node, &text);
    add_flat(&flat, rs_buf_str(&text));
    if (text.bad || flat.bad)
        out->bad = out->bad || !(text.too_long || flat.too_long);
    else if (!rs_secret_is_in(password, rs_buf_str(&text)) &&
             !rs_secret_is_in(password, rs_buf_str(&flat)))
        rs_buf_add_line(out, rs_buf_str(&flat), WORDS_MAX_BYTES);
    rs_buf_clear(&text);
    rs_buf_clear(&flat);
}
