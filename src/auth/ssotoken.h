/*
 * The token of IAM Identity Center that `aws sso login` leaves in a file: read, renewed. Pure text
 * work; sso.c does the calls.
 *
 * Source: credentials.md 3.6, aws-api.md 7.2; AWS SDKs and Tools Reference Guide, "IAM Identity
 * Center credential provider".
 */
#ifndef RS_SSOTOKEN_H
#define RS_SSOTOKEN_H

#include "../attrs.h"
#include "../diag.h"
#include "../secret.h"
#include "../str.h"

enum { RS_SSOTOKEN_MAX_BYTES = 1 << 17, RS_SSOTOKEN_RENEW_S = 15 * 60 };

/* All zero is a valid empty one. */
struct rs_ssotoken {
    struct rs_secret access;
    int64_t expires_at;
    struct rs_secret refresh, client_secret, client_id; /* empty: it cannot be renewed */
    int64_t registered_until;
};
void rs_ssotoken_clear(struct rs_ssotoken *token);

/* A file's text. Posts HY000 (none of it), HY001. */
RS_NODISCARD bool rs_ssotoken_read(struct rs_str text, struct rs_ssotoken *out,
                                   struct rs_diag *diag);
bool rs_ssotoken_is_renewable(const struct rs_ssotoken *token, int64_t now_s);
/* The request that renews it, appended. */
void rs_ssotoken_ask(const struct rs_ssotoken *token, struct rs_buf *out);
/* The file's new text: the old one with what the answer brings. Posts HY000, HY001. */
RS_NODISCARD bool rs_ssotoken_renew(struct rs_str file, struct rs_str answer, int64_t now_s,
                                    struct rs_buf *out, struct rs_diag *diag);

#endif
