/*
 * What IAM Identity Center has given to this process and may be used again: registrations as a
 * client, and authorizations of a device that the user may still confirm. In memory alone.
 *
 * Source: aws-api.md 7.3.
 */
#ifndef RS_OIDCKEEP_H
#define RS_OIDCKEEP_H

#include "oidc.h"

enum { RS_OIDCKEEP_ENTRIES = 16, RS_OIDCKEEP_MARGIN_S = 60 };

/* Under what it is kept: everything that determines it. */
struct rs_oidckeep_key {
    char digest[65];
};
/* redirect NULL: as a device. Posts HY000, HY001. */
RS_NODISCARD bool rs_oidckeep_key(const struct rs_idp_ask *ask, const char *redirect,
                                  struct rs_oidckeep_key *out, struct rs_diag *diag);

/* Copies of what is kept and has not expired; what is not there stays empty. device may be NULL.
 * False: HY001. */
RS_NODISCARD bool rs_oidckeep_get(const struct rs_oidckeep_key *key, int64_t now_s,
                                  struct rs_oidc_client *client, struct rs_oidc_device *device,
                                  struct rs_diag *diag);
/* device NULL: none. What there is no memory for is not kept. */
void rs_oidckeep_put(const struct rs_oidckeep_key *key, const struct rs_oidc_client *client,
                     const struct rs_oidc_device *device);
void rs_oidckeep_drop(const struct rs_oidckeep_key *key);

#endif
