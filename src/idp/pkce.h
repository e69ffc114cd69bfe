/*
 * What binds the answer of a browser to the question asked: a state that comes back with it, and a
 * verifier whose digest alone goes with the question.
 *
 * Source: RFC 7636, 4.1 and 4.2; RFC 6749, 10.12.
 */
#ifndef RS_PKCE_H
#define RS_PKCE_H

#include "../attrs.h"
#include "../diag.h"
#include "../secret.h"
#include "../str.h"

enum { RS_PKCE_STATE_BYTES = 32, RS_PKCE_MAX_BYTES = 64 };

struct rs_pkce {
    struct rs_secret state, verifier;
    char challenge[48]; /* S256 of the verifier */
};

/* verifier_bytes: random bytes, at most RS_PKCE_MAX_BYTES. Posts HY000 (no random bytes), HY001. */
RS_NODISCARD bool rs_pkce_make(size_t verifier_bytes, struct rs_pkce *out, struct rs_diag *diag);
/* Posts HY000, HY001. */
RS_NODISCARD bool rs_pkce_challenge(struct rs_str verifier, char out[48], struct rs_diag *diag);
/* In a time that does not tell where they differ. */
bool rs_pkce_is_state(const struct rs_pkce *pkce, struct rs_str state);
void rs_pkce_clear(struct rs_pkce *pkce);

#endif
