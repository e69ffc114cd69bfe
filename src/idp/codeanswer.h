/*
 * The answer of an authorization server that a browser brings: a code or an error, and the state
 * that says which question it answers.
 *
 * Source: RFC 6749, 4.1.2.
 */
#ifndef RS_CODEANSWER_H
#define RS_CODEANSWER_H

#include "listener.h"
#include "pkce.h"

struct rs_codeanswer {
    struct rs_listener *listener;
    const struct rs_pkce *pkce;
    const char *provider;  /* begins the message of an error */
    struct rs_secret code; /* what came; the caller's to clear */
};

/* For struct rs_listener; ctx is a struct rs_codeanswer. An error with the right state ends the
 * wait: 28000. */
enum rs_verdict rs_codeanswer_take(void *ctx, const struct rs_incoming *request,
                                   struct rs_diag *diag);

#endif
