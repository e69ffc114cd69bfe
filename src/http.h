/*
 * One HTTPS request, one reply, a deadline, a size limit. Over libcurl; shows none of its types.
 *
 * Peer and host are checked unless the request says otherwise, TLS is 1.2 or newer, redirects are
 * not followed, no proxy is taken from the environment, response compression is not asked for
 * (aws-api.md 1).
 */
#ifndef RS_HTTP_H
#define RS_HTTP_H

#include "attrs.h"
#include "diag.h"
#include "os.h"
#include "str.h"

struct rs_header {
    struct rs_str name, value; /* borrowed */
};

/* Asked to CONNECT for https; plain http, which stays on this computer or its link, never goes
 * through it. Never taken from the environment. */
struct rs_http_proxy {
    const char *host; /* a name or an address */
    int32_t port;
    const char *user; /* NULL or empty: nobody's */
    const char *password;
};

/* Requests that belong together: they share cookies, which stay in memory, and connections. All
 * zero: not begun. One thread at a time. */
struct rs_http_session {
    void *curl;
};
/* Closes its connections and forgets its cookies; safe on one that has not begun. */
void rs_http_session_clear(struct rs_http_session *session);

struct rs_http_request {
    const char *method; /* "GET", "POST", "PUT" */
    const char *url;    /* absolute; http only where the caller decided so */
    const struct rs_header *headers;
    size_t n_headers;
    struct rs_str body;
    const char *ca_file;               /* NULL: libcurl's default */
    const struct rs_http_proxy *proxy; /* NULL: none */
    struct rs_deadline deadline;       /* for all of it */
    size_t max_reply_bytes;            /* of the body */
    struct rs_http_session *session;   /* NULL: a request by itself */
    const char *user_agent;            /* NULL: the driver's own */
    bool is_unchecked;                 /* neither the certificate's chain nor its name is checked */
    bool negotiates; /* answers Negotiate (RFC 4559) with the ticket of who runs the process */
};

/* Can requests negotiate? Kerberos, or SSPI on Windows, is in libcurl or not. */
bool rs_http_can_negotiate(void);

struct rs_http_reply {
    int status;
    struct rs_buf body;    /* wiped: replies hold credentials */
    struct rs_buf headers; /* "name: value\n" as received */
    int64_t date_s;        /* UTC of the Date header, 0 when absent or unreadable */
};

/* Fails with 08001 (name, connect, TLS: cause and what to do in the text; a certificate failure
 * sets *retryable false), HYT00 (deadline), HY000 (reply too large), HY001. A reply of any status
 * is a success. */
RS_NODISCARD bool rs_http_send(const struct rs_http_request *req, struct rs_http_reply *reply,
                               bool *retryable, struct rs_diag *diag);
void rs_http_reply_clear(struct rs_http_reply *reply);
/* First header of that name, case ignored, trimmed; empty when absent. */
struct rs_str rs_http_header(const struct rs_http_reply *reply, const char *name);

#endif
