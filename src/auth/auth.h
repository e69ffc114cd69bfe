/*
 * From settings to a login: which way of proving who one is applies, AWS credentials, the calls
 * that look up the cluster and fetch a temporary password. Knows no ODBC.
 */
#ifndef RS_AUTH_H
#define RS_AUTH_H

#include "../diag.h"
#include "../log.h"
#include "../opener.h"
#include "../os.h"
#include "../settings.h"

/*
 * Resolves everything that is needed to open a session. settings may be completed on the way
 * (profile values below what the user set). out is written only on success; rs_login_clear it.
 *
 * Posts 28000 (credentials, permissions, missing keys), 08001 (AWS not reachable, cluster not
 * found), HYT00 (deadline), HY000, HYC00 (a way that is not in this build), HY001; warnings 01S00.
 * Source: credentials.md 1-6, aws-api.md 11, 12.
 */
RS_NODISCARD bool rs_auth_resolve(struct rs_settings *settings, const struct rs_world *world,
                                  struct rs_deadline deadline, struct rs_log *log,
                                  struct rs_login *out, struct rs_diag *diag);

/*
 * The server has refused this login's password. True when it is a kept one, handed out for an
 * earlier connection: it is not kept any longer, and resolving anew gets another one.
 */
bool rs_auth_forget(const struct rs_login *login);

/* An environment comes and goes; with the last one all credentials that are kept are wiped. */
void rs_auth_hold(void);
void rs_auth_release(void);

/* True when these settings mean IAM or a native plugin (TLS is a must). */
bool rs_auth_is_iam(const struct rs_settings *settings);

#endif
