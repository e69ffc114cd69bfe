/*
 * The user's browser, started to show a page, without a shell. Where there is none to start, the
 * log shows the page's URL, so that a browser elsewhere can open it while the driver waits; with
 * no log that anybody could read there is nothing to wait for.
 *
 * Source: idp-flows.md 12.
 */
#ifndef RS_BROWSER_H
#define RS_BROWSER_H

#include "../url.h"
#include "idp.h"

struct rs_browser {
    const struct rs_idp_ask *ask;
    const char *url; /* borrowed; https */
    int32_t port;    /* of the listener that waits for the answer */
    bool stays_here; /* elsewhere it would be of no use */
    /* inside */
    struct rs_child child;
    struct rs_deadline leave_at;
    bool is_elsewhere; /* no browser here */
};

/* https, and nothing in it that a program or a person could take for something else. out: its
 * parts. */
bool rs_browser_may_show(struct rs_str url, struct rs_url *out);
/* Is there anything to start a browser with? */
bool rs_browser_is_there(const struct rs_idp_ask *ask, const char **why_not);
/* Posts HY000 (no URL that can be handed to a program; no browser and no log), HY001. */
RS_NODISCARD bool rs_browser_open(struct rs_browser *browser, struct rs_diag *diag);
/* To be called now and then while its answer is waited for; false (posted): the program that was
 * to show the page said that it could not, and there is no log. *wait_ms: when to call again. */
RS_NODISCARD bool rs_browser_check(struct rs_browser *browser, int64_t *wait_ms,
                                   struct rs_diag *diag);
void rs_browser_leave(struct rs_browser *browser);

#endif
