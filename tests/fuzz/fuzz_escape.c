/* Escapes: no marker is lost, and what has none of them is as the scanner leaves it. */
#include <assert.h>
#include <string.h>

#include "odbc/escape.h"
#include "os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int how = size > 0 ? data[0] : 0;
    struct rs_escape_rules rules = { (how & 1) != 0, (how & 2) != 0, (how & 4) != 0 };
    struct rs_str text = { (const char *)data + (size > 0), size > 0 ? size - 1 : 0 };
    struct rs_diag diag = { 0 };
    struct rs_sql sql = { 0 }, plain = { 0 };
    struct rs_buf native = RS_BUF_INIT(1 << 24);

    if (!rs_escape_scan(text, rules, &sql, &diag)) {
        assert(diag.n_error == 1 && sql.text == NULL);
    } else if (rs_sql_scan(text, (struct rs_sql_rules){ rules.backslash_escapes }, &plain, &diag)) {
        if (rules.is_off || text.n == 0 || memchr(text.p, '{', text.n) == NULL) {
            assert(sql.len == plain.len && memcmp(sql.text, plain.text, sql.len) == 0);
            assert(sql.n_markers == plain.n_markers);
        }
    }
    rs_diag_clear(&diag);
    if (!rs_escape_native(text, rules, &native, &diag))
        assert(diag.n_error == 1);
    rs_buf_clear(&native);
    rs_sql_clear(&sql);
    rs_sql_clear(&plain);
    rs_diag_clear(&diag);
    return 0;
}
