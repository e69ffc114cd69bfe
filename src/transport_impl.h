/*
 * What transport.c (the socket, the flag of other threads) and transport_flow.c (the receive
 * buffer, reading until enough is there, writing all) share. Nobody else includes this.
 */
#ifndef RS_TRANSPORT_IMPL_H
#define RS_TRANSPORT_IMPL_H

#include <stdatomic.h>

#include "tls.h"
#include "transport.h"

enum { RS_RECEIVE_MAX = 1 << 30 };
enum { RS_READY_BROKEN = 4 }; /* beside RS_READY_READ and RS_READY_WRITE: error or hang-up */

struct rs_transport {
    struct rs_inbox in; /* first: rs_transport_inbox */
    char *buf;
    size_t cap, base;
    int fd;
    void *ssl; /* SSL *, or NULL */
    int wake[2];
    atomic_bool interrupted;
    bool broken, eof;
    bool poll_first;  /* the socket was seen empty: wait before reading */
    bool tls_release; /* the handshake's small read buffer has not been given back yet */
    unsigned small_fills;
    size_t unsent;
    struct rs_pause pause;
    bool is_paused;
    short paused_for; /* events of poll */
    struct rs_deadline paused_until;
    char why[RS_WHY_BYTES]; /* cause of the last failed read or write */
    struct rs_traffic traffic;
};

/* One read or write. why is set when the result is EOF or ERROR. */
enum rs_io rs_transport_read(struct rs_transport *t, char *to, size_t room, size_t *got);
enum rs_io rs_transport_write(struct rs_transport *t, const char *from, size_t n, size_t *put);
/* Nothing that was read lies in the TLS layer: only the socket can bring more. */
bool rs_transport_is_drained(struct rs_transport *t);
/* Waits until the socket is ready for one of `events`; seen: for which. */
enum rs_wait rs_transport_wait(struct rs_transport *t, unsigned events, struct rs_deadline deadline,
                               unsigned *seen, struct rs_diag *diag);
/* 08S01 with the cause; broken from now on. */
enum rs_wait rs_transport_lost(struct rs_transport *t, const char *doing, struct rs_diag *diag);
bool rs_transport_take_interrupt(struct rs_transport *t);

#endif
