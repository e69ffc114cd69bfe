/*
 * A JSON web token's payload, and JwtIamAuthPlugin, which hands a token to the Security Token
 * Service. The signature is not checked here: who is shown the token does that.
 *
 * Source: idp-flows.md 9; RFC 7519.
 */
#ifndef RS_JWT_H
#define RS_JWT_H

#include "../str.h"
#include "claims.h"
#include "idp.h"

enum { RS_JWT_MAX_CHARS = 20000 };

/* All zero is a valid empty one. */
struct rs_jwt {
    struct rs_claims claims; /* db_user alone */
    int64_t expires_at;      /* UTC seconds; 0: it does not say */
};
void rs_jwt_clear(struct rs_jwt *jwt);

/* Posts 28000 (no token; nothing of it is told), HY001. */
RS_NODISCARD bool rs_jwt_read(struct rs_str text, struct rs_jwt *out, struct rs_diag *diag);

/* Posts 28000 too when the token has expired. */
rs_idp_fetch_fn rs_idp_jwt_iam;

#endif
