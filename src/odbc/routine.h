/*
 * A statement that is one call of a procedure or function: which of its markers are sent, which
 * take a value back, and the result sets that the procedure leaves behind as cursors.
 *
 * Values come back as one row, whose columns are the INOUT and OUT arguments in their order, or
 * the function's value. Redshift wants OUT arguments left out, PostgreSQL wants a NULL in their
 * place; which ones they are the application says by its bindings, so the text is made when the
 * statement is executed.
 *
 * Locked: dbc. Source: redshift.md 14; odbc.md 7.2, 12.1; ODBC, "Procedure Parameters".
 */
#ifndef RS_ODBC_ROUTINE_H
#define RS_ODBC_ROUTINE_H

#include "callform.h"
#include "execute.h"

enum rs_role {
    RS_ROLE_IN,
    RS_ROLE_INOUT,
    RS_ROLE_OUT,
    RS_ROLE_RETURN, /* the marker in front of =call */
    RS_ROLE_DEFAULT /* SQL_DEFAULT_PARAM: the server's default stands */
};

enum { RS_NO_COLUMN = UINT16_MAX };

/* What the catalog says of the routines that the call can mean. */
struct rs_routine_facts {
    bool is_known;      /* there is one, or all agree in modes and columns */
    bool types_known;   /* they agree in types, too */
    bool has_cursor;    /* any of them gives a cursor back */
    char *mode;         /* of each argument: i, b (INOUT) or o */
    uint32_t *type;     /* of each argument */
    uint16_t *column;   /* of the row, that each argument comes back in; RS_NO_COLUMN */
    uint16_t n_columns; /* of the row */
    uint32_t result;    /* type of a function's value */
    size_t n_found;
};

struct rs_routine {
    struct rs_callform form; /* slices of stmt->sql.text */
    bool is_function;        /* {?=call …} */
    size_t n_markers, n_sent;
    unsigned char *role, *use; /* of each marker; of each argument (enum rs_callform_use) */
    uint16_t *number;          /* of each marker on the wire; 0: it is not sent */
    struct rs_buf text;        /* empty: the statement's own */
    bool is_planned, has_looked;
    struct rs_routine_facts facts;
};

/* ---- routine.c ---- */

/* Sets stmt->routine when the statement is such a call, else leaves it NULL. Posts HY001. */
RS_NODISCARD bool rs_routine_new(struct rs_stmt *stmt);
void rs_routine_free(struct rs_stmt *stmt);
/* Before executing: roles by the bindings and, for SQL_DEFAULT_PARAM, by the values of set 0; the
 * text that follows. May ask the catalog. Posts HYC00, 07S01 and what a query posts. */
RS_NODISCARD bool rs_routine_plan(struct rs_stmt *stmt, struct rs_run *run);
/* Before describing: by the bindings and the catalog alone. */
RS_NODISCARD bool rs_routine_plan_text(struct rs_stmt *stmt);
/* The server's row is not the statement's result: its values go to parameters. */
bool rs_routine_takes_row(const struct rs_stmt *stmt);
/* It is replaced by the rows of the cursors that it names. */
bool rs_routine_has_cursors(const struct rs_stmt *stmt);

/* What is sent of a statement, a call or not. */
static inline struct rs_str rs_stmt_sent_text(const struct rs_stmt *stmt)
{
    return stmt->routine != NULL && stmt->routine->text.len > 0
               ? rs_buf_str(&stmt->routine->text)
               : (struct rs_str){ stmt->sql.text, stmt->sql.len };
}
static inline size_t rs_stmt_n_sent(const struct rs_stmt *stmt)
{
    return stmt->routine != NULL ? stmt->routine->n_sent : stmt->sql.n_markers;
}
/* Place on the wire, from 0, of marker `index`, from 0; false: it is not sent. */
static inline bool rs_stmt_sends(const struct rs_stmt *stmt, size_t index, size_t *place)
{
    *place = index;
    if (stmt->routine == NULL)
        return true;
    *place = (size_t)stmt->routine->number[index] - 1;
    return stmt->routine->number[index] > 0;
}

/* ---- routine_look.c ---- */

/* Asks the catalog once. What it does not find is no error. Posts what a query posts. */
RS_NODISCARD bool rs_routine_look(struct rs_stmt *stmt);
void rs_routine_facts_clear(struct rs_routine_facts *facts);

/* ---- routine_row.c ---- */

/*
 * After the first result of an execution was opened: hands the values of set run->set to its
 * parameters when they are its to take, and opens the rows of cursors. Conversions post as
 * SQLGetData's do, with the number of the set and of the parameter.
 */
enum rs_opened_result rs_routine_take(struct rs_stmt *stmt, struct rs_run *run,
                                      enum rs_opened_result opened);

#endif
