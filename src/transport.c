#include "transport_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

enum { RECEIVE_MIN = 4096, TLS_READ_BUFFER = 256 * 1024 };

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

enum rs_wait rs_transport_lost(struct rs_transport *t, const char *doing, struct rs_diag *diag)
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

static enum rs_io closed_by_server(struct rs_transport *t)
{
    why_set(t, "the server closed it");
    t->eof = true;
    return RS_IO_EOF;
}

static enum rs_io tls_result(struct rs_transport *t, int rc, int error)
{
    const char *text;
    unsigned long code;

    switch (SSL_get_error(t->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        return RS_IO_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return RS_IO_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return closed_by_server(t);
    case SSL_ERROR_SYSCALL:
        if (error == 0)
            return closed_by_server(t);
        why_errno(t, error);
        return RS_IO_ERROR;
    default:
        code = ERR_peek_last_error();
        if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return closed_by_server(t);
        text = code == 0 ? NULL : ERR_reason_error_string(code);
        why_set(t, text == NULL ? "TLS failed" : text);
        return RS_IO_ERROR;
    }
}

static enum rs_io tls_read(struct rs_transport *t, char *to, size_t room, size_t *got)
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
    return RS_IO_DONE;
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
    why_errno(t, errno);
    return RS_IO_ERROR;
}

enum rs_io rs_transport_write(struct rs_transport *t, const char *from, size_t n, size_t *put)
{
    ssize_t done;
    int rc;

    t->traffic.writes++;
    if (t->ssl != NULL) {
        ERR_clear_error();
        errno = 0;
        rc = SSL_write_ex(t->ssl, from, n, put);
        return rc == 1 ? RS_IO_DONE : tls_result(t, rc, errno);
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
    why_errno(t, errno);
    return RS_IO_ERROR;
}

bool rs_transport_is_drained(struct rs_transport *t)
{
    return t->ssl == NULL || SSL_has_pending(t->ssl) == 0;
}

/* ---- waiting ---- */

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
        struct pollfd fds[2] = { { .fd = t->fd, .events = wanted },
                                 { .fd = t->wake[0], .events = POLLIN } };
        int n;

        if (rs_transport_take_interrupt(t))
            return RS_WAIT_INTERRUPTED;
        n = poll(fds, 2, rs_deadline_poll(deadline));
        if (n < 0 && errno != EINTR) {
            why_errno(t, errno);
            return rs_transport_lost(t, "waiting", diag);
        }
        if (n <= 0) {
            if (rs_deadline_passed(deadline))
                return RS_WAIT_DEADLINE;
            continue;
        }
        if (fds[0].revents != 0) {
            *seen = ((fds[0].revents & POLLIN) != 0 ? RS_READY_READ : 0) |
                    ((fds[0].revents & POLLOUT) != 0 ? RS_READY_WRITE : 0) |
                    ((fds[0].revents & ~(POLLIN | POLLOUT)) != 0 ? RS_READY_BROKEN : 0);
            return RS_WAIT_OK;
        }
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
