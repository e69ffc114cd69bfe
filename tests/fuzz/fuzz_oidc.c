/* Answers of IAM Identity Center: what is taken of them is whole, and what is shown is harmless. */
#include <stdint.h>
#include <stdlib.h>

#include "idp/oidc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_shown(const char *text)
{
    if (text == NULL || *text == '\0')
        abort();
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    struct rs_oidc_client client = { .expires_at = 0 };
    struct rs_oidc_device device = { .user_code = NULL };
    struct rs_idp_proof proof = { .idp_type = NULL };
    struct rs_diag diag = { 0 };
    size_t failed = 0;

    if (!rs_oidc_read_client(text, &client, &diag))
        failed++;
    else if (!rs_secret_is_set(&client.id) || !rs_secret_is_set(&client.secret))
        abort();
    if (!rs_oidc_read_device(text, 1000, &device, &diag)) {
        failed++;
    } else {
        check_shown(device.user_code);
        check_shown(device.url);
        if (device.expires_at <= 1000 || device.interval_s < 1 || device.interval_s > 60)
            abort();
    }
    if (!rs_oidc_read_token(text, 1000, &proof, &diag))
        failed++;
    else if (!rs_secret_is_set(&proof.text) || proof.expires_at <= 1000)
        abort();
    if (diag.n_error != failed)
        abort();
    rs_oidc_client_clear(&client);
    rs_oidc_device_clear(&device);
    rs_secret_clear(&proof.text);
    rs_diag_clear(&diag);
    return 0;
}
