#include "transport_impl.h"

#include <string.h>

enum {
    KEEP_BYTES = 4096, /* a rest this small is moved to the front at once */
    SHRINK_AFTER = 8   /* fills without a big message before a grown buffer shrinks */
};

static struct rs_deadline idle_deadline(int64_t idle_ms)
{
    return idle_ms > 0 ? rs_deadline_in(idle_ms) : RS_FOREVER;
}

/* ---- the receive buffer ---- */

static bool buffer_resize(struct rs_transport *t, size_t cap, struct rs_diag *diag)
{
    size_t have = rs_inbox_have(&t->in);
    char *block = rs_realloc(NULL, cap, 1, diag);

    if (block == NULL)
        return false;
    memcpy(block, t->in.p, have);
    rs_free(t->buf);
    t->buf = block;
    t->cap = cap;
    t->in.p = block;
    t->in.end = block + have;
    return true;
}

static size_t buffer_room(const struct rs_transport *t)
{
    return t->cap - (size_t)(t->in.end - t->buf);
}

/* Makes the buffer able to hold n unread bytes, with room for at least one more to read. */
static bool buffer_prepare(struct rs_transport *t, size_t n, struct rs_diag *diag)
{
    size_t have = rs_inbox_have(&t->in);

    if (n > RS_RECEIVE_MAX) {
        t->broken = true;
        return rs_fail(diag, RS_08S01, 0, "the server sent a message of more than %d bytes",
                       RS_RECEIVE_MAX);
    }
    if (n > t->base)
        t->small_fills = 0;
    else if (t->cap > t->base && have < t->base / 2 && ++t->small_fills >= SHRINK_AFTER)
        return buffer_resize(t, t->base, diag);
    if (n > t->cap)
        return buffer_resize(t, n, diag);
    if (t->in.p != t->buf && (have <= KEEP_BYTES || (size_t)(t->buf + t->cap - t->in.p) < n)) {
        memmove(t->buf, t->in.p, have);
        t->in.p = t->buf;
        t->in.end = t->buf + have;
    }
    return true;
}

/* One read into the room there is. */
static enum rs_io buffer_fill(struct rs_transport *t)
{
    size_t got = 0;
    char *to = t->buf + (t->in.end - t->buf);
    enum rs_io io = rs_transport_read(t, to, buffer_room(t), &got);

    if (io == RS_IO_DONE) {
        t->in.end += got;
        t->traffic.bytes_in += got;
    }
    return io;
}

enum rs_wait rs_transport_need(struct rs_transport *t, size_t n, struct rs_deadline deadline,
                               int64_t idle_ms, struct rs_diag *diag)
{
    struct rs_deadline idle;
    unsigned events = RS_READY_READ, seen;
    enum rs_wait wait;

    if (rs_inbox_have(&t->in) >= n)
        return RS_WAIT_OK;
    if (t->broken)
        return rs_transport_lost(t, "receiving", diag);
    if (atomic_load_explicit(&t->interrupted, memory_order_relaxed) &&
        rs_transport_take_interrupt(t))
        return RS_WAIT_INTERRUPTED;
    if (!buffer_prepare(t, n, diag)) {
        t->broken = true;
        return RS_WAIT_FAILED;
    }
    idle = idle_deadline(idle_ms);
    while (rs_inbox_have(&t->in) < n) {
        if (t->poll_first) {
            wait = rs_transport_wait(t, events, rs_deadline_min(deadline, idle), &seen, diag);
            if (wait != RS_WAIT_OK)
                return wait;
        }
        events = RS_READY_READ;
        switch (buffer_fill(t)) {
        case RS_IO_DONE:
            idle = idle_deadline(idle_ms);
            break;
        case RS_IO_WANT_WRITE:
            events = RS_READY_WRITE;
            t->poll_first = true;
            break;
        case RS_IO_WANT_READ:
            t->poll_first = true;
            break;
        case RS_IO_EOF:
        case RS_IO_ERROR:
            return rs_transport_lost(t, "receiving", diag);
        }
    }
    return RS_WAIT_OK;
}

bool rs_transport_poll_alive(struct rs_transport *t)
{
    enum rs_io io = RS_IO_DONE;

    if (t->broken)
        return false;
    if (buffer_prepare(t, 1, NULL)) {
        for (int i = 0; i < 16 && io == RS_IO_DONE && buffer_room(t) > 0; i++)
            io = buffer_fill(t);
    }
    if (io == RS_IO_EOF || io == RS_IO_ERROR)
        t->broken = true;
    return !t->broken;
}

/* ---- sending ---- */

/* Takes in what the server sends while we write. The buffer grows: what comes before our request
 * is complete is small (notices, errors, completions of a pipeline). */
static bool read_meanwhile(struct rs_transport *t, struct rs_diag *diag)
{
    while (!t->eof) {
        enum rs_io io;

        if (!buffer_prepare(t, 1, diag))
            return false;
        if (buffer_room(t) == 0 && !buffer_resize(t, t->cap * 2, diag))
            return false;
        if (t->cap > RS_RECEIVE_MAX)
            return rs_fail(diag, RS_08S01, 0, "the server sends without reading the request");
        io = buffer_fill(t);
        if (io == RS_IO_ERROR)
            t->eof = true; /* the write that follows reports it */
        if (io != RS_IO_DONE)
            break;
    }
    return true;
}

/* After a failed write: what the server said before it closed is worth more than EPIPE. */
static enum rs_wait send_failed(struct rs_transport *t, struct rs_diag *diag)
{
    char why[sizeof(t->why)];
    struct rs_diag scratch = { 0 };

    memcpy(why, t->why, sizeof(why));
    (void)read_meanwhile(t, &scratch);
    rs_diag_clear(&scratch);
    memcpy(t->why, why, sizeof(why));
    return rs_transport_lost(t, "sending", diag);
}

enum rs_wait rs_transport_send(struct rs_transport *t, struct rs_str bytes,
                               struct rs_deadline deadline, int64_t idle_ms, struct rs_diag *diag)
{
    struct rs_deadline idle = idle_deadline(idle_ms);

    if (t->broken)
        return rs_transport_lost(t, "sending", diag);
    t->unsent = bytes.n;
    while (t->unsent > 0) {
        size_t put = 0;
        unsigned seen = 0;
        enum rs_wait wait;
        enum rs_io io = rs_transport_write(t, bytes.p + (bytes.n - t->unsent), t->unsent, &put);

        if (io == RS_IO_DONE) {
            t->unsent -= put;
            t->traffic.bytes_out += put;
            idle = idle_deadline(idle_ms);
            continue;
        }
        if (io == RS_IO_EOF || io == RS_IO_ERROR)
            return send_failed(t, diag);
        wait = rs_transport_wait(t,
                                 io == RS_IO_WANT_READ ? RS_READY_READ
                                 : t->eof              ? RS_READY_WRITE
                                                       : RS_READY_READ | RS_READY_WRITE,
                                 rs_deadline_min(deadline, idle), &seen, diag);
        if (wait != RS_WAIT_OK)
            return wait;
        if ((seen & ~(unsigned)RS_READY_WRITE) != 0 && !read_meanwhile(t, diag)) {
            t->broken = true;
            return RS_WAIT_FAILED;
        }
        if ((seen & RS_READY_BROKEN) != 0)
            t->eof = true;
    }
    /* An answer takes a round trip: waiting first saves a read that finds nothing. */
    t->poll_first = rs_transport_is_drained(t);
    return RS_WAIT_OK;
}
