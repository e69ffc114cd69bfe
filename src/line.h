/*
 * A line to a server: TCP, through a proxy where there is one, and TLS where it is wanted. Sessions
 * and their cancel requests go by the same.
 *
 * Nothing is posted; a line that did not come up says what it was.
 * Source: redshift.md 1 (SSLRequest), proxy.h.
 */
#ifndef RS_LINE_H
#define RS_LINE_H

#include "proxy.h"
#include "socket.h"
#include "tls.h"

struct rs_line {
    int fd;       /* -1: none */
    void *ssl;    /* NULL: none */
    bool is_past; /* it led past the proxy, or there is none */
    int status;   /* what the proxy answered, 0: nothing */
    char why[RS_WHY_BYTES];
};

enum rs_line_end {
    RS_LINE_UP,
    RS_LINE_NO_ANSWER,
    RS_LINE_NO_MEMORY,
    RS_LINE_BROKEN,
    RS_LINE_NO_PROXY, /* the proxy answered, but did not connect; status 0: it spoke no HTTP */
    RS_LINE_NO_TLS,   /* the server does not speak TLS; the line is up without */
    RS_LINE_BAD_TLS
};

/* Where it leads; borrowed. */
struct rs_line_to {
    const struct rs_address *address; /* the server's, or the proxy's */
    int32_t port;
    const struct rs_secret *request; /* to the proxy; not set: there is none */
    struct rs_tls_context *tls;      /* NULL: without */
};

/* line->fd is -1; closed by the caller whatever the outcome. */
RS_NODISCARD enum rs_line_end rs_line_open(const struct rs_line_to *to,
                                           const struct rs_socket_options *options,
                                           struct rs_deadline deadline, struct rs_line *line);
void rs_line_close(struct rs_line *line); /* this process's end of it; nothing is said */

#endif
