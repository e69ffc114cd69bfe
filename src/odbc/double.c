#include "double_in.h"

#include <float.h>

_Static_assert(FLT_RADIX == 2 && DBL_MANT_DIG == 53 && FLT_MANT_DIG == 24, "IEEE 754");
_Static_assert(FLT_EVAL_METHOD == 0, "products and quotients are rounded once");

enum { POW5_FIRST = -342, POW5_LAST = 308 };

static const uint64_t pow5[][2] = {
#define POW5(exponent, hi, lo) { hi, lo },
#include "pow5.def"
};
_Static_assert(RS_COUNT(pow5) == POW5_LAST - POW5_FIRST + 1, "one row a power");

const struct rs_format rs_double_format = { 52, -1023, 0x7FF, -342, 308, -4, 23 };
const struct rs_format rs_float_format = { 23, -127, 0xFF, -65, 38, -17, 10 };

const double rs_tens[23] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                             1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

static int leading_zeros(uint64_t x)
{
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_clzll(x);
#else
    int n = 0;

    for (; (x & UINT64_C(1) << 63) == 0; x <<= 1)
        n++;
    return n;
#endif
}

static int trailing_zeros(uint64_t x)
{
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_ctzll(x);
#else
    int n = 0;

    for (; (x & 1) == 0; x >>= 1)
        n++;
    return n;
#endif
}

struct product {
    uint64_t hi, lo;
};

static struct product multiply(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    wide p = (wide)a * b;

    return (struct product){ (uint64_t)(p >> 64), (uint64_t)p };
#else
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t low = al * bl, mid = ah * bl + (low >> 32), mid2 = al * bh + (uint32_t)mid;

    return (struct product){ ah * bh + (mid >> 32) + (mid2 >> 32), mid2 << 32 | (uint32_t)low };
#endif
}

static RS_WITHIN struct product times_pow5(uint64_t w, int q, int bits)
{
    const uint64_t *row = pow5[q - POW5_FIRST];
    struct product first = multiply(w, row[0]);
    uint64_t mask = UINT64_MAX >> bits;

    if ((first.hi & mask) == mask) {
        struct product second = multiply(w, row[1]);

        first.lo += second.hi;
        if (second.hi > first.lo)
            first.hi++;
    }
    return first;
}

RS_APART static struct rs_rounded subnormal(uint64_t mantissa, int exponent,
                                            const struct rs_format *f)
{
    if (1 - exponent >= 64)
        return (struct rs_rounded){ 0, 0 };
    mantissa >>= 1 - exponent;
    mantissa += mantissa & 1;
    mantissa >>= 1;
    return (struct rs_rounded){ mantissa & ((UINT64_C(1) << f->mantissa_bits) - 1),
                                mantissa >> f->mantissa_bits != 0 };
}

static RS_WITHIN struct rs_rounded round_within(uint64_t w, int64_t q64, const struct rs_format *f)
{
    struct product product;
    struct rs_rounded out;
    uint64_t mantissa;
    int lz, upper, shift, q = (int)q64;

    if (w == 0 || q64 < f->first_ten)
        return (struct rs_rounded){ 0, 0 };
    if (q64 > f->last_ten)
        return (struct rs_rounded){ 0, f->infinite };
    lz = leading_zeros(w);
    product = times_pow5(w << lz, q, f->mantissa_bits + 3);
    upper = (int)(product.hi >> 63);
    shift = upper + 64 - f->mantissa_bits - 3;
    mantissa = product.hi >> shift;
    /* floor(q × log2(10)) + 63, exact in this range. */
    out.exponent = (((152170 + 65536) * q) >> 16) + 63 + upper - lz - f->min_exponent;
    if (out.exponent <= 0)
        return subnormal(mantissa, out.exponent, f);
    if (product.lo <= 1 && q >= f->even_first && q <= f->even_last && (mantissa & 3) == 1 &&
        mantissa << shift == product.hi)
        mantissa &= ~UINT64_C(1);
    mantissa += mantissa & 1;
    mantissa >>= 1;
    if (mantissa >> (f->mantissa_bits + 1) != 0) {
        mantissa >>= 1;
        out.exponent++;
    }
    out.mantissa = mantissa & ((UINT64_C(1) << f->mantissa_bits) - 1);
    if (out.exponent >= f->infinite)
        out = (struct rs_rounded){ 0, f->infinite };
    return out;
}

struct rs_rounded rs_round_decimal(uint64_t w, int64_t q, const struct rs_format *f)
{
    return round_within(w, q, f);
}

/* ---- exact comparison for texts of more than 19 digits ---- */

enum { BIG_LIMBS = 256, BIG_DIGITS = 800 };

struct big {
    uint32_t limb[BIG_LIMBS];
    int n;
};

static void big_multiply_add(struct big *b, uint32_t factor, uint32_t add)
{
    uint64_t carry = add;

    for (int i = 0; i < b->n; i++) {
        carry += (uint64_t)b->limb[i] * factor;
        b->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0 && b->n < BIG_LIMBS)
        b->limb[b->n++] = (uint32_t)carry;
}

static void big_times_pow5(struct big *b, int64_t power)
{
    for (; power >= 13; power -= 13)
        big_multiply_add(b, 1220703125, 0);
    for (; power > 0; power--)
        big_multiply_add(b, 5, 0);
}

static void big_shift(struct big *b, int64_t bits)
{
    int limbs = (int)(bits / 32);

    if (b->n == 0 || b->n + limbs > BIG_LIMBS)
        return;
    for (int i = b->n - 1; i >= 0; i--)
        b->limb[i + limbs] = b->limb[i];
    for (int i = 0; i < limbs; i++)
        b->limb[i] = 0;
    b->n += limbs;
    big_multiply_add(b, UINT32_C(1) << bits % 32, 0);
}

static int big_compare(const struct big *a, const struct big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (int i = a->n - 1; i >= 0; i--) {
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    }
    return 0;
}

static char number_char(const struct rs_number *number, size_t i)
{
    return i < number->n_front ? number->front[i] : number->back[i - number->n_front];
}

/* The digits as a whole number; digits past BIG_DIGITS count as one more that is not zero. Returns
 * the power of ten that belongs to it. */
static int64_t big_digits(const struct rs_number *number, struct big *b)
{
    size_t n = number->n < BIG_DIGITS ? number->n : BIG_DIGITS;

    b->n = 0;
    for (size_t i = 0; i < n; i++)
        big_multiply_add(b, 10, (uint32_t)(number_char(number, i) - '0'));
    if (n < number->n) {
        big_multiply_add(b, 10, 1);
        n++;
    }
    return number->point - (int64_t)n;
}

/* -1, 0, 1: the number against the middle between low and its neighbour above. */
static int compare_middle(const struct rs_number *number, struct rs_rounded low,
                          const struct rs_format *f)
{
    struct big left, right;
    int64_t ten = big_digits(number, &left);
    uint64_t m = low.mantissa;
    int64_t two = f->min_exponent + 1 - f->mantissa_bits;

    if (low.exponent > 0) {
        m |= UINT64_C(1) << f->mantissa_bits;
        two += low.exponent - 1;
    }
    m = 2 * m + 1;
    two -= 1;
    right = (struct big){ .n = 0 };
    right.limb[0] = (uint32_t)m;
    right.limb[1] = (uint32_t)(m >> 32);
    right.n = right.limb[1] != 0 ? 2 : 1;
    if (ten >= 0)
        big_times_pow5(&left, ten);
    else
        big_times_pow5(&right, -ten);
    if (ten > two)
        big_shift(&left, ten - two);
    else
        big_shift(&right, two - ten);
    return big_compare(&left, &right);
}

/* More digits than fit into 64 bits: w are the first 19 of them. */
static struct rs_rounded round_long(const struct rs_number *number, uint64_t w, int64_t q,
                                    const struct rs_format *f)
{
    struct rs_rounded low = rs_round_decimal(w, q, f), high = rs_round_decimal(w + 1, q, f);
    int side;

    if (rs_same(low, high))
        return low;
    side = compare_middle(number, low, f);
    if (side != 0)
        return side < 0 ? low : high;
    return (low.mantissa & 1) == 0 ? low : high;
}

static struct rs_rounded round_number(const struct rs_number *number, const struct rs_format *f)
{
    size_t n = number->n < 19 ? number->n : 19;
    uint64_t w = 0;

    if (number->n == 0 || number->point < f->first_ten - 1)
        return (struct rs_rounded){ 0, 0 };
    if (number->point > f->last_ten + 1)
        return (struct rs_rounded){ 0, f->infinite };
    for (size_t i = 0; i < n; i++)
        w = w * 10 + (uint64_t)(number_char(number, i) - '0');
    if (n == number->n)
        return rs_round_decimal(w, number->point - (int64_t)n, f);
    return round_long(number, w, number->point - (int64_t)n, f);
}

static double to_double(struct rs_rounded r, bool is_negative)
{
    uint64_t bits = r.mantissa | (uint64_t)r.exponent << 52 | (uint64_t)is_negative << 63;
    double out;

    memcpy(&out, &bits, sizeof out);
    return out;
}

static float to_float(struct rs_rounded r, bool is_negative)
{
    uint32_t bits = (uint32_t)r.mantissa | (uint32_t)r.exponent << 23 | (uint32_t)is_negative << 31;
    float out;

    memcpy(&out, &bits, sizeof out);
    return out;
}

/* ---- reading ---- */

static bool plain_exponent(const char *p, const char *end, int *q)
{
    bool is_negative = false;
    int value = 0;

    if (p < end && (*p == '+' || *p == '-'))
        is_negative = *p++ == '-';
    if (p == end || end - p > 4)
        return false;
    for (; p < end; p++) {
        if (rs_digit_of(*p) > 9)
            return false;
        value = value * 10 + (int)rs_digit_of(*p);
    }
    *q += is_negative ? -value : value;
    return true;
}

/* Digits and a point in one go; eight at a time when there are so many. */
static RS_WITHIN bool read_plain(struct rs_str text, struct rs_plain *out)
{
    const char *p = text.p, *end = p + text.n, *digits, *point = NULL;
    bool is_negative;
    uint64_t w = 0;
    uint32_t eight;
    int q = 0;

    if (text.n - 1 >= 40)
        return false;
    is_negative = *p == '-';
    p += is_negative;
    for (digits = p; p < end && rs_digit_of(*p) <= 9; p++)
        w = w * 10 + rs_digit_of(*p);
    if (p == digits || p - digits > 19)
        return false;
    if (p < end && *p == '.') {
        point = ++p;
        for (; end - p >= 8 && rs_eight_digits(p, &eight); p += 8)
            w = w * 100000000 + eight;
        for (; p < end && rs_digit_of(*p) <= 9; p++)
            w = w * 10 + rs_digit_of(*p);
        q = (int)(point - p);
        if (p - digits > 20)
            return false;
    }
    if (p < end && ((*p != 'e' && *p != 'E') || !plain_exponent(p + 1, end, &q)))
        return false;
    *out = (struct rs_plain){ w, q, is_negative };
    return true;
}

bool rs_read_plain(struct rs_str text, struct rs_plain *out)
{
    return read_plain(text, out);
}

static enum rs_read read_number(struct rs_str text, const struct rs_format *f, struct rs_rounded *r,
                                bool *is_negative)
{
    struct rs_number number;

    if (!rs_number_parse(text, &number))
        return RS_READ_BAD;
    *is_negative = number.is_negative;
    if (number.form == RS_NUMBER_NAN) {
        *r = (struct rs_rounded){ UINT64_C(1) << (f->mantissa_bits - 1), f->infinite };
        *is_negative = false;
    } else if (number.form == RS_NUMBER_INFINITE) {
        *r = (struct rs_rounded){ 0, f->infinite };
    } else {
        *r = round_number(&number, f);
        if (r->exponent == f->infinite)
            return RS_READ_RANGE;
    }
    return RS_READ_OK;
}

/* Longer texts: one multiplication or division when that is exact, else by the table. */
RS_APART static enum rs_read read_long(struct rs_str text, double *out)
{
    struct rs_plain plain;
    struct rs_rounded r;
    bool is_negative;
    enum rs_read read = RS_READ_OK;
    double w;

    if (RS_UNLIKELY(!read_plain(text, &plain))) {
        read = read_number(text, &rs_double_format, &r, &is_negative);
        if (read == RS_READ_OK)
            *out = to_double(r, is_negative);
        return read;
    }
    if (plain.w <= UINT64_C(1) << 53 && plain.q >= -22 && plain.q <= 22) {
        w = (double)(int64_t)plain.w;
        w = plain.q < 0 ? w / rs_tens[-plain.q] : w * rs_tens[plain.q];
        *out = plain.is_negative ? -w : w;
        return RS_READ_OK;
    }
    r = round_within(plain.w, plain.q, &rs_double_format);
    if (r.exponent == rs_double_format.infinite)
        return RS_READ_RANGE;
    *out = to_double(r, plain.is_negative);
    return RS_READ_OK;
}

/* Up to eight characters of digits with a point among them: the point is taken out of the word.
 * q is 0 or less. */
static inline bool read_short(struct rs_str text, uint32_t *w, int *q)
{
    uint64_t word, points, below;
    int at;

    word = rs_load_digits(text.p, text.n);
    points = word ^ 0x1E1E1E1E1E1E1E1Eu; /* zero where the point is */
    points = (points - 0x0101010101010101u) & ~points & 0x8080808080808080u;
    *q = 0;
    if (points != 0) {
        at = trailing_zeros(points) / 8;
        below = (UINT64_C(1) << 8 * at) - 1;
        *q = at - 7;
        word = (word & ~below & ~(UINT64_C(0xFF) << 8 * at)) | (word & below) << 8;
        if (text.n == 1)
            return false;
    }
    if (!rs_all_digits(word))
        return false;
    *w = rs_sum_digits(word);
    return true;
}

enum rs_read rs_read_double(struct rs_str text, double *out)
{
    size_t sign = text.n > 0 && *text.p == '-';
    uint32_t few;
    double w;
    int q;

    if (text.n - sign - 1 >= 8 ||
        !read_short((struct rs_str){ text.p + sign, text.n - sign }, &few, &q))
        return read_long(text, out);
    w = (double)(int32_t)few / rs_tens[-q];
    *out = sign != 0 ? -w : w;
    return RS_READ_OK;
}

enum rs_read rs_read_float(struct rs_str text, float *out)
{
    struct rs_plain plain;
    struct rs_rounded r;
    bool is_negative;
    enum rs_read read = RS_READ_OK;

    if (RS_LIKELY(read_plain(text, &plain))) {
        is_negative = plain.is_negative;
        r = rs_round_decimal(plain.w, plain.q, &rs_float_format);
        if (r.exponent == rs_float_format.infinite)
            read = RS_READ_RANGE;
    } else {
        read = read_number(text, &rs_float_format, &r, &is_negative);
    }
    if (read == RS_READ_OK)
        *out = to_float(r, is_negative);
    return read;
}
