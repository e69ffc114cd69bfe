/*
 * Winsock behind POSIX's names; include/posix.h says what for.
 */
#include "include/posix.h"

#undef socket
#undef connect
#undef bind
#undef listen
#undef accept
#undef getsockname
#undef recv
#undef send
#undef shutdown
#undef getsockopt
#undef setsockopt
#undef getaddrinfo

#include <limits.h>

#include "../os.h"

static struct rs_once ready = RS_ONCE_INIT;

static void get_ready(void)
{
    WSADATA data;

    (void)WSAStartup(MAKEWORD(2, 2), &data); /* without it every call says WSANOTINITIALISED */
}

static const struct {
    int wsa, posix;
} errors[] = {
    { WSAEWOULDBLOCK, EWOULDBLOCK },
    { WSAEINTR, EINTR },
    { WSAEACCES, EACCES },
    { WSAEFAULT, EFAULT },
    { WSAEINVAL, EINVAL },
    { WSAEMFILE, EMFILE },
    { WSAENOTSOCK, ENOTSOCK },
    { WSAEMSGSIZE, EMSGSIZE },
    { WSAEPROTOTYPE, EPROTOTYPE },
    { WSAENOPROTOOPT, ENOPROTOOPT },
    { WSAEADDRINUSE, EADDRINUSE },
    { WSAEADDRNOTAVAIL, EADDRNOTAVAIL },
    { WSAENETDOWN, ENETDOWN },
    { WSAENETUNREACH, ENETUNREACH },
    { WSAENETRESET, ENETRESET },
    { WSAECONNABORTED, ECONNABORTED },
    { WSAECONNRESET, ECONNRESET },
    { WSAENOBUFS, ENOBUFS },
    { WSAEISCONN, EISCONN },
    { WSAENOTCONN, ENOTCONN },
    { WSAESHUTDOWN, EPIPE },
    { WSAETIMEDOUT, ETIMEDOUT },
    { WSAECONNREFUSED, ECONNREFUSED },
    { WSAEHOSTUNREACH, EHOSTUNREACH },
    { WSAEAFNOSUPPORT, EAFNOSUPPORT },
    { WSAEALREADY, EALREADY },
    { WSAEINPROGRESS, EINPROGRESS },
    { WSA_NOT_ENOUGH_MEMORY, ENOMEM },
};

static int errno_of(int wsa)
{
    for (size_t i = 0; i < RS_COUNT(errors); i++)
        if (errors[i].wsa == wsa)
            return errors[i].posix;
    return EIO;
}

/* 0 stays 0; SOCKET_ERROR sets errno. */
static int done(int rc)
{
    if (rc == 0)
        return 0;
    errno = errno_of(WSAGetLastError());
    return -1;
}

static int made(SOCKET s)
{
    if (s != INVALID_SOCKET && s <= INT_MAX)
        return (int)s;
    if (s != INVALID_SOCKET) {
        closesocket(s);
        errno = EMFILE;
    } else {
        (void)done(-1);
    }
    return -1;
}

static SOCKET of(int fd)
{
    return fd < 0 ? INVALID_SOCKET : (SOCKET)(unsigned)fd;
}

int rs_posix_socket(int family, int type, int protocol)
{
    rs_once(&ready, get_ready);
    return made(WSASocketW(family, type, protocol, NULL, 0,
                           WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
}

int rs_posix_connect(int fd, const struct sockaddr *to, socklen_t n)
{
    int rc = done(connect(of(fd), to, n));

    if (rc != 0 && errno == EWOULDBLOCK)
        errno = EINPROGRESS;
    return rc;
}

int rs_posix_bind(int fd, const struct sockaddr *to, socklen_t n)
{
    return done(bind(of(fd), to, n));
}

int rs_posix_listen(int fd, int backlog)
{
    return done(listen(of(fd), backlog));
}

int rs_posix_accept(int fd, struct sockaddr *from, socklen_t *n)
{
    int made_fd = made(accept(of(fd), from, n));

    if (made_fd >= 0)
        (void)SetHandleInformation((HANDLE)of(made_fd), HANDLE_FLAG_INHERIT, 0);
    return made_fd;
}

int rs_posix_getsockname(int fd, struct sockaddr *name, socklen_t *n)
{
    return done(getsockname(of(fd), name, n));
}

ssize_t rs_posix_recv(int fd, void *to, size_t room, int flags)
{
    int n = recv(of(fd), to, room > INT_MAX ? INT_MAX : (int)room, flags);

    return n >= 0 ? n : done(n);
}

ssize_t rs_posix_send(int fd, const void *from, size_t n, int flags)
{
    int put = send(of(fd), from, n > INT_MAX ? INT_MAX : (int)n, flags);

    return put >= 0 ? put : done(put);
}

int rs_posix_shutdown(int fd, int how)
{
    return done(shutdown(of(fd), how));
}

int rs_posix_close(int fd)
{
    return done(closesocket(of(fd)));
}

int rs_posix_getsockopt(int fd, int level, int name, void *value, socklen_t *n)
{
    int rc = done(getsockopt(of(fd), level, name, value, n));

    if (rc == 0 && level == SOL_SOCKET && name == SO_ERROR && *(int *)value != 0)
        *(int *)value = errno_of(*(int *)value);
    return rc;
}

int rs_posix_setsockopt(int fd, int level, int name, const void *value, socklen_t n)
{
    return done(setsockopt(of(fd), level, name, value, n));
}

static int duplicate(int fd)
{
    WSAPROTOCOL_INFOW info;

    if (done(WSADuplicateSocketW(of(fd), GetCurrentProcessId(), &info)) != 0)
        return -1;
    return made(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0,
                           WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
}

/* Whether a socket blocks cannot be asked: it is taken as one that does. */
int rs_posix_fcntl(int fd, int command, int value)
{
    u_long on = (value & O_NONBLOCK) != 0;

    switch (command) {
    case F_SETFL:
        return done(ioctlsocket(of(fd), (long)FIONBIO, &on));
    case F_DUPFD_CLOEXEC:
        return duplicate(fd);
    default: /* F_GETFL; F_SETFD: no socket of ours is inherited */
        return 0;
    }
}

/* By select, which tells of a failed connect in every version of Windows; WSAPoll does so only
 * from Windows 10 2004 on. A failed or finished one counts as ready for all that is asked. */
int rs_posix_poll(struct rs_posix_pollfd *fds, unsigned n, int ms)
{
    fd_set reads, writes, faults;
    struct timeval limit = { ms / 1000, ms % 1000 * 1000 };
    int count = 0;

    FD_ZERO(&reads);
    FD_ZERO(&writes);
    FD_ZERO(&faults);
    for (unsigned i = 0; i < n; i++) {
        fds[i].revents = 0;
        if (fds[i].fd < 0)
            continue;
        if ((fds[i].events & POLLIN) != 0)
            FD_SET(of(fds[i].fd), &reads);
        if ((fds[i].events & POLLOUT) != 0)
            FD_SET(of(fds[i].fd), &writes);
        FD_SET(of(fds[i].fd), &faults);
    }
    if (faults.fd_count == 0) {
        rs_sleep_ms(ms);
        return 0;
    }
    if (select(0, &reads, &writes, &faults, ms < 0 ? NULL : &limit) == SOCKET_ERROR)
        return done(-1);
    for (unsigned i = 0; i < n; i++) {
        if (fds[i].fd < 0)
            continue;
        if (FD_ISSET(of(fds[i].fd), &reads))
            fds[i].revents |= POLLIN;
        if (FD_ISSET(of(fds[i].fd), &writes))
            fds[i].revents |= POLLOUT;
        if (FD_ISSET(of(fds[i].fd), &faults))
            fds[i].revents |= POLLERR;
        count += fds[i].revents != 0;
    }
    return count;
}

static int datagram_end(struct sockaddr_in *name)
{
    int fd = rs_posix_socket(AF_INET, SOCK_DGRAM, 0), size = sizeof *name;

    *name = (struct sockaddr_in){ .sin_family = AF_INET };
    name->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && (bind(of(fd), (struct sockaddr *)name, sizeof *name) != 0 ||
                    getsockname(of(fd), (struct sockaddr *)name, &size) != 0 ||
                    rs_posix_fcntl(fd, F_SETFL, O_NONBLOCK) != 0)) {
        rs_posix_close(fd);
        fd = -1;
    }
    return fd;
}

/* Two datagram sockets that know only each other. */
int rs_posix_pipe(int ends[2])
{
    struct sockaddr_in names[2];

    for (int i = 0; i < 2; i++)
        ends[i] = datagram_end(&names[i]);
    if (ends[0] >= 0 && ends[1] >= 0 &&
        connect(of(ends[0]), (struct sockaddr *)&names[1], sizeof names[1]) == 0 &&
        connect(of(ends[1]), (struct sockaddr *)&names[0], sizeof names[0]) == 0)
        return 0;
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            rs_posix_close(ends[i]);
        ends[i] = -1;
    }
    errno = EMFILE;
    return -1;
}

int rs_posix_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                         struct addrinfo **out)
{
    rs_once(&ready, get_ready);
    return getaddrinfo(host, service, hints, out);
}

const char *rs_posix_gai_strerror(int error)
{
    switch (error) {
    case EAI_AGAIN:
        return "Temporary failure in name resolution";
    case EAI_FAIL:
        return "Non-recoverable failure in name resolution";
    case EAI_MEMORY:
        return "Memory allocation failure";
    default:
        return "Name or service not known";
    }
}
