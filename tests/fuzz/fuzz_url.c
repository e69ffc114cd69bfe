/* URLs, host names, endpoints, queries: parts lie inside the text, encoding comes back. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "auth/endpoint.h"
#include "auth/target.h"
#include "os.h"
#include "url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_split(struct rs_str text)
{
    struct rs_url url;
    struct rs_str parts[6];

    if (!rs_url_split(text, &url))
        return;
    parts[0] = url.scheme;
    parts[1] = url.userinfo;
    parts[2] = url.host;
    parts[3] = url.path;
    parts[4] = url.query;
    parts[5] = url.fragment;
    for (size_t i = 0; i < RS_COUNT(parts); i++)
        if (parts[i].n > 0 && (parts[i].p < text.p || parts[i].p + parts[i].n > text.p + text.n))
            abort();
    if (url.host.n == 0 || url.port < 0 || url.port > 65535)
        abort();
}

static void check_coding(struct rs_str text)
{
    struct rs_buf coded = RS_BUF_INIT(1 << 22), plain = RS_BUF_INIT(1 << 22);
    struct rs_str rest = text, name, value;

    rs_url_encode(&coded, text);
    rs_url_decode(&plain, rs_buf_str(&coded));
    if (!coded.bad && !plain.bad && !rs_str_eq(rs_buf_str(&plain), text))
        abort();
    while (rs_query_next(&rest, &name, &value))
        if (name.n + value.n > text.n)
            abort();
    rs_buf_clear(&coded);
    rs_buf_clear(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    struct rs_host host = rs_host_parse(text);
    struct rs_endpoint endpoint = { 0 };
    struct rs_diag diag = { 0 };
    char *copy = rs_str_dup(text, NULL);

    if (host.region.n > 0 && !rs_region_is(host.region))
        abort();
    check_split(text);
    check_coding(text);
    if (copy != NULL && rs_endpoint_parse("EndpointUrl", copy, &endpoint, &diag)) {
        struct rs_url url;

        if (!rs_url_split(rs_str_of(endpoint.url), &url) || url.has_userinfo || url.has_query)
            abort();
    }
    rs_endpoint_clear(&endpoint);
    rs_diag_clear(&diag);
    rs_free(copy);
    return 0;
}
