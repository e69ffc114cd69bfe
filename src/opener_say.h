/*
 * What openers say when a connection does not come about: the same sentences, whoever opens.
 *
 * Source: odbc.md 3.4 (states), redshift.md 15 (what is tried again), 16.
 */
#ifndef RS_OPENER_SAY_H
#define RS_OPENER_SAY_H

#include "line.h"
#include "opener_each.h"

/* The server's ErrorResponse: five is its SQLSTATE. */
enum rs_try rs_say_refused(const struct rs_open_options *options, const struct rs_address *address,
                           const char *five, struct rs_str message, struct rs_diag *diag);
/* The handshake failed. ssl: to ask about the certificate, or NULL; line: the cause otherwise. */
enum rs_try rs_say_tls_failed(const struct rs_login *login, const struct rs_open_options *options,
                              void *ssl, bool checks_name, struct rs_str line,
                              struct rs_diag *diag);
#define RS_SAY_EARLY_BYTES                                                                         \
    "unencrypted bytes came behind the answer to the request for TLS; somebody may have put them " \
    "there"
enum rs_try rs_say_no_tls(const struct rs_login *login, struct rs_diag *diag);
/* withheld: there is a password, but it must not go out in the clear. */
enum rs_try rs_say_needs_password(const struct rs_login *login, bool withheld,
                                  struct rs_diag *diag);
enum rs_try rs_say_not_connected(const struct rs_login *login, struct rs_str why,
                                 struct rs_diag *diag);
/* The line came to its end before or at the proxy. 407 and 403 are final: a password is not tried
 * twice. */
enum rs_try rs_say_no_proxy(const struct rs_proxy *proxy, enum rs_line_end end,
                            const struct rs_line *line, struct rs_diag *diag);
enum rs_try rs_say_no_answer(const struct rs_login *login, struct rs_diag *diag);

/* Terminate, to a server that waits for us. False: it did not go out in time. */
bool rs_say_goodbye(struct rs_transport *transport);

#endif
