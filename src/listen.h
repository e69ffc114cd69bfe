/*
 * A port of this computer that only this computer's programs reach: 127.0.0.1 and, where there is
 * IPv6, ::1 with the same number, since a browser may take either for localhost.
 *
 * Nothing is posted; *error is an errno.
 * Source: idp-flows.md 11; RFC 8252, 7.3 and 8.3.
 */
#ifndef RS_LISTEN_H
#define RS_LISTEN_H

#include "attrs.h"
#include "os.h"
#include "transport.h"

struct rs_listen {
    int fd[2]; /* -1: closed */
    int32_t port;
};
#define RS_LISTEN_INIT                                                                             \
    {                                                                                              \
        .fd = { -1, -1 }                                                                           \
    }

/* port 0: any that is free. False: *error, and *is_busy when another program has the port, be it
 * on one of the two addresses. */
RS_NODISCARD bool rs_listen_open(struct rs_listen *listen, int32_t port, bool *is_busy, int *error);
/* The next connection, non-blocking and the caller's (rs_socket_close). */
RS_NODISCARD enum rs_wait rs_listen_accept(struct rs_listen *listen, struct rs_deadline deadline,
                                           int *fd, int *error);
void rs_listen_close(struct rs_listen *listen);

#endif
