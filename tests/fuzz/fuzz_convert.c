/*
 * Any text, and any bytes of the binary forms, into any C type with any buffer, whole and in
 * pieces: nothing outside of the buffer, lengths within limits, exactly one record unless all is
 * well. Input: kind (from 200 on: binary), C type, buffer size, interval and flags, cell.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "odbc/binary.h"
#include "odbc/convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 4, MOST_CALLS = 64, FIXED = 64, GUARD = 0x5A, BINARY = 200 };

struct input {
    struct rs_cell cell;
    enum rs_ctype ctype;
    rs_convert_fn *fn;
    struct rs_target to;
    size_t limit;
};

static void check(const struct input *in, enum rs_fit fit, SQLLEN len, const struct rs_diag *diag)
{
    size_t most = 2 * (2 * (size_t)in->cell.n + FIXED);

    assert(((unsigned char *)in->to.buf)[in->limit] == GUARD);
    assert(diag->n == (fit != RS_FIT_EXACT));
    assert(diag->n_error == (fit == RS_FIT_FAILED));
    if (fit == RS_FIT_FAILED)
        assert(len == -77);
    else
        assert(len >= 0 && (size_t)len <= most);
    if (fit != RS_FIT_FAILED && in->ctype == RS_CTYPE_CHAR && in->limit > 0)
        assert(memchr(in->to.buf, '\0', in->limit) != NULL);
}

static void run(struct input *in, struct rs_piece *piece)
{
    SQLLEN last = -1;

    for (int i = 0; i < MOST_CALLS; i++) {
        struct rs_diag diag = { 0 };
        SQLLEN len = -77;
        enum rs_fit fit;

        in->to.len = in->to.ind = &len;
        in->to.piece = piece;
        ((unsigned char *)in->to.buf)[in->limit] = GUARD;
        fit = in->fn(in->cell, &in->to, &diag);
        check(in, fit, len, &diag);
        rs_diag_clear(&diag);
        if (piece == NULL || fit == RS_FIT_FAILED)
            return;
        assert(piece->is_done || fit == RS_FIT_TRUNCATED);
        assert(last < 0 || len <= last);
        last = len;
        if (piece->is_done)
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in;
    struct rs_piece piece = { 0 };
    size_t fixed;

    if (size < HEAD)
        return 0;
    in.ctype = (enum rs_ctype)(data[1] % RS_CTYPE_COUNT);
    in.fn = (data[0] < BINARY ? rs_convert_find
                              : rs_binary_find)((enum rs_kind)(data[0] % RS_KIND_COUNT), in.ctype);
    if (in.fn == NULL)
        return 0;
    in.cell = (struct rs_cell){ (const char *)data + HEAD, (int32_t)(size - HEAD) };
    fixed = rs_ctype_size(in.ctype);
    in.limit = fixed > 0 ? fixed : data[2];
    in.to = (struct rs_target){ .cap = data[2],
                                .interval = (SQLSMALLINT)(SQL_C_INTERVAL_YEAR + data[3] % 13),
                                .has_scale = (data[3] & 16) != 0,
                                .source_scale = data[3] % 41,
                                .precision = data[3] & 32 ? 9 : 0,
                                .scale = data[3] & 64 ? 3 : 0,
                                .max_length = data[3] & 128 ? 5 : 0,
                                .keep_offset = (data[3] & 32) != 0 };
    in.to.buf = malloc(in.limit + 1);
    if (in.to.buf == NULL)
        return 0;
    run(&in, NULL);
    run(&in, &piece);
    free(in.to.buf);
    return 0;
}
