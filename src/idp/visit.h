/*
 * One sign-in at an identity provider, request by request: cookies, redirects by rules, limits.
 *
 * Nothing leaves for another place than the provider's host and port and the hosts of
 * idp_trusted_hosts, and only by https. No URL is logged or put into a message beyond host and
 * port: it may hold a token.
 *
 * Source: idp-flows.md 1.2, 13; RFC 9110, 15.4 (redirects).
 */
#ifndef RS_IDP_VISIT_H
#define RS_IDP_VISIT_H

#include "../attrs.h"
#include "../http.h"
#include "../url.h"
#include "idp.h"

enum { RS_IDP_MAX_REPLY = 2 << 20, RS_IDP_MAX_URL = 64 << 10, RS_IDP_MAX_REDIRECTS = 10 };

struct rs_idp_visit {
    const struct rs_idp_ask *ask;
    struct rs_http_session session;
    struct rs_http_reply reply; /* the last one */
    struct rs_buf url;          /* where it came from, redirects followed */
    const char *host;           /* the provider's */
    int32_t port;
    /* of the requests that follow; the caller's */
    const char *user_agent; /* NULL: a browser's manner with the driver's name */
    bool negotiates;
    bool has_warned;
};

struct rs_idp_step {
    const char *method, *url;
    const struct rs_header *headers;
    size_t n_headers;
    struct rs_str body;
};

/* host as in a URL, an IPv6 address in brackets; it lives as long as the visit. */
void rs_idp_visit_begin(struct rs_idp_visit *visit, const struct rs_idp_ask *ask, const char *host,
                        int32_t port);
/* A request and what its redirects lead to. A reply of any other status is a success.
 * Posts 08001 (no connection, a redirect that is not followed), HYT00, HY000, HY001; warns 01000
 * when ssl_insecure is set, once a visit. */
RS_NODISCARD bool rs_idp_visit_go(struct rs_idp_visit *visit, const struct rs_idp_step *step,
                                  struct rs_diag *diag);
/* Posts 08001 when the last reply's status is not 200. */
RS_NODISCARD bool rs_idp_visit_need_ok(const struct rs_idp_visit *visit, struct rs_diag *diag);
void rs_idp_visit_end(struct rs_idp_visit *visit);

/* May a request go there? https, and the provider's host and port, or a trusted host. */
bool rs_idp_visit_may(const struct rs_idp_visit *visit, const struct rs_url *url);
/* Among the comma-separated hosts of idp_trusted_hosts, case ignored. */
bool rs_idp_is_trusted(const struct rs_settings *set, struct rs_str host);
/* What a link on the last page leads to, as rs_link_resolve; base is the document's own, empty:
 * none. */
RS_NODISCARD bool rs_idp_visit_resolve(const struct rs_idp_visit *visit, struct rs_str base,
                                       struct rs_str link, struct rs_buf *out, bool *is_link,
                                       struct rs_diag *diag);
/* idp_host is a host's name or an address in brackets. Posts HY000. */
RS_NODISCARD bool rs_idp_host_check(const struct rs_settings *set, struct rs_diag *diag);

#endif
