/* A name server's answer; the first line is the name that was asked for. What comes out are host
 * names, eight at most. */
#include <stdint.h>
#include <stdlib.h>

#include "cname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    ptrdiff_t end = rs_str_chr(text, '\n');
    struct rs_buf out = RS_BUF_INIT(4096);
    unsigned lines = 0;

    if (end < 0)
        return 0;
    rs_cname_read(rs_str_sub(text, (size_t)end + 1, size), rs_str_sub(text, 0, (size_t)end), &out);
    for (size_t i = 0; i < out.len; i++) {
        char c = out.p[i];

        if (!rs_is_alnum(c) && c != '-' && c != '_' && c != '.' && c != '\n')
            abort();
        if (c == '\n' && (i == 0 || out.p[i - 1] == '\n'))
            abort();
        lines += c == '\n';
    }
    if (out.bad || lines > RS_CNAME_MAX_HOPS)
        abort();
    rs_buf_clear(&out);
    return 0;
}
