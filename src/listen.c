#include "listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "socket.h"

enum { BACKLOG = 8, PORT_TRIES = 5 };

static int32_t port_of(int fd)
{
    struct sockaddr_in addr;
    socklen_t size = sizeof addr;

    return getsockname(fd, (struct sockaddr *)&addr, &size) == 0 ? ntohs(addr.sin_port) : 0;
}

static int open_at(int family, const struct sockaddr *addr, socklen_t size, int *error)
{
    int fd = rs_socket_make(family), on = 1;

    if (fd < 0) {
        *error = errno;
        return -1;
    }
    /* Of the connections of a sign-in just ended some may linger; a listener never does. */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, addr, size) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    *error = errno;
    rs_socket_close(fd);
    return -1;
}

static int open_v4(int32_t port, int *error)
{
    struct sockaddr_in addr;

    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_port = htons((uint16_t)port);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return open_at(AF_INET, (struct sockaddr *)&addr, sizeof addr, error);
}

static int open_v6(int32_t port, int *error)
{
    struct sockaddr_in6 addr;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_port = htons((uint16_t)port);
    addr.sin6_addr = in6addr_loopback;
    return open_at(AF_INET6, (struct sockaddr *)&addr, sizeof addr, error);
}

/* Without IPv6 one address will do. Another program at the other address would get the answer, so
 * a port that is had by two is busy. */
bool rs_listen_open(struct rs_listen *listen, int32_t port, bool *is_busy, int *error)
{
    for (int turn = 1;; turn++) {
        int second = 0;

        listen->fd[0] = open_v4(port, error);
        *is_busy = listen->fd[0] < 0 && *error == EADDRINUSE;
        if (listen->fd[0] < 0)
            return false;
        listen->port = port_of(listen->fd[0]);
        listen->fd[1] = open_v6(listen->port, &second);
        if (listen->fd[1] >= 0 || second != EADDRINUSE || (port == 0 && turn == PORT_TRIES))
            return true;
        rs_listen_close(listen);
        if (port != 0) {
            *is_busy = true;
            *error = second;
            return false;
        }
    }
}

/* -1: none after all. */
static int take(int from, int *error)
{
    int fd = rs_socket_adopt(accept(from, NULL, NULL));

    *error = fd < 0 ? errno : 0;
    return fd;
}

/* Gone before it was taken; the next one may be well. */
static bool is_passing(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ECONNABORTED ||
           error == EPROTO;
}

enum rs_wait rs_listen_accept(struct rs_listen *listen, struct rs_deadline deadline, int *out,
                              int *error)
{
    for (;;) {
        struct pollfd polls[2] = { { .fd = listen->fd[0], .events = POLLIN },
                                   { .fd = listen->fd[1], .events = POLLIN } };

        if (poll(polls, 2, rs_deadline_poll(deadline)) < 0 && errno != EINTR) {
            *error = errno;
            return RS_WAIT_FAILED;
        }
        for (int i = 0; i < 2; i++) {
            int fd = polls[i].revents == 0 ? -1 : take(polls[i].fd, error);

            if (fd >= 0) {
                *out = fd;
                return RS_WAIT_OK;
            }
            if (polls[i].revents != 0 && !is_passing(*error))
                return RS_WAIT_FAILED;
        }
        if (rs_deadline_passed(deadline))
            return RS_WAIT_DEADLINE;
    }
}

void rs_listen_close(struct rs_listen *listen)
{
    for (int i = 0; i < 2; i++) {
        rs_socket_close(listen->fd[i]);
        listen->fd[i] = -1;
    }
}
