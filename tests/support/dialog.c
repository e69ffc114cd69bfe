#include "dialog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STEPS = 64, SCRIPTS = 8, BYTES = 1 << 20, GOT = 1 << 18 };

enum step_kind { STEP_PACKET, STEP_MESSAGE, STEP_SEND, STEP_HANG };
struct step {
    enum step_kind kind;
    size_t at, n; /* of bytes, SEND */
};
struct script {
    struct step step[STEPS];
    size_t n;
};

struct dialog {
    int listener, wake[2];
    int32_t port;
    pthread_t thread;
    bool started, closing;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct script script[SCRIPTS];
    size_t scripts;
    unsigned char bytes[BYTES];
    size_t used;
    unsigned char got[GOT];
    size_t got_n;
    int connections, ended;
};

/* ---- the script ---- */

static struct script *now(struct dialog *d)
{
    return &d->script[d->scripts];
}

static void add(struct dialog *d, enum step_kind kind)
{
    struct script *s = now(d);

    if (s->n == STEPS)
        abort();
    s->step[s->n++] = (struct step){ .kind = kind };
}

void dialog_packet(struct dialog *d)
{
    add(d, STEP_PACKET);
}

void dialog_message(struct dialog *d)
{
    add(d, STEP_MESSAGE);
}

void dialog_hang(struct dialog *d)
{
    add(d, STEP_HANG);
}

static void add_bytes(struct dialog *d, const void *p, size_t n)
{
    if (d->used + n > BYTES)
        abort();
    if (n > 0)
        memcpy(d->bytes + d->used, p, n);
    d->used += n;
}

/* Sends that follow each other are one write. */
void dialog_send(struct dialog *d, const void *p, size_t n)
{
    struct script *s = now(d);

    if (s->n == 0 || s->step[s->n - 1].kind != STEP_SEND) {
        add(d, STEP_SEND);
        s->step[s->n - 1].at = d->used;
    }
    add_bytes(d, p, n);
    s->step[s->n - 1].n += n;
}

static void be32(unsigned char *to, size_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(v >> (24 - 8 * i));
}

void dialog_put(struct dialog *d, char type, const void *body, size_t n)
{
    unsigned char head[5] = { (unsigned char)type };

    be32(head + 1, n + 4);
    dialog_send(d, head, sizeof(head));
    dialog_send(d, body, n);
}

void dialog_auth(struct dialog *d, uint32_t code, const void *more, size_t n)
{
    unsigned char body[4096];

    be32(body, code);
    if (n > 0)
        memcpy(body + 4, more, n);
    dialog_put(d, 'R', body, n + 4);
}

void dialog_error(struct dialog *d, const char *code, const char *message)
{
    char body[512];
    size_t n = 0;
    const char *const fields[][2] = { { "S", "FATAL" }, { "C", code }, { "M", message } };

    for (size_t i = 0; i < 3; i++) {
        memcpy(body + n, fields[i][0], 1);
        memcpy(body + n + 1, fields[i][1], strlen(fields[i][1]) + 1);
        n += strlen(fields[i][1]) + 2;
    }
    body[n++] = '\0';
    dialog_put(d, 'E', body, n);
}

void dialog_welcome(struct dialog *d)
{
    dialog_auth(d, 0, NULL, 0);
    dialog_put(d, 'S', "client_encoding\0UTF8", 21);
    dialog_put(d, 'S', "DateStyle\0ISO, MDY", 19);
    dialog_put(d, 'K', "\0\0\0\x2akey!", 8);
    dialog_put(d, 'Z', "I", 1);
}

void dialog_then(struct dialog *d)
{
    d->scripts++;
    if (d->scripts == SCRIPTS)
        abort();
}

/* ---- the server ---- */

static bool read_bytes(struct dialog *d, int fd, unsigned char *to, size_t n)
{
    while (n > 0) {
        ssize_t got = recv(fd, to, n, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        pthread_mutex_lock(&d->lock);
        for (ssize_t i = 0; i < got && d->got_n < GOT; i++)
            d->got[d->got_n++] = to[i];
        pthread_mutex_unlock(&d->lock);
        to += got;
        n -= (size_t)got;
    }
    return true;
}

static bool read_frame(struct dialog *d, int fd, bool has_type)
{
    static unsigned char rest[1 << 16];
    unsigned char head[5];
    size_t n;

    if (!read_bytes(d, fd, head, has_type ? 5 : 4))
        return false;
    n = (size_t)head[has_type ? 1 : 0] << 24 | (size_t)head[has_type ? 2 : 1] << 16 |
        (size_t)head[has_type ? 3 : 2] << 8 | head[has_type ? 4 : 3];
    return n >= 4 && n - 4 <= sizeof(rest) && read_bytes(d, fd, rest, n - 4);
}

/* Until the client leaves, or the test ends. */
static void wait_end(struct dialog *d, int fd)
{
    unsigned char junk[256];
    struct pollfd fds[2] = { { .fd = fd, .events = POLLIN },
                             { .fd = d->wake[0], .events = POLLIN } };

    while (poll(fds, 2, -1) > 0 && fds[1].revents == 0 && read_bytes(d, fd, junk, 1))
        ;
}

static bool play_step(struct dialog *d, int fd, const struct step *step)
{
    switch (step->kind) {
    case STEP_PACKET:
    case STEP_MESSAGE:
        return read_frame(d, fd, step->kind == STEP_MESSAGE);
    case STEP_SEND:
        for (size_t put = 0; put < step->n;) {
            ssize_t n = send(fd, d->bytes + step->at + put, step->n - put, MSG_NOSIGNAL);

            if (n <= 0)
                return false;
            put += (size_t)n;
        }
        return true;
    case STEP_HANG:
        wait_end(d, fd);
        return true;
    }
    return false;
}

static void *serve(void *arg)
{
    struct dialog *d = arg;
    size_t next = 0;

    for (;;) {
        int fd = accept(d->listener, NULL, NULL);
        const struct script *s = &d->script[next];

        if (fd < 0)
            return NULL;
        pthread_mutex_lock(&d->lock);
        d->connections++;
        pthread_mutex_unlock(&d->lock);
        for (size_t i = 0; i < s->n && play_step(d, fd, &s->step[i]); i++)
            ;
        (void)shutdown(fd, SHUT_WR);
        (void)close(fd);
        if (next + 1 < d->scripts)
            next++;
        pthread_mutex_lock(&d->lock);
        d->ended++;
        pthread_cond_broadcast(&d->changed);
        pthread_mutex_unlock(&d->lock);
    }
}

/* ---- life ---- */

struct dialog *dialog_new(void)
{
    struct dialog *d = calloc(1, sizeof(*d));
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof(here);

    if (d == NULL || pipe(d->wake) != 0)
        abort();
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->changed, NULL);
    d->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(d->listener, (struct sockaddr *)&here, sizeof(here)) != 0 ||
        listen(d->listener, 64) != 0 ||
        getsockname(d->listener, (struct sockaddr *)&here, &size) != 0)
        abort();
    d->port = ntohs(here.sin_port);
    return d;
}

void dialog_start(struct dialog *d)
{
    d->started = pthread_create(&d->thread, NULL, serve, d) == 0;
    if (!d->started)
        abort();
}

void dialog_free(struct dialog *d)
{
    (void)!write(d->wake[1], "x", 1);
    (void)shutdown(d->listener, SHUT_RDWR);
    if (d->started)
        pthread_join(d->thread, NULL);
    (void)close(d->listener);
    (void)close(d->wake[0]);
    (void)close(d->wake[1]);
    pthread_mutex_destroy(&d->lock);
    pthread_cond_destroy(&d->changed);
    free(d);
}

int32_t dialog_port(const struct dialog *d)
{
    return d->port;
}

int dialog_connections(struct dialog *d)
{
    int n;

    pthread_mutex_lock(&d->lock);
    n = d->connections;
    pthread_mutex_unlock(&d->lock);
    return n;
}

bool dialog_got(struct dialog *d, const void *p, size_t n)
{
    bool found = false;

    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i + n <= d->got_n && !found; i++)
        found = memcmp(d->got + i, p, n) == 0;
    pthread_mutex_unlock(&d->lock);
    return found;
}

void dialog_settle(struct dialog *d)
{
    pthread_mutex_lock(&d->lock);
    while (d->ended < d->connections)
        pthread_cond_wait(&d->changed, &d->lock);
    pthread_mutex_unlock(&d->lock);
}
