#include "convert_put.h"

enum { MAX_PRECISION = 38, NUMERIC_BYTES = 16, POSITIVE = 1 };
_Static_assert(SQL_MAX_NUMERIC_LEN == NUMERIC_BYTES, "128-bit magnitude");

/* The scale to use: the application's, or the value's own as far as 38 digits go. */
static int64_t choose_scale(const struct rs_number *number, const struct rs_target *to)
{
    int64_t whole = number->n > 0 && number->point > 0 ? number->point : 0;
    int64_t scale = number->shown;

    if (to->has_scale)
        return to->scale;
    if (scale > MAX_PRECISION - whole)
        scale = MAX_PRECISION - whole;
    return scale < 0 ? 0 : scale;
}

static enum rs_fit read_numeric(struct rs_cell cell, enum rs_ctype ctype,
                                const struct rs_target *to, SQL_NUMERIC_STRUCT *out, bool *was_cut,
                                struct rs_diag *diag)
{
    int precision = to->has_scale && to->precision > 0 ? to->precision : MAX_PRECISION;
    struct rs_number number;
    struct rs_wide wide;
    int64_t scale;

    if (!rs_number_parse((struct rs_str){ cell.p, (size_t)cell.n }, &number))
        return rs_put_fail(diag, RS_22018, cell, ctype);
    scale = choose_scale(&number, to);
    if (!rs_number_scaled(&number, scale, &wide) || !rs_wide_fits(&wide, precision))
        return rs_put_fail(diag, RS_22003, cell, ctype);
    *out = (SQL_NUMERIC_STRUCT){ .precision = (SQLCHAR)precision, .scale = (SQLSCHAR)scale };
    out->sign = !number.is_negative || number.n == 0 ? POSITIVE : 0;
    for (size_t i = 0; i < NUMERIC_BYTES; i++)
        out->val[i] = (SQLCHAR)(wide.limb[i / 4] >> i % 4 * 8);
    *was_cut = rs_number_has_beyond(&number, scale);
    return RS_FIT_EXACT;
}

static enum rs_fit number_to_numeric(struct rs_cell cell, const struct rs_target *to,
                                     struct rs_diag *diag)
{
    SQL_NUMERIC_STRUCT out;
    bool was_cut = false;

    if (read_numeric(cell, RS_CTYPE_NUMERIC, to, &out, &was_cut, diag) == RS_FIT_FAILED)
        return RS_FIT_FAILED;
    rs_put_fixed(to, &out, sizeof out);
    return was_cut ? rs_put_cut(to, diag) : RS_FIT_EXACT;
}

static enum rs_fit number_to_binary(struct rs_cell cell, const struct rs_target *to,
                                    struct rs_diag *diag)
{
    SQL_NUMERIC_STRUCT out;
    bool was_cut = false;
    enum rs_fit fit;

    if (read_numeric(cell, RS_CTYPE_BINARY, to, &out, &was_cut, diag) == RS_FIT_FAILED)
        return RS_FIT_FAILED;
    fit = rs_put_struct(&out, sizeof out, to, diag);
    return fit == RS_FIT_EXACT && was_cut ? rs_put_cut(to, diag) : fit;
}

static enum rs_fit bool_to_numeric(struct rs_cell cell, const struct rs_target *to,
                                   struct rs_diag *diag)
{
    return number_to_numeric(rs_bool_digit(cell), to, diag);
}

rs_convert_fn *rs_convert_find_num(enum rs_kind kind, enum rs_ctype ctype)
{
    static rs_convert_fn *const to_numeric[RS_KIND_COUNT] = {
        [RS_KIND_BOOL] = bool_to_numeric,     [RS_KIND_BOOL_TEXT] = bool_to_numeric,
        [RS_KIND_INT] = number_to_numeric,    [RS_KIND_INT2] = number_to_numeric,
        [RS_KIND_INT4] = number_to_numeric,   [RS_KIND_FLOAT4] = number_to_numeric,
        [RS_KIND_FLOAT8] = number_to_numeric, [RS_KIND_NUMERIC] = number_to_numeric,
        [RS_KIND_TEXT] = number_to_numeric,   [RS_KIND_INEXACT] = number_to_numeric,
    };

    if (ctype == RS_CTYPE_NUMERIC)
        return to_numeric[kind];
    return kind == RS_KIND_NUMERIC && ctype == RS_CTYPE_BINARY ? number_to_binary : NULL;
}
