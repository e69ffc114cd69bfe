/* A SAML response: as a form's value, and the same bytes as the XML in it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto.h"
#include "idp/saml.h"
#include "os.h"
#include "utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rs_str revealed(const struct rs_secret *secret)
{
    return (struct rs_str){ rs_secret_reveal(secret), rs_secret_len(secret) };
}

static void check_text(const char *text)
{
    if (text != NULL && (*text == '\0' || rs_utf8_bad_at(rs_str_of(text)) != rs_str_of(text).n))
        abort();
}

static void read_response(struct rs_str base64)
{
    struct rs_saml saml = { .n_roles = 0 };
    struct rs_diag diag = { 0 };

    if (!rs_saml_read(base64, &saml, &diag)) {
        if (diag.n_error != 1 || saml.roles != NULL)
            abort();
        rs_diag_clear(&diag);
        return;
    }
    check_text(saml.claims.db_user);
    check_text(saml.claims.db_groups);
    for (size_t i = 0; i < saml.n_roles; i++)
        if (rs_str_chr(rs_str_of(saml.roles[i].role), ',') >= 0 ||
            !rs_str_starts_nocase(rs_str_of(saml.roles[i].role), RS_STR("arn:aws")) ||
            !rs_str_starts_nocase(rs_str_of(saml.roles[i].provider), RS_STR("arn:aws")))
            abort();
    if ((rs_saml_choose(&saml, NULL, NULL, &diag) != NULL) != (saml.n_roles > 0))
        abort();
    rs_diag_clear(&diag);
    rs_saml_clear(&saml);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    struct rs_buf base64 = RS_BUF_WIPED(RS_SAML_MAX_CHARS);
    struct rs_secret clean = { 0 }, wrapped = { 0 };
    struct rs_diag diag = { 0 };

    if (rs_saml_clean(text, &clean, &diag)) {
        if (rs_secret_len(&clean) % 4 != 0)
            abort();
        read_response(revealed(&clean));
    }
    rs_base64_add(&base64, text);
    if (!base64.bad)
        read_response(rs_buf_str(&base64));
    if (rs_saml_wrap(text, &wrapped, &diag))
        read_response(revealed(&wrapped));
    rs_secret_clear(&clean);
    rs_secret_clear(&wrapped);
    rs_buf_clear(&base64);
    rs_diag_clear(&diag);
    return 0;
}
