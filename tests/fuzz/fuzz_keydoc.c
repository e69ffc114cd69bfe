/* Credentials of an instance or a container, and the place a container names for them. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "auth/container.h"
#include "auth/keydoc.h"
#include "url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is allowed over plain http is one of few places. */
static void allow(struct rs_str uri)
{
    struct rs_url url;

    if (!rs_container_allows(uri))
        return;
    if (!rs_url_split(uri, &url) || url.has_userinfo)
        abort();
    if (rs_str_eq_nocase(url.scheme, RS_STR("http")) && !rs_url_is_loopback(url.host) &&
        !rs_str_eq(rs_str_sub(url.host, 0, 12), RS_STR("169.254.170.")) && !url.is_ipv6)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    struct rs_creds creds = { 0 };
    struct rs_diag diag = { 0 };

    allow(text);
    if (rs_keydoc_read(text, &creds, &diag)) {
        if (creds.access_key_id[0] == '\0' || !rs_secret_is_set(&creds.secret_access_key) ||
            !rs_secret_is_set(&creds.session_token))
            abort();
    } else if (diag.n_error != 1 || creds.access_key_id != NULL) {
        abort();
    }
    rs_creds_clear(&creds);
    rs_diag_clear(&diag);
    return 0;
}
