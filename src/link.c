#include "link.h"

#include <curl/curl.h>

#include "secret.h"
#include "url.h"

enum { LINK_MAX_BYTES = 1 << 20 };

static bool is_web(struct rs_str text)
{
    struct rs_url url;

    return rs_url_split(text, &url) && (rs_str_eq_nocase(url.scheme, RS_STR("https")) ||
                                        rs_str_eq_nocase(url.scheme, RS_STR("http")));
}

static CURLUcode join(CURLU *handle, const char *base, const char *link, char **out)
{
    CURLUcode code = curl_url_set(handle, CURLUPART_URL, base, 0);

    if (code == CURLUE_OK && link[0] != '\0')
        code = curl_url_set(handle, CURLUPART_URL, link, CURLU_URLENCODE);
    if (code == CURLUE_OK)
        code = curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
    return code == CURLUE_OK ? curl_url_get(handle, CURLUPART_URL, out, 0) : code;
}

bool rs_link_resolve(struct rs_str base, struct rs_str link, struct rs_buf *out, bool *is_link,
                     struct rs_diag *diag)
{
    struct rs_buf from = RS_BUF_WIPED(LINK_MAX_BYTES), to = RS_BUF_WIPED(LINK_MAX_BYTES);
    CURLU *handle = curl_url();
    CURLUcode code = CURLUE_OUT_OF_MEMORY;
    char *joined = NULL;

    *is_link = false;
    rs_buf_add(&from, base);
    rs_buf_addc(&from, '\0');
    rs_buf_add(&to, rs_str_trim(link));
    rs_buf_addc(&to, '\0');
    if (rs_buf_ok(&from, diag) && rs_buf_ok(&to, diag)) {
        code = handle == NULL ? CURLUE_OUT_OF_MEMORY : join(handle, from.p, to.p, &joined);
        if (code == CURLUE_OUT_OF_MEMORY)
            rs_fail_memory(diag);
    }
    if (code == CURLUE_OK && is_web(rs_str_of(joined))) {
        *is_link = true;
        rs_buf_adds(out, joined);
    }
    if (joined != NULL)
        rs_wipe(joined, rs_str_of(joined).n);
    curl_free(joined);
    curl_url_cleanup(handle);
    rs_buf_clear(&from);
    rs_buf_clear(&to);
    return code != CURLUE_OUT_OF_MEMORY;
}
