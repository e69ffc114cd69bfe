/*
 * Waits on a port of this computer for the answer that a browser brings: one answer is taken, all
 * else is refused and waiting goes on. In the caller's thread, one request at a time; nothing of
 * it is left when it ends.
 *
 * Source: idp-flows.md 11.
 */
#ifndef RS_LISTENER_H
#define RS_LISTENER_H

#include "../listen.h"
#include "browser.h"
#include "idp.h"
#include "incoming.h"

enum rs_verdict {
    RS_VERDICT_TAKEN,    /* it is the answer */
    RS_VERDICT_BAD,      /* it is not: 400 */
    RS_VERDICT_STRANGER, /* it comes from where none may come from: 403 */
    RS_VERDICT_FAILED    /* posted: there is nothing more to wait for */
};

struct rs_listener {
    const struct rs_idp_ask *ask;
    const char *what; /* is waited for, in messages: "SAML response" */
    bool by_get;      /* GET / instead of POST /redshift/ */
    enum rs_verdict (*take)(void *ctx, const struct rs_incoming *request, struct rs_diag *diag);
    void *ctx;
    bool stays_here; /* no browser elsewhere would do: without one here it fails */
    /* What came of it: there was no browser; why the last answer was not one, as take says. */
    bool has_no_browser;
    struct rs_buf reason;
    /* inside */
    struct rs_listen listen;
};

/* The port of the settings, or this one where they name none (0: any). The port that came of it is
 * rs_listener_port. Posts 08001 (busy), HY000 (0 where it must be known before). */
RS_NODISCARD bool rs_listener_open(struct rs_listener *listener, int32_t usual_port,
                                   struct rs_diag *diag);
/* take says why an answer is not one: told when no other comes. Nothing of it but what is known to
 * be harmless. */
void rs_listener_because(struct rs_listener *listener, const char *fmt, ...) RS_PRINTF(2, 3);
int32_t rs_listener_port(const struct rs_listener *listener);
/*
 * Opens the page and waits until take has taken an answer or failed.
 * Posts what take posts; HYT00 (no answer within idp_response_timeout, or the login timeout), HY000
 * (no browser), 08001 (the port fails, too many connections), HY001.
 */
RS_NODISCARD bool rs_listener_run(struct rs_listener *listener, const char *url,
                                  struct rs_diag *diag);
void rs_listener_close(struct rs_listener *listener);

#endif
