/* Any bytes: no crash; what was parsed is composed and parsed again to the same pairs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "odbc/connstr.h"
#include "os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_connstr list = { 0 }, back = { 0 };
    struct rs_settings none = { 0 };
    struct rs_buf text = RS_BUF_WIPED(8 * size + 65536);
    struct rs_diag diag = { 0 };

    if (size > 65536)
        return 0;
    if (rs_connstr_parse((struct rs_str){ (const char *)data, size }, &list, &diag)) {
        const struct rs_connstr_pair *first = rs_connstr_find(&list, RS_KEY_dsn);
        size_t at = 0;

        if (first == NULL)
            first = rs_connstr_find(&list, RS_KEY_driver);
        rs_connstr_output(&list, &none, &text);
        rs_diag_clear(&diag);
        if (!rs_buf_ok(&text, &diag) || !rs_connstr_parse(rs_buf_str(&text), &back, &diag) ||
            diag.n != 0 || back.n != list.n)
            abort();
        for (size_t i = 0; i < list.n; i++) {
            /* DSN or Driver moved to the front */
            const struct rs_connstr_pair *other =
                &list.pair[i] == first ? &back.pair[0] : &back.pair[at + (first != NULL)];

            at += &list.pair[i] != first;
            if (other->id != list.pair[i].id ||
                !rs_secret_equal(&other->value, &list.pair[i].value) ||
                (other->id == RS_KEY_NONE && strcmp(other->key, list.pair[i].key) != 0))
                abort();
        }
    } else if (diag.n_error != 1) {
        abort();
    }
    rs_connstr_clear(&list);
    rs_connstr_clear(&back);
    rs_buf_clear(&text);
    rs_diag_clear(&diag);
    return 0;
}
