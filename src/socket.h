/*
 * Bare sockets under a deadline, before a transport takes over: connecting to a numeric address
 * and a few bytes each way. All are non-blocking and close-on-exec.
 *
 * Nothing is posted: FAILED gives errno (0: the peer closed the connection).
 * Source: redshift.md 15 (keepalive).
 */
#ifndef RS_SOCKET_H
#define RS_SOCKET_H

#include "attrs.h"
#include "os.h"
#include "transport.h"

struct rs_socket_options {
    bool keepalive;
    int32_t idle_s, interval_s, count; /* 0: the system's value */
};

/* A TCP socket; -1 with errno. */
RS_NODISCARD int rs_socket_make(int family);
/* Makes one of another's making like ours, or closes it: -1 with errno. fd < 0 stays -1. */
RS_NODISCARD int rs_socket_adopt(int fd);
/* On RS_WAIT_OK *fd is the caller's (rs_socket_close). */
RS_NODISCARD enum rs_wait rs_socket_connect(const struct rs_address *address, int32_t port,
                                            const struct rs_socket_options *options,
                                            struct rs_deadline deadline, int *fd, int *error);
RS_NODISCARD enum rs_wait rs_socket_send(int fd, struct rs_str bytes, struct rs_deadline deadline,
                                         int *error);
/* One read: at least one byte on RS_WAIT_OK. */
RS_NODISCARD enum rs_wait rs_socket_receive(int fd, char *to, size_t room,
                                            struct rs_deadline deadline, size_t *got, int *error);
/* Nothing more will be sent; with `both`, nothing received either. Ends the connection for every
 * process that has it. */
void rs_socket_shutdown(int fd, bool both);
void rs_socket_close(int fd); /* this process's descriptor only; < 0 is fine */

#endif
