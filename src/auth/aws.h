/*
 * One call of an AWS service, in the query or the JSON protocol: sign, send, retry, read the error
 * document.
 *
 * Source: aws-api.md 1 and 10; AWS SDKs and Tools Reference Guide, "Retry behavior" (standard).
 */
#ifndef RS_AWS_H
#define RS_AWS_H

#include "../attrs.h"
#include "../diag.h"
#include "../log.h"
#include "../os.h"
#include "../str.h"
#include "creds.h"
#include "endpoint.h"

enum {
    RS_AWS_MAX_REPLY = 1 << 20,
    RS_AWS_ATTEMPTS = 3,
    RS_AWS_DEFAULT_TIMEOUT_S = 60,
    RS_AWS_MAX_TOLD = 64, /* bytes of a code that somebody compares */
    RS_AWS_CLOCK_OFF_S = 30
};

/* What the calls of one sign-in have in common. All of it is borrowed. */
struct rs_http_proxy;
struct rs_aws {
    const struct rs_world *world;
    struct rs_deadline deadline; /* of the whole sign-in */
    int64_t call_timeout_ms;     /* of each request; 0: the default */
    struct rs_log *log;
    const struct rs_creds *creds;
    const struct rs_endpoint *endpoint;
    const char *region;  /* signed for */
    const char *service; /* signing name */
    const char *ca_file;
    const struct rs_http_proxy *proxy; /* NULL: none */
};

/* Words added to the message of an error code, beside those every call has. */
struct rs_aws_hint {
    const char *code, *text; /* ends with a NULL code */
};

/* What an answer says beside its body. */
struct rs_aws_told {
    char code[RS_AWS_MAX_TOLD]; /* of a refusal; "": there was none */
    bool clock_is_off;          /* its Date is not our time, corrected as far as it is known */
};

struct rs_aws_call {
    const char *operation;
    const char *target;              /* X-Amz-Target, with a JSON body; NULL: a form */
    struct rs_str body;              /* a form, Action and Version included; or JSON */
    const struct rs_aws_hint *hints; /* NULL: none */
    bool is_unsigned;                /* the body is the proof; creds only say what to mask */
    struct rs_aws_told *told;        /* NULL: nobody wants to know */
};

/*
 * Sends until there is an answer or no further try makes sense: at most RS_AWS_ATTEMPTS requests,
 * one more after a corrected clock. The body of a 2xx answer is appended to reply (make it wiped).
 *
 * Posts 28000 (refused), 08001 (not reachable, not found), HYT00 (deadline), HY000, HY001: one
 * error "OPERATION: CODE: MESSAGE (HTTP STATUS, request id ID); HINT", native the HTTP status.
 * Secrets of the credentials are masked where a service repeats them.
 */
RS_NODISCARD bool rs_aws_send(const struct rs_aws *aws, const struct rs_aws_call *call,
                              struct rs_buf *reply, struct rs_diag *diag);

/* UTC seconds by the clock of the endpoint's host, as far as an answer has told it. */
int64_t rs_aws_now(const struct rs_aws *aws);
/* Forgets what answers told about clocks (tests). */
void rs_aws_forget_clocks(void);
/* Around a fork: nobody is in the middle of them then, and the child can use them. */
void rs_aws_hold_clocks(void);
void rs_aws_let_clocks(void);

/* 2026-01-15T12:15:00Z to UTC seconds; a fraction is cut, and the zone may be +hh:mm or -hh:mm. */
RS_NODISCARD bool rs_aws_time(struct rs_str text, int64_t *out);

#endif
