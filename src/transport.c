#include "transport.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

enum {
    MESSAGE_MAX = 1 << 30,
    RECEIVE_MIN = 4096,
    TLS_READ_BUFFER = 256 * 1024,
    KEEP_BYTES = 4096, /* a rest this small is moved to the front at once */
    SHRINK_AFTER = 8   /* fills without a big message before a grown buffer shrinks */
};

struct rs_transport {
    struct rs_inbox in; /* first: rs_transport_inbox */
    char *buf;
    size_t cap, base;
    int fd;
    SSL *ssl;
    int wake[2];
    atomic_bool interrupted;
    bool broken, eof;
    bool poll_first;  /* the socket was seen empty: wait before reading */
    bool tls_release; /* the handshake's small read buffer has not been given back yet */
    unsigned small_fills;
    size_t unsent;
    char why[160]; /* cause of the last failed read or write */
    struct rs_traffic traffic;
};

enum io { IO_DONE, IO_WANT_READ, IO_WANT_WRITE, IO_EOF, IO_ERROR };

/* ---- our BIO: the socket, without SIGPIPE and without anybody else's state ---- */

static int bio_fd(BIO *bio)
{
    return (int)(intptr_t)BIO_get_data(bio);
}

static int bio_read(BIO *bio, char *to, int n)
{
    BIO_clear_retry_flags(bio);
    for (;;) {
        ssize_t got = recv(bio_fd(bio), to, (size_t)n, 0);

        if (got >= 0)
            return (int)got;
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            BIO_set_retry_read(bio);
        return -1;
    }
}

static int bio_write(BIO *bio, const char *from, int n)
{
    BIO_clear_retry_flags(bio);
    for (;;) {
        ssize_t put = send(bio_fd(bio), from, (size_t)n, MSG_NOSIGNAL);

        if (put >= 0)
            return (int)put;
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            BIO_set_retry_write(bio);
        return -1;
    }
}

static long bio_ctrl(BIO *bio, int command, long number, void *p)
{
    (void)bio;
    (void)number;
    (void)p;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *bio_method;

static void bio_method_make(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "redshift socket");

    if (m != NULL) {
        (void)BIO_meth_set_read(m, bio_read);
        (void)BIO_meth_set_write(m, bio_write);
        (void)BIO_meth_set_ctrl(m, bio_ctrl);
    }
    bio_method = m;
}

/* Takes the SSL object over: our BIO, and records read many at a time. */
static bool tls_adopt(struct rs_transport *t, SSL *ssl, struct rs_diag *diag)
{
    static struct rs_once once = RS_ONCE_INIT;
    BIO *bio;

    rs_once(&once, bio_method_make);
    bio = bio_method == NULL ? NULL : BIO_new(bio_method);
    if (bio == NULL)
        return rs_fail_memory(diag);
    BIO_set_data(bio, (void *)(intptr_t)t->fd);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    /* The buffer made during the handshake keeps its 16 KiB until it is given back once. */
    SSL_set_read_ahead(ssl, 1);
    SSL_set_default_read_buffer_len(ssl, TLS_READ_BUFFER);
    (void)SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
    t->tls_release = true;
    t->ssl = ssl;
    return true;
}

/* ---- life ---- */

static bool set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && ((flags & O_NONBLOCK) != 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
}

static bool wake_open(struct rs_transport *t)
{
    if (pipe(t->wake) != 0) {
        t->wake[0] = t->wake[1] = -1;
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (!set_nonblocking(t->wake[i]) || fcntl(t->wake[i], F_SETFD, FD_CLOEXEC) != 0)
            return false;
    }
    return true;
}

struct rs_transport *rs_transport_new(int fd, void *ssl, size_t receive_bytes,
                                      struct rs_diag *diag)
{
    struct rs_transport *t = rs_new(struct rs_transport, diag);
    bool ok = false;

    if (t == NULL)
        return NULL;
    t->fd = fd;
    t->wake[0] = t->wake[1] = -1;
    atomic_init(&t->interrupted, false);
    t->base = receive_bytes < RECEIVE_MIN ? RECEIVE_MIN : receive_bytes;
    if (t->base > MESSAGE_MAX)
        t->base = MESSAGE_MAX;
    t->cap = t->base;
    t->buf = rs_realloc(NULL, t->cap, 1, diag);
    if (t->buf == NULL)
        goto out;
    t->in.p = t->in.end = t->buf;
    if (!wake_open(t) || !set_nonblocking(fd)) {
        rs_fail(diag, RS_08001, 0, "could not prepare the connection: the system gave no pipe");
        goto out;
    }
    ok = ssl == NULL || tls_adopt(t, ssl, diag);
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

static enum rs_wait lost(struct rs_transport *t, const char *doing, struct rs_diag *diag)
{
    t->broken = true;
    rs_fail(diag, RS_08S01, 0, "connection to the server lost while %s: %s", doing,
            t->why[0] != '\0' ? t->why : "it was closed after an earlier failure");
    return RS_WAIT_FAILED;
}

/* ---- one read or write ---- */

static void why_set(struct rs_transport *t, const char *text)
{
    size_t n = strlen(text);

    if (n >= sizeof(t->why))
        n = sizeof(t->why) - 1;
    memcpy(t->why, text, n);
    t->why[n] = '\0';
}

static void why_errno(struct rs_transport *t, int error)
{
    struct rs_buf text = RS_BUF_INIT(sizeof(t->why) - 1);

    rs_os_error_text(error, &text);
    why_set(t, text.p != NULL ? text.p : "system error");
    rs_buf_clear(&text);
}

static enum io closed_by_server(struct rs_transport *t)
{
    why_set(t, "the server closed it");
    t->eof = true;
    return IO_EOF;
}

static enum io tls_result(struct rs_transport *t, int rc, int error)
{
    const char *text;
    unsigned long code;

    switch (SSL_get_error(t->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        return IO_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return IO_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return closed_by_server(t);
    case SSL_ERROR_SYSCALL:
        if (error == 0)
            return closed_by_server(t);
        why_errno(t, error);
        return IO_ERROR;
    default:
        code = ERR_peek_last_error();
        if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return closed_by_server(t);
        text = code == 0 ? NULL : ERR_reason_error_string(code);
        why_set(t, text == NULL ? "TLS failed" : text);
        return IO_ERROR;
    }
}

static enum io tls_read(struct rs_transport *t, char *to, size_t room, size_t *got)
{
    int rc;

    ERR_clear_error();
    errno = 0;
    rc = SSL_read_ex(t->ssl, to, room, got);
    if (rc != 1)
        return tls_result(t, rc, errno);
    if (SSL_has_pending(t->ssl) == 0) {
        t->poll_first = true;
        if (t->tls_release) { /* the small buffer is gone; the next one is big and stays */
            t->tls_release = false;
            (void)SSL_clear_mode(t->ssl, SSL_MODE_RELEASE_BUFFERS);
        }
    }
    return IO_DONE;
}

static enum io io_read(struct rs_transport *t, char *to, size_t room, size_t *got)
{
    ssize_t n;

    if (t->eof)
        return IO_EOF;
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
        return IO_DONE;
    }
    if (n == 0)
        return closed_by_server(t);
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return IO_WANT_READ;
    why_errno(t, errno);
    return IO_ERROR;
}

static enum io io_write(struct rs_transport *t, const char *from, size_t n, size_t *put)
{
    ssize_t done;
    int rc;

    t->traffic.writes++;
    if (t->ssl != NULL) {
        ERR_clear_error();
        errno = 0;
        rc = SSL_write_ex(t->ssl, from, n, put);
        return rc == 1 ? IO_DONE : tls_result(t, rc, errno);
    }
    do
        done = send(t->fd, from, n, MSG_NOSIGNAL);
    while (done < 0 && errno == EINTR);
    if (done >= 0) {
        *put = (size_t)done;
        return IO_DONE;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return IO_WANT_WRITE;
    why_errno(t, errno);
    return IO_ERROR;
}

/* ---- waiting ---- */

static bool take_interrupt(struct rs_transport *t)
{
    char byte[16];

    if (!atomic_exchange(&t->interrupted, false))
        return false;
    while (read(t->wake[0], byte, sizeof(byte)) > 0)
        ;
    return true;
}

/* seen: what poll reported for the socket. */
static enum rs_wait wait_socket(struct rs_transport *t, short events, struct rs_deadline deadline,
                                short *seen, struct rs_diag *diag)
{
    for (;;) {
        struct pollfd fds[2] = { { .fd = t->fd, .events = events },
                                 { .fd = t->wake[0], .events = POLLIN } };
        int n;

        if (take_interrupt(t))
            return RS_WAIT_INTERRUPTED;
        n = poll(fds, 2, rs_deadline_poll(deadline));
        if (n < 0 && errno != EINTR) {
            why_errno(t, errno);
            return lost(t, "waiting", diag);
        }
        if (n <= 0) {
            if (rs_deadline_passed(deadline))
                return RS_WAIT_DEADLINE;
            continue;
        }
        if (fds[0].revents != 0) {
            *seen = fds[0].revents;
            return RS_WAIT_OK;
        }
    }
}

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

    if (n > MESSAGE_MAX) {
        t->broken = true;
        return rs_fail(diag, RS_08S01, 0, "the server sent a message of more than %d bytes",
                       MESSAGE_MAX);
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
static enum io buffer_fill(struct rs_transport *t)
{
    size_t got = 0;
    char *to = t->buf + (t->in.end - t->buf);
    enum io io = io_read(t, to, buffer_room(t), &got);

    if (io == IO_DONE) {
        t->in.end += got;
        t->traffic.bytes_in += got;
    }
    return io;
}

enum rs_wait rs_transport_need(struct rs_transport *t, size_t n, struct rs_deadline deadline,
                               int64_t idle_ms, struct rs_diag *diag)
{
    struct rs_deadline idle;
    short events = POLLIN, seen;
    enum rs_wait wait;

    if (rs_inbox_have(&t->in) >= n)
        return RS_WAIT_OK;
    if (t->broken)
        return lost(t, "receiving", diag);
    if (atomic_load_explicit(&t->interrupted, memory_order_relaxed) && take_interrupt(t))
        return RS_WAIT_INTERRUPTED;
    if (!buffer_prepare(t, n, diag)) {
        t->broken = true;
        return RS_WAIT_FAILED;
    }
    idle = idle_deadline(idle_ms);
    while (rs_inbox_have(&t->in) < n) {
        if (t->poll_first) {
            wait = wait_socket(t, events, rs_deadline_min(deadline, idle), &seen, diag);
            if (wait != RS_WAIT_OK)
                return wait;
        }
        events = POLLIN;
        switch (buffer_fill(t)) {
        case IO_DONE:
            idle = idle_deadline(idle_ms);
            break;
        case IO_WANT_WRITE:
            events = POLLOUT;
            t->poll_first = true;
            break;
        case IO_WANT_READ:
            t->poll_first = true;
            break;
        case IO_EOF:
        case IO_ERROR:
            return lost(t, "receiving", diag);
        }
    }
    return RS_WAIT_OK;
}

bool rs_transport_poll_alive(struct rs_transport *t)
{
    enum io io = IO_DONE;

    if (t->broken)
        return false;
    if (buffer_prepare(t, 1, NULL)) {
        for (int i = 0; i < 16 && io == IO_DONE && buffer_room(t) > 0; i++)
            io = buffer_fill(t);
    }
    if (io == IO_EOF || io == IO_ERROR)
        t->broken = true;
    return !t->broken;
}

/* ---- sending ---- */

/* Takes in what the server sends while we write. The buffer grows: what comes before our request
 * is complete is small (notices, errors, completions of a pipeline). */
static bool read_meanwhile(struct rs_transport *t, struct rs_diag *diag)
{
    while (!t->eof) {
        enum io io;

        if (!buffer_prepare(t, 1, diag))
            return false;
        if (buffer_room(t) == 0 && !buffer_resize(t, t->cap * 2, diag))
            return false;
        if (t->cap > MESSAGE_MAX)
            return rs_fail(diag, RS_08S01, 0, "the server sends without reading the request");
        io = buffer_fill(t);
        if (io == IO_ERROR)
            t->eof = true; /* the write that follows reports it */
        if (io != IO_DONE)
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
    return lost(t, "sending", diag);
}

enum rs_wait rs_transport_send(struct rs_transport *t, struct rs_str bytes,
                               struct rs_deadline deadline, int64_t idle_ms, struct rs_diag *diag)
{
    struct rs_deadline idle = idle_deadline(idle_ms);

    if (t->broken)
        return lost(t, "sending", diag);
    t->unsent = bytes.n;
    while (t->unsent > 0) {
        size_t put = 0;
        short seen = 0;
        enum rs_wait wait;
        enum io io = io_write(t, bytes.p + (bytes.n - t->unsent), t->unsent, &put);

        if (io == IO_DONE) {
            t->unsent -= put;
            t->traffic.bytes_out += put;
            idle = idle_deadline(idle_ms);
            continue;
        }
        if (io == IO_EOF || io == IO_ERROR)
            return send_failed(t, diag);
        wait = wait_socket(t, io == IO_WANT_READ ? POLLIN
                              : t->eof           ? POLLOUT
                                                 : POLLIN | POLLOUT,
                           rs_deadline_min(deadline, idle), &seen, diag);
        if (wait != RS_WAIT_OK)
            return wait;
        if ((seen & ~POLLOUT) != 0 && !read_meanwhile(t, diag)) {
            t->broken = true;
            return RS_WAIT_FAILED;
        }
        if ((seen & (POLLERR | POLLHUP)) != 0)
            t->eof = true;
    }
    /* An answer takes a round trip: waiting first saves a read that finds nothing. */
    t->poll_first = t->ssl == NULL || SSL_has_pending(t->ssl) == 0;
    return RS_WAIT_OK;
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
    (void)take_interrupt(t);
}

/* ---- TLS as openers see it ---- */

bool rs_tls_is_ours(const void *ssl_read)
{
    int (*ours)(SSL *, void *, int) = SSL_read;
    const void *p;

    _Static_assert(sizeof(p) == sizeof(ours), "code and data addresses are alike (POSIX)");
    memcpy(&p, &ours, sizeof(p));
    return ssl_read == p;
}

void rs_tls_hold(void *ssl)
{
    (void)SSL_up_ref(ssl);
}

void rs_tls_release(void *ssl)
{
    SSL_free(ssl);
}

bool rs_tls_verify_error(void *ssl, struct rs_buf *out)
{
    long result = SSL_get_verify_result(ssl);

    if (result == X509_V_OK)
        return false;
    rs_buf_adds(out, X509_verify_cert_error_string(result));
    return true;
}

static void add_name(struct rs_buf *out, const char *p, size_t n)
{
    if (out->len > 0)
        rs_buf_adds(out, ", ");
    for (size_t i = 0; i < n; i++)
        rs_buf_addc(out, p[i] >= ' ' && p[i] < 127 ? p[i] : '?');
}

bool rs_tls_peer_names(void *ssl, struct rs_buf *out)
{
    X509 *cert = SSL_get1_peer_certificate(ssl);
    GENERAL_NAMES *names;
    char common[256];

    if (cert == NULL)
        return false;
    names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type == GEN_DNS)
            add_name(out, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
                     (size_t)ASN1_STRING_length(name->d.dNSName));
    }
    if (out->len == 0 && X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName,
                                                   common, sizeof(common)) > 0)
        add_name(out, common, strlen(common));
    GENERAL_NAMES_free(names);
    X509_free(cert);
    return true;
}
