/* A hostile request to the local listener: judged the same whole and in pieces, and a field is
 * never longer than what was sent. The first byte says which kind is waited for. */
#include <stdint.h>
#include <stdlib.h>

#include "idp/incoming.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_field(struct rs_str fields, const char *name)
{
    struct rs_buf value = RS_BUF_INIT(RS_INCOMING_MAX);
    enum rs_field found = rs_incoming_field(fields, name, &value);

    if ((found == RS_FIELD_ONE) != (value.p != NULL) && value.len > 0)
        abort();
    if (value.bad || value.len > fields.n || memchr(value.p == NULL ? "" : value.p, 0, value.len))
        abort();
    rs_buf_clear(&value);
}

static void check_pieces(struct rs_str text, const struct rs_incoming_want *want,
                         enum rs_incoming_says whole, int status)
{
    enum rs_incoming_says says = RS_INCOMING_MORE;
    struct rs_incoming part;
    size_t step = 1 + text.n / 512;

    for (size_t n = step; says == RS_INCOMING_MORE && n < text.n; n += step)
        says = rs_incoming_read(rs_str_sub(text, 0, n), want, &part);
    if (says == RS_INCOMING_MORE)
        says = rs_incoming_read(text, want, &part);
    if (says != whole || (says == RS_INCOMING_REFUSED && part.status != status))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_incoming_want want = { .by_get = size > 0 && data[0] == 'G', .port = 7890 };
    struct rs_str text = { (const char *)data + 1, size == 0 ? 0 : size - 1 };
    struct rs_incoming request = { .status = 0 };
    enum rs_incoming_says says;

    if (size == 0)
        return 0;
    says = rs_incoming_read(text, &want, &request);
    if ((says == RS_INCOMING_REFUSED) != (request.status >= 400))
        abort();
    if (says == RS_INCOMING_WHOLE) {
        if (request.fields.n > text.n || request.origin.n > text.n)
            abort();
        check_field(request.fields, "SAMLResponse");
        check_field(request.fields, "code");
        check_field(request.fields, "state");
    }
    check_pieces(text, &want, says, request.status);
    return 0;
}
