/*
 * Names of types and lists of them: the same whatever blanks are around, sizes within their
 * limits, and a list's parts are the list.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "odbc/typename.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(struct rs_str name, const struct rs_type_sizes *sizes)
{
    static const struct rs_policy policy = {
        .max_varchar = 8000, .max_long_varchar = 65535, .unknown_sizes = 8000, .is_redshift = true
    };
    struct rs_type_found found = rs_type_by_name(name, sizes);
    struct rs_type_found again = rs_type_by_name(rs_str_trim(name), sizes);
    struct rs_typed typed;

    if (found.oid != again.oid || found.typmod != again.typmod || found.typmod < -1)
        abort();
    rs_type_describe(&policy, found.oid, found.typmod, &typed);
    if (typed.column_size == 0 || typed.octet_length <= 0 || typed.type_name == NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_type_sizes sizes = { -1, -1, -1 };
    struct rs_str rest, name;
    size_t n = 0;

    if (size < 3)
        return 0;
    sizes = (struct rs_type_sizes){ (int8_t)data[0] * 1000, (int8_t)data[1], (int8_t)data[2] };
    rest = (struct rs_str){ (const char *)data + 3, size - 3 };
    check_name(rest, &sizes);
    while (rs_type_list_next(&rest, &name)) {
        check_name(name, &sizes);
        n += name.n + 1;
    }
    if (n > size - 3 + 1)
        abort();
    return 0;
}
