/*
 * Bytes to and from the server: a non-blocking socket and, when TLS is up, the SSL object on it.
 * Deadlines, a receive buffer that is read in place, write all (reading meanwhile), and a flag by
 * which another thread ends a wait. Knows no messages.
 *
 * Only one thread at a time uses a transport, except rs_transport_interrupt.
 * After a failure (08S01 or HYT01 posted) the transport is broken: every later call fails.
 */
#ifndef RS_TRANSPORT_H
#define RS_TRANSPORT_H

#include "attrs.h"
#include "diag.h"
#include "inbox.h"
#include "os.h"

struct rs_transport;

/*
 * Takes over a connected socket. fd and ssl stay owned by the opener (rs_opened.finish), which
 * calls rs_transport_free. ssl: an OpenSSL `SSL *` of the libssl we are linked to, or NULL; its
 * BIO is replaced by one of ours that never raises SIGPIPE.
 * receive_bytes: size of the receive buffer (a bigger message makes it grow, to 1 GiB at most).
 */
RS_NODISCARD struct rs_transport *rs_transport_new(int fd, void *ssl, size_t receive_bytes,
                                                   struct rs_diag *diag);
void rs_transport_free(struct rs_transport *t);
int rs_transport_fd(const struct rs_transport *t);
bool rs_transport_is_broken(const struct rs_transport *t);
/* TLS version and the server's certificate in words, for logs; false without TLS. */
bool rs_transport_describe_tls(const struct rs_transport *t, struct rs_buf *out);
/* Breaks it by hand, after a protocol violation. */
void rs_transport_break(struct rs_transport *t);

/* ---- receive buffer, read in place ---- */

/* Unread bytes. Pointers into it are valid until the next need, fill or send. */
struct rs_str rs_transport_peek(const struct rs_transport *t);
void rs_transport_consume(struct rs_transport *t, size_t n);
/* The same bytes without a call: a transport begins with its inbox. Moving p forward consumes. */
static inline struct rs_inbox *rs_transport_inbox(struct rs_transport *t)
{
    return (struct rs_inbox *)(void *)t;
}

enum rs_wait {
    RS_WAIT_OK,
    RS_WAIT_DEADLINE,    /* nothing posted: the caller knows which deadline it was */
    RS_WAIT_INTERRUPTED, /* rs_transport_interrupt was called; nothing posted */
    RS_WAIT_FAILED       /* 08S01 posted, broken */
};
/* Returns once at least n unread bytes are there. idle_ms > 0: no byte for so long counts as
 * RS_WAIT_DEADLINE too. */
RS_NODISCARD enum rs_wait rs_transport_need(struct rs_transport *t, size_t n,
                                            struct rs_deadline deadline, int64_t idle_ms,
                                            struct rs_diag *diag);
/* Reads what is there without waiting. True: the connection is alive. */
bool rs_transport_poll_alive(struct rs_transport *t);

/* ---- waiting by turns ---- */

/* What is called instead of waiting for the socket, as often as it is not ready; the wait goes on
 * when it returns. fn NULL: the socket is waited for. */
struct rs_pause {
    void (*fn)(void *ctx);
    void *ctx;
};
/* Gives the one that was set before. */
struct rs_pause rs_transport_set_pause(struct rs_transport *t, struct rs_pause pause);
/* Pauses for some other reason; false, at once: there is no pause. */
bool rs_transport_pause(struct rs_transport *t);
/* A wait is paused. */
bool rs_transport_is_paused(const struct rs_transport *t);
/* It would only pause again: nothing came and its deadline has not passed. */
bool rs_transport_stays_paused(struct rs_transport *t);
/* Waits until it would not: OK, its own deadline included; DEADLINE; INTERRUPTED, which is left
 * for the paused wait to see. Never FAILED. */
RS_NODISCARD enum rs_wait rs_transport_await(struct rs_transport *t, struct rs_deadline deadline);

/* ---- sending ---- */

/* Writes all. While the server sends, reads into the receive buffer so that neither side waits
 * for the other for ever. After RS_WAIT_DEADLINE or RS_WAIT_INTERRUPTED the rest (the last
 * rs_transport_unsent bytes) may be sent by another call; nothing else may be sent before. When
 * sending fails, what the server said before is in the receive buffer. */
RS_NODISCARD enum rs_wait rs_transport_send(struct rs_transport *t, struct rs_str bytes,
                                            struct rs_deadline deadline, int64_t idle_ms,
                                            struct rs_diag *diag);

size_t rs_transport_unsent(const struct rs_transport *t);

/* ---- from another thread ---- */

/* Makes the current or next wait return RS_WAIT_INTERRUPTED, once. */
void rs_transport_interrupt(struct rs_transport *t);
void rs_transport_clear_interrupt(struct rs_transport *t);

/* Bytes moved so far, for logs, benchmarks and tests. */
struct rs_traffic {
    uint64_t bytes_in, bytes_out, reads, writes;
};
struct rs_traffic rs_transport_traffic(const struct rs_transport *t);

/* ---- plain sockets, for openers (address.c) ---- */

struct rs_address {
    char text[64]; /* numeric */
    int family;
};
/* Resolves within the deadline (a helper thread does the blocking call). Frees: rs_free(*out).
 * Posts 08001 (name unknown), HYT00 (deadline). */
RS_NODISCARD bool rs_resolve(const char *host, struct rs_deadline deadline, struct rs_address **out,
                             size_t *n, struct rs_diag *diag);
/* The name is known not to exist, or to have no address; false while nobody can tell. */
bool rs_name_is_unknown(const char *host, struct rs_deadline deadline);
/* The names that DNS says host stands for, a line each, appended (cname.h); none where DNS does not
 * answer in time. Posts HY001. */
RS_NODISCARD bool rs_resolve_aliases(const char *host, struct rs_deadline deadline,
                                     struct rs_buf *out, struct rs_diag *diag);
/* Waits for a socket to become readable or writable. */
enum rs_ready { RS_READY_READ = 1, RS_READY_WRITE = 2 };
RS_NODISCARD enum rs_wait rs_socket_wait(int fd, enum rs_ready what, struct rs_deadline deadline);

#endif
