/*
 * What the catalog says of a routine that is called. Its lists are the server's texts of arrays:
 * numbers, and letters.
 */
#include <string.h>

#include "catalog_call.h"
#include "routine.h"

enum { OID_VARCHAR = 1043, OID_REFCURSOR = 1790, NAME_MAX_BYTES = 1 << 25, LIST_MAX = 4096 };

enum { Q_RESULT, Q_MODES, Q_TYPES, Q_INPUT_TYPES, Q_COLUMNS };

void rs_routine_facts_clear(struct rs_routine_facts *facts)
{
    rs_free(facts->mode);
    rs_free(facts->type);
    rs_free(facts->column);
    *facts = (struct rs_routine_facts){ .n_found = 0 };
}

/* ---- the lists ---- */

/* The next letter of {i,b,o}; 'i' where the list has ended or is none. */
static char next_mode(struct rs_str *list)
{
    while (list->n > 0) {
        char c = *list->p;

        list->p++;
        list->n--;
        if (rs_is_alpha(c))
            return c;
    }
    return 'i';
}

/* The next number of {23,25} or of 23 25. */
static bool next_type(struct rs_str *list, uint32_t *out)
{
    size_t n = 0;
    int64_t value;

    while (list->n > 0 && !rs_is_digit(*list->p))
        *list = rs_str_sub(*list, 1, list->n);
    while (n < list->n && rs_is_digit(list->p[n]))
        n++;
    if (n == 0 || !rs_parse_i64((struct rs_str){ list->p, n }, &value) || value > UINT32_MAX)
        return false;
    *list = rs_str_sub(*list, n, list->n);
    *out = (uint32_t)value;
    return true;
}

static struct rs_str types_of(const struct rs_cell *cells)
{
    return rs_cell_str(&cells[cells[Q_TYPES].n >= 0 ? Q_TYPES : Q_INPUT_TYPES]);
}

struct count {
    size_t all, out; /* parameters, and those that are OUT alone */
};

static struct count count_parameters(const struct rs_cell *cells)
{
    struct rs_str modes = rs_cell_str(&cells[Q_MODES]), types = types_of(cells);
    struct count count = { 0, 0 };
    uint32_t type;

    while (count.all < LIST_MAX && next_type(&types, &type)) {
        char mode = next_mode(&modes);

        if (mode == 't') /* a column of what it returns */
            continue;
        count.all++;
        if (mode == 'o')
            count.out++;
    }
    return count;
}

/* ---- one routine ---- */

static bool make_lists(struct rs_routine_facts *facts, size_t n, struct rs_diag *diag)
{
    n = n > 0 ? n : 1;
    facts->mode = rs_alloc(n, sizeof *facts->mode, diag);
    facts->type = facts->mode == NULL ? NULL : rs_alloc(n, sizeof *facts->type, diag);
    facts->column = facts->type == NULL ? NULL : rs_alloc(n, sizeof *facts->column, diag);
    if (facts->column != NULL)
        return true;
    rs_routine_facts_clear(facts);
    return false;
}

/* Parameters to the arguments of the call; with_out: the call has a place for those that are OUT,
 * too. Arguments past the last one that was written have the server's defaults. */
static void fill_lists(struct rs_routine_facts *facts, const struct rs_cell *cells, size_t n,
                       bool with_out)
{
    struct rs_str modes = rs_cell_str(&cells[Q_MODES]), types = types_of(cells);
    size_t arg = 0, left = LIST_MAX;
    uint32_t type;

    while (left-- > 0 && next_type(&types, &type)) {
        char mode = next_mode(&modes);
        bool comes_back = mode == 'o' || mode == 'b', has_place = with_out || mode != 'o';

        if (mode == 't')
            continue;
        if (comes_back && type == OID_REFCURSOR)
            facts->has_cursor = true;
        if (has_place && arg < n) {
            facts->mode[arg] = comes_back ? mode : 'i';
            facts->type[arg] = type;
            facts->column[arg] = comes_back ? facts->n_columns : RS_NO_COLUMN;
        }
        if (has_place)
            arg++;
        if (comes_back)
            facts->n_columns++;
    }
}

/* Of several all must say the same. */
static void join(struct rs_routine_facts *all, struct rs_routine_facts *one, size_t n)
{
    bool has_cursor = all->has_cursor || one->has_cursor;

    if (all->n_found == 0) {
        *all = *one;
        all->is_known = all->types_known = true;
        *one = (struct rs_routine_facts){ .n_found = 0 };
    } else {
        if (memcmp(all->mode, one->mode, n) != 0 || all->n_columns != one->n_columns)
            all->is_known = false;
        if (memcmp(all->type, one->type, n * sizeof *all->type) != 0 || all->result != one->result)
            all->types_known = false;
    }
    all->has_cursor = has_cursor;
    all->n_found++;
}

static bool take_routine(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    const struct rs_stmt *stmt = ((struct rs_call *)ctx)->stmt;
    struct rs_routine *routine = stmt->routine;
    struct rs_routine_facts one = { .result = (uint32_t)rs_cell_int(&cells[Q_RESULT], 0) };
    struct count count = count_parameters(cells);
    size_t n = routine->form.n;
    /* A function's OUT parameters are never written; Redshift's own calls leave them out as well.
     */
    bool with_out =
        !routine->is_function && (!stmt->dbc->policy.is_redshift || n > count.all - count.out);

    if (n > (with_out ? count.all : count.all - count.out))
        return true;
    if (!make_lists(&one, n, diag))
        return false;
    fill_lists(&one, cells, n, with_out);
    if (routine->is_function)
        one.has_cursor = one.result == OID_REFCURSOR;
    join(&routine->facts, &one, n);
    rs_routine_facts_clear(&one);
    return true;
}

/* ---- asking ---- */

static void add_text(struct rs_call *call, struct rs_str text)
{
    call->param[call->n_params++] =
        (struct rs_param){ .type_oid = OID_VARCHAR, .p = text.p, .n = (int32_t)text.n };
}

static bool ask(struct rs_stmt *stmt, struct rs_str schema, struct rs_str name)
{
    bool is_redshift = stmt->dbc->policy.is_redshift, ok;
    struct rs_call call;

    rs_call_init(&call, stmt, NULL, 0, 0);
    call.row = take_routine;
    call.n_columns = Q_COLUMNS;
    rs_call_add_query(&call, is_redshift ? RS_QUERY_ROUTINE_REDSHIFT : RS_QUERY_ROUTINE_POSTGRES);
    add_text(&call, name);
    rs_buf_adds(&call.sql,
                stmt->routine->is_function ? " AND p.prokind <> 'p'" : " AND p.prokind = 'p'");
    if (schema.n > 0) {
        add_text(&call, schema);
        rs_buf_adds(&call.sql, is_redshift ? " AND lower(CAST(n.nspname AS varchar)) = lower($2)"
                                           : " AND (n.nspname = $2 OR ($2 = 'pg_temp'"
                                             " AND n.oid = pg_catalog.pg_my_temp_schema()))");
    } else {
        rs_buf_adds(&call.sql, is_redshift ? " AND pg_function_is_visible(p.prooid)"
                                           : " AND pg_catalog.pg_function_is_visible(p.oid)");
    }
    ok = rs_call_run(&call, &stmt->head.diag);
    rs_call_clear(&call);
    return ok;
}

bool rs_routine_look(struct rs_stmt *stmt)
{
    struct rs_buf schema = RS_BUF_INIT(NAME_MAX_BYTES), name = RS_BUF_INIT(NAME_MAX_BYTES);
    bool is_name, ok;

    if (stmt->routine->has_looked || rs_session_txn(stmt->dbc->session) == RS_TXN_FAILED)
        return true;
    is_name = rs_callform_name(stmt->routine->form.name, &schema, &name);
    ok = rs_buf_ok(&schema, &stmt->head.diag) && rs_buf_ok(&name, &stmt->head.diag) &&
         (!is_name || ask(stmt, rs_buf_str(&schema), rs_buf_str(&name)));
    stmt->routine->has_looked = ok;
    rs_buf_clear(&schema);
    rs_buf_clear(&name);
    return ok;
}
