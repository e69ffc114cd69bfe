/*
 * IAM Identity Center as an authorization server: its three calls. None is signed; the client is
 * one that registers itself.
 *
 * Source: idp-flows.md 10, aws-api.md 7.2, 7.3; IAM Identity Center OIDC API Reference,
 * RegisterClient, StartDeviceAuthorization, CreateToken; RFC 8628.
 */
#ifndef RS_OIDC_H
#define RS_OIDC_H

#include "idp.h"

struct rs_oidc_client {
    struct rs_secret id, secret;
    int64_t expires_at; /* UTC seconds */
};
void rs_oidc_client_clear(struct rs_oidc_client *client);
RS_NODISCARD bool rs_oidc_client_copy(struct rs_oidc_client *to, const struct rs_oidc_client *from,
                                      struct rs_diag *diag);

struct rs_oidc_device {
    struct rs_secret code;
    char *user_code, *url; /* what the user is shown; not secret */
    int64_t expires_at, interval_s;
};
void rs_oidc_device_clear(struct rs_oidc_device *device);
RS_NODISCARD bool rs_oidc_device_copy(struct rs_oidc_device *to, const struct rs_oidc_device *from,
                                      struct rs_diag *diag);

/* For whom a token is asked; code and verifier, or device_code. */
struct rs_oidc_grant {
    const struct rs_secret *code, *verifier, *device_code;
    const char *redirect;
};

enum rs_oidc_said {
    RS_OIDC_DONE,
    RS_OIDC_PENDING,   /* the user has not confirmed yet */
    RS_OIDC_SLOWER,    /* the same, and asking is to be slower */
    RS_OIDC_NO_CLIENT, /* posted: it is not registered any longer */
    RS_OIDC_FAILED     /* posted */
};

/*
 * All post 28000 (refused: the service's code and words), 08001 (not reached), HYT00, HY000 (an
 * answer that cannot be used), HY001.
 */
/* redirect NULL: a client for devices. */
RS_NODISCARD bool rs_oidc_register(const struct rs_idp_ask *ask, const char *redirect,
                                   struct rs_oidc_client *out, struct rs_diag *diag);
RS_NODISCARD enum rs_oidc_said rs_oidc_start_device(const struct rs_idp_ask *ask,
                                                    const struct rs_oidc_client *client,
                                                    struct rs_oidc_device *out,
                                                    struct rs_diag *diag);
RS_NODISCARD enum rs_oidc_said rs_oidc_token(const struct rs_idp_ask *ask,
                                             const struct rs_oidc_client *client,
                                             const struct rs_oidc_grant *grant,
                                             struct rs_idp_proof *out, struct rs_diag *diag);

/* The answers, for fuzzing. Post HY000, HY001. */
RS_NODISCARD bool rs_oidc_read_client(struct rs_str text, struct rs_oidc_client *out,
                                      struct rs_diag *diag);
RS_NODISCARD bool rs_oidc_read_device(struct rs_str text, int64_t now_s, struct rs_oidc_device *out,
                                      struct rs_diag *diag);
RS_NODISCARD bool rs_oidc_read_token(struct rs_str text, int64_t now_s, struct rs_idp_proof *out,
                                     struct rs_diag *diag);

#endif
