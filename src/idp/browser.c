#include "browser.h"

enum { PROGRAM_MAX_MS = 5000, CHECK_MS = 50 };

static const char *env(const struct rs_idp_ask *ask, const char *name)
{
    return ask->world->env(ask->world->ctx, name);
}

/* NULL: none; then *why_not says so. */
static const char *program_of(const struct rs_idp_ask *ask, const char **why_not)
{
    static const char *const displays[] = { "DISPLAY", "WAYLAND_DISPLAY", "BROWSER" };
    bool is_elevated = rs_os_is_elevated();
    const char *own = is_elevated ? NULL : env(ask, "RSODBC_BROWSER");
    bool has_display = !rs_os_url_opener.needs_display;

    if (own != NULL)
        return own;
    for (size_t i = 0; i < RS_COUNT(displays); i++)
        has_display = has_display || env(ask, displays[i]) != NULL;
    if (!has_display)
        *why_not = "there is no display";
    else if (is_elevated)
        *why_not = "this program runs with rights of another user";
    else
        return rs_os_url_opener.program;
    return NULL;
}

bool rs_browser_is_there(const struct rs_idp_ask *ask, const char **why_not)
{
    return program_of(ask, why_not) != NULL;
}

/* What other programs may take for several words, or for something else than a URL. */
static bool is_plain(struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~' || memchr("\"'`<>\\^{|}", text.p[i], 10) != NULL)
            return false;
    return true;
}

bool rs_browser_may_show(struct rs_str url, struct rs_url *out)
{
    return is_plain(url) && rs_url_split(url, out) &&
           rs_str_eq_nocase(out->scheme, RS_STR("https")) && !out->has_userinfo;
}

/* To be opened elsewhere, if there is anybody who can see it in time. */
static bool go_elsewhere(struct rs_browser *browser, const char *why, struct rs_diag *diag)
{
    struct rs_log *log = browser->ask->log;
    int port = (int)browser->port;

    browser->is_elsewhere = true;
    if (browser->stays_here)
        return rs_fail(diag, RS_HY000, 0, "could not open a browser: %s", why);
    RS_LOG(log, RS_LOG_WARNING, "auth.browser",
           "%s: open %s in a browser on a computer whose port %d leads to port %d of this one", why,
           browser->url, port, port);
    if (rs_log_on(log, RS_LOG_WARNING))
        return true;
    return rs_fail(diag, RS_HY000, 0,
                   "could not open a browser: %s; to sign in from another computer let its port %d "
                   "lead to this one's (ssh -L %d:localhost:%d), connect with LogLevel=3 and open "
                   "the URL that the log then shows, like %s",
                   why, port, port, port, browser->url);
}

bool rs_browser_open(struct rs_browser *browser, struct rs_diag *diag)
{
    const struct rs_idp_ask *ask = browser->ask;
    const char *why = NULL, *program = program_of(ask, &why);
    struct rs_diag cause = { 0 };
    struct rs_url url = { .port = 0 };
    char *copy[2] = { NULL, NULL };
    bool ok = false;

    if (!rs_browser_may_show(rs_str_of(browser->url), &url))
        return rs_fail(diag, RS_HY000, 0,
                       "the URL of the sign-in page is not one that a browser can be given; it "
                       "must be https, with anything unusual in it percent-encoded");
    if (program == NULL)
        return go_elsewhere(browser, why, diag);
    copy[0] = rs_str_dup(rs_str_of(program), diag);
    copy[1] = copy[0] == NULL ? NULL : rs_str_dup(rs_str_of(browser->url), diag);
    if (copy[1] == NULL)
        goto out;
    RS_LOG(ask->log, RS_LOG_INFO, "auth.browser", "opening the page of %.*s", RS_ARG(url.host));
    ok = ask->world->start(ask->world->ctx, (char *[]){ copy[0], copy[1], NULL }, &browser->child,
                           &cause);
    if (ok)
        browser->leave_at = rs_deadline_in(PROGRAM_MAX_MS);
    else if (rs_diag_state(&cause) == RS_HY001)
        rs_fail_memory(diag);
    else
        ok = go_elsewhere(browser, rs_diag_first(&cause), diag);
out:
    rs_free(copy[0]);
    rs_free(copy[1]);
    rs_diag_clear(&cause);
    return ok;
}

bool rs_browser_check(struct rs_browser *browser, int64_t *wait_ms, struct rs_diag *diag)
{
    int status = 0;

    *wait_ms = INT64_MAX;
    if (browser->child.id == 0)
        return true;
    if (rs_child_has_ended(&browser->child, &status))
        return status == 0 ||
               go_elsewhere(browser, "the program that opens pages could not open one", diag);
    if (rs_deadline_passed(browser->leave_at))
        rs_child_leave(&browser->child);
    else
        *wait_ms = CHECK_MS;
    return true;
}

void rs_browser_leave(struct rs_browser *browser)
{
    rs_child_leave(&browser->child);
}
