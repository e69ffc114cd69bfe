#include "pgarray.h"

static enum rs_pgarray_item bad(struct rs_pgarray *array)
{
    array->is_bad = true;
    array->rest = RS_STR_NULL;
    return RS_PGARRAY_BAD;
}

static void skip(struct rs_pgarray *array, size_t n)
{
    array->rest = rs_str_sub(array->rest, n, array->rest.n);
}

void rs_pgarray_init(struct rs_pgarray *array, struct rs_str text)
{
    ptrdiff_t equals = text.n > 0 && text.p[0] == '[' ? rs_str_chr(text, '=') : -1;

    *array = (struct rs_pgarray){ .rest = text, .is_first = true };
    if (equals >= 0)
        skip(array, (size_t)equals + 1);
    if (array->rest.n < 2 || array->rest.p[0] != '{')
        (void)bad(array);
    else
        skip(array, 1);
}

static enum rs_pgarray_item take_quoted(struct rs_pgarray *array, struct rs_buf *out)
{
    struct rs_str s = array->rest;
    size_t at = 1;

    while (at < s.n && s.p[at] != '"') {
        at += s.p[at] == '\\';
        if (at < s.n)
            rs_buf_addc(out, s.p[at++]);
    }
    if (at >= s.n)
        return bad(array);
    skip(array, at + 1);
    return RS_PGARRAY_ITEM;
}

static enum rs_pgarray_item take_plain(struct rs_pgarray *array, struct rs_buf *out)
{
    struct rs_str s = array->rest;
    bool is_escaped = false;
    size_t at = 0;

    for (; at < s.n && s.p[at] != ',' && s.p[at] != '}'; at++) {
        if (s.p[at] == '{' || s.p[at] == '"')
            return bad(array);
        if (s.p[at] == '\\') {
            is_escaped = true;
            if (++at == s.n)
                return bad(array);
        }
        rs_buf_addc(out, s.p[at]);
    }
    if (at == 0)
        return bad(array);
    skip(array, at);
    if (!is_escaped && rs_str_eq_nocase((struct rs_str){ s.p, at }, RS_STR("NULL")))
        return RS_PGARRAY_NULL;
    return RS_PGARRAY_ITEM;
}

enum rs_pgarray_item rs_pgarray_next(struct rs_pgarray *array, struct rs_buf *out)
{
    rs_buf_truncate(out, 0);
    if (array->is_bad || array->rest.n == 0)
        return bad(array);
    if (array->rest.p[0] == '}')
        return array->rest.n == 1 ? RS_PGARRAY_END : bad(array);
    if (!array->is_first) {
        if (array->rest.p[0] != ',')
            return bad(array);
        skip(array, 1);
    }
    array->is_first = false;
    if (array->rest.n > 0 && array->rest.p[0] == '"')
        return take_quoted(array, out);
    return take_plain(array, out);
}
