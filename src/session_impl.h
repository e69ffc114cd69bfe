/*
 * What session.c (the connection), request.c (what is sent), reply.c (what comes back) and
 * exchange.c (waiting, storing, ending) share. Nobody else includes this.
 */
#ifndef RS_SESSION_IMPL_H
#define RS_SESSION_IMPL_H

#include "rowstream.h"
#include "session.h"
#include "transport.h"

enum {
    RS_CANCEL_GRACE_MS = 5000, /* from a cancel to the server's answer, then the session is lost */
    RS_CANCEL_AGAIN_MS = 1000, /* it asks once more after so long: the first request may have come
                                * before the server had begun, and does nothing then */
    RS_NOTICES_MAX = 32,       /* shown per exchange */
    RS_OUT_KEEP = 1 << 20      /* a bigger send buffer is given back after use */
};

/* A statement on the server, named after its number. */
struct rs_prepared {
    uint32_t id;
    bool is_made;      /* Parse succeeded */
    bool is_described; /* columns known: shape, or NULL when it gives no rows */
    struct rs_shape *shape;
    char *sql; /* for preparing it anew */
    size_t sql_n;
    struct rs_param *types; /* only type_oid is set */
    size_t n_types, repeat; /* the types stand for that many such lists */
    size_t n_formats;       /* the shape names a format for so many columns; 0: all are text */
};

struct rs_session {
    struct rs_opened opened;
    struct rs_transport *transport;
    struct rs_log *log;
    struct rs_store_budget budget;
    int64_t read_timeout_ms, statement_timeout_ms, pid;
    bool show_notices, is_dead, is_redshift, has_answered, datestyle_warned;
    bool backslash_escapes; /* in plain literals */
    enum rs_txn txn;
    int32_t level;
    uint32_t last_id;
    struct rs_buf out;        /* the request; kept until the next one */
    struct rs_buf closes;     /* Close messages waiting for the next send */
    struct rs_exchange *live; /* the wire is its */
    struct rs_exchange *all;
    struct rs_exchange *spare; /* the last one freed, for the next */

    /* Under cancel_lock, shared with rs_session_cancel. */
    struct rs_mutex cancel_lock;
    bool is_running;
    const void *owner;            /* of what runs */
    bool has_waiter, waiter_stop; /* somebody waits for the wire; it was asked to stop */
    const void *waiter;
    struct rs_event *cancel_event; /* a cancel was asked for by another thread */
    bool cancel_astray;            /* one did not end in time */
};

struct rs_exchange {
    struct rs_exchange *next;
    struct rs_session *session;
    struct rs_inbox *in; /* the transport's, or the store's */
    const struct rs_shape *shape;
    size_t n_cells;
    bool in_rows, is_over;
    bool got_first;  /* the query timeout no longer counts, unless … */
    bool times_rows; /* … it counts to the last row */
    bool shape_gone; /* with its prepared statement: rows are passed over */

    int kind;
    bool has_begin, begin_left;   /* BEGIN's completion has not been passed over yet */
    bool is_remembered, is_bound; /* sent without Parse and Describe; BindComplete came */
    bool prepare_again;
    bool moves_txn;       /* the transaction is not known before ReadyForQuery */
    bool was_idle;        /* no transaction was open when it was sent */
    unsigned parses_left; /* ParseComplete still to come */
    bool sent_parse, any_result, is_cancelled, asked_again;
    int64_t skip;           /* characters in front of the application's text */
    size_t bind_at, bind_n; /* Bind in session->out, for preparing anew … */
    size_t n_formats;       /* … and for how many columns it names a format */
    struct rs_deadline deadline;
    int64_t began_ms; /* when it was made, where the server has a timeout of its own; else 0 */
    const void *owner;
    struct rs_prepared *prepared;

    /* of a pipe */
    bool is_pipe, sync_each;
    bool is_finished;         /* nothing will be added; its last Sync has been sent */
    bool is_done, has_failed; /* the execution whose ReadyForQuery is awaited */
    int64_t count;
    size_t n_params;
    size_t syncs_left;   /* ReadyForQuery still to come of what was sent */
    size_t syncs_unsent; /* added since */

    struct rs_shape **shapes; /* owned; every shape shown */
    size_t n_shapes, shapes_cap;
    struct rs_shape *old_shape; /* owned; its block is for the next one */
    uint32_t *param_types;
    size_t notices, notices_dropped;
    int64_t loaded; /* rows that a notice told of, for the COPY that ends next; -1: none */

    struct rs_store *store;
    struct rs_inbox nothing; /* read instead of a store that could not be made */
    bool store_failed;
    struct rs_diag store_error;
};

static inline bool rs_exchange_on_wire(const struct rs_exchange *ex)
{
    return ex->in == rs_transport_inbox(ex->session->transport);
}

/* ---- session.c ---- */

/* rs_session_open after the opener: takes what it made, on failure too. */
RS_NODISCARD bool rs_session_adopt(struct rs_opened *opened,
                                   const struct rs_session_options *options,
                                   struct rs_deadline deadline, struct rs_session **out,
                                   struct rs_diag *diag);

/* Takes session-wide effects of a message that came from the wire: statuses, transaction state.
 * False: 08S01 or HY001 posted, dead. */
RS_NODISCARD bool rs_session_effect(struct rs_session *s, const struct rs_msg *msg,
                                    struct rs_diag *diag);
/* A message that cannot be right: 08S01, dead. Always false. */
bool rs_session_violation(struct rs_session *s, const char *what, struct rs_diag *diag);
/* False: posted 08S01 (dead, or this is another process). */
bool rs_session_usable(struct rs_session *s, struct rs_diag *diag);

/* What rs_session_cancel may hit. */
void rs_cancel_begin(struct rs_session *s, const void *owner);
/* Nothing runs any more; waits for a cancel that is on its way. False: it did not end in time
 * and the session was given up. */
bool rs_cancel_end(struct rs_session *s);
bool rs_cancel_is_asked(struct rs_session *s);
/* Sends a cancel request from the waiting thread itself. */
void rs_cancel_send(struct rs_session *s, int64_t within_ms);
/* The same although one was sent, which has ended. */
void rs_cancel_again(struct rs_session *s, int64_t within_ms);
void rs_waiter_begin(struct rs_session *s, const void *owner);
void rs_waiter_end(struct rs_session *s);
bool rs_waiter_is_stopped(struct rs_session *s);

/* ---- request.c ---- */

/* Sends anew after a remembered statement was refused. */
RS_NODISCARD bool rs_request_again(struct rs_exchange *ex, struct rs_diag *diag);
void rs_prepared_name(const struct rs_prepared *prepared, char name[16]);
/* A new exchange, not live yet; what was live has been stored. NULL: posted. */
RS_NODISCARD struct rs_exchange *
rs_request_begin(struct rs_session *s, const struct rs_request *request, struct rs_diag *diag);
/* Writes session->out. */
RS_NODISCARD bool rs_request_send(struct rs_exchange *ex, struct rs_diag *diag);
/* Empties session->out for another request. */
void rs_request_clear(struct rs_session *s);

/* ---- exchange.c ---- */

/* Looks at the next message, waiting for it; on success it has been consumed. False: one error
 * was posted and the exchange is over. */
RS_NODISCARD bool rs_exchange_message(struct rs_exchange *ex, struct rs_msg *msg,
                                      struct rs_diag *diag);
/* Effects of a message from the wire: the session's and those on the prepared statement. */
RS_NODISCARD bool rs_exchange_effect(struct rs_exchange *ex, const struct rs_msg *msg,
                                     struct rs_diag *diag);
/* It no longer has the wire. */
void rs_exchange_settle(struct rs_exchange *ex);
/* After a failed send or wait: dead, over; a better reason is looked for in what came. */
bool rs_exchange_lost(struct rs_exchange *ex, struct rs_diag *diag);
/* When the next wait of this exchange must end. */
struct rs_deadline rs_exchange_deadline(const struct rs_exchange *ex);
/* That deadline, or the read timeout, passed. may_answer: the request is with the server, which
 * may be asked to cancel. Always false. */
bool rs_exchange_timed_out(struct rs_exchange *ex, bool may_answer, struct rs_diag *diag);
/* The exchange is over after an error that was posted. Always false. */
bool rs_exchange_fail(struct rs_exchange *ex);
/* Frees the memory of one that nothing refers to any more; NULL is fine. */
void rs_exchange_destroy(struct rs_exchange *ex);
RS_NODISCARD bool rs_exchange_store(struct rs_exchange *ex, struct rs_deadline deadline,
                                    const void *waiter, struct rs_diag *diag);

/* ---- reply.c ---- */

/* Posts an ErrorResponse. False: it was malformed, 08S01 posted. */
bool rs_reply_error(struct rs_exchange *ex, struct rs_str body, struct rs_diag *diag);
/* A NoticeResponse as a warning. False: it was malformed, 08S01 posted. */
RS_NODISCARD bool rs_reply_notice(struct rs_exchange *ex, struct rs_str body, struct rs_diag *diag);

/* ---- pipe.c ---- */

/* Before a pipe's answers are dropped: what was not sent is forgotten, and the Sync that a
 * ReadyForQuery needs goes out. An exchange of another kind: nothing. False: it cannot be sent. */
RS_NODISCARD bool rs_pipe_abandon(struct rs_exchange *pipe);

#endif
