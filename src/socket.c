#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SOCK_CLOEXEC
#define SOCK_CLOEXEC 0
#endif

static void option_set(int fd, int level, int name, int32_t value)
{
    int number = value;

    (void)setsockopt(fd, level, name, &number, sizeof(number)); /* without it, it works too */
}

static void options_set(int fd, const struct rs_socket_options *options)
{
    option_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (!options->keepalive)
        return;
    option_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE
    if (options->idle_s > 0)
        option_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, options->idle_s);
#endif
#ifdef TCP_KEEPINTVL
    if (options->interval_s > 0)
        option_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, options->interval_s);
#endif
#ifdef TCP_KEEPCNT
    if (options->count > 0)
        option_set(fd, IPPROTO_TCP, TCP_KEEPCNT, options->count);
#endif
}

int rs_socket_adopt(int fd)
{
    int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

    if (fd < 0)
        return -1;
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

int rs_socket_make(int family)
{
    return rs_socket_adopt(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static struct addrinfo *parse(const struct rs_address *address, int32_t port)
{
    struct addrinfo hints = { 0 }, *found = NULL;
    char service[24];

    service[rs_print_i64(service, port)] = '\0';
    hints.ai_family = address->family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    return getaddrinfo(address->text, service, &hints, &found) == 0 ? found : NULL;
}

static enum rs_wait connection_wait(int fd, struct rs_deadline deadline, int *error)
{
    socklen_t size = sizeof(*error);
    enum rs_wait wait = rs_socket_wait(fd, RS_READY_WRITE, deadline);

    if (wait == RS_WAIT_OK && (getsockopt(fd, SOL_SOCKET, SO_ERROR, error, &size) != 0))
        *error = errno;
    if (wait == RS_WAIT_FAILED)
        *error = errno;
    return wait == RS_WAIT_OK && *error != 0 ? RS_WAIT_FAILED : wait;
}

enum rs_wait rs_socket_connect(const struct rs_address *address, int32_t port,
                               const struct rs_socket_options *options, struct rs_deadline deadline,
                               int *out, int *error)
{
    struct addrinfo *to = parse(address, port);
    enum rs_wait wait = RS_WAIT_FAILED;
    int fd = to == NULL ? -1 : rs_socket_make(to->ai_family);

    *error = to == NULL ? EINVAL : errno;
    if (fd < 0)
        goto out;
    options_set(fd, options);
    *error = 0;
    if (connect(fd, to->ai_addr, (socklen_t)to->ai_addrlen) == 0)
        wait = RS_WAIT_OK;
    else if (errno == EINPROGRESS || errno == EINTR)
        wait = connection_wait(fd, deadline, error);
    else
        *error = errno;
    if (wait == RS_WAIT_OK)
        *out = fd;
    else
        (void)close(fd);
out:
    if (to != NULL)
        freeaddrinfo(to);
    return wait;
}

enum rs_wait rs_socket_send(int fd, struct rs_str bytes, struct rs_deadline deadline, int *error)
{
    while (bytes.n > 0) {
        ssize_t put = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);

        if (put >= 0) {
            bytes.p += put;
            bytes.n -= (size_t)put;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (rs_socket_wait(fd, RS_READY_WRITE, deadline) == RS_WAIT_DEADLINE)
                return RS_WAIT_DEADLINE;
        } else if (errno != EINTR) {
            *error = errno;
            return RS_WAIT_FAILED;
        }
    }
    return RS_WAIT_OK;
}

enum rs_wait rs_socket_receive(int fd, char *to, size_t room, struct rs_deadline deadline,
                               size_t *got, int *error)
{
    for (;;) {
        ssize_t n = recv(fd, to, room, 0);

        if (n > 0) {
            *got = (size_t)n;
            return RS_WAIT_OK;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
            *error = n == 0 ? 0 : errno;
            return RS_WAIT_FAILED;
        }
        if (rs_socket_wait(fd, RS_READY_READ, deadline) == RS_WAIT_DEADLINE)
            return RS_WAIT_DEADLINE;
    }
}

void rs_socket_shutdown(int fd, bool both)
{
    (void)shutdown(fd, both ? SHUT_RDWR : SHUT_WR);
}

void rs_socket_close(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}
