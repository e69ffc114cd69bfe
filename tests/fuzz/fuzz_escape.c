/* Escapes: no marker is lost, and what has none of them is as the scanner leaves it. A call is
 * still one when it has been written anew. */
#include <assert.h>
#include <string.h>

#include "odbc/callform.h"
#include "odbc/escape.h"
#include "os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MARKERS = 32767, ARGUMENTS = 4096 };

static void rewrite_call(const struct rs_sql *sql, bool backslash_escapes)
{
    static uint16_t number[MARKERS];
    static unsigned char use[ARGUMENTS]; /* all RS_ARG_SENT */
    struct rs_callform form = { .n = 0 }, again = { .n = 0 };
    struct rs_buf text = RS_BUF_INIT(1 << 25), schema = RS_BUF_INIT(1 << 25),
                  name = RS_BUF_INIT(1 << 25);
    struct rs_diag diag = { 0 };

    for (size_t i = 0; i < MARKERS; i++)
        number[i] = (uint16_t)(i + 1);
    assert(
        rs_callform_find((struct rs_str){ sql->text, sql->len }, backslash_escapes, &form, &diag));
    if (form.is_found && form.n <= ARGUMENTS) {
        rs_callform_write(&form, use, number, backslash_escapes, &text);
        assert(!text.bad);
        assert(rs_callform_find(rs_buf_str(&text), backslash_escapes, &again, &diag));
        assert(again.is_found && again.n == form.n);
        for (size_t i = 0; i < form.n; i++)
            assert(again.arg[i].marker == form.arg[i].marker);
        if (rs_callform_name(form.name, &schema, &name))
            assert(schema.len + name.len <= form.name.n);
    }
    rs_buf_clear(&text);
    rs_buf_clear(&schema);
    rs_buf_clear(&name);
    rs_callform_clear(&form);
    rs_callform_clear(&again);
}

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
    if (sql.text != NULL)
        rewrite_call(&sql, rules.backslash_escapes);
    rs_diag_clear(&diag);
    if (!rs_escape_native(text, rules, &native, &diag))
        assert(diag.n_error == 1);
    rs_buf_clear(&native);
    rs_sql_clear(&sql);
    rs_sql_clear(&plain);
    rs_diag_clear(&diag);
    return 0;
}
