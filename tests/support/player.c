/* POLLRDHUP, to see that a client left without reading what it sent. */
#define _GNU_SOURCE 1

#include "player.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOK_MS = 50, BLOCK = 65536, SSL_REQUEST = 80877103, CANCEL_REQUEST = 80877102 };

struct player {
    SSL_CTX *ctx;
    int listener, port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const struct script *script;
    struct player_how how;
    int connections, cancels, startups, running;
    char name[256], name_told[256]; /* of TLS's server name */
    char request[8192], request_told[8192];
    long sent;
    bool closing;
};

struct line {
    struct player *player;
    int fd;
    SSL *ssl;
    BIO *from, *to; /* of TLS: what the client sent, what it is to be sent */
    struct player_how how;
    const struct script *script;
    int number;
    int cancels;    /* requests awaited so far */
    long put, said; /* bytes on the wire, and inside TLS */
    bool over;      /* cut, stalled to its end, or the client left */
};

static bool is_closing(struct player *p)
{
    bool closing;

    pthread_mutex_lock(&p->lock);
    closing = p->closing;
    pthread_mutex_unlock(&p->lock);
    return closing;
}

/* ---- the wire ---- */

/* Waits until the client left, reading or not. */
static void linger(struct line *l, bool reads)
{
    char junk[4096];

    while (!is_closing(l->player)) {
        struct pollfd fd = { .fd = l->fd, .events = reads ? POLLIN : POLLRDHUP };

        if (poll(&fd, 1, LOOK_MS) <= 0)
            continue;
        if (!reads || recv(l->fd, junk, sizeof junk, MSG_DONTWAIT) <= 0)
            break;
    }
    l->over = true;
}

static void cut(struct line *l)
{
    struct linger now = { 1, 0 };

    l->over = true;
    if (l->how.reset) {
        (void)setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        return;
    }
    (void)shutdown(l->fd, SHUT_WR);
    linger(l, true); /* a close with bytes unread would be a reset */
}

static bool put_piece(struct line *l, const unsigned char *p, size_t n)
{
    while (n > 0 && !is_closing(l->player)) {
        struct pollfd fd = { .fd = l->fd, .events = POLLOUT };
        ssize_t put = send(l->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (put > 0) {
            p += put;
            n -= (size_t)put;
            l->put += put;
        } else if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            (void)poll(&fd, 1, LOOK_MS);
        } else if (put == 0 || errno != EINTR) {
            break;
        }
    }
    l->over = l->over || n > 0;
    return n == 0;
}

static bool cuts_raw(const struct line *l)
{
    return l->how.cut >= 0 && !l->how.inside;
}

/* Bytes for the wire, as far as the connection is to get them. */
static bool put_raw(struct line *l, const unsigned char *p, size_t n)
{
    while (n > 0) {
        size_t part = l->how.piece != 0 && l->how.piece < n ? l->how.piece : n;

        if (cuts_raw(l) && (long)part > l->how.cut - l->put)
            part = (size_t)(l->how.cut - l->put);
        if (l->how.stall >= 0 && (long)part > l->how.stall - l->put)
            part = (size_t)(l->how.stall - l->put);
        if (part > 0 && !put_piece(l, p, part))
            return false;
        if (cuts_raw(l) && l->put >= l->how.cut) {
            cut(l);
            return false;
        }
        if (part == 0) {
            linger(l, true);
            return false;
        }
        p += part;
        n -= part;
    }
    return true;
}

static bool get_raw(struct line *l, unsigned char *to, size_t cap, size_t *got)
{
    while (!l->over && !is_closing(l->player)) {
        struct pollfd fd = { .fd = l->fd, .events = POLLIN };
        ssize_t n;

        if (poll(&fd, 1, LOOK_MS) <= 0)
            continue;
        n = recv(l->fd, to, cap, MSG_DONTWAIT);
        if (n > 0) {
            *got = (size_t)n;
            return true;
        }
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        break;
    }
    l->over = true;
    return false;
}

/* ---- TLS over it ---- */

static bool tls_flush(struct line *l)
{
    unsigned char block[BLOCK / 4];
    int n;

    while ((n = BIO_read(l->to, block, sizeof block)) > 0)
        if (!put_raw(l, block, (size_t)n))
            return false;
    return true;
}

/* After a call of TLS's that did not succeed: what it had to say is sent, what it wants is read. */
static bool tls_go_on(struct line *l, int rc)
{
    unsigned char block[BLOCK / 4];
    int error = SSL_get_error(l->ssl, rc);
    size_t got = 0;

    if (!tls_flush(l) || error != SSL_ERROR_WANT_READ || !get_raw(l, block, sizeof block, &got)) {
        l->over = true;
        return false;
    }
    return BIO_write(l->from, block, (int)got) == (int)got;
}

static void name_seen(struct line *l)
{
    const char *name = SSL_get_servername(l->ssl, TLSEXT_NAMETYPE_host_name);
    size_t n = name == NULL ? 0 : strlen(name);

    if (n >= sizeof l->player->name)
        abort();
    pthread_mutex_lock(&l->player->lock);
    memset(l->player->name, 0, sizeof l->player->name);
    if (n > 0)
        memcpy(l->player->name, name, n);
    pthread_mutex_unlock(&l->player->lock);
}

static bool tls_accept(struct line *l)
{
    int rc;

    l->ssl = SSL_new(l->player->ctx);
    l->from = BIO_new(BIO_s_mem());
    l->to = BIO_new(BIO_s_mem());
    if (l->ssl == NULL || l->from == NULL || l->to == NULL)
        abort();
    SSL_set_bio(l->ssl, l->from, l->to);
    if (l->how.tls_only != 0) {
        SSL_set_security_level(l->ssl, 0); /* the old versions' signatures are below any level */
        if (SSL_set_min_proto_version(l->ssl, l->how.tls_only) != 1 ||
            SSL_set_max_proto_version(l->ssl, l->how.tls_only) != 1)
            abort();
    }
    while ((rc = SSL_accept(l->ssl)) != 1)
        if (!tls_go_on(l, rc))
            return false;
    name_seen(l);
    return tls_flush(l);
}

static bool put(struct line *l, const unsigned char *p, size_t n)
{
    if (l->ssl == NULL)
        return put_raw(l, p, n);
    while (n > 0) {
        size_t part = n < BLOCK / 4 ? n : BLOCK / 4;

        if (l->how.record != 0 && l->how.record < part)
            part = l->how.record;
        if (l->how.inside && (long)part > l->how.cut - l->said)
            part = (size_t)(l->how.cut - l->said);
        if ((part > 0 && SSL_write(l->ssl, p, (int)part) != (int)part) || !tls_flush(l))
            return false;
        l->said += (long)part;
        if (l->how.inside && l->said == l->how.cut) {
            cut(l);
            return false;
        }
        p += part;
        n -= part;
    }
    return true;
}

static bool get(struct line *l, unsigned char *to, size_t n)
{
    while (n > 0) {
        size_t got = 0;

        if (l->ssl == NULL) {
            if (!get_raw(l, to, n, &got))
                return false;
        } else {
            int rc = SSL_read(l->ssl, to, n < BLOCK ? (int)n : BLOCK);

            if (rc <= 0) {
                if (!tls_go_on(l, rc))
                    return false;
                continue;
            }
            got = (size_t)rc;
        }
        to += got;
        n -= got;
    }
    return true;
}

/* ---- one connection ---- */

static size_t be32(const unsigned char *p)
{
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static bool skip(struct line *l, size_t n)
{
    unsigned char junk[4096];

    for (; n > 0; n -= n < sizeof junk ? n : sizeof junk)
        if (!get(l, junk, n < sizeof junk ? n : sizeof junk))
            return false;
    return true;
}

static bool await(struct line *l)
{
    unsigned char head[5];

    do {
        if (!get(l, head, sizeof head) || be32(head + 1) < 4 || !skip(l, be32(head + 1) - 4) ||
            head[0] == 'X')
            return false;
    } while (head[0] != 'Q' && head[0] != 'S' && head[0] != 'p');
    return true;
}

static void until_cancel(struct line *l)
{
    pthread_mutex_lock(&l->player->lock);
    l->cancels++;
    while (l->player->cancels < l->cancels && !l->player->closing)
        pthread_cond_wait(&l->player->changed, &l->player->lock);
    pthread_mutex_unlock(&l->player->lock);
}

static bool do_step(struct line *l, const struct script_step *step)
{
    switch (step->what) {
    case SCRIPT_AWAIT:
        return await(l);
    case SCRIPT_SEND:
        for (size_t i = 0; i < step->times; i++)
            if (!put(l, l->script->bytes + step->at, step->n))
                return false;
        return true;
    case SCRIPT_UNTIL_CANCEL:
        until_cancel(l);
        return true;
    case SCRIPT_HANG:
    case SCRIPT_DEAF:
        linger(l, step->what == SCRIPT_HANG);
        return false;
    case SCRIPT_RESET:
        l->how.reset = true;
        cut(l);
        return false;
    }
    return false;
}

static void play(struct line *l)
{
    for (size_t i = 0; i < l->script->steps; i++)
        if (!do_step(l, &l->script->step[i]))
            return;
    if (!l->over) {
        (void)shutdown(l->fd, SHUT_WR);
        linger(l, true);
    }
}

static void cancel_came(struct line *l)
{
    pthread_mutex_lock(&l->player->lock);
    l->player->cancels++;
    pthread_cond_broadcast(&l->player->changed);
    pthread_mutex_unlock(&l->player->lock);
}

static void started(struct line *l)
{
    pthread_mutex_lock(&l->player->lock);
    l->player->startups++;
    pthread_mutex_unlock(&l->player->lock);
}

/* The request is kept as it came; then the answer. False: it leads nowhere. */
static bool answer_proxy(struct line *l)
{
    char request[sizeof l->player->request] = "";
    size_t n = 0;

    while (strstr(request, "\r\n\r\n") == NULL)
        if (n + 1 == sizeof request || !get(l, (unsigned char *)request + n++, 1))
            return false;
    pthread_mutex_lock(&l->player->lock);
    memcpy(l->player->request, request, sizeof request);
    pthread_mutex_unlock(&l->player->lock);
    if (!put_raw(l, (const unsigned char *)l->how.reply, strlen(l->how.reply)))
        return false;
    return strstr(l->how.reply, " 200") != NULL;
}

/* Packets without a type, up to the start-up packet. */
static void greet(struct line *l)
{
    unsigned char head[8];

    if (l->how.swallow && l->number > 1) {
        linger(l, true);
        return;
    }
    if (l->how.cut == 0) {
        cut(l);
        return;
    }
    if (l->how.reply != NULL && !answer_proxy(l)) {
        if (!l->over)
            cut(l);
        return;
    }
    while (get(l, head, sizeof head) && be32(head) >= 8 && skip(l, be32(head) - 8)) {
        switch (be32(head + 4)) {
        case SSL_REQUEST:
            if (!put_raw(l, (const unsigned char *)"SR", l->how.early ? 2 : 1))
                return;
            if (l->how.tls_stalls)
                linger(l, true);
            if (l->over || !tls_accept(l))
                return;
            break;
        case CANCEL_REQUEST:
            cancel_came(l);
            return;
        default:
            started(l);
            play(l);
            return;
        }
    }
}

static void *run(void *arg)
{
    struct line *l = arg;
    struct player *p = l->player;
    int on = 1;

    (void)setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    greet(l);
    (void)close(l->fd);
    SSL_free(l->ssl);
    ERR_clear_error();
    OPENSSL_thread_stop();
    pthread_mutex_lock(&p->lock);
    p->running--;
    p->sent = l->put;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    free(l);
    return NULL;
}

static void *serve(void *arg)
{
    struct player *p = arg;
    pthread_attr_t detached;

    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    for (int fd; (fd = accept(p->listener, NULL, NULL)) >= 0;) {
        struct line *l = calloc(1, sizeof *l);
        pthread_t thread;

        if (l == NULL)
            abort();
        pthread_mutex_lock(&p->lock);
        *l = (struct line){
            .player = p, .fd = fd, .how = p->how, .script = p->script, .number = ++p->connections
        };
        p->running++;
        pthread_mutex_unlock(&p->lock);
        if (pthread_create(&thread, &detached, run, l) != 0)
            abort();
    }
    pthread_attr_destroy(&detached);
    return NULL;
}

/* ---- life ---- */

void player_certificate(struct player *p, const char *cert, const char *key)
{
    if (SSL_CTX_use_certificate_chain_file(p->ctx, cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(p->ctx, key, SSL_FILETYPE_PEM) != 1)
        abort();
}

struct player *player_new(const char *cert, const char *key)
{
    struct player *p = calloc(1, sizeof *p);
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof here;

    if (p == NULL)
        abort();
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    p->ctx = SSL_CTX_new(TLS_server_method());
    if (p->ctx == NULL)
        abort();
    player_certificate(p, cert, key);
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(p->listener, (struct sockaddr *)&here, sizeof here) != 0 ||
        listen(p->listener, 64) != 0 ||
        getsockname(p->listener, (struct sockaddr *)&here, &size) != 0)
        abort();
    p->port = ntohs(here.sin_port);
    if (pthread_create(&p->thread, NULL, serve, p) != 0)
        abort();
    return p;
}

static void settle(struct player *p)
{
    p->closing = true;
    pthread_cond_broadcast(&p->changed);
    while (p->running > 0)
        pthread_cond_wait(&p->changed, &p->lock);
    p->closing = false;
}

void player_free(struct player *p)
{
    (void)shutdown(p->listener, SHUT_RDWR);
    pthread_join(p->thread, NULL);
    pthread_mutex_lock(&p->lock);
    settle(p);
    pthread_mutex_unlock(&p->lock);
    (void)close(p->listener);
    SSL_CTX_free(p->ctx);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->changed);
    free(p);
}

int player_port(const struct player *p)
{
    return p->port;
}

void player_play(struct player *p, const struct script *script, struct player_how how)
{
    pthread_mutex_lock(&p->lock);
    settle(p);
    p->script = script;
    p->how = how;
    p->connections = p->cancels = p->startups = 0;
    p->sent = 0;
    pthread_mutex_unlock(&p->lock);
}

static int told(struct player *p, const int *what)
{
    int n;

    pthread_mutex_lock(&p->lock);
    n = *what;
    pthread_mutex_unlock(&p->lock);
    return n;
}

int player_connections(struct player *p)
{
    return told(p, &p->connections);
}

int player_cancels(struct player *p)
{
    return told(p, &p->cancels);
}

int player_startups(struct player *p)
{
    return told(p, &p->startups);
}

const char *player_server_name(struct player *p)
{
    pthread_mutex_lock(&p->lock);
    memcpy(p->name_told, p->name, sizeof p->name);
    pthread_mutex_unlock(&p->lock);
    return p->name_told;
}

const char *player_request(struct player *p)
{
    pthread_mutex_lock(&p->lock);
    memcpy(p->request_told, p->request, sizeof p->request);
    pthread_mutex_unlock(&p->lock);
    return p->request_told;
}

long player_sent(struct player *p)
{
    long n;

    pthread_mutex_lock(&p->lock);
    while (p->running > 0)
        pthread_cond_wait(&p->changed, &p->lock);
    n = p->sent;
    pthread_mutex_unlock(&p->lock);
    return n;
}
