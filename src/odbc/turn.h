/*
 * Asynchronous calls (SQL_ATTR_ASYNC_ENABLE), polled by the application.
 *
 * The core function of the call is not changed for it: it runs as a task (os.h), and where it would
 * wait for the server it pauses and the call returns SQL_STILL_EXECUTING. Each poll looks whether
 * what it waits for has come and only then lets it go on. Nothing runs between the polls.
 *
 * While a call is paused its statement's state is RS_S11_POLLED, for S11 and S12, and what the core
 * function knows of the state is kept aside. rs_dbc.paused names the statement whose paused call
 * has the wire: who else wants the wire drives that call to its end first. A polled call that wants
 * the wire pauses as long as another one has it.
 *
 * Locked: dbc. Source: ODBC Programmer's Reference, "Asynchronous Execution (Polling Method)",
 * Appendix B; odbc.md 1.4, 19.
 */
#ifndef RS_ODBC_TURN_H
#define RS_ODBC_TURN_H

#include "stmt.h"

/*
 * A function that may be polled, as a constant. run reads the application's texts before it uses
 * the wire: they may be gone when the call goes on, unlike what it writes to.
 */
struct rs_core {
    SQLUSMALLINT function; /* SQL_API_… */
    SQLRETURN (*run)(struct rs_stmt *stmt, const void *args);
    size_t args_size; /* at most RS_CORE_ARGS_MAX */
    enum {
        RS_CORE_ANY,
        RS_CORE_ROWS, /* reads the result: needs no server for what has been read */
        RS_CORE_ONCE  /* never polled: unixODBC's manager does not find back from it */
    } needs;
    bool in_need_data; /* SQLParamData: not refused in S8 to S10 */
};

enum { RS_CORE_ARGS_MAX = 192 };

/* Enters, does the work or takes a turn at it, leaves. */
SQLRETURN rs_stmt_do(SQLHANDLE handle, const struct rs_core *core, const void *args);
/* The same between entering and leaving, for a statement that is not plain. */
SQLRETURN rs_turn_take(struct rs_stmt *stmt, const struct rs_core *core, const void *args);

/*
 * Before the wire is used: waits until no other call has it. for_whom: the statement that wants it,
 * whose query timeout counts and which SQLCancel can stop; NULL: neither. False: HYT00, HY008.
 */
RS_NODISCARD bool rs_turn_wait(struct rs_dbc *dbc, struct rs_stmt *for_whom, struct rs_diag *diag);
static inline bool rs_turn_claim(struct rs_dbc *dbc, struct rs_stmt *for_whom, struct rs_diag *diag)
{
    return RS_LIKELY(dbc->paused == NULL) || rs_turn_wait(dbc, for_whom, diag);
}
/* Before the statement's result is used otherwise than in a polled call: waits while another call
 * is storing it. */
void rs_turn_wait_own(struct rs_stmt *stmt);
static inline void rs_turn_regain(struct rs_stmt *stmt)
{
    if (RS_UNLIKELY(stmt->dbc->paused != NULL))
        rs_turn_wait_own(stmt);
}

/* The calls of a process that this one was forked from are at their end. True: it was one. */
bool rs_turn_drop_lost(struct rs_stmt *stmt);
/* SQLCancel in S11: the polled call ends with HY008 unless it was faster. */
void rs_turn_cancel(struct rs_stmt *stmt);
/* HY010 while a polled call uses the descriptor. */
RS_NODISCARD bool rs_turn_spares(const struct rs_desc *desc, struct rs_diag *diag);
/* With the statement; no call of it is paused, or it is lost. */
void rs_turn_free(struct rs_stmt *stmt);

#endif
