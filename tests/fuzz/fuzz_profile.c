/* The AWS files. The first byte says which of the two. A set that was taken answers questions. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "auth/creds.h"
#include "auth/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_profiles *set = NULL;
    const struct rs_profile *profile;
    struct rs_creds creds = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_str text = { (const char *)data, size };
    enum rs_profile_file file = RS_PROFILE_CONFIG;

    if (size > 0 && data[0] == 'C') {
        file = RS_PROFILE_CREDENTIALS;
        text = rs_str_sub(text, 1, size);
    }
    if (rs_profiles_parse(text, file, "fuzz", &set, NULL, &diag)) {
        profile = rs_profiles_find(set, "default");
        if (profile != NULL && rs_creds_from_profile(profile, &creds, &diag) &&
            (creds.access_key_id[0] == '\0' || !rs_secret_is_set(&creds.secret_access_key)))
            abort();
    } else if (set != NULL || diag.n_error != 1) {
        abort();
    }
    rs_creds_clear(&creds);
    rs_profiles_free(set);
    rs_diag_clear(&diag);
    return 0;
}
