#include "wirenum.h"

#include <string.h>

#include "../rowstream.h"

enum {
    SHORT_BYTES = 8,
    LONG_BYTES = 16,
    EXACT_BITS = 53, /* whole numbers that a double holds */
    EXACT_SCALE = 22 /* powers of ten likewise */
};

static void negate(struct rs_wide *wide)
{
    uint64_t carry = 1;

    for (int i = 0; i < 4; i++) {
        carry += (uint32_t)~wide->limb[i];
        wide->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

bool rs_wirenum_read(struct rs_cell cell, struct rs_wirenum *out)
{
    struct rs_wide wide;
    uint32_t fill;

    if (cell.n != SHORT_BYTES && cell.n != LONG_BYTES)
        return false;
    fill = (rs_be32(cell.p) & 0x80000000u) != 0 ? UINT32_MAX : 0;
    for (int i = 0; i < 4; i++)
        wide.limb[i] = 4 * i < cell.n ? rs_be32(cell.p + cell.n - 4 * (i + 1)) : fill;
    out->is_negative = fill != 0;
    if (out->is_negative)
        negate(&wide);
    out->wide = wide;
    return true;
}

size_t rs_wirenum_print(const struct rs_wirenum *number, int scale, char to[RS_WIRENUM_TEXT])
{
    char digits[40];
    size_t n = rs_wide_print(&number->wide, digits), after = (size_t)scale, at = 0, whole;

    if (scale < 0 || scale > RS_WIRENUM_MAX_SCALE)
        return 0;
    whole = n > after ? n - after : 0;
    if (number->is_negative)
        to[at++] = '-';
    if (whole == 0)
        to[at++] = '0';
    memcpy(to + at, digits, whole);
    at += whole;
    if (after == 0)
        return at;
    to[at++] = '.';
    memset(to + at, '0', after - (n - whole));
    at += after - (n - whole);
    memcpy(to + at, digits + whole, n - whole);
    return at + (n - whole);
}

bool rs_wirenum_double(const struct rs_wirenum *number, int scale, double *out)
{
    static const double ten_to[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    const struct rs_wide *wide = &number->wide;
    uint64_t low = (uint64_t)wide->limb[1] << 32 | wide->limb[0];
    double value;

    if ((wide->limb[2] | wide->limb[3]) != 0 || low >> EXACT_BITS != 0 || scale < 0 ||
        scale > EXACT_SCALE)
        return false;
    value = (double)low / ten_to[scale];
    *out = number->is_negative ? -value : value;
    return true;
}

bool rs_wirenum_fits(const struct rs_wirenum *number, int digits)
{
    /* Below the first 32 bits of 10^38 no more than 38 digits are there. */
    if (digits >= 38 && number->wide.limb[3] < 0x4B3B4CA8u)
        return true;
    return rs_wide_fits(&number->wide, digits);
}
