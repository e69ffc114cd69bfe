/* credential_process: the same bytes as its command line and as what it prints. Runs nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "auth/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void split(struct rs_str text)
{
    struct rs_buf words = RS_BUF_INIT(1 << 20);
    char *word[RS_PROCESS_MAX_WORDS + 1];
    struct rs_diag diag = { 0 };
    size_t n = 0;

    if (rs_process_split(text, &words, word, &diag)) {
        for (; word[n] != NULL; n++)
            if (word[n] < words.p || word[n] >= words.p + words.len)
                abort();
        if (n == 0 || n > RS_PROCESS_MAX_WORDS || word[0][0] == '\0')
            abort();
    }
    rs_buf_clear(&words);
    rs_diag_clear(&diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    struct rs_creds creds = { 0 };
    struct rs_diag diag = { 0 };

    split(text);
    if (rs_process_read(text, 1768478400, &creds, &diag)) {
        if (creds.access_key_id[0] == '\0' || !rs_secret_is_set(&creds.secret_access_key) ||
            (creds.expires_at != 0 && creds.expires_at <= 1768478400))
            abort();
    } else if (diag.n_error != 1 || creds.access_key_id != NULL) {
        abort();
    }
    rs_creds_clear(&creds);
    rs_diag_clear(&diag);
    return 0;
}
