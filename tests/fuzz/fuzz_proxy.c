/* A hostile reply of a proxy: judged the same whole and in pieces, and never beyond its head. */
#include <stdint.h>
#include <stdlib.h>

#include "proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str reply = { (const char *)data, size };
    int status = 0, first = 0;
    size_t used = 0, n = 0;
    enum rs_proxy_says says = rs_proxy_read(reply, &status, &used), part = RS_PROXY_MORE;

    if ((says == RS_PROXY_OPEN && (status < 200 || status > 299)) ||
        (says == RS_PROXY_REFUSES && (status < 300 || status > 999)))
        abort();
    if (says != RS_PROXY_OPEN && says != RS_PROXY_REFUSES)
        return 0;
    if (used < 14 || used > size || used > RS_PROXY_HEAD_MAX || data[used - 1] != '\n')
        abort();
    while (part == RS_PROXY_MORE && n < used && used < 2048)
        part = rs_proxy_read(rs_str_sub(reply, 0, ++n), &first, &used);
    if (used < 2048 && (part != says || first != status || n != used))
        abort();
    return 0;
}
