/* pipe2 is no POSIX function of its edition of 2008. */
#define _GNU_SOURCE 1

#include "transport_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIVE_MIN = 4096 };

/* ---- life ---- */

static bool set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && ((flags & O_NONBLOCK) != 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
}

static bool wake_open(struct rs_transport *t)
{
    if (pipe2(t->wake, O_NONBLOCK | O_CLOEXEC) == 0)
        return true;
    t->wake[0] = t->wake[1] = -1;
    return false;
}

struct rs_transport *rs_transport_new(int fd, void *ssl, size_t receive_bytes, struct rs_diag *diag)
{
    struct rs_transport *t = rs_new(struct rs_transport, diag);
    bool ok = false;

    if (t == NULL)
        return NULL;
    t->fd = fd;
    t->wake[0] = t->wake[1] = -1;
    atomic_init(&t->interrupted, false);
    t->base = receive_bytes < RECEIVE_MIN ? RECEIVE_MIN : receive_bytes;
    if (t->base > RS_RECEIVE_MAX)
        t->base = RS_RECEIVE_MAX;
    t->cap = t->base;
    t->buf = rs_realloc(NULL, t->cap, 1, diag);
    if (t->buf == NULL)
        goto out;
    t->in.p = t->in.end = t->buf;
    if (!wake_open(t) || !set_nonblocking(fd)) {
        rs_fail(diag, RS_08001, 0, "could not prepare the connection: the system gave no pipe");
        goto out;
    }
    ok = ssl == NULL || rs_tls_adopt(ssl, fd, diag);
    t->tls_release = ok && ssl != NULL;
    t->ssl = ssl;
out:
    if (!ok) {
        rs_transport_free(t);
        t = NULL;
    }
    return t;
}

void rs_transport_free(struct rs_transport *t)
{
    if (t == NULL)
        return;
    for (int i = 0; i < 2; i++) {
        if (t->wake[i] >= 0)
            (void)close(t->wake[i]);
    }
    rs_free(t->buf);
    rs_free(t);
}

int rs_transport_fd(const struct rs_transport *t)
{
    return t->fd;
}

bool rs_transport_is_broken(const struct rs_transport *t)
{
    return t->broken;
}

bool rs_transport_describe_tls(const struct rs_transport *t, struct rs_buf *out)
{
    if (t->ssl == NULL)
        return false;
    rs_tls_describe(t->ssl, out);
    return true;
}

void rs_transport_break(struct rs_transport *t)
{
    t->broken = true;
}

struct rs_traffic rs_transport_traffic(const struct rs_transport *t)
{
    return t->traffic;
}

size_t rs_transport_unsent(const struct rs_transport *t)
{
    return t->unsent;
}

struct rs_str rs_transport_peek(const struct rs_transport *t)
{
    return (struct rs_str){ t->in.p, rs_inbox_have(&t->in) };
}

void rs_transport_consume(struct rs_transport *t, size_t n)
{
    size_t have = rs_inbox_have(&t->in);

    t->in.p += n < have ? n : have;
}

enum rs_wait rs_transport_lost(struct rs_transport *t, const char *doing, struct rs_diag *diag)
{
    t->broken = true;
    rs_fail(diag, RS_08S01, 0, "connection to the server lost while %s: %s", doing,
            t->why[0] != '\0' ? t->why : "it was closed after an earlier failure");
    return RS_WAIT_FAILED;
}

/* ---- one read or write ---- */

static enum rs_io closed_by_server(struct rs_transport *t)
{
    rs_why_set(t->why, "the server closed it");
    t->eof = true;
    return RS_IO_EOF;
}

static enum rs_io tls_read(struct rs_transport *t, char *to, size_t room, size_t *got)
{
    enum rs_io io = rs_tls_read(t->ssl, to, room, got, t->why);

    if (io == RS_IO_EOF)
        t->eof = true;
    if (io == RS_IO_DONE && !rs_tls_has_pending(t->ssl)) {
        t->poll_first = true;
        if (t->tls_release) {
            t->tls_release = false;
            rs_tls_keep_buffer(t->ssl);
        }
    }
    return io;
}

enum rs_io rs_transport_read(struct rs_transport *t, char *to, size_t room, size_t *got)
{
    ssize_t n;

    if (t->eof)
        return RS_IO_EOF;
    t->poll_first = false;
    t->traffic.reads++;
    if (t->ssl != NULL)
        return tls_read(t, to, room, got);
    do
        n = recv(t->fd, to, room, 0);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        *got = (size_t)n;
        t->poll_first = (size_t)n < room;
        return RS_IO_DONE;
    }
    if (n == 0)
        return closed_by_server(t);
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return RS_IO_WANT_READ;
    rs_why_errno(t->why, errno);
    return RS_IO_ERROR;
}

enum rs_io rs_transport_write(struct rs_transport *t, const char *from, size_t n, size_t *put)
{
    ssize_t done;

    t->traffic.writes++;
    if (t->ssl != NULL) {
        enum rs_io io = rs_tls_write(t->ssl, from, n, put, t->why);

        if (io == RS_IO_EOF)
            t->eof = true;
        return io;
    }
    do
        done = send(t->fd, from, n, MSG_NOSIGNAL);
    while (done < 0 && errno == EINTR);
    if (done >= 0) {
        *put = (size_t)done;
        return RS_IO_DONE;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return RS_IO_WANT_WRITE;
    rs_why_errno(t->why, errno);
    return RS_IO_ERROR;
}

bool rs_transport_is_drained(struct rs_transport *t)
{
    return t->ssl == NULL || !rs_tls_has_pending(t->ssl);
}

/* ---- waiting ---- */

enum { PAUSE_MS = 1 }; /* between two looks at something that no socket announces */

struct rs_pause rs_transport_set_pause(struct rs_transport *t, struct rs_pause pause)
{
    struct rs_pause before = t->pause;

    t->pause = pause;
    return before;
}

static void pause_for(struct rs_transport *t, short events, struct rs_deadline until)
{
    t->paused_for = events;
    t->paused_until = until;
    t->is_paused = true;
    t->pause.fn(t->pause.ctx);
    t->is_paused = false;
}

bool rs_transport_pause(struct rs_transport *t)
{
    if (t->pause.fn == NULL)
        return false;
    pause_for(t, 0, rs_deadline_in(PAUSE_MS));
    return true;
}

bool rs_transport_is_paused(const struct rs_transport *t)
{
    return t->is_paused;
}

/* Milliseconds as for poll(); -1: for ever. */
static RS_WITHIN bool look(struct rs_transport *t, short events, int ms, int *seen)
{
    struct pollfd fds[2] = { { .fd = t->fd, .events = events },
                             { .fd = t->wake[0], .events = POLLIN } };
    int n = poll(fds, 2, ms);

    *seen = n > 0 ? fds[0].revents : 0;
    return n >= 0 || errno == EINTR;
}

bool rs_transport_stays_paused(struct rs_transport *t)
{
    int seen;

    return !atomic_load(&t->interrupted) && !rs_deadline_passed(t->paused_until) &&
           look(t, t->paused_for, 0, &seen) && seen == 0;
}

enum rs_wait rs_transport_await(struct rs_transport *t, struct rs_deadline deadline)
{
    while (rs_transport_stays_paused(t)) {
        int seen;

        if (rs_deadline_passed(deadline))
            return RS_WAIT_DEADLINE;
        (void)look(t, t->paused_for, rs_deadline_poll(rs_deadline_min(deadline, t->paused_until)),
                   &seen);
    }
    return atomic_load(&t->interrupted) ? RS_WAIT_INTERRUPTED : RS_WAIT_OK;
}

bool rs_transport_take_interrupt(struct rs_transport *t)
{
    char byte[16];

    if (!atomic_exchange(&t->interrupted, false))
        return false;
    while (read(t->wake[0], byte, sizeof(byte)) > 0)
        ;
    return true;
}

enum rs_wait rs_transport_wait(struct rs_transport *t, unsigned events, struct rs_deadline deadline,
                               unsigned *seen, struct rs_diag *diag)
{
    short wanted = (short)(((events & RS_READY_READ) != 0 ? POLLIN : 0) |
                           ((events & RS_READY_WRITE) != 0 ? POLLOUT : 0));

    for (;;) {
        int is;

        if (rs_transport_take_interrupt(t))
            return RS_WAIT_INTERRUPTED;
        if (!look(t, wanted, t->pause.fn != NULL ? 0 : rs_deadline_poll(deadline), &is)) {
            rs_why_errno(t->why, errno);
            return rs_transport_lost(t, "waiting", diag);
        }
        if (is != 0) {
            *seen = ((is & POLLIN) != 0 ? RS_READY_READ : 0) |
                    ((is & POLLOUT) != 0 ? RS_READY_WRITE : 0) |
                    ((is & ~(POLLIN | POLLOUT)) != 0 ? RS_READY_BROKEN : 0);
            return RS_WAIT_OK;
        }
        if (rs_deadline_passed(deadline))
            return RS_WAIT_DEADLINE;
        if (t->pause.fn != NULL)
            pause_for(t, wanted, deadline);
    }
}

/* ---- from another thread ---- */

void rs_transport_interrupt(struct rs_transport *t)
{
    atomic_store(&t->interrupted, true);
    while (write(t->wake[1], "x", 1) < 0 && errno == EINTR)
        ;
}

void rs_transport_clear_interrupt(struct rs_transport *t)
{
    (void)rs_transport_take_interrupt(t);
}
