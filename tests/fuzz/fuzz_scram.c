/* The texts of a hostile server in SCRAM: the challenge, a blank line, its signature. */
#include <stdint.h>
#include <string.h>

#include "scram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str in = { (const char *)data, size };
    struct rs_scram scram = { 0 };
    struct rs_buf out = RS_BUF_INIT(2 * RS_SCRAM_TEXT_MAX);
    struct rs_secret password = { 0 };
    struct rs_diag diag = { 0 };
    ptrdiff_t line = rs_str_chr(in, '\n');
    size_t first = line < 0 ? size : (size_t)line;

    if (rs_secret_set(&password, RS_STR("pencil"), NULL) &&
        rs_scram_first(&scram, "user", "rOprNGfwEbeRWgbNEkqO", &out, &diag)) {
        scram.count_max = 4096;
        if (!rs_scram_final(&scram, rs_str_sub(in, 0, first), &password, &out, &diag) ||
            !rs_scram_check(&scram, rs_str_sub(in, first + 1, size), &diag))
            rs_buf_truncate(&out, 0);
    }
    rs_scram_clear(&scram);
    rs_buf_clear(&out);
    rs_secret_clear(&password);
    rs_diag_clear(&diag);
    return 0;
}
