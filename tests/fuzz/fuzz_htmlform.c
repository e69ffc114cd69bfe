/* A hostile login page: whatever form is found sends nothing that is not the page's, and nowhere
 * but home; a response is base64. The first byte chooses the encoding that the header claims. */
#include <stdint.h>
#include <stdlib.h>

#include "idp/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_saml(const struct rs_html *page)
{
    struct rs_secret saml = { 0 };
    struct rs_diag diag = { 0 };

    if (rs_idp_page_saml(page, &saml, &diag) != (diag.n_error == 0))
        abort();
    if (rs_secret_len(&saml) > 100000 || rs_secret_len(&saml) % 4 != 0)
        abort();
    for (const char *p = rs_secret_reveal(&saml); *p != '\0'; p++)
        if (!rs_is_alnum(*p) && *p != '+' && *p != '/' && *p != '=')
            abort();
    rs_secret_clear(&saml);
    rs_diag_clear(&diag);
}

static void check_form(const struct rs_idp_visit *visit, const struct rs_html *page, size_t size)
{
    struct rs_idp_form form = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_buf url = RS_BUF_INIT(RS_IDP_MAX_URL);
    struct rs_url parts;
    bool found = false;

    if (rs_idp_form_login(page, &form, &found, &diag) && found) {
        if (form.n > RS_IDP_MAX_CONTROLS)
            abort();
        for (size_t i = 0; i < form.n; i++)
            if (form.controls[i].name.n == 0 || form.controls[i].name.n > 3 * size ||
                form.controls[i].value.n > 3 * size + 2)
                abort();
        if (rs_idp_form_action(visit, page, &form, &url, &diag) &&
            (!rs_url_split(rs_buf_str(&url), &parts) || !rs_idp_visit_may(visit, &parts) ||
             parts.has_fragment))
            abort();
    }
    rs_idp_form_clear(&form);
    rs_buf_clear(&url);
    rs_diag_clear(&diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const charsets[] = { "",         "utf-8",     "iso-8859-1", "utf-16",
                                            "utf-16be", "shift_jis", "ascii",      "html" };
    struct rs_str text = { (const char *)data + 1, size == 0 ? 0 : size - 1 };
    struct rs_settings set = { 0 };
    struct rs_idp_ask ask = { .set = &set, .deadline = RS_FOREVER };
    struct rs_idp_visit visit;
    struct rs_html *page = NULL;
    struct rs_diag diag = { 0 };
    struct rs_buf words = RS_BUF_INIT(1000);
    size_t n = 0;

    if (size == 0)
        return 0;
    rs_idp_visit_begin(&visit, &ask, "idp.example.com", 443);
    rs_buf_adds(&visit.url, "https://idp.example.com/a/b?c");
    if (rs_html_parse(text, rs_str_of(charsets[data[0] % RS_COUNT(charsets)]), &page, &diag)) {
        for (const struct rs_html_node *node = NULL; (node = rs_html_next(page, node)) != NULL;)
            if (++n > size + 3)
                abort(); /* more elements than bytes, html and body besides */
        check_saml(page);
        check_form(&visit, page, size);
        rs_idp_page_words(page, "errorText", &set.pwd, &words);
        if (words.len > 200)
            abort();
    } else if (diag.n_error != 1) {
        abort();
    }
    rs_html_free(page);
    rs_buf_clear(&words);
    rs_diag_clear(&diag);
    rs_idp_visit_end(&visit);
    return 0;
}
