/* Any bytes: every slice lies inside the text, names are not empty, line numbers grow. */
#include <stdint.h>
#include <stdlib.h>

#include "odbc/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_inside(struct rs_str part, const char *text, size_t size)
{
    if (part.n > size || (part.n > 0 && (part.p < text || part.p + part.n > text + size)))
        abort();
    if (rs_str_trim(part).n != part.n || rs_str_chr(part, '\n') >= 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct rs_str name = RS_STR_NULL, value = RS_STR_NULL;
    struct rs_ini ini;
    size_t line = 0;

    rs_ini_init(&ini, (struct rs_str){ text, size });
    for (;;) {
        enum rs_ini_item item = rs_ini_next(&ini, &name, &value);

        if (item == RS_INI_END)
            return 0;
        if (ini.line <= line)
            abort();
        line = ini.line;
        if (item == RS_INI_NONSENSE)
            continue;
        expect_inside(name, text, size);
        expect_inside(value, text, size);
        if (item == RS_INI_PAIR && name.n == 0)
            abort();
    }
}
