#include "fakeserver.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session_impl.h"

enum { REPLIES = 64 };

struct reply {
    struct rs_buf bytes;
    size_t pieces, hold_at; /* hold_at: the rest waits for a cancel */
    bool close_after, holds, first, never;
    int delay_ms;
};

struct fake {
    int client, server;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct reply reply[REPLIES];
    size_t made, used;
    struct rs_buf seen, got, shown;
    int cancels;
    bool closing;
    struct rs_status *statuses;
};

static struct reply *now(struct fake *f)
{
    return &f->reply[f->made];
}

/* ---- the server's thread ---- */

static bool write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t put = send(fd, p, n, MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

static bool read_all(int fd, char *p, size_t n)
{
    while (n > 0) {
        ssize_t got = recv(fd, p, n, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static bool send_pieces(struct fake *f, const struct reply *r, size_t from, size_t to)
{
    size_t piece = r->pieces == 0 ? to : r->pieces;

    for (size_t at = from; at < to; at += piece) {
        size_t n = to - at < piece ? to - at : piece;

        if (!write_all(f->server, r->bytes.p + at, n))
            return false;
    }
    return true;
}

static bool wait_cancel(struct fake *f)
{
    bool ok;

    pthread_mutex_lock(&f->lock);
    while (f->cancels == 0 && !f->closing)
        pthread_cond_wait(&f->changed, &f->lock);
    ok = !f->closing;
    pthread_mutex_unlock(&f->lock);
    return ok;
}

static bool answer(struct fake *f)
{
    struct reply *r = NULL;
    size_t held;

    pthread_mutex_lock(&f->lock);
    if (f->used < f->made)
        r = &f->reply[f->used++];
    pthread_mutex_unlock(&f->lock);
    if (r == NULL || r->never)
        return true;
    if (r->delay_ms > 0)
        rs_sleep_ms(r->delay_ms);
    held = r->holds ? r->hold_at : r->bytes.len;
    if (!send_pieces(f, r, 0, held))
        return false;
    if (r->holds && (!wait_cancel(f) || !send_pieces(f, r, held, r->bytes.len)))
        return false;
    return !r->close_after;
}

static bool next_is_first(struct fake *f)
{
    bool first;

    pthread_mutex_lock(&f->lock);
    first = f->used < f->made && f->reply[f->used].first;
    pthread_mutex_unlock(&f->lock);
    return first;
}

static bool read_request(struct fake *f, char *type)
{
    char head[5];
    uint32_t n;
    char *room;
    bool ok;

    if (!read_all(f->server, head, sizeof(head)))
        return false;
    n = rs_be32(head + 1) - 4;
    pthread_mutex_lock(&f->lock);
    rs_buf_addc(&f->seen, head[0]);
    rs_buf_add(&f->got, (struct rs_str){ head, sizeof(head) });
    room = rs_buf_room(&f->got, n);
    pthread_mutex_unlock(&f->lock);
    ok = room != NULL && read_all(f->server, room, n);
    pthread_mutex_lock(&f->lock);
    if (ok)
        rs_buf_seal(&f->got, n);
    pthread_mutex_unlock(&f->lock);
    *type = head[0];
    return ok;
}

static void *serve(void *arg)
{
    struct fake *f = arg;
    char type = 0;

    for (;;) {
        bool early = next_is_first(f);

        if (early && !answer(f))
            break;
        do {
            if (!read_request(f, &type) || type == 'X')
                goto out;
        } while (type != 'Q' && type != 'S');
        if (!early && !answer(f))
            break;
    }
out:
    (void)shutdown(f->server, SHUT_RDWR);
    return NULL;
}

/* ---- life ---- */

struct fake *fake_new(void)
{
    struct fake *f = rs_alloc(1, sizeof(*f), NULL);
    int pair[2];

    if (f == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return NULL;
    f->client = pair[0];
    f->server = pair[1];
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    f->seen.max = f->shown.max = 1 << 20;
    f->got.max = (size_t)1 << 30;
    for (size_t i = 0; i < REPLIES; i++)
        f->reply[i].bytes.max = (size_t)1 << 30;
    /* Room for the usual: the server itself must not fail when a test makes allocations fail. */
    if (rs_buf_room(&f->seen, 4096) == NULL || rs_buf_room(&f->got, 65536) == NULL)
        return NULL;
    return f;
}

void fake_free(struct fake *f)
{
    pthread_mutex_lock(&f->lock);
    f->closing = true;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    (void)shutdown(f->server, SHUT_RDWR);
    if (f->started)
        pthread_join(f->thread, NULL);
    (void)close(f->client);
    (void)close(f->server);
    for (size_t i = 0; i < REPLIES; i++)
        rs_buf_clear(&f->reply[i].bytes);
    rs_buf_clear(&f->seen);
    rs_buf_clear(&f->got);
    rs_buf_clear(&f->shown);
    rs_status_free(f->statuses);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->changed);
    rs_free(f);
}

static void start(struct fake *f)
{
    if (!f->started)
        f->started = pthread_create(&f->thread, NULL, serve, f) == 0;
}

/* ---- replies ---- */

void fake_raw(struct fake *f, const void *p, size_t n)
{
    rs_buf_add(&now(f)->bytes, (struct rs_str){ p, n });
}

static void put_be(struct fake *f, uint32_t v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        rs_buf_addc(&now(f)->bytes, (char)(v >> (8 * i)));
}

void fake_msg(struct fake *f, char type, const void *body, size_t n)
{
    rs_buf_addc(&now(f)->bytes, type);
    put_be(f, (uint32_t)n + 4, 4);
    fake_raw(f, body, n);
}

static size_t open_msg(struct fake *f, char type)
{
    rs_buf_addc(&now(f)->bytes, type);
    put_be(f, 0, 4);
    return now(f)->bytes.len - 4;
}

static void close_msg(struct fake *f, size_t at)
{
    struct rs_buf *b = &now(f)->bytes;
    size_t n = b->len - at;

    for (int i = 0; i < 4; i++)
        b->p[at + (size_t)i] = (char)(n >> (24 - 8 * i));
}

void fake_shape(struct fake *f, size_t columns)
{
    size_t at = open_msg(f, 'T');

    put_be(f, (uint32_t)columns, 2);
    for (size_t i = 0; i < columns; i++) {
        rs_buf_addf(&now(f)->bytes, "c%zu", i + 1);
        rs_buf_addc(&now(f)->bytes, '\0');
        put_be(f, 0, 4);
        put_be(f, 0, 2);
        put_be(f, 23, 4);
        put_be(f, 4, 2);
        put_be(f, 0xffffffff, 4);
        put_be(f, 0, 2);
    }
    close_msg(f, at);
}

void fake_row(struct fake *f, size_t columns, const char *const *values)
{
    size_t at = open_msg(f, 'D');

    put_be(f, (uint32_t)columns, 2);
    for (size_t i = 0; i < columns; i++) {
        if (values[i] == NULL) {
            put_be(f, 0xffffffff, 4);
            continue;
        }
        put_be(f, (uint32_t)strlen(values[i]), 4);
        rs_buf_adds(&now(f)->bytes, values[i]);
    }
    close_msg(f, at);
}

void fake_command(struct fake *f, const char *tag)
{
    fake_msg(f, 'C', tag, strlen(tag) + 1);
}

void fake_ready(struct fake *f, char txn)
{
    fake_msg(f, 'Z', &txn, 1);
}

static void put_field(struct fake *f, char code, const char *text)
{
    rs_buf_addc(&now(f)->bytes, code);
    rs_buf_adds(&now(f)->bytes, text);
    rs_buf_addc(&now(f)->bytes, '\0');
}

void fake_report(struct fake *f, char type, const char *severity, const char *code,
                 const char *message)
{
    size_t at = open_msg(f, type);

    put_field(f, 'S', severity);
    put_field(f, 'C', code);
    put_field(f, 'M', message);
    rs_buf_addc(&now(f)->bytes, '\0');
    close_msg(f, at);
}

void fake_status(struct fake *f, const char *name, const char *value)
{
    size_t at = open_msg(f, 'S');

    rs_buf_adds(&now(f)->bytes, name);
    rs_buf_addc(&now(f)->bytes, '\0');
    rs_buf_adds(&now(f)->bytes, value);
    rs_buf_addc(&now(f)->bytes, '\0');
    close_msg(f, at);
}

void fake_in_pieces(struct fake *f, size_t bytes)
{
    now(f)->pieces = bytes;
}

void fake_close_after(struct fake *f)
{
    now(f)->close_after = true;
}

void fake_wait_for_cancel(struct fake *f)
{
    now(f)->holds = true;
    now(f)->hold_at = now(f)->bytes.len;
}

void fake_send_first(struct fake *f)
{
    now(f)->first = true;
}

void fake_delay(struct fake *f, int ms)
{
    now(f)->delay_ms = ms;
}

void fake_never(struct fake *f)
{
    now(f)->never = true;
}

void fake_then(struct fake *f)
{
    pthread_mutex_lock(&f->lock);
    f->made++;
    pthread_mutex_unlock(&f->lock);
}

/* ---- what it saw ---- */

const char *fake_seen(struct fake *f)
{
    pthread_mutex_lock(&f->lock);
    rs_buf_truncate(&f->shown, 0);
    rs_buf_add(&f->shown, rs_buf_str(&f->seen));
    rs_buf_addc(&f->shown, '\0');
    pthread_mutex_unlock(&f->lock);
    return f->shown.p;
}

bool fake_received(struct fake *f, const void *p, size_t n)
{
    bool found = false;

    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i + n <= f->got.len && !found; i++)
        found = memcmp(f->got.p + i, p, n) == 0;
    pthread_mutex_unlock(&f->lock);
    return found;
}

int fake_cancels(struct fake *f)
{
    int n;

    pthread_mutex_lock(&f->lock);
    n = f->cancels;
    pthread_mutex_unlock(&f->lock);
    return n;
}

/* ---- a session on it ---- */

static bool fake_cancel(void *ctx, struct rs_deadline deadline)
{
    struct fake *f = ctx;

    (void)deadline;
    pthread_mutex_lock(&f->lock);
    f->cancels++;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    return true;
}

static void fake_finish(void *ctx, struct rs_transport *transport, bool polite)
{
    struct fake *f = ctx;

    if (polite)
        (void)send(f->client, "X\0\0\0\4", 5, MSG_NOSIGNAL);
    rs_transport_free(transport);
}

void fake_born_with(struct fake *f, const char *name, const char *value)
{
    if (!rs_status_set(&f->statuses, rs_str_of(name), rs_str_of(value), NULL))
        f->closing = true;
}

int fake_client_fd(struct fake *f)
{
    start(f);
    return f->client;
}

struct rs_session *fake_session(struct fake *f, const struct rs_session_options *options,
                                struct rs_diag *diag)
{
    struct rs_opened opened = {
        .server_pid = 42, .cancel = fake_cancel, .finish = fake_finish, .ctx = f
    };
    struct rs_session *session = NULL;

    start(f);
    opened.transport = rs_transport_new(f->client, NULL, options->open.receive_bytes, diag);
    if (opened.transport == NULL)
        return NULL;
    opened.statuses = f->statuses;
    f->statuses = NULL;
    if (!rs_session_adopt(&opened, options, rs_deadline_in(5000), &session, diag))
        return NULL;
    return session;
}
