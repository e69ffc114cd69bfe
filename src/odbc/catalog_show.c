#include "catalog_show.h"

#include <string.h>

#include "../os.h"
#include "sqlscan.h"

enum { NAME_BYTES = 1024 };

bool rs_show_is_far(const struct rs_call *call, size_t catalog)
{
    const struct rs_catalog_arg *arg = &call->arg[catalog];

    return arg->match != RS_MATCH_ALL &&
           !rs_catalog_arg_takes(arg, rs_str_of(call->stmt->dbc->database));
}

bool rs_show_is_needed(const struct rs_call *call, size_t catalog)
{
    struct rs_catalog_source source = rs_catalog_source_of(call->stmt->dbc);

    return source.may_show &&
           (source.wants_show || source.is_foreign || rs_show_is_far(call, catalog));
}

static bool add_name(struct rs_call *call, size_t i)
{
    struct rs_buf name = RS_BUF_INIT(NAME_BYTES);
    bool is_one = rs_catalog_arg_one(&call->arg[i], &name) && !name.bad;

    if (is_one)
        rs_sql_ident(&call->sql, rs_buf_str(&name));
    rs_buf_clear(&name);
    return is_one;
}

static bool add_database(struct rs_call *call, size_t i)
{
    const struct rs_dbc *dbc = call->stmt->dbc;
    bool is_cross = rs_catalog_source_of(dbc).where == RS_WHERE_CROSS;
    bool is_absent = call->arg[i].match == RS_MATCH_ALL;

    if (rs_show_is_far(call, i))
        return is_cross && add_name(call, i);
    if (is_absent ? is_cross && call->looks_everywhere : !rs_catalog_arg_is_one(&call->arg[i]))
        return false;
    rs_sql_ident(&call->sql, rs_str_of(dbc->database));
    return true;
}

bool rs_show_object(struct rs_call *call, const char *command, size_t first, size_t n)
{
    bool is_one;

    rs_call_restart(call);
    if (!rs_catalog_may_try(call->stmt->dbc)) {
        if (call->only_show)
            rs_warn(&call->stmt->head.diag, RS_01000,
                    "%sis not tried within a transaction, which would fail with it", command);
        return false;
    }
    rs_buf_adds(&call->sql, command);
    is_one = add_database(call, first);
    for (size_t i = 1; i < n && is_one; i++) {
        rs_buf_addc(&call->sql, '.');
        is_one = add_name(call, first + i);
    }
    if (!is_one)
        rs_call_restart(call);
    return is_one;
}

/* ---- rows that were made ---- */

struct rs_cell rs_made_at(const struct rs_made_rows *rows, size_t row, size_t column)
{
    const struct rs_made_cell *cell = &rows->cells[row * rows->n_columns + column];

    return (struct rs_cell){ rows->bytes.p == NULL ? "" : rows->bytes.p + cell->at, cell->n };
}

bool rs_made_append(struct rs_made_rows *to, const struct rs_made_rows *from, struct rs_diag *diag)
{
    for (size_t row = 0; row < from->n_rows; row++)
        for (size_t i = 0; i < from->n_columns; i++) {
            struct rs_cell cell = rs_made_at(from, row, i);

            rs_made_cell(to, &cell);
        }
    return rs_made_ok(to, diag);
}

static struct rs_str text_at(const struct rs_made_rows *rows, size_t row, size_t column)
{
    struct rs_cell cell = rs_made_at(rows, row, column);

    return rs_cell_str(&cell);
}

static int compare_text(struct rs_str a, struct rs_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int by = n == 0 ? 0 : memcmp(a.p, b.p, n);

    return by != 0 ? by : (a.n > b.n) - (a.n < b.n);
}

static int compare_number(struct rs_str a, struct rs_str b)
{
    int64_t x = 0, y = 0;

    if (!rs_parse_i64(a, &x) || !rs_parse_i64(b, &y))
        return compare_text(a, b);
    return (x > y) - (x < y);
}

static bool is_before(const struct rs_made_rows *rows, size_t a, size_t b,
                      const struct rs_made_key *keys, size_t n_keys)
{
    for (size_t i = 0; i < n_keys; i++) {
        struct rs_str x = text_at(rows, a, keys[i].column), y = text_at(rows, b, keys[i].column);
        int by = keys[i].is_number ? compare_number(x, y) : compare_text(x, y);

        if (by != 0)
            return by < 0;
    }
    return a < b;
}

/* Merges the halves of order[from..to), each of which is in order. */
static void merge(const struct rs_made_rows *rows, const struct rs_made_key *keys, size_t n_keys,
                  size_t *order, size_t *spare, const size_t at[3])
{
    size_t left = at[0], right = at[1];

    for (size_t i = at[0]; i < at[2]; i++) {
        bool takes_left = left < at[1] && (right == at[2] || !is_before(rows, order[right],
                                                                        order[left], keys, n_keys));

        spare[i] = takes_left ? order[left++] : order[right++];
    }
    memcpy(order + at[0], spare + at[0], (at[2] - at[0]) * sizeof *order);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

bool rs_made_sort(struct rs_made_rows *rows, const struct rs_made_key *keys, size_t n_keys,
                  struct rs_diag *diag)
{
    size_t n = rows->n_rows, width = rows->n_columns;
    size_t *order = NULL;
    struct rs_made_cell *cells = NULL;
    bool ok = false;

    if (n < 2)
        return true;
    order = rs_alloc(2 * n, sizeof *order, diag);
    if (order == NULL)
        goto out;
    cells = rs_alloc(n * width, sizeof *cells, diag);
    if (cells == NULL)
        goto out;
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t step = 1; step < n; step *= 2)
        for (size_t from = 0; from + step < n; from += 2 * step)
            merge(rows, keys, n_keys, order, order + n,
                  (const size_t[]){ from, from + step, least(from + 2 * step, n) });
    for (size_t i = 0; i < n; i++)
        memcpy(cells + i * width, rows->cells + order[i] * width, width * sizeof *cells);
    memcpy(rows->cells, cells, n * width * sizeof *cells);
    ok = true;
out:
    rs_free(order);
    rs_free(cells);
    return ok;
}
