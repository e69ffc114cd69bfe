/*
 * TLS on a connected, non-blocking socket, as a client. The only place that sees libssl: an
 * OpenSSL `SSL *` travels as void *, and comes from here or from libpq.
 *
 * Source: RFC 8446, RFC 5246, RFC 6066 (server name), RFC 6125 (names in certificates);
 * wire.md rule 9 of the row path (reading ahead).
 */
#ifndef RS_TLS_H
#define RS_TLS_H

#include "attrs.h"
#include "diag.h"
#include "os.h"

enum { RS_WHY_BYTES = 160 };

enum rs_io { RS_IO_DONE, RS_IO_WANT_READ, RS_IO_WANT_WRITE, RS_IO_EOF, RS_IO_ERROR };

/* ---- making a connection ---- */

struct rs_tls_options {
    const char *ca_file; /* the chain is always checked against it */
    const char *host;    /* sent as server name unless it is a numeric address */
    bool check_name;     /* the certificate must be for host: alternative names only, no CN */
    bool tls13_only;     /* else 1.2 or later */
};

/* What several connections to one server share: trust and rules. Any thread may connect by it. */
struct rs_tls_context;
/* Posts 08001 (CA file), HY001. */
RS_NODISCARD struct rs_tls_context *rs_tls_context_new(const struct rs_tls_options *options,
                                                       struct rs_diag *diag);
void rs_tls_context_free(struct rs_tls_context *context); /* NULL is fine */

enum rs_tls_up { RS_TLS_UP, RS_TLS_DEADLINE, RS_TLS_FAILED };
/* The handshake. Nothing is posted. FAILED: why, and *ssl (if not NULL) can tell of the
 * certificate. *ssl is written whatever the outcome; the caller releases it. */
RS_NODISCARD enum rs_tls_up rs_tls_connect(struct rs_tls_context *context, int fd,
                                           struct rs_deadline deadline, void **ssl,
                                           char why[RS_WHY_BYTES]);
/* Says close_notify, as far as the socket takes it at once. */
void rs_tls_bye(void *ssl);

/* ---- any connection ---- */

/* False when the address of SSL_read given (found in another library) is not the one called here:
 * an SSL object of that library must not be used. */
bool rs_tls_is_ours(const void *ssl_read);
/* Keeps an SSL object alive beyond its owner, to ask it why it failed. */
void rs_tls_hold(void *ssl);
void rs_tls_release(void *ssl); /* NULL is fine */
/* The peer's certificate is for this host name or numeric address: alternative names only, no CN,
 * `*` for the whole leftmost label alone, an address by an address entry. */
bool rs_tls_is_for(void *ssl, const char *host);
/* What was wrong with the chain of the peer's certificate: text, and what to do about it; or false
 * when it was found good (its name may be another's all the same) or was never checked. */
bool rs_tls_verify_error(void *ssl, struct rs_buf *out, const char **advice);
/* Names the peer's certificate bears (DNS and address entries, else the common name), separated
 * by ", "; false when there is no certificate. */
bool rs_tls_peer_names(void *ssl, struct rs_buf *out);
/* For a log: version, the names of the peer's certificate, who issued it, its last day. */
void rs_tls_describe(void *ssl, struct rs_buf *out);

/* ---- for transport ---- */

/* Replaces the BIO by one of ours on fd, which never raises SIGPIPE; many records are read at a
 * time from now on. Posts HY001. */
RS_NODISCARD bool rs_tls_adopt(void *ssl, int fd, struct rs_diag *diag);
/* After the first read that left nothing pending: the small buffer of the handshake is gone, the
 * next one is big and stays. */
void rs_tls_keep_buffer(void *ssl);
/* why is set when the result is EOF or ERROR. */
enum rs_io rs_tls_read(void *ssl, char *to, size_t room, size_t *got, char why[RS_WHY_BYTES]);
enum rs_io rs_tls_write(void *ssl, const char *from, size_t n, size_t *put, char why[RS_WHY_BYTES]);
/* Bytes that were read lie in the TLS layer: they come without the socket. */
bool rs_tls_has_pending(void *ssl);

/* Texts of failures; cut to what there is room for. */
void rs_why_set(char why[RS_WHY_BYTES], const char *text);
void rs_why_errno(char why[RS_WHY_BYTES], int error);

#endif
