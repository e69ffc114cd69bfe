/*
 * One connection to the server, and exchanges on it: a request is sent, its replies are read
 * until ReadyForQuery.
 *
 * At most one exchange is live on the wire. When another one starts, the rest of the live one is
 * stored (memory, then a temporary file) and goes on reading from the store: its owner notices
 * nothing. So any number of results can be open at a time.
 *
 * Locked: the connection's lock is held by the caller of everything but rs_session_cancel.
 * Posts: 08S01 (connection lost, protocol violation), HYT00, HYT01, HY008 (timeouts, cancel),
 * HY001, and the server's own errors mapped by rs_server_state (redshift.md 16).
 *
 * Source: PostgreSQL documentation, "Frontend/Backend Protocol"; redshift.md 1-5, 12, 15, 16.
 */
#ifndef RS_SESSION_H
#define RS_SESSION_H

#include "attrs.h"
#include "diag.h"
#include "opener.h"
#include "os.h"
#include "pgmsg.h"
#include "rowstream.h"
#include "transport.h"

struct rs_session;
struct rs_exchange;

struct rs_session_options {
    struct rs_open_options open;
    size_t store_bytes;           /* ResultMemoryBytes */
    bool may_spill;               /* SpillToDisk */
    const char *spill_dir;        /* TempDir; borrowed as long as the session lives */
    int64_t read_timeout_ms;      /* 0: none */
    int64_t statement_timeout_ms; /* what the server was told; 0: nothing */
    bool show_notices;
};

enum rs_txn { RS_TXN_IDLE = 'I', RS_TXN_OPEN = 'T', RS_TXN_FAILED = 'E' };

RS_NODISCARD bool rs_session_open(const struct rs_login *login,
                                  const struct rs_session_options *options,
                                  struct rs_deadline deadline, struct rs_session **out,
                                  struct rs_diag *diag);
/* Ends and frees it. All exchanges must have been freed. NULL is fine. */
void rs_session_close(struct rs_session *session);

enum rs_txn rs_session_txn(const struct rs_session *session);
/* What is still to be read may begin or end a transaction: store it, then ask. */
bool rs_session_txn_is_open_question(const struct rs_session *session);
bool rs_session_is_redshift(const struct rs_session *session);
int32_t rs_session_protocol(const struct rs_session *session); /* granted level, 0-3 */
int32_t rs_session_server_pid(const struct rs_session *session);
const char *rs_session_status(const struct rs_session *session, const char *name); /* or NULL */
/* Backslash is an escape character in plain literals. */
bool rs_session_backslash_escapes(const struct rs_session *session);
/* True when the connection is known or seen to be dead; costs no round trip. */
bool rs_session_is_dead(struct rs_session *session);
/* It is dead from now on; the transport is broken. */
void rs_session_kill(struct rs_session *session);
void rs_session_set_read_timeout(struct rs_session *session, int64_t ms);
void rs_session_set_show_notices(struct rs_session *session, bool on);
struct rs_traffic rs_session_traffic(const struct rs_session *session);

/* A prepared statement on the server. Freed ones are closed with the next request that is sent. */
struct rs_prepared;
void rs_prepared_free(struct rs_session *session, struct rs_prepared *prepared);
/* The server has it. NULL: false. */
bool rs_prepared_is_made(const struct rs_prepared *prepared);
struct rs_str rs_prepared_sql(const struct rs_prepared *prepared); /* valid as long as it */

/* What to send. Texts are borrowed until the exchange has been started. */
struct rs_request {
    enum {
        RS_REQ_SIMPLE,   /* Query: one or several statements, text results */
        RS_REQ_EXTENDED, /* Parse (when needed), Bind, Describe, Execute, Sync */
        RS_REQ_DESCRIBE  /* Parse (when needed), Describe statement, Sync */
    } kind;
    struct rs_str sql;             /* markers already written as $1, $2 … */
    struct rs_prepared **prepared; /* EXTENDED, DESCRIBE: kept between executions, made when
                                    * *prepared is NULL; NULL: unnamed statement */
    const struct rs_param *params;
    size_t n_params;
    size_t repeat;        /* EXTENDED: the statement takes the list of parameters so many times
                           * over; 0 is 1 */
    struct rs_str values; /* EXTENDED: when p is set, the values of all parameters as Bind carries
                           * them (rs_msg_bind_values) instead of those in params */
    struct rs_str forms; /* EXTENDED: a byte for each column, 1 where it is wanted in binary; heeded
                          * when the columns are known before. The shape tells what came of it */
    const char *begin;   /* statement to run before it in the same send (BEGIN …), or
                          * NULL; its own completion is not shown */
    bool moves_txn;      /* rs_session_txn is sure only when all of it has been read */
    bool is_spliced;     /* SIMPLE: text was put in: what the server says of places is not shown */
    struct rs_deadline deadline; /* query timeout: to the first row or completion … */
    bool times_rows;             /* … or to the last row */
    const void *owner;           /* names the exchange for rs_session_cancel */
};

/* Sends. The live exchange, if any, is stored first. On success *out is the new exchange; free it
 * with rs_exchange_free. */
RS_NODISCARD bool rs_exchange_start(struct rs_session *session, const struct rs_request *request,
                                    struct rs_exchange **out, struct rs_diag *diag);

enum rs_event_kind {
    RS_EVENT_ROWS,    /* a result with rows begins: shape is set; read rows until RS_ROW_END */
    RS_EVENT_COMMAND, /* a statement ended: tag and count */
    RS_EVENT_EMPTY,   /* empty query */
    RS_EVENT_PARAMS,  /* parameter types (DESCRIBE) */
    RS_EVENT_NODATA,  /* the described statement gives no rows (DESCRIBE and EXTENDED) */
    RS_EVENT_READY,   /* the exchange is over */
    RS_EVENT_ERROR    /* one error was posted; READY comes next unless the session is dead */
};
struct rs_reply {
    enum rs_event_kind kind;
    const struct rs_shape *shape; /* ROWS; valid as long as the exchange, or the prepared
                                   * statement when there is one */
    struct rs_str tag;            /* COMMAND: "INSERT 0 3"; valid until the next call */
    int64_t count;                /* COMMAND: rows, -1 when the tag has none */
    const uint32_t *param_types;  /* PARAMS */
    size_t n_params;
};
/* Goes to the next event. Unread rows of the present result are passed over. After READY, or
 * after an error on a dead session, gives READY again and again. */
RS_NODISCARD bool rs_exchange_next(struct rs_exchange *exchange, struct rs_reply *out,
                                   struct rs_diag *diag);

/*
 * Next row of the present result. cells has room for shape->n cells; they point into the receive
 * buffer or the store and are valid until the next call on this exchange or any other use of the
 * session.
 */
RS_NODISCARD enum rs_row rs_exchange_row(struct rs_exchange *exchange, struct rs_cell *cells,
                                         struct rs_diag *diag);

/* The next row of the present result has come and can be read without waiting. */
bool rs_exchange_has_row(const struct rs_exchange *exchange);

/*
 * Waits until it is known how a result with rows begins: true when a row or its end is there, false
 * after posting when an error is. So a statement that fails before its first row fails where it is
 * executed.
 */
RS_NODISCARD bool rs_exchange_first(struct rs_exchange *exchange, struct rs_diag *diag);

/* Discards what is left: drains if little is left, else cancels and drains. Frees. Never posts. */
void rs_exchange_free(struct rs_exchange *exchange);
/* True until READY has been read or stored: the wire is this exchange's. */
bool rs_exchange_is_live(const struct rs_exchange *exchange);
/* Reads everything that is left into the store (before COMMIT, ROLLBACK). */
RS_NODISCARD bool rs_session_store_live(struct rs_session *session, struct rs_diag *diag);

/* What the stored results of the connection share, those of its static cursors too. */
struct rs_store_budget *rs_session_budget(struct rs_session *session);

/*
 * A pipe: executions of one prepared statement that the server has, sent without waiting for each
 * other's answers. Rows they give are passed over. Answers come in the order of the executions.
 *
 * sync_each: each execution is a transaction of its own (outside of a transaction block). Else one
 * Sync ends the pipe, and the server skips what follows an error.
 * request: prepared, n_params, deadline (of the whole pipe), owner.
 * Source: PostgreSQL documentation, "Pipelining".
 */
RS_NODISCARD bool rs_pipe_start(struct rs_session *session, const struct rs_request *request,
                                bool sync_each, struct rs_exchange **out, struct rs_diag *diag);
/* Adds an execution; values as in rs_request. False: HY001, HY000 (too long), nothing added. */
RS_NODISCARD bool rs_pipe_add(struct rs_exchange *pipe, struct rs_str values, struct rs_diag *diag);
size_t rs_pipe_unsent(const struct rs_exchange *pipe); /* bytes added since the last send */
/* Sends what was added. False: one error posted, the pipe is over. */
RS_NODISCARD bool rs_pipe_send(struct rs_exchange *pipe, struct rs_diag *diag);
/* Nothing will be added any more: sends the rest. */
RS_NODISCARD bool rs_pipe_finish(struct rs_exchange *pipe, struct rs_diag *diag);
enum rs_pipe_answer {
    RS_PIPE_DONE,    /* the next execution succeeded; *count: rows, -1 unknown */
    RS_PIPE_FAILED,  /* it failed, one error was posted */
    RS_PIPE_NOTHING, /* no answer is there yet (only when not waiting) */
    RS_PIPE_END,     /* everything has been answered */
    RS_PIPE_LOST     /* one error was posted (timeout, connection lost); the pipe is over and no
                      * further answer will come */
};
/* may_wait: everything added has been sent. */
RS_NODISCARD enum rs_pipe_answer rs_pipe_next(struct rs_exchange *pipe, bool may_wait,
                                              int64_t *count, struct rs_diag *diag);

/* Runs a simple statement to its end, results discarded: BEGIN, COMMIT, SET. tag (may be NULL)
 * receives the last command tag. */
RS_NODISCARD bool rs_session_run(struct rs_session *session, struct rs_str sql,
                                 struct rs_deadline deadline, struct rs_buf *tag,
                                 struct rs_diag *diag);

/*
 * Calls by turns: pause is called instead of waiting for the server. While what it paused has not
 * ended, nothing else may use the wire; rs_session_is_dead and rs_session_cancel may be asked.
 * Gives the pause that was set before.
 */
struct rs_pause rs_session_set_pause(struct rs_session *session, struct rs_pause pause);
/* What is paused would pause again. */
bool rs_session_stays_paused(struct rs_session *session);
/* Waits until it would not: OK, DEADLINE (this one passed before), INTERRUPTED. */
RS_NODISCARD enum rs_wait rs_session_await(struct rs_session *session, struct rs_deadline deadline);
/* From any thread: such a wait ends, INTERRUPTED. */
void rs_session_interrupt(struct rs_session *session);

/*
 * From any thread, without the connection's lock: cancels what runs for `owner` (NULL: whatever
 * runs). Nothing runs, or something of another owner: true, no effect. The waiting call then ends
 * with HY008, or normally if the server was faster.
 */
bool rs_session_cancel(struct rs_session *session, const void *owner);

/* The ODBC state of a server error (five characters of the server), redshift.md 16.3 and 16.4. */
enum rs_state rs_server_state(const char *five, struct rs_str message, struct rs_str detail,
                              bool is_connecting);
#endif
