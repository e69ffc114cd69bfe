/* A JSON web token, and the same bytes as the payload of one. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto.h"
#include "idp/jwt.h"
#include "os.h"
#include "utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_token(struct rs_str text)
{
    struct rs_jwt jwt = { .expires_at = 0 };
    struct rs_diag diag = { 0 };

    if (!rs_jwt_read(text, &jwt, &diag)) {
        if (diag.n_error != 1 || jwt.claims.db_user != NULL)
            abort();
    } else if (jwt.claims.db_user != NULL) {
        struct rs_str user = rs_str_of(jwt.claims.db_user);

        if (user.n == 0 || rs_utf8_bad_at(user) != user.n)
            abort();
    }
    rs_jwt_clear(&jwt);
    rs_diag_clear(&diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_buf token = RS_BUF_WIPED(1 << 16);

    read_token((struct rs_str){ (const char *)data, size });
    rs_buf_adds(&token, "e30.");
    rs_base64_add(&token, (struct rs_str){ (const char *)data, size });
    for (size_t i = 0; i < token.len; i++)
        token.p[i] = (char)(token.p[i] == '+' ? '-' : token.p[i] == '/' ? '_' : token.p[i]);
    while (token.len > 0 && token.p[token.len - 1] == '=')
        rs_buf_truncate(&token, token.len - 1);
    rs_buf_adds(&token, ".e30");
    if (!token.bad)
        read_token(rs_buf_str(&token));
    rs_buf_clear(&token);
    return 0;
}
