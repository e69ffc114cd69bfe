/*
 * What libpq is told, and what its refusals say. Only opener_pq.c includes this; the text work is
 * apart so that it can be tested without a server.
 *
 * Source: PostgreSQL documentation, "Parameter Key Words"; redshift.md 2.
 */
#ifndef RS_OPENER_PQ_PARAMS_H
#define RS_OPENER_PQ_PARAMS_H

#include "opener.h"

enum { RS_PQ_PARAMS_MAX = 64 };

/* For PQconnectStartParams: both arrays end with NULL. Values are borrowed, or owned by text. */
struct rs_pq_params {
    const char *name[RS_PQ_PARAMS_MAX + 1], *value[RS_PQ_PARAMS_MAX + 1];
    size_t n;
    const char *known; /* names the running libpq knows, a blank before and after each; borrowed */
    char *owned[8];
    size_t n_owned;
};

/* Everything but the password. No value is empty, since an empty one means "use the environment".
 * guarded: libpq was told not to answer a clear-text password request (it has require_auth).
 * Posts HY001, and 08001 for values libpq cannot carry. */
RS_NODISCARD bool rs_pq_params_fill(struct rs_pq_params *params, const struct rs_login *login,
                                    const struct rs_open_options *options, const char *address,
                                    const char *sslmode, bool no_clear_password, bool *guarded,
                                    struct rs_diag *diag);
/* Left out when libpq does not know the name. */
void rs_pq_params_add(struct rs_pq_params *params, const char *name, const char *value);
void rs_pq_params_clear(struct rs_pq_params *params);

/* Finds "severity:  SQLSTATE: message" in libpq's verbose text, whatever the language of the
 * severity; the last one if there are several. message: without the source location. */
bool rs_pq_sqlstate(struct rs_str text, char five[6], struct rs_str *message);
/* libpq's line says that what came is no message of the protocol. In other languages than its own
 * this passes for an unknown way to sign in; either way the text is shown. */
bool rs_pq_is_nonsense(struct rs_str line);

#endif
