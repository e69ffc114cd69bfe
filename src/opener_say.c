#include "opener_say.h"

#include <string.h>

#include "pgmsg.h"
#include "session.h"
#include "tls.h"

enum { GOODBYE_MS = 5000 };

enum rs_try rs_say_refused(const struct rs_open_options *options, const struct rs_address *address,
                           const char *five, struct rs_str message, struct rs_diag *diag)
{
    enum rs_state state = rs_server_state(five, message, RS_STR_NULL, true);
    bool later = strcmp(five, "57P03") == 0 || strcmp(five, "53300") == 0;

    RS_LOG(options->log, RS_LOG_INFO, "connect", "%s refused the connection, SQLSTATE %s",
           address->text, five);
    if (strcmp(rs_state_text(state, false), five) == 0 || five[0] == '\0')
        rs_fail_server(diag, state, 0, "%.*s", RS_ARG(message));
    else
        rs_fail_server(diag, state, 0, "%.*s [SQLSTATE %s]", RS_ARG(message), five);
    return later ? RS_TRY_LATER : RS_TRY_REFUSED;
}

enum rs_try rs_say_tls_failed(const struct rs_login *login, const struct rs_open_options *options,
                              void *ssl, bool checks_name, struct rs_str line, struct rs_diag *diag)
{
    struct rs_buf why = RS_BUF_INIT(1024), names = RS_BUF_INIT(4096);
    const char *advice = "";
    bool named;

    if (ssl == NULL) {
        rs_fail(diag, RS_08001, 0, "TLS with \"%s\" failed: %.*s", login->host, RS_ARG(line));
        return RS_TRY_FAILED;
    }
    named = rs_tls_peer_names(ssl, &names) && !names.bad && names.len > 0;
    if (rs_tls_verify_error(ssl, &why, &advice))
        rs_fail(diag, RS_08001, 0,
                "the certificate of \"%s\"%s%s%s could not be verified with \"%s\": %s; %s",
                login->host, named ? " (for \"" : "", named ? names.p : "", named ? "\")" : "",
                options->ca_file == NULL ? "" : options->ca_file,
                why.p == NULL ? "unknown error" : why.p, advice);
    else if (named && checks_name && !rs_tls_is_for(ssl, login->host))
        rs_fail(
            diag, RS_08001, 0,
            "the certificate of the server is for \"%s\", not for \"%s\"; connect by that name, "
            "or set SSLMode=verify-ca to check the issuer only",
            names.p, login->host);
    else
        rs_fail(diag, RS_08001, 0, "TLS with \"%s\" failed: %.*s", login->host, RS_ARG(line));
    rs_buf_clear(&why);
    rs_buf_clear(&names);
    return RS_TRY_FAILED;
}

enum rs_try rs_say_no_tls(const struct rs_login *login, struct rs_diag *diag)
{
    rs_fail(diag, RS_08001, 0, "the server \"%s\" does not use TLS%s", login->host,
            rs_login_needs_tls(login) ? ", which temporary credentials and tokens need"
                                      : "; SSLMode=disable connects without");
    return RS_TRY_NO_TLS;
}

enum rs_try rs_say_needs_password(const struct rs_login *login, bool withheld, struct rs_diag *diag)
{
    if (withheld)
        rs_fail(diag, RS_28000, 0,
                "the server \"%s\" asks for a password but does not use TLS; the password was not "
                "sent; SSLMode=disable allows it",
                login->host);
    else
        rs_fail(diag, RS_28000, 0, "the server asks for a password; PWD is not set");
    return RS_TRY_REFUSED;
}

enum rs_try rs_say_not_connected(const struct rs_login *login, struct rs_str why,
                                 struct rs_diag *diag)
{
    rs_fail(diag, RS_08001, 0, "could not connect to \"%s\": %.*s", login->host, RS_ARG(why));
    return RS_TRY_LATER;
}

static enum rs_try proxy_refused(const struct rs_proxy *proxy, int status, struct rs_diag *diag)
{
    const char *what = "";

    if (status == RS_PROXY_WANTS_PASSWORD)
        what = proxy->user == NULL ? "; it wants ProxyUid and ProxyPwd"
                                   : "; it does not take ProxyUid and ProxyPwd";
    else if (status == RS_PROXY_FORBIDS)
        what = "; it does not allow this server";
    else if (status >= 500)
        what = "; it could not reach the server";
    rs_fail(diag, RS_08001, 0, "the proxy \"%s\" answered HTTP %d%s", proxy->host, status, what);
    if (status == RS_PROXY_WANTS_PASSWORD || status == RS_PROXY_FORBIDS)
        return RS_TRY_REFUSED;
    return status >= 500 ? RS_TRY_LATER : RS_TRY_FAILED;
}

enum rs_try rs_say_no_proxy(const struct rs_proxy *proxy, enum rs_line_end end,
                            const struct rs_line *line, struct rs_diag *diag)
{
    if (end == RS_LINE_NO_PROXY && line->status != 0)
        return proxy_refused(proxy, line->status, diag);
    if (end == RS_LINE_NO_ANSWER) {
        rs_fail(diag, RS_HYT00, 0, "login timeout expired: no answer from the proxy \"%s\"",
                proxy->host);
        return RS_TRY_FAILED;
    }
    rs_fail(diag, RS_08001, 0, "could not connect through the proxy \"%s\": %s", proxy->host,
            line->why);
    return end == RS_LINE_NO_PROXY ? RS_TRY_FAILED : RS_TRY_LATER;
}

enum rs_try rs_say_no_answer(const struct rs_login *login, struct rs_diag *diag)
{
    rs_fail(diag, RS_HYT00, 0, "login timeout expired: no answer from \"%s\"", login->host);
    return RS_TRY_FAILED;
}

bool rs_say_goodbye(struct rs_transport *transport)
{
    struct rs_buf out = RS_BUF_INIT(16);
    struct rs_diag scratch = { 0 };
    bool ok;

    rs_msg_terminate(&out);
    ok = !out.bad && rs_transport_send(transport, rs_buf_str(&out), rs_deadline_in(GOODBYE_MS), 0,
                                       &scratch) == RS_WAIT_OK;
    if (!ok)
        rs_transport_break(transport);
    rs_buf_clear(&out);
    rs_diag_clear(&scratch);
    return ok;
}
