/*
 * The native plugins whose token the user hands over in keys: JWT and IdpTokenAuthPlugin. The token
 * is nobody's here: it is neither read nor checked, the server does that.
 *
 * Source: idp-flows.md 10, 10.1.
 */
#ifndef RS_IDP_TOKEN_H
#define RS_IDP_TOKEN_H

#include "idp.h"

rs_idp_fetch_fn rs_idp_jwt;
/* IdpTokenAuthPlugin: the token, or access keys of a session that has an identity. */
rs_idp_fetch_fn rs_idp_token_keys;

#endif
