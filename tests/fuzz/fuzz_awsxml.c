/* Answers of AWS: both results and the error document, from the same bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "auth/aws_error.h"
#include "auth/idctoken.h"
#include "auth/redshift.h"
#include "auth/sts.h"
#include "os.h"
#include "utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_error(struct rs_str text)
{
    struct rs_http_reply reply = { .status = 400,
                                   .body = RS_BUF_WIPED(1 << 20),
                                   .headers = RS_BUF_WIPED(1024) };
    struct rs_aws_call call = { .operation = "Fuzz" };
    struct rs_aws_error error = { 0 };
    struct rs_creds creds = { 0 };
    struct rs_diag diag = { 0 };

    rs_buf_add(&reply.body, text);
    if (!reply.body.bad && rs_aws_error_read(&reply, &creds, &error, &diag)) {
        struct rs_str message = rs_buf_str(&error.message);

        if (error.code.len == 0 || message.n > RS_AWS_MAX_MESSAGE ||
            rs_utf8_bad_at(message) != message.n)
            abort();
        for (size_t i = 0; i < message.n; i++)
            if ((unsigned char)message.p[i] < ' ')
                abort();
        if (rs_aws_error_post(&error, &call, 1, &diag) || diag.n_error != 1)
            abort();
    }
    rs_aws_error_clear(&error);
    rs_http_reply_clear(&reply);
    rs_diag_clear(&diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    struct rs_redshift_password password = { 0 };
    struct rs_idctoken token = { .expires_at = 0 };
    struct rs_creds creds = { 0 };
    struct rs_diag diag = { 0 };
    char *host = NULL, *id = NULL;
    int32_t port = 0;

    if (rs_redshift_read_cluster(text, "c", &host, &port, &diag) && (port < 1 || port > 65535))
        abort();
    for (int with_iam = 0; with_iam <= 1; with_iam++) {
        if (rs_redshift_read_password(text, with_iam == 1, &password, &diag) &&
            (password.user[0] == '\0' || !rs_secret_is_set(&password.password)))
            abort();
        rs_redshift_password_clear(&password);
    }
    if (rs_redshift_read_domain(text, "db.example.com", &id, &diag) && id != NULL && *id == '\0')
        abort();
    rs_free(id);
    rs_diag_clear(&diag);
    if (rs_sts_read(text, "AssumeRole", &creds, &diag)
            ? creds.access_key_id[0] == '\0' || !rs_secret_is_set(&creds.session_token)
            : diag.n_error != 1)
        abort();
    rs_creds_clear(&creds);
    rs_diag_clear(&diag);
    if (rs_idctoken_read_xml(text, &token, &diag) ? !rs_secret_is_set(&token.token)
                                                  : diag.n_error != 1)
        abort();
    rs_idctoken_clear(&token);
    rs_free(host);
    rs_diag_clear(&diag);
    read_error(text);
    return 0;
}
