/*
 * A scripted server at the other end of a socketpair: for each request (Query or Sync) it sends
 * the next prepared reply, whole or in pieces, and keeps what it was sent. Cancel requests come
 * by a function call and release a reply that hangs.
 */
#ifndef RS_FAKESERVER_H
#define RS_FAKESERVER_H

#include "session.h"

struct fake;

struct fake *fake_new(void);
void fake_free(struct fake *fake); /* after the session was closed */

/* ---- the next reply is built message by message ---- */

void fake_raw(struct fake *fake, const void *p, size_t n);
void fake_msg(struct fake *fake, char type, const void *body, size_t n);
void fake_shape(struct fake *fake, size_t columns); /* int4 columns c1, c2 … */
void fake_row(struct fake *fake, size_t columns, const char *const *values); /* NULL: null */
void fake_command(struct fake *fake, const char *tag);
void fake_ready(struct fake *fake, char txn);
void fake_report(struct fake *fake, char type, const char *severity, const char *code,
                 const char *message);
void fake_status(struct fake *fake, const char *name, const char *value);
/* Ends the reply; it is sent for the next request that has none yet. */
void fake_then(struct fake *fake);

/* How the reply being built is sent; set before fake_then. */
void fake_in_pieces(struct fake *fake, size_t bytes); /* one write each */
void fake_close_after(struct fake *fake);
void fake_wait_for_cancel(struct fake *fake); /* bytes added from here on come after a cancel */
void fake_send_first(struct fake *fake);      /* before the request is read at all */
void fake_delay(struct fake *fake, int ms);
void fake_never(struct fake *fake); /* no answer, cancel or not */

/* ---- what it saw ---- */

/* Types of the messages received so far, in order, e.g. "PBDES". Valid until the next call. */
const char *fake_seen(struct fake *fake);
/* All bytes received so far contain these. */
bool fake_received(struct fake *fake, const void *p, size_t n);
int fake_cancels(struct fake *fake);

/* ---- a session on it ---- */

struct rs_session *fake_session(struct fake *fake, const struct rs_session_options *options,
                                struct rs_diag *diag);
/* Sets a status the session will be born with; call before fake_session. */
void fake_born_with(struct fake *fake, const char *name, const char *value);
/* The client's end, for transports without a session. */
int fake_client_fd(struct fake *fake);

#endif
