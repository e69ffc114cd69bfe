#include "routine.h"

#include <string.h>

#include "binding.h"
#include "rows.h"

enum { TEXT_MAX_BYTES = 1 << 25 };

static SQLSMALLINT direction_of(const struct rs_stmt *stmt, size_t index)
{
    const struct rs_desc_rec *ipd = rs_desc_rec(&stmt->own_ipd, (SQLSMALLINT)(index + 1));

    return ipd == NULL ? SQL_PARAM_INPUT : ipd->parameter_type;
}

/* ---- making ---- */

static bool make_lists(struct rs_routine *routine, struct rs_diag *diag)
{
    size_t n_markers = routine->n_markers > 0 ? routine->n_markers : 1;
    size_t n_args = routine->form.n > 0 ? routine->form.n : 1;

    routine->role = rs_alloc(n_markers, sizeof *routine->role, diag);
    routine->number =
        routine->role == NULL ? NULL : rs_alloc(n_markers, sizeof *routine->number, diag);
    routine->use = routine->number == NULL ? NULL : rs_alloc(n_args, sizeof *routine->use, diag);
    return routine->use != NULL;
}

bool rs_routine_new(struct rs_stmt *stmt)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_routine *routine;

    if (stmt->sql.verb != RS_VERB_CALL || stmt->sql.n_statements != 1)
        return true;
    routine = rs_new(struct rs_routine, diag);
    if (routine == NULL)
        return false;
    stmt->routine = routine;
    routine->is_function = stmt->sql.returns;
    routine->n_markers = routine->n_sent = stmt->sql.n_markers;
    routine->text = (struct rs_buf)RS_BUF_INIT(TEXT_MAX_BYTES);
    if (!rs_callform_find((struct rs_str){ stmt->sql.text, stmt->sql.len },
                          rs_session_backslash_escapes(stmt->dbc->session), &routine->form, diag) ||
        !make_lists(routine, diag)) {
        rs_routine_free(stmt);
        return false;
    }
    if (!routine->form.is_found) /* the server will say what is wrong with it */
        rs_routine_free(stmt);
    return true;
}

void rs_routine_free(struct rs_stmt *stmt)
{
    struct rs_routine *routine = stmt->routine;

    if (routine == NULL)
        return;
    rs_callform_clear(&routine->form);
    rs_free(routine->role);
    rs_free(routine->number);
    rs_free(routine->use);
    rs_buf_clear(&routine->text);
    rs_routine_facts_clear(&routine->facts);
    rs_free(routine);
    stmt->routine = NULL;
}

/* ---- roles ---- */

/* The argument that the marker is; form.n: none. */
static size_t arg_of(const struct rs_routine *routine, size_t index)
{
    size_t i = 0;

    while (i < routine->form.n && routine->form.arg[i].marker != index + 1)
        i++;
    return i;
}

static enum rs_role role_by_binding(SQLSMALLINT direction)
{
    return direction == SQL_PARAM_OUTPUT         ? RS_ROLE_OUT
           : direction == SQL_PARAM_INPUT_OUTPUT ? RS_ROLE_INOUT
                                                 : RS_ROLE_IN;
}

/* Applications that cannot tell bind for both ways: the catalog knows better. */
static bool choose_role(struct rs_stmt *stmt, size_t index, unsigned char *role)
{
    const struct rs_routine *routine = stmt->routine;
    enum rs_role bound = role_by_binding(direction_of(stmt, index));
    size_t arg;

    *role = (unsigned char)bound;
    if (routine->is_function && index == 0) {
        *role = RS_ROLE_RETURN;
        return true;
    }
    arg = arg_of(routine, index);
    if (arg == routine->form.n || routine->is_function) {
        if (bound == RS_ROLE_IN)
            return true;
        return rs_fail(&stmt->head.diag, RS_HYC00, 0,
                       "parameter %zu is bound for output, but no value of the call comes back "
                       "in its place",
                       index + 1);
    }
    if (routine->facts.is_known && routine->facts.mode[arg] == 'o')
        *role = RS_ROLE_OUT;
    return true;
}

/* Of the first set, whose word stands for all. */
static bool is_default(const struct rs_stmt *stmt, size_t index)
{
    const struct rs_desc *apd = stmt->apd;
    const struct rs_desc_rec *rec = rs_desc_rec(apd, (SQLSMALLINT)(index + 1));
    SQLLEN offset = apd->bind_offset_ptr == NULL ? 0 : *apd->bind_offset_ptr, len;
    const SQLLEN *at = rec == NULL ? NULL : rec->ind_ptr != NULL ? rec->ind_ptr : rec->len_ptr;

    if (at == NULL)
        return false;
    memcpy(&len, (const char *)at + offset, sizeof len);
    return len == SQL_DEFAULT_PARAM;
}

/* From the last argument back: the server fills in what is missing at the end, and only there. */
static void choose_defaults(struct rs_stmt *stmt, unsigned char *role)
{
    const struct rs_routine *routine = stmt->routine;

    for (size_t i = routine->form.n; i-- > 0;) {
        size_t marker = routine->form.arg[i].marker;

        if (marker == 0 || (role[marker - 1] != RS_ROLE_OUT && !is_default(stmt, marker - 1)))
            return;
        if (role[marker - 1] == RS_ROLE_OUT && !stmt->dbc->policy.is_redshift)
            return;
        if (role[marker - 1] != RS_ROLE_OUT)
            role[marker - 1] = RS_ROLE_DEFAULT;
    }
}

static bool choose_roles(struct rs_stmt *stmt, bool has_values, unsigned char *role)
{
    for (size_t i = 0; i < stmt->routine->n_markers; i++) {
        if (!choose_role(stmt, i, &role[i]))
            return false;
    }
    if (has_values)
        choose_defaults(stmt, role);
    return true;
}

/* ---- the text ---- */

static void number_markers(struct rs_routine *routine)
{
    routine->n_sent = 0;
    for (size_t i = 0; i < routine->n_markers; i++) {
        bool is_sent = routine->role[i] == RS_ROLE_IN || routine->role[i] == RS_ROLE_INOUT;

        routine->number[i] = is_sent ? (uint16_t)++routine->n_sent : 0;
    }
}

static void use_arguments(struct rs_routine *routine, bool is_redshift)
{
    for (size_t i = 0; i < routine->form.n; i++) {
        size_t marker = routine->form.arg[i].marker;
        enum rs_role role = marker == 0 ? RS_ROLE_IN : (enum rs_role)routine->role[marker - 1];

        routine->use[i] = role == RS_ROLE_DEFAULT || (role == RS_ROLE_OUT && is_redshift)
                              ? RS_ARG_LEFT_OUT
                          : role == RS_ROLE_OUT ? RS_ARG_NULL
                                                : RS_ARG_SENT;
    }
}

/* What the server has of another text is of no use. */
static void forget_prepared(struct rs_stmt *stmt)
{
    if (stmt->prepared != NULL)
        rs_prepared_free(stmt->dbc->session, stmt->prepared);
    stmt->prepared = NULL;
    rs_free(stmt->parsed_types);
    stmt->parsed_types = NULL;
    rs_bound_forget(stmt);
}

static bool write_text(struct rs_stmt *stmt)
{
    struct rs_routine *routine = stmt->routine;

    number_markers(routine);
    use_arguments(routine, stmt->dbc->policy.is_redshift);
    rs_buf_truncate(&routine->text, 0);
    if (routine->n_sent < routine->n_markers)
        rs_callform_write(&routine->form, routine->use, routine->number,
                          rs_session_backslash_escapes(stmt->dbc->session), &routine->text);
    return rs_buf_ok(&routine->text, &stmt->head.diag);
}

static bool plan(struct rs_stmt *stmt, bool has_values)
{
    struct rs_routine *routine = stmt->routine;
    size_t n = routine->n_markers;
    unsigned char few[64], *role = few;
    bool ok = true;

    if (n > sizeof few) {
        role = rs_alloc(n, sizeof *role, &stmt->head.diag);
        if (role == NULL)
            return false;
    }
    if (!choose_roles(stmt, has_values, role)) {
        ok = false;
    } else if (!routine->is_planned || memcmp(role, routine->role, n) != 0) {
        forget_prepared(stmt);
        memcpy(routine->role, role, n);
        ok = routine->is_planned = write_text(stmt);
    }
    if (role != few)
        rs_free(role);
    return ok;
}

/* ---- before executing and describing ---- */

static bool may_begin(const struct rs_stmt *stmt, const struct rs_run *run)
{
    const struct rs_dbc *dbc = stmt->dbc;

    return dbc->settings.fetch_ref_cursor && run->n_sets == 1 &&
           dbc->autocommit == SQL_AUTOCOMMIT_ON && rs_session_txn(dbc->session) == RS_TXN_IDLE;
}

/* An OUT argument that is bound for both ways must not be sent to Redshift. */
static bool is_in_doubt(const struct rs_stmt *stmt)
{
    if (!stmt->dbc->policy.is_redshift || stmt->routine->is_function)
        return false;
    for (size_t i = 0; i < stmt->routine->n_markers; i++) {
        if (direction_of(stmt, i) == SQL_PARAM_INPUT_OUTPUT)
            return true;
    }
    return false;
}

bool rs_routine_plan(struct rs_stmt *stmt, struct rs_run *run)
{
    bool begins = may_begin(stmt, run);

    if ((begins || is_in_doubt(stmt)) && !rs_routine_look(stmt))
        return false;
    /* Its cursors live as long as a transaction does. */
    run->for_cursors = begins && stmt->routine->facts.has_cursor;
    return plan(stmt, true);
}

bool rs_routine_plan_text(struct rs_stmt *stmt)
{
    return plan(stmt, false);
}

bool rs_routine_takes_row(const struct rs_stmt *stmt)
{
    if (stmt->routine->is_function)
        return true;
    for (size_t i = 0; i < stmt->routine->n_markers; i++) {
        if (direction_of(stmt, i) != SQL_PARAM_INPUT)
            return true;
    }
    return false;
}

enum { OID_REFCURSOR = 1790 };

bool rs_routine_has_cursors(const struct rs_stmt *stmt)
{
    if (!stmt->dbc->settings.fetch_ref_cursor)
        return false;
    for (size_t i = 0; i < stmt->columns.n; i++) {
        if (stmt->columns.at[i].type_oid == OID_REFCURSOR)
            return true;
    }
    return false;
}
