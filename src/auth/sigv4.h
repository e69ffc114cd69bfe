/*
 * AWS Signature Version 4 in its header form: the four stages of signing one request, each kept so
 * that a test can tell which one broke. Sends nothing, reads no clock.
 *
 * Source: AWS General Reference, "Create a signed AWS API request".
 */
#ifndef RS_SIGV4_H
#define RS_SIGV4_H

#include "../attrs.h"
#include "../http.h"
#include "../str.h"
#include "creds.h"

enum { RS_SIGV4_MAX_BYTES = 1 << 20, RS_SIGV4_MAX_HEADERS = 64 };

/* What is signed. Everything is borrowed for the call. */
struct rs_sign_request {
    const char *method;
    struct rs_str path;              /* as in the URL; "" is "/" */
    struct rs_str query;             /* as in the URL, without ? */
    const struct rs_header *headers; /* all of them are signed; must hold Host */
    size_t n_headers;
    struct rs_str body;
    const char *region, *service;
    bool keeps_path;      /* true: dot segments and doubled slashes stay as they are */
    bool omits_token;     /* true: the session token is sent but not signed */
    bool signs_body_hash; /* true: x-amz-content-sha256 is signed, and must be sent */
};

struct rs_signed {
    struct rs_buf canonical; /* holds the session token when that is signed: never log it */
    struct rs_buf to_sign;
    struct rs_buf signature;     /* hex */
    struct rs_buf authorization; /* value of the Authorization header */
    struct rs_buf date;          /* value of X-Amz-Date */
    struct rs_buf body_hash;     /* hex; value of x-amz-content-sha256 */
};

/*
 * Signs one request. Header names may be in any case and order; X-Amz-Date and, with a session
 * token, X-Amz-Security-Token are added to those of the request and must be sent with it.
 *
 * when   UTC seconds since 1970; must be within 15 minutes of the service's clock.
 * out    filled on success; rs_signed_clear it.
 *
 * Posts HY001, HY000 (too long, more than RS_SIGV4_MAX_HEADERS headers).
 */
RS_NODISCARD bool rs_sigv4_sign(const struct rs_sign_request *req, const struct rs_creds *creds,
                                int64_t when, struct rs_signed *out, struct rs_diag *diag);
void rs_signed_clear(struct rs_signed *sig);

#endif
