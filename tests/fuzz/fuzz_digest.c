/* A hostile request for a password digest; what is answered has its one shape. */
#include <stdint.h>
#include <stdlib.h>

#include "digest.h"
#include "rowstream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str request = { (const char *)data, size }, ours = RS_STR("@ABCDEFGHIJKLMNO");
    struct rs_buf out = RS_BUF_INIT(RS_DIGEST_ANSWER_MAX);
    struct rs_secret password = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_digest digest;

    if (!rs_digest_read(request, &digest))
        return 0;
    if (digest.salt.n > RS_DIGEST_PART_MAX || digest.nonce.n > RS_DIGEST_PART_MAX ||
        (digest.algorithm == RS_DIGEST_SHA256 && size != 12 + digest.salt.n + digest.nonce.n))
        abort();
    if (digest.algorithm == RS_DIGEST_SHA256 && rs_secret_set(&password, RS_STR("x"), NULL) &&
        rs_digest_answer(&digest, &password, &ours, &out, &diag) &&
        (out.len != 40 + ours.n || rs_be32(out.p) != 32 || rs_be32(out.p + 36) != ours.n))
        abort();
    rs_buf_clear(&out);
    rs_secret_clear(&password);
    rs_diag_clear(&diag);
    return 0;
}
