/*
 * The conversation from the start-up packet to the first ReadyForQuery, over a transport that has
 * TLS or not: start-up parameters, signing in, what the server tells of itself.
 *
 * The server is hostile until it has proved otherwise, and nothing it sends is kept beyond a
 * named limit. What it sent behind ReadyForQuery stays in the transport's buffer.
 *
 * Source: PostgreSQL documentation, "Start-up"; redshift.md 2 and 3.
 */
#ifndef RS_STARTUP_H
#define RS_STARTUP_H

#include "opener_each.h"

enum { RS_CANCEL_KEY_MAX = 256 };

struct rs_startup {
    const struct rs_login *login;
    const struct rs_open_options *options;
    const struct rs_address *address; /* for the log */
    bool may_send_clear;              /* a password as clear text; without TLS on the user's word */
    bool is_plain; /* without the parameters that only Redshift knows and nobody needs */
};

struct rs_started {
    struct rs_status *statuses;
    int32_t server_pid;
    char key[RS_CANCEL_KEY_MAX]; /* of cancel requests */
    size_t key_n;                /* 0: the server gave none */
    bool was_asked;              /* it asked who we are; set on failure too */
    bool was_refused;            /* it answered with an error; set on failure too */
    /* The error names one of the parameters that is_plain leaves out; set on failure too.
     * may_again: and no password is on its way that it may have been about. */
    bool was_too_much, may_again;
};
void rs_started_clear(struct rs_started *started); /* wipes */

/* started is all zero; cleared by the caller whatever the outcome. Posts 08001, 08004, 08S01
 * (the server broke the protocol), 28000, HYT00, HY000, HY001. */
RS_NODISCARD enum rs_try rs_startup_run(struct rs_transport *transport,
                                        const struct rs_startup *startup,
                                        struct rs_deadline deadline, struct rs_started *started,
                                        struct rs_diag *diag);

#endif
