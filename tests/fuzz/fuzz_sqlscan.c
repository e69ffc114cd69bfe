/* The SQL scanner: what is not a marker stays as it is, and the markers are numbered in order. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "odbc/sqlscan.h"
#include "os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text with each $n, in order, turned back into `?`. */
static void check_markers(struct rs_str in, const struct rs_sql *sql)
{
    size_t at = 0, marker = 0;
    char digits[20];

    for (size_t i = 0; i < in.n; i++, at++) {
        size_t n = rs_print_u64(digits, marker + 1);

        assert(at < sql->len);
        if (in.p[i] == sql->text[at])
            continue;
        assert(in.p[i] == '?' && sql->text[at] == '$');
        assert(memcmp(sql->text + at + 1, digits, n) == 0);
        at += n;
        marker++;
    }
    assert(at == sql->len && marker == sql->n_markers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_diag diag = { 0 };
    struct rs_sql sql = { 0 };
    struct rs_sql_rules rules = { size > 0 && (data[0] & 1) != 0 };
    struct rs_str text = { (const char *)data + (size > 0), size > 0 ? size - 1 : 0 };
    struct rs_buf out = RS_BUF_INIT(10000000);

    if (rs_sql_scan(text, rules, &sql, &diag)) {
        check_markers(text, &sql);
        assert(sql.n_statements <= text.n + 1);
        assert((sql.verb == RS_VERB_NONE) == (sql.n_statements == 0));
    } else {
        assert(diag.n_error == 1);
    }
    rs_sql_clear(&sql);
    /* A quoted literal is one token without markers, whatever is in it. */
    if (text.n < 1000000 && (text.n == 0 || memchr(text.p, '\0', text.n) == NULL)) {
        rs_buf_addc(&out, ' ');
        rs_sql_literal(&out, text, rules.backslash_escapes);
        rs_buf_addc(&out, ' ');
        rs_sql_ident(&out, text);
        rs_buf_addc(&out, '?');
        if (rs_sql_scan(rs_buf_str(&out), rules, &sql, &diag))
            assert(sql.n_markers == 1 && sql.n_statements == 1);
        rs_sql_clear(&sql);
    }
    rs_buf_clear(&out);
    rs_diag_clear(&diag);
    return 0;
}
