/* Answers and errors in JSON: no crash; what is read is fit for use. */
#include <stdint.h>
#include <stdlib.h>

#include "auth/aws_error.h"
#include "auth/idctoken.h"
#include "auth/serverless.h"
#include "os.h"
#include "url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_error(struct rs_str text)
{
    struct rs_http_reply reply = { .status = 400,
                                   .body = RS_BUF_WIPED(1 << 20),
                                   .headers = RS_BUF_WIPED(1) };
    struct rs_aws_error error = { .status = 0 };
    struct rs_creds none = { 0 };
    struct rs_diag diag = { 0 };

    rs_buf_add(&reply.body, text);
    if (rs_aws_error_read(&reply, &none, &error, &diag)) {
        struct rs_str code = rs_buf_str(&error.code);

        if (code.n == 0)
            abort();
        for (size_t i = 0; i < code.n; i++)
            if ((unsigned char)code.p[i] < ' ')
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
    struct rs_diag diag = { 0 };
    char *host = NULL;
    int32_t port = 0;

    if (size > 1 << 16)
        return 0;
    if (rs_serverless_read_workgroup(text, "w", &host, &port, &diag)
            ? port < 1 || port > 65535 || !rs_url_is_host(rs_str_of(host))
            : diag.n_error != 1)
        abort();
    rs_diag_clear(&diag);
    if (rs_serverless_read_password(text, &password, &diag)
            ? password.user[0] == '\0' || !rs_secret_is_set(&password.password) ||
                  password.expires_at <= 0
            : diag.n_error != 1)
        abort();
    rs_diag_clear(&diag);
    if (rs_idctoken_read_json(text, &token, &diag) ? !rs_secret_is_set(&token.token)
                                                   : diag.n_error != 1)
        abort();
    rs_idctoken_clear(&token);
    rs_free(host);
    rs_redshift_password_clear(&password);
    rs_diag_clear(&diag);
    read_error(text);
    return 0;
}
