/*
 * Environments and connections: what they hold, who owns the wire, transactions.
 */
#ifndef RS_ODBC_DBC_H
#define RS_ODBC_DBC_H

#include "../log.h"
#include "../session.h"
#include "../settings.h"
#include "catalog_cache.h"
#include "connstr.h"
#include "handle.h"
#include "querycache.h"
#include "text.h"
#include "type.h"

struct rs_env {
    struct rs_head head;
    struct rs_mutex lock;
    SQLUINTEGER odbc_version; /* 0: not set yet; 2, 3, 380 */
    SQLUINTEGER pooling, cp_match;
    struct rs_dbc *first;
};

/* Statement attributes that ODBC 2 applications set on a connection: defaults of new statements. */
struct rs_stmt_defaults {
    SQLULEN query_timeout_s, max_rows, max_length, noscan, retrieve_data, bind_type, cursor_type;
    bool has_query_timeout;
    bool metadata_id;
    SQLULEN async;
};

/* Attributes that SQL_ATTR_RESET_CONNECTION brings back to what they were when connecting ended. */
struct rs_dbc_kept {
    SQLUINTEGER autocommit, access_mode, connection_timeout_s, txn_isolation, disconnect_behavior;
    bool has_access_mode, has_connection_timeout;
    SQLPOINTER quiet_mode;
    struct rs_stmt_defaults defaults;
};

struct rs_dbc {
    struct rs_head head;
    struct rs_mutex lock; /* of the connection, its statements and descriptors */
    struct rs_env *env;
    struct rs_dbc *next;
    struct rs_stmt *stmts;
    struct rs_desc *descs;            /* explicit ones */
    uint32_t n_stmts;                 /* ever made: numbers cursor names */
    uint32_t n_changes;               /* of its descriptors: numbers rs_desc.change */
    const struct rs_stmt *call_owner; /* the open transaction is the driver's, for the cursors of
                                       * this statement's call; NULL: there is none */

    /* the session */
    struct rs_session *session;  /* NULL: not connected */
    struct rs_mutex cancel_lock; /* guards cancel_session, for SQLCancel without `lock` */
    struct rs_session *cancel_session;
    const void *waiter;     /* under cancel_lock: who waits until a paused call has ended … */
    bool waiter_stop;       /* … and was asked to stop */
    uint32_t n_polled;      /* statements in a polled call */
    struct rs_stmt *paused; /* whose call is paused and has the wire (turn.h) */
    struct rs_query_cache queries; /* of the session */
    struct rs_settings settings;   /* as connected; secrets are wiped after connecting */
    bool has_settings;
    bool is_browsing; /* SQLBrowseConnect wants more; browsed: what it was given so far */
    struct rs_connstr browsed;
    struct rs_connstr string; /* input string as given, for the output string */
    struct rs_policy policy;
    struct rs_catalog_cache catalog_cache;
    bool case_known, keeps_case; /* rs_query_keeps_case */
    bool union_refused;          /* pg_catalog and views in one statement (catalog.c) */
    struct rs_log log;
    uint32_t binary_kinds;                     /* that may be asked for in binary, a bit for each */
    char *dsn, *server_name, *database, *user; /* user: as the server says */
    int32_t port;
    bool is_iam;

    /* attributes (odbc.md 2.2); has_…: set by the application, survives disconnecting */
    SQLUINTEGER autocommit; /* SQL_AUTOCOMMIT_ON … */
    SQLUINTEGER access_mode;
    bool has_access_mode, access_mode_applied;
    SQLUINTEGER login_timeout_s;
    bool has_login_timeout;
    SQLUINTEGER connection_timeout_s;
    bool has_connection_timeout;
    SQLUINTEGER txn_isolation; /* 0: the server's default */
    SQLUINTEGER disconnect_behavior, packet_size, ansi_app, odbc_cursors;
    SQLUINTEGER trace; /* stored for reading back: tracing is the driver manager's */
    SQLPOINTER quiet_mode;
    char *current_catalog; /* set before connecting, or NULL */
    struct rs_stmt_defaults defaults;
    struct rs_dbc_kept at_connect;
};

/* ---- connect.c ---- */
SQLRETURN rs_connect(struct rs_dbc *dbc, struct rs_text dsn, struct rs_text uid,
                     struct rs_text pwd);
SQLRETURN rs_driver_connect(struct rs_dbc *dbc, SQLHWND window, struct rs_text in,
                            const struct rs_text_out *out, SQLUSMALLINT completion);
/* Connects by pairs, which it takes; *pairs is empty afterwards. */
SQLRETURN rs_connect_pairs(struct rs_dbc *dbc, struct rs_connstr *pairs,
                           const struct rs_text_out *out);
SQLRETURN rs_disconnect(struct rs_dbc *dbc);
/* Closes without any politeness to open transactions (freeing, failed set-up). */
void rs_dbc_close(struct rs_dbc *dbc);

/* What the settings and attributes ask of a fresh session: query group, access mode, the initial
 * statements. */
RS_NODISCARD bool rs_dbc_set_up(struct rs_dbc *dbc, struct rs_deadline deadline);

/* ---- browse.c ---- */
/* SQL_NEED_DATA: out says what is wanted. An error ends browsing. */
SQLRETURN rs_browse_connect(struct rs_dbc *dbc, struct rs_text in, const struct rs_text_out *out);
void rs_browse_end(struct rs_dbc *dbc);

/* ---- reset.c ---- */
void rs_dbc_remember(struct rs_dbc *dbc); /* the attributes, for rs_dbc_reset */
/*
 * SQL_ATTR_RESET_CONNECTION: as if just connected. Rolls back, closes cursors; attributes and the
 * server's session go back to connect time. False: one error posted; when something may be left of
 * the former user the session is dead.
 */
RS_NODISCARD bool rs_dbc_reset(struct rs_dbc *dbc);

/* ---- dbc.c ---- */
void rs_dbc_init(struct rs_dbc *dbc, struct rs_env *env);
void rs_dbc_clear(struct rs_dbc *dbc);
/* 08003 unless connected, HY010 while browsing; 08S01 when the session is known to be dead. */
RS_NODISCARD bool rs_dbc_ready(struct rs_dbc *dbc, struct rs_diag *diag);
bool rs_dbc_is_v2(const struct rs_dbc *dbc); /* ODBC 2 application */
/*
 * Before anything goes over the wire: the current rows of the other statements are copied out of
 * the receive buffer. except: the statement that is about to use it, or NULL.
 */
RS_NODISCARD bool rs_dbc_claim(struct rs_dbc *dbc, struct rs_stmt *except, struct rs_diag *diag);
/* Ends the transaction that was begun for a call's cursors, if it is still open: COMMIT, or
 * ROLLBACK when it failed. */
bool rs_dbc_end_call(struct rs_dbc *dbc, struct rs_diag *diag);
/* From here on rs_session_txn is sure: a batch that may have begun or ended a transaction is read
 * to its end. Posts what storing posts. */
RS_NODISCARD bool rs_dbc_know_txn(struct rs_dbc *dbc, struct rs_diag *diag);
/* What must stand before the next statement in the same send: BEGIN … in manual mode outside a
 * transaction; NULL otherwise. */
const char *rs_dbc_begin(struct rs_dbc *dbc);
/* BEGIN with the connection's isolation level. */
const char *rs_dbc_begin_text(const struct rs_dbc *dbc);
/* Runs COMMIT or ROLLBACK; records as SQLEndTran posts them. */
RS_NODISCARD bool rs_dbc_run_end(struct rs_dbc *dbc, SQLSMALLINT type, struct rs_diag *diag);
/* After a failed statement in a manual transaction: ROLLBACK by TransactionErrorBehavior. */
void rs_dbc_after_error(struct rs_dbc *dbc, struct rs_diag *diag);
SQLRETURN rs_dbc_end_tran(struct rs_dbc *dbc, SQLSMALLINT type);
SQLRETURN rs_env_end_tran(struct rs_env *env, SQLSMALLINT type);
/* True when one of its statements is in SQLParamData's state or in a polled call (HY010 posted). */
bool rs_dbc_is_busy(struct rs_dbc *dbc, struct rs_diag *diag);
/* The same for polled calls alone. */
bool rs_dbc_is_polled(struct rs_dbc *dbc, struct rs_diag *diag);
SQLRETURN rs_cancel_stmt(SQLHANDLE handle); /* without the connection's lock */
SQLRETURN rs_cancel_dbc(SQLHANDLE handle);

/* ---- attr.c ---- */
SQLRETURN rs_env_set_attr(struct rs_env *env, SQLINTEGER attribute, SQLPOINTER value,
                          SQLINTEGER length);
SQLRETURN rs_env_get_attr(struct rs_env *env, SQLINTEGER attribute, SQLPOINTER value,
                          SQLINTEGER cap, SQLINTEGER *length);
SQLRETURN rs_dbc_set_attr(struct rs_dbc *dbc, SQLINTEGER attribute, SQLPOINTER value,
                          SQLINTEGER length, bool is_wide);
SQLRETURN rs_dbc_get_attr(struct rs_dbc *dbc, SQLINTEGER attribute, SQLPOINTER value,
                          const struct rs_text_out *text);
SQLRETURN rs_stmt_set_attr(struct rs_stmt *stmt, SQLINTEGER attribute, SQLPOINTER value,
                           SQLINTEGER length, bool is_wide);
SQLRETURN rs_stmt_get_attr(struct rs_stmt *stmt, SQLINTEGER attribute, SQLPOINTER value,
                           const struct rs_text_out *text);

/* ---- info.c ---- */
/* Locked: dbc. text is used for text answers, value for the others. */
SQLRETURN rs_get_info(struct rs_dbc *dbc, SQLUSMALLINT type, SQLPOINTER value,
                      const struct rs_text_out *text);
SQLRETURN rs_get_functions(struct rs_dbc *dbc, SQLUSMALLINT id, SQLUSMALLINT *out);

#endif
