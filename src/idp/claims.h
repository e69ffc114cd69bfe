/*
 * What an assertion or a token says of the database user, beside who it is for.
 *
 * Source: credentials.md 6.
 */
#ifndef RS_CLAIMS_H
#define RS_CLAIMS_H

#include "../attrs.h"
#include "../diag.h"

enum rs_claim { RS_CLAIM_ABSENT, RS_CLAIM_NO, RS_CLAIM_YES };

/* All zero: nothing is said. */
struct rs_claims {
    char *db_user;   /* NULL: none */
    char *db_groups; /* all values, joined with commas, as they came; NULL: none */
    enum rs_claim auto_create, force_lowercase, allow_db_user_override;
};

/* `to` is cleared first, also when this fails (HY001). */
RS_NODISCARD bool rs_claims_copy(struct rs_claims *to, const struct rs_claims *from,
                                 struct rs_diag *diag);
/* `to` is cleared first; `from` is empty afterwards. */
void rs_claims_move(struct rs_claims *to, struct rs_claims *from);
void rs_claims_clear(struct rs_claims *claims); /* safe on empty */

#endif
