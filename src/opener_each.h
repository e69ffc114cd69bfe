/*
 * Every address of a host, and every try the options allow, whatever opens the connection.
 *
 * Source: redshift.md 15 (what is tried again), ODBC login timeout for the whole.
 */
#ifndef RS_OPENER_EACH_H
#define RS_OPENER_EACH_H

#include "opener.h"
#include "transport.h"

enum rs_try {
    RS_TRY_OPEN,
    RS_TRY_REFUSED, /* another address or another try would not help */
    RS_TRY_UNABLE,  /* nor that, but another opener may be able to */
    RS_TRY_FAILED,  /* another address may */
    RS_TRY_LATER,   /* another try may, too */
    RS_TRY_NO_TLS   /* the server does not speak TLS; as RS_TRY_FAILED */
};

/* Tries one address. Posts one error unless it is open. */
typedef enum rs_try rs_try_fn(const struct rs_login *login, const struct rs_open_options *options,
                              const struct rs_address *address, struct rs_deadline deadline,
                              struct rs_opened *out, struct rs_diag *diag);

/* Resolves the host and divides the time left among its addresses. Posts 08001, HYT00, 28000
 * (no user) and what the tries post; one record. How the last try ended. */
RS_NODISCARD enum rs_try rs_open_each(rs_try_fn *try, const struct rs_login *login,
                                      const struct rs_open_options *options,
                                      struct rs_deadline deadline, struct rs_opened *out,
                                      struct rs_diag *diag);

/* Why TLS with this address fails: connects, shakes hands natively, sends nothing else and hangs
 * up. OPEN, with nothing posted, when it does not fail. Posts 08001, HY001. */
enum rs_try rs_native_tls_look(const struct rs_login *login, const struct rs_open_options *options,
                               const struct rs_address *address, bool check_name,
                               struct rs_deadline deadline, struct rs_diag *diag);

#endif
