/* Host names: what is read lies inside the text, is a region, a cluster, an account, and nothing
 * else of the text decides: case and a trailing dot do not. */
#include <stdint.h>
#include <stdlib.h>

#include "auth/endpoint.h"
#include "auth/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct rs_str text, struct rs_str part)
{
    if (part.n > 0 && (part.p < text.p || part.p + part.n > text.p + text.n))
        abort();
}

static void check(struct rs_str text, const struct rs_host *host)
{
    check_inside(text, host->id);
    check_inside(text, host->region);
    check_inside(text, host->account);
    if (host->region.n > 0 && !rs_region_is(host->region))
        abort();
    if (rs_str_chr(host->id, '.') >= 0 || (host->account.n != 0 && host->account.n != 12))
        abort();
    if ((host->kind == RS_HOST_CLUSTER || host->kind == RS_HOST_WORKGROUP) !=
        (host->id.n > 0 && host->region.n > 0))
        abort();
    if (host->is_serverless != (host->account.n > 0) && host->kind != RS_HOST_VPC_ENDPOINT)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    struct rs_host host = rs_host_parse(text), other;
    char upper[512];

    check(text, &host);
    if (size + 1 > sizeof upper || size == 0 || rs_is_space(text.p[size - 1]) ||
        text.p[size - 1] == '.')
        return 0;
    for (size_t i = 0; i < size; i++)
        upper[i] = rs_upper(text.p[i]);
    upper[size] = '.';
    other = rs_host_parse((struct rs_str){ upper, size + 1 });
    if (other.kind != host.kind || other.is_serverless != host.is_serverless ||
        !rs_str_eq_nocase(other.id, host.id) || !rs_str_eq_nocase(other.region, host.region) ||
        !rs_str_eq(other.account, host.account))
        abort();
    return 0;
}
