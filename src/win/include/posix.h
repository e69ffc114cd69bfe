/*
 * What the network's files use of POSIX, said in Winsock: the same names and meanings, errors in
 * errno. The headers of this folder that carry POSIX names include this one and stand before the
 * system's in the search path of the Windows build, so that those files know of one system only.
 *
 * A descriptor is a socket's handle as an int: Windows keeps handles within 32 bits (Microsoft,
 * "Interprocess Communication Between 32-bit and 64-bit Applications").
 */
#ifndef RS_WIN_POSIX_H
#define RS_WIN_POSIX_H

#include <winsock2.h>
/* after it */
#include <ws2tcpip.h>

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

enum { F_GETFL = 1, F_SETFL, F_SETFD, F_DUPFD_CLOEXEC };
enum { O_NONBLOCK = 0x4000, O_CLOEXEC = 0x8000, FD_CLOEXEC = 1 };
enum { SHUT_RD, SHUT_WR, SHUT_RDWR };
enum { MSG_NOSIGNAL = 0, MSG_DONTWAIT = 0 }; /* no signals; all our sockets are non-blocking */

/* Winsock's own has a SOCKET. */
struct rs_posix_pollfd {
    int fd;
    short events, revents;
};

int rs_posix_socket(int family, int type, int protocol);
int rs_posix_connect(int fd, const struct sockaddr *to, socklen_t n);
int rs_posix_bind(int fd, const struct sockaddr *to, socklen_t n);
int rs_posix_listen(int fd, int backlog);
int rs_posix_accept(int fd, struct sockaddr *from, socklen_t *n);
int rs_posix_getsockname(int fd, struct sockaddr *name, socklen_t *n);
ssize_t rs_posix_recv(int fd, void *to, size_t room, int flags);
ssize_t rs_posix_send(int fd, const void *from, size_t n, int flags);
int rs_posix_shutdown(int fd, int how);
int rs_posix_close(int fd);
int rs_posix_getsockopt(int fd, int level, int name, void *value, socklen_t *n);
int rs_posix_setsockopt(int fd, int level, int name, const void *value, socklen_t n);
int rs_posix_fcntl(int fd, int command, int value); /* of sockets */
int rs_posix_poll(struct rs_posix_pollfd *fds, unsigned n, int ms);
int rs_posix_pipe(int ends[2]); /* non-blocking; bytes may be lost while others wait */
int rs_posix_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                         struct addrinfo **out);
const char *rs_posix_gai_strerror(int error);

#define EAI_SYSTEM                         11 /* never said here */
#define pollfd                             rs_posix_pollfd
#define socket(family, type, protocol)     rs_posix_socket(family, type, protocol)
#define connect(fd, to, n)                 rs_posix_connect(fd, to, n)
#define bind(fd, to, n)                    rs_posix_bind(fd, to, n)
#define listen(fd, backlog)                rs_posix_listen(fd, backlog)
#define accept(fd, from, n)                rs_posix_accept(fd, from, n)
#define getsockname(fd, name, n)           rs_posix_getsockname(fd, name, n)
#define recv(fd, to, room, flags)          rs_posix_recv(fd, to, room, flags)
#define send(fd, from, n, flags)           rs_posix_send(fd, from, n, flags)
#define read(fd, to, room)                 rs_posix_recv(fd, to, room, 0)
#define write(fd, from, n)                 rs_posix_send(fd, from, n, 0)
#define shutdown(fd, how)                  rs_posix_shutdown(fd, how)
#define close(fd)                          rs_posix_close(fd)
#define getsockopt(fd, level, name, to, n) rs_posix_getsockopt(fd, level, name, to, n)
#define setsockopt(fd, level, name, p, n)  rs_posix_setsockopt(fd, level, name, p, n)
#define FCNTL_OF(fd, command, value, ...)  rs_posix_fcntl(fd, command, value)
#define fcntl(fd, ...)                     FCNTL_OF(fd, __VA_ARGS__, 0, )
#define poll(fds, n, ms)                   rs_posix_poll(fds, n, ms)
#define pipe2(ends, flags)                 rs_posix_pipe(ends)
#define getaddrinfo(host, service, h, out) rs_posix_getaddrinfo(host, service, h, out)
#undef gai_strerror
#define gai_strerror(error) rs_posix_gai_strerror(error)

#endif
