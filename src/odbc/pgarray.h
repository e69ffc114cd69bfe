/*
 * The server's text of a one-dimensional array: {a,"b \"c\"",NULL}. Pure; the text is from outside.
 *
 * Source: PostgreSQL, "Arrays: Array Input and Output Syntax".
 */
#ifndef RS_ODBC_PGARRAY_H
#define RS_ODBC_PGARRAY_H

#include "../str.h"

struct rs_pgarray {
    struct rs_str rest; /* not read yet, from a separator or the closing brace on */
    bool is_first, is_bad;
};

enum rs_pgarray_item { RS_PGARRAY_ITEM, RS_PGARRAY_NULL, RS_PGARRAY_END, RS_PGARRAY_BAD };

/* Before the first element; bounds before the brace ([0:2]=) are passed over. */
void rs_pgarray_init(struct rs_pgarray *array, struct rs_str text);
/*
 * The next element, unquoted, in place of what was in out. BAD: the text is no such array; it is
 * all that follows, too. A failed append shows in out alone.
 */
enum rs_pgarray_item rs_pgarray_next(struct rs_pgarray *array, struct rs_buf *out);

#endif
