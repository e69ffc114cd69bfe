/*
 * One request that is not signed, for credentials: to the instance, the container, Identity Center.
 *
 * Source: aws-api.md 7 to 9, 10.2, 10.4.
 */
#ifndef RS_PLAINCALL_H
#define RS_PLAINCALL_H

#include "../attrs.h"
#include "../diag.h"
#include "../http.h"
#include "source.h"

enum { RS_PLAINCALL_MAX_REPLY = 1 << 16, RS_PLAINCALL_MAX_HEADERS = 4 };

struct rs_plaincall {
    const char *what; /* begins each message */
    const char *method, *url;
    const struct rs_header *headers;
    size_t n_headers;
    struct rs_str body;
    const char *ca_file; /* NULL: plain http */
    const struct rs_http_proxy *proxy;
    int64_t timeout_ms; /* of each attempt */
    unsigned attempts;
    int64_t gap_ms; /* between two; 0: full jitter, as aws-api.md 10.4 says */
};

/*
 * Sends until there is an answer that is neither 429 nor 5xx, or no attempt is left: then the last
 * answer counts. A reply of any status is a success.
 *
 * Posts 08001 (no answer), HYT00 (the login timeout ran out), HY000 (too large), HY001.
 */
RS_NODISCARD bool rs_plaincall_send(const struct rs_source *from, const struct rs_plaincall *call,
                                    struct rs_http_reply *reply, struct rs_diag *diag);

/* Posts what an answer that is no success says: 28000 for 4xx, else HY000; "WHAT: CODE: MESSAGE
 * (HTTP STATUS)HINT". secret is masked. Always returns false. */
bool rs_plaincall_refuse(const struct rs_plaincall *call, const struct rs_http_reply *reply,
                         struct rs_str secret, const char *hint, struct rs_diag *diag);

#endif
