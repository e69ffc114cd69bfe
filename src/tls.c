#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "ca.h"
#include "transport.h"

enum { TLS_READ_BUFFER = 256 * 1024, NAME_MAX_BYTES = 253 };

/* ---- texts ---- */

void rs_why_set(char why[RS_WHY_BYTES], const char *text)
{
    size_t n = strlen(text);

    if (n >= RS_WHY_BYTES)
        n = RS_WHY_BYTES - 1;
    memcpy(why, text, n);
    why[n] = '\0';
}

void rs_why_errno(char why[RS_WHY_BYTES], int error)
{
    struct rs_buf text = RS_BUF_INIT(RS_WHY_BYTES - 1);

    rs_os_error_text(error, &text);
    rs_why_set(why, text.p != NULL ? text.p : "system error");
    rs_buf_clear(&text);
}

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

static bool bio_set(SSL *ssl, int fd)
{
    static struct rs_once once = RS_ONCE_INIT;
    BIO *bio;

    rs_once(&once, bio_method_make);
    bio = bio_method == NULL ? NULL : BIO_new(bio_method);
    if (bio == NULL)
        return false;
    BIO_set_data(bio, (void *)(intptr_t)fd);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    return true;
}

bool rs_tls_adopt(void *ssl, int fd, struct rs_diag *diag)
{
    if (!bio_set(ssl, fd))
        return rs_fail_memory(diag);
    /* The buffer made during the handshake keeps its 16 KiB until it is given back once. */
    SSL_set_read_ahead(ssl, 1);
    SSL_set_default_read_buffer_len(ssl, TLS_READ_BUFFER);
    (void)SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
    return true;
}

void rs_tls_keep_buffer(void *ssl)
{
    (void)SSL_clear_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
}

/* ---- one read or write ---- */

static enum rs_io closed_by_server(char why[RS_WHY_BYTES])
{
    rs_why_set(why, "the server closed it");
    return RS_IO_EOF;
}

static enum rs_io result_of(SSL *ssl, int rc, int error, char why[RS_WHY_BYTES])
{
    const char *text;
    unsigned long code;

    switch (SSL_get_error(ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        return RS_IO_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return RS_IO_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return closed_by_server(why);
    case SSL_ERROR_SYSCALL:
        if (error == 0)
            return closed_by_server(why);
        rs_why_errno(why, error);
        return RS_IO_ERROR;
    default:
        code = ERR_peek_last_error();
        if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return closed_by_server(why);
        text = code == 0 ? NULL : ERR_reason_error_string(code);
        rs_why_set(why, text == NULL ? "TLS failed" : text);
        return RS_IO_ERROR;
    }
}

enum rs_io rs_tls_read(void *ssl, char *to, size_t room, size_t *got, char why[RS_WHY_BYTES])
{
    int rc;

    ERR_clear_error();
    errno = 0;
    rc = SSL_read_ex(ssl, to, room, got);
    return rc == 1 ? RS_IO_DONE : result_of(ssl, rc, errno, why);
}

enum rs_io rs_tls_write(void *ssl, const char *from, size_t n, size_t *put, char why[RS_WHY_BYTES])
{
    int rc;

    ERR_clear_error();
    errno = 0;
    rc = SSL_write_ex(ssl, from, n, put);
    return rc == 1 ? RS_IO_DONE : result_of(ssl, rc, errno, why);
}

bool rs_tls_has_pending(void *ssl)
{
    return SSL_has_pending(ssl) != 0;
}

/* ---- making a connection ---- */

struct rs_tls_context {
    SSL_CTX *ctx;
    char name[NAME_MAX_BYTES + 1];
    bool is_address, check_name;
};

static bool is_numeric(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* The root's dot is part of no certificate and no server name. */
static size_t name_length(const char *host)
{
    size_t n = strlen(host);

    return n > 1 && host[n - 1] == '.' ? n - 1 : n;
}

static bool name_set(struct rs_tls_context *context, const char *host, struct rs_diag *diag)
{
    size_t n = name_length(host);

    if (n == 0 || n > NAME_MAX_BYTES)
        return rs_fail(diag, RS_08001, 0, "the server name is longer than %d bytes",
                       NAME_MAX_BYTES);
    memcpy(context->name, host, n);
    context->is_address = is_numeric(context->name);
    return true;
}

/* One that cannot be read is none to trust. */
static bool trust_root(void *ctx, const unsigned char *der, size_t n)
{
    X509 *cert = n > LONG_MAX ? NULL : d2i_X509(NULL, &der, (long)n);

    if (cert != NULL)
        (void)X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), cert);
    X509_free(cert);
    return true;
}

static bool trust(SSL_CTX *ctx, const char *ca, struct rs_diag *diag)
{
    if (rs_ca_is_store(ca)) {
        if (!rs_os_each_root(trust_root, ctx))
            return rs_fail(diag, RS_08001, 0, "%s cannot be opened; set CaFile", ca);
        ERR_clear_error();
        return true;
    }
    return SSL_CTX_load_verify_locations(ctx, ca, NULL) == 1 ||
           rs_fail(diag, RS_08001, 0, "no certificate could be read from the CA file \"%s\"", ca);
}

struct rs_tls_context *rs_tls_context_new(const struct rs_tls_options *options,
                                          struct rs_diag *diag)
{
    struct rs_tls_context *context = rs_new(struct rs_tls_context, diag);
    const char *ca = options->ca_file == NULL ? "" : options->ca_file;
    bool ok = false;

    if (context == NULL)
        return NULL;
    context->check_name = options->check_name;
    if (!name_set(context, options->host, diag))
        goto out;
    ERR_clear_error();
    context->ctx = SSL_CTX_new(TLS_client_method());
    if (context->ctx == NULL) {
        rs_fail_memory(diag);
        goto out;
    }
    SSL_CTX_set_verify(context->ctx, SSL_VERIFY_PEER, NULL);
    (void)SSL_CTX_set_session_cache_mode(context->ctx, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_options(context->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (SSL_CTX_set_min_proto_version(context->ctx,
                                      options->tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION) != 1) {
        rs_fail(diag, RS_08001, 0, "the TLS library does not know the lowest version asked for");
        goto out;
    }
    ok = trust(context->ctx, ca, diag);
out:
    if (!ok) {
        rs_tls_context_free(context);
        context = NULL;
    }
    return context;
}

void rs_tls_context_free(struct rs_tls_context *context)
{
    if (context == NULL)
        return;
    SSL_CTX_free(context->ctx);
    rs_free(context);
}

/* Alternative names decide alone: a name that stands only in the subject is nobody's promise.
 * Asked after the handshake, when the certificate can be shown to whoever has to explain. */
bool rs_tls_is_for(void *ssl, const char *host)
{
    unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    X509 *cert = SSL_get1_peer_certificate(ssl);
    bool ok;

    if (cert == NULL)
        return false;
    ok = is_numeric(host) ? X509_check_ip_asc(cert, host, flags) == 1
                          : X509_check_host(cert, host, name_length(host), flags, NULL) == 1;
    X509_free(cert);
    return ok;
}

static bool is_trusted(const struct rs_tls_context *context, SSL *ssl, char why[RS_WHY_BYTES])
{
    if (SSL_get_verify_result(ssl) != X509_V_OK)
        rs_why_set(why, "the certificate was not verified");
    else if (context->check_name && !rs_tls_is_for(ssl, context->name))
        rs_why_set(why, "the certificate is not for this name");
    else
        return true;
    return false;
}

enum rs_tls_up rs_tls_connect(struct rs_tls_context *context, int fd, struct rs_deadline deadline,
                              void **out, char why[RS_WHY_BYTES])
{
    SSL *ssl = SSL_new(context->ctx);
    int rc;

    *out = ssl;
    if (ssl == NULL || !bio_set(ssl, fd) ||
        (!context->is_address && SSL_set_tlsext_host_name(ssl, context->name) != 1)) {
        rs_why_set(why, "the TLS library is out of memory");
        return RS_TLS_FAILED;
    }
    for (;;) {
        enum rs_io io;
        enum rs_wait wait;

        ERR_clear_error();
        errno = 0;
        rc = SSL_connect(ssl);
        if (rc == 1)
            return is_trusted(context, ssl, why) ? RS_TLS_UP : RS_TLS_FAILED;
        io = result_of(ssl, rc, errno, why);
        if (io != RS_IO_WANT_READ && io != RS_IO_WANT_WRITE)
            return RS_TLS_FAILED;
        wait = rs_socket_wait(fd, io == RS_IO_WANT_READ ? RS_READY_READ : RS_READY_WRITE, deadline);
        if (wait == RS_WAIT_DEADLINE)
            return RS_TLS_DEADLINE;
    }
}

void rs_tls_bye(void *ssl)
{
    ERR_clear_error();
    (void)SSL_shutdown(ssl);
    ERR_clear_error();
}

/* ---- what an SSL object tells ---- */

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

static const char *advice_of(long result)
{
    switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "the server needs another certificate, or this machine's clock is wrong";
    case X509_V_ERR_INVALID_PURPOSE:
        return "it was not issued for a server";
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return "the server needs another certificate";
    default:
        return "CaFile must name a file with the authority that issued it";
    }
}

bool rs_tls_verify_error(void *ssl, struct rs_buf *out, const char **advice)
{
    long result = SSL_get_verify_result(ssl);

    if (result == X509_V_OK)
        return false;
    rs_buf_adds(out, X509_verify_cert_error_string(result));
    *advice = advice_of(result);
    return true;
}

static void add_address(struct rs_buf *out, const ASN1_STRING *address)
{
    int n = ASN1_STRING_length(address), family = n == 4 ? AF_INET : AF_INET6;
    char text[INET6_ADDRSTRLEN];

    if ((n == 4 || n == 16) &&
        inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof(text)) != NULL)
        rs_buf_addf(out, "%s%s", out->len > 0 ? ", " : "", text);
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
        else if (name->type == GEN_IPADD)
            add_address(out, name->d.iPAddress);
    }
    if (out->len == 0 && X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName,
                                                   common, sizeof(common)) > 0)
        add_name(out, common, strlen(common));
    GENERAL_NAMES_free(names);
    X509_free(cert);
    return true;
}

void rs_tls_describe(void *ssl, struct rs_buf *out)
{
    X509 *cert = SSL_get1_peer_certificate(ssl);
    struct rs_buf names = RS_BUF_INIT(2048), issuer = RS_BUF_INIT(512);
    char common[256];
    struct tm last = { 0 };

    rs_buf_adds(out, SSL_get_version(ssl));
    if (cert == NULL)
        return;
    if (rs_tls_peer_names(ssl, &names) && names.len > 0 && !names.bad)
        rs_buf_addf(out, ", certificate for %s", names.p);
    if (X509_NAME_get_text_by_NID(X509_get_issuer_name(cert), NID_commonName, common,
                                  sizeof(common)) > 0)
        add_name(&issuer, common, strlen(common));
    if (issuer.len > 0)
        rs_buf_addf(out, ", issued by %s", issuer.p);
    if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &last) == 1)
        rs_buf_addf(out, ", good until %04d-%02d-%02d", last.tm_year + 1900, last.tm_mon + 1,
                    last.tm_mday);
    rs_buf_clear(&names);
    rs_buf_clear(&issuer);
    X509_free(cert);
}
