/*
 * What an AWS answer that is not a success says, and what follows from it.
 *
 * Source: aws-api.md 10.1, 10.3, 10.4, 10.5; Redshift API Reference, "Common errors".
 */
#ifndef RS_AWS_ERROR_H
#define RS_AWS_ERROR_H

#include "../attrs.h"
#include "../diag.h"
#include "../http.h"
#include "aws.h"

enum { RS_AWS_MAX_MESSAGE = 2048, RS_AWS_MAX_CODE = 128 };

struct rs_aws_error {
    struct rs_buf code;       /* HTTP<status> when the body is no error document */
    struct rs_buf message;    /* first line, masked; may be empty */
    struct rs_buf request_id; /* may be empty */
    int status;
};

/* Reads a reply. Secrets of creds are masked. Posts HY001. */
RS_NODISCARD bool rs_aws_error_read(const struct rs_http_reply *reply, const struct rs_creds *creds,
                                    struct rs_aws_error *out, struct rs_diag *diag);
void rs_aws_error_clear(struct rs_aws_error *error);

/* Replaces each occurrence of a secret of four bytes or more in a text by ****. */
void rs_aws_mask(struct rs_buf *text, struct rs_str secret);

bool rs_aws_error_is_throttling(const struct rs_aws_error *error);
bool rs_aws_error_is_retryable(const struct rs_aws_error *error); /* throttling included */
/* The clock may be the reason. is_certain: the code says so. */
bool rs_aws_error_is_skew(const struct rs_aws_error *error, bool *is_certain);

/* Posts the one error. Always returns false. */
bool rs_aws_error_post(const struct rs_aws_error *error, const struct rs_aws_call *call,
                       unsigned attempts, struct rs_diag *diag);

#endif
