/*
 * What is said to an HTTP proxy that is to connect us to a server, and what it answers. Text only;
 * line.c has the socket.
 *
 * The proxy looks the server's name up itself. It is another host's, and what it sends is hostile:
 * nothing of it is shown but the status, a number.
 *
 * Source: RFC 9110 9.3.6 (CONNECT), RFC 9112 2-4 (message format), RFC 7617 (Basic, in UTF-8).
 */
#ifndef RS_PROXY_H
#define RS_PROXY_H

#include "attrs.h"
#include "diag.h"
#include "os.h"
#include "secret.h"
#include "str.h"

/* Texts are borrowed. host NULL: there is none. */
struct rs_proxy {
    const char *host;
    int32_t port;
    const char *user; /* NULL: it asks for none */
    const struct rs_secret *password;
};

enum { RS_PROXY_HEAD_MAX = 16 * 1024, RS_PROXY_WANTS_PASSWORD = 407, RS_PROXY_FORBIDS = 403 };

/* The whole request, which holds the password. Posts 08001 (a server's name that no proxy could be
 * asked for), HY001. */
RS_NODISCARD bool rs_proxy_request(const struct rs_proxy *proxy, const char *host, int32_t port,
                                   struct rs_secret *out, struct rs_diag *diag);

enum rs_proxy_says {
    RS_PROXY_MORE,    /* the head is not yet whole */
    RS_PROXY_OPEN,    /* the line leads to the server */
    RS_PROXY_REFUSES, /* *status says why */
    RS_PROXY_NONSENSE /* no reply of HTTP/1, or longer than RS_PROXY_HEAD_MAX */
};
/* Reads the reply as far as it has come, from its first byte; interim replies are passed over.
 * OPEN: *used bytes are the proxy's, the rest comes from behind it. */
enum rs_proxy_says rs_proxy_read(struct rs_str reply, int *status, size_t *used);

/* The variable that names a proxy for https to other programs, and not to the driver; NULL: none.
 */
const char *rs_proxy_variable(const struct rs_world *world);

#endif
