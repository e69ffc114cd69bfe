/* INSERT of one tuple, found in any text: with one tuple it is the text itself, and with several
 * the scanner would number the markers the same way. */
#include <assert.h>
#include <string.h>

#include "odbc/multirow.h"
#include "odbc/sqlscan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TUPLES = 3 };

/* Every marker of the text stands in it with its number, in order. */
static void check_numbers(struct rs_str sql, bool backslash, size_t n)
{
    struct rs_tokens tokens = { sql.p, sql.p + sql.n, backslash };
    size_t number = 0;

    for (;;) {
        const char *start = tokens.p;
        enum rs_token token = rs_token_next(&tokens);
        uint64_t is;

        if (token == RS_TOKEN_END)
            break;
        if (token != RS_TOKEN_OTHER || tokens.p - start != 1 || *start != '$')
            continue;
        start = tokens.p;
        token = rs_token_next(&tokens);
        assert(token == RS_TOKEN_OTHER);
        assert(rs_parse_u64((struct rs_str){ start, (size_t)(tokens.p - start) }, &is));
        assert(is == ++number);
    }
    assert(number == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_diag diag = { 0 };
    struct rs_sql sql = { 0 };
    struct rs_sql_rules rules = { size > 0 && (data[0] & 1) != 0 };
    struct rs_str in = { (const char *)data + (size > 0), size > 0 ? size - 1 : 0 };
    struct rs_multirow shape = { 0 };
    struct rs_buf out = RS_BUF_INIT(1 << 26);

    if (rs_sql_scan(in, rules, &sql, &diag)) {
        struct rs_str text = { sql.text, sql.len };

        assert(rs_multirow_find(text, rules.backslash_escapes, sql.n_markers, &shape, &diag));
        if (shape.n_markers > 0) {
            assert(shape.n_markers == sql.n_markers && sql.verb == RS_VERB_INSERT);
            assert(shape.from < shape.to && shape.to <= text.n);
            assert(rs_multirow_most(text, &shape, 1000) >= 1);
            rs_multirow_write(text, &shape, 1, &out);
            assert(!out.bad && rs_str_eq(rs_buf_str(&out), text));
            rs_buf_truncate(&out, 0);
            rs_multirow_write(text, &shape, TUPLES, &out);
            check_numbers(rs_buf_str(&out), rules.backslash_escapes, TUPLES * sql.n_markers);
        }
        rs_multirow_clear(&shape);
    }
    rs_buf_clear(&out);
    rs_sql_clear(&sql);
    rs_diag_clear(&diag);
    return 0;
}
