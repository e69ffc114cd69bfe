/*
 * What all handles share, and how a call enters and leaves one.
 *
 * An entry point opens with enter (checks the handle, takes the lock, clears the records) and ends
 * with leave (turns warnings into SQL_SUCCESS_WITH_INFO, remembers the result, releases the lock).
 * Locks: one mutex per environment, one per connection; statements and descriptors use their
 * connection's. Order: environment, then connection.
 */
#ifndef RS_ODBC_HANDLE_H
#define RS_ODBC_HANDLE_H

#include <sql.h>
#include <sqlext.h>

#include "../diag.h"
#include "../os.h"

struct rs_env;
struct rs_dbc;
struct rs_stmt;
struct rs_desc;

/* Unlikely to stand at that place by chance; a freed handle holds RS_MAGIC_DEAD. */
enum rs_magic {
    RS_MAGIC_ENV = 0x52536531,
    RS_MAGIC_DBC = 0x52536432,
    RS_MAGIC_STMT = 0x52537333,
    RS_MAGIC_DESC = 0x52537834,
    RS_MAGIC_DEAD = 0x5253dead
};

struct rs_head {
    uint32_t magic;
    struct rs_diag diag;
    SQLRETURN last_rc;
};

/* NULL: not a handle of that kind. Clears the records. */
struct rs_env *rs_env_enter(SQLHANDLE handle);
struct rs_dbc *rs_dbc_enter(SQLHANDLE handle);
struct rs_stmt *rs_stmt_enter(SQLHANDLE handle);
struct rs_desc *rs_desc_enter(SQLHANDLE handle);
/* For diagnostic calls: records stay. */
struct rs_env *rs_env_enter_keep(SQLHANDLE handle);
struct rs_dbc *rs_dbc_enter_keep(SQLHANDLE handle);
struct rs_stmt *rs_stmt_enter_keep(SQLHANDLE handle);
struct rs_desc *rs_desc_enter_keep(SQLHANDLE handle);

SQLRETURN rs_env_leave(struct rs_env *env, SQLRETURN rc);
SQLRETURN rs_dbc_leave(struct rs_dbc *dbc, SQLRETURN rc);
SQLRETURN rs_stmt_leave(struct rs_stmt *stmt, SQLRETURN rc);
SQLRETURN rs_desc_leave(struct rs_desc *desc, SQLRETURN rc);
/* After a diagnostic call: the result is the call's own and nothing is remembered. */
SQLRETURN rs_env_leave_keep(struct rs_env *env, SQLRETURN rc);
SQLRETURN rs_dbc_leave_keep(struct rs_dbc *dbc, SQLRETURN rc);
SQLRETURN rs_stmt_leave_keep(struct rs_stmt *stmt, SQLRETURN rc);
SQLRETURN rs_desc_leave_keep(struct rs_desc *desc, SQLRETURN rc);

/* ---- allocate and free: take and release their own locks, never called inside another call ----
 */
SQLRETURN rs_env_new(SQLHANDLE *out);
SQLRETURN rs_handle_alloc(SQLSMALLINT kind, SQLHANDLE parent, SQLHANDLE *out);
SQLRETURN rs_handle_free(SQLSMALLINT kind, SQLHANDLE handle);
/* A function that knows no handles of this type: HY092 on the handle itself, whatever it is. */
SQLRETURN rs_handle_fail_kind(SQLSMALLINT kind, SQLHANDLE handle);

/* ---- diagnostics, odbc.md 14 ---- */
struct rs_text_out;
SQLRETURN rs_diag_rec_get(SQLSMALLINT kind, SQLHANDLE handle, SQLSMALLINT number, bool is_wide,
                          void *state, SQLINTEGER *native, const struct rs_text_out *text);
SQLRETURN rs_diag_field_get(SQLSMALLINT kind, SQLHANDLE handle, SQLSMALLINT number,
                            SQLSMALLINT field, SQLPOINTER value, const struct rs_text_out *text);
/* SQLError: hands out the next record and removes it. */
SQLRETURN rs_diag_error(SQLHENV env, SQLHDBC dbc, SQLHSTMT stmt, bool is_wide, void *state,
                        SQLINTEGER *native, const struct rs_text_out *text);

#endif
