#include "number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

_Static_assert(FLT_RADIX == 2 && DBL_MANT_DIG == 53 && FLT_MANT_DIG == 24, "IEEE 754");
_Static_assert(FLT_EVAL_METHOD == 0, "products and quotients are rounded once");

enum { POW5_FIRST = -342, POW5_LAST = 308 };

static const uint64_t pow5[][2] = {
#define POW5(exponent, hi, lo) { hi, lo },
#include "pow5.def"
};
_Static_assert(RS_COUNT(pow5) == POW5_LAST - POW5_FIRST + 1, "one row a power");

/* One binary format. */
struct format {
    int mantissa_bits; /* without the hidden one */
    int min_exponent;  /* bias, negated */
    int infinite;      /* exponent field of infinity */
    int first_ten, last_ten; /* powers of ten outside of which all is zero, infinite */
    int even_first, even_last; /* powers of ten where a tie is possible */
};

static const struct format double_format = { 52, -1023, 0x7FF, -342, 308, -4, 23 };
static const struct format float_format = { 23, -127, 0xFF, -65, 38, -17, 10 };

/* Mantissa without the hidden bit, and the exponent field. */
struct rounded {
    uint64_t mantissa;
    int exponent;
};

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

static struct product times_pow5(uint64_t w, int q, int bits)
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

static struct rounded subnormal(uint64_t mantissa, int exponent, const struct format *f)
{
    if (1 - exponent >= 64)
        return (struct rounded){ 0, 0 };
    mantissa >>= 1 - exponent;
    mantissa += mantissa & 1;
    mantissa >>= 1;
    return (struct rounded){ mantissa & ((UINT64_C(1) << f->mantissa_bits) - 1),
                             mantissa >> f->mantissa_bits != 0 };
}

/* w × 10^q, rounded to nearest, ties to even. */
static struct rounded round_decimal(uint64_t w, int64_t q64, const struct format *f)
{
    struct product product;
    struct rounded out;
    uint64_t mantissa;
    int lz, upper, shift, q = (int)q64;

    if (w == 0 || q64 < f->first_ten)
        return (struct rounded){ 0, 0 };
    if (q64 > f->last_ten)
        return (struct rounded){ 0, f->infinite };
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
        out = (struct rounded){ 0, f->infinite };
    return out;
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
static int compare_middle(const struct rs_number *number, struct rounded low,
                          const struct format *f)
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

static bool same(struct rounded a, struct rounded b)
{
    return a.mantissa == b.mantissa && a.exponent == b.exponent;
}

/* More digits than fit into 64 bits: w are the first 19 of them. */
static struct rounded round_long(const struct rs_number *number, uint64_t w, int64_t q,
                                 const struct format *f)
{
    struct rounded low = round_decimal(w, q, f), high = round_decimal(w + 1, q, f);
    int side;

    if (same(low, high))
        return low;
    side = compare_middle(number, low, f);
    if (side != 0)
        return side < 0 ? low : high;
    return (low.mantissa & 1) == 0 ? low : high;
}

static struct rounded round_number(const struct rs_number *number, const struct format *f)
{
    size_t n = number->n < 19 ? number->n : 19;
    uint64_t w = 0;

    if (number->n == 0 || number->point < f->first_ten - 1)
        return (struct rounded){ 0, 0 };
    if (number->point > f->last_ten + 1)
        return (struct rounded){ 0, f->infinite };
    for (size_t i = 0; i < n; i++)
        w = w * 10 + (uint64_t)(number_char(number, i) - '0');
    if (n == number->n)
        return round_decimal(w, number->point - (int64_t)n, f);
    return round_long(number, w, number->point - (int64_t)n, f);
}

static double to_double(struct rounded r, bool is_negative)
{
    uint64_t bits = r.mantissa | (uint64_t)r.exponent << 52 | (uint64_t)is_negative << 63;
    double out;

    memcpy(&out, &bits, sizeof out);
    return out;
}

static float to_float(struct rounded r, bool is_negative)
{
    uint32_t bits =
        (uint32_t)r.mantissa | (uint32_t)r.exponent << 23 | (uint32_t)is_negative << 31;
    float out;

    memcpy(&out, &bits, sizeof out);
    return out;
}

/* ---- reading ---- */

static const double tens[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* Digits, point, exponent without blanks and of at most 19 digits, the usual text of the server;
 * false: read the long way. */
struct plain {
    uint64_t w;
    int q;
    bool is_negative;
};

static const char *plain_digits(const char *p, const char *end, uint64_t *w)
{
    uint32_t eight;

    while (end - p >= 8 && rs_eight_digits(p, &eight)) {
        *w = *w * 100000000 + eight;
        p += 8;
    }
    while (p < end && rs_is_digit(*p))
        *w = *w * 10 + (uint64_t)(*p++ - '0');
    return p;
}

static bool plain_exponent(const char *p, const char *end, int *q)
{
    bool is_negative = false;
    int value = 0;

    if (p < end && (*p == '+' || *p == '-'))
        is_negative = *p++ == '-';
    if (p == end || end - p > 4)
        return false;
    for (; p < end; p++) {
        if (!rs_is_digit(*p))
            return false;
        value = value * 10 + (*p - '0');
    }
    *q += is_negative ? -value : value;
    return true;
}

static bool read_plain(struct rs_str text, struct plain *out)
{
    const char *p = text.p, *end = p + text.n, *digits, *point;
    ptrdiff_t n;

    *out = (struct plain){ 0, 0, false };
    if (text.n == 0 || text.n > 40)
        return false;
    if (*p == '-') {
        out->is_negative = true;
        p++;
    }
    digits = p;
    p = plain_digits(p, end, &out->w);
    n = p - digits;
    if (n == 0)
        return false;
    if (p < end && *p == '.') {
        point = ++p;
        p = plain_digits(p, end, &out->w);
        out->q = (int)(point - p);
        n += p - point;
    }
    if (n > 19)
        return false;
    if (p == end)
        return true;
    if (*p != 'e' && *p != 'E')
        return false;
    return plain_exponent(p + 1, end, &out->q);
}

static enum rs_read read_number(struct rs_str text, const struct format *f, struct rounded *r,
                                bool *is_negative)
{
    struct rs_number number;

    if (!rs_number_parse(text, &number))
        return RS_READ_BAD;
    *is_negative = number.is_negative;
    if (number.form == RS_NUMBER_NAN) {
        *r = (struct rounded){ UINT64_C(1) << (f->mantissa_bits - 1), f->infinite };
        *is_negative = false;
    } else if (number.form == RS_NUMBER_INFINITE) {
        *r = (struct rounded){ 0, f->infinite };
    } else {
        *r = round_number(&number, f);
        if (r->exponent == f->infinite)
            return RS_READ_RANGE;
    }
    return RS_READ_OK;
}

enum rs_read rs_read_double(struct rs_str text, double *out)
{
    struct plain plain;
    struct rounded r;
    bool is_negative;

    if (RS_LIKELY(read_plain(text, &plain))) {
        if (plain.w <= UINT64_C(1) << 53 && plain.q >= -22 && plain.q <= 22) {
            double w = (double)plain.w;

            w = plain.q < 0 ? w / tens[-plain.q] : w * tens[plain.q];
            *out = plain.is_negative ? -w : w;
            return RS_READ_OK;
        }
        r = round_decimal(plain.w, plain.q, &double_format);
        if (r.exponent == double_format.infinite)
            return RS_READ_RANGE;
        *out = to_double(r, plain.is_negative);
        return RS_READ_OK;
    }
    switch (read_number(text, &double_format, &r, &is_negative)) {
    case RS_READ_BAD:
        return RS_READ_BAD;
    case RS_READ_RANGE:
        return RS_READ_RANGE;
    case RS_READ_OK:
        break;
    }
    *out = to_double(r, is_negative);
    return RS_READ_OK;
}

enum rs_read rs_read_float(struct rs_str text, float *out)
{
    struct plain plain;
    struct rounded r;
    bool is_negative;
    enum rs_read read = RS_READ_OK;

    if (RS_LIKELY(read_plain(text, &plain))) {
        is_negative = plain.is_negative;
        r = round_decimal(plain.w, plain.q, &float_format);
        if (r.exponent == float_format.infinite)
            read = RS_READ_RANGE;
    } else {
        read = read_number(text, &float_format, &r, &is_negative);
    }
    if (read == RS_READ_OK)
        *out = to_float(r, is_negative);
    return read;
}

/* ---- printing ---- */

/* Up to 17 digits and the place of the point, as struct rs_number. */
struct digits {
    uint64_t w;
    int n, point;
    bool is_negative;
};

static size_t print_exponent(int exponent, char *to)
{
    size_t at = 0;

    to[at++] = 'e';
    to[at++] = exponent < 0 ? '-' : '+';
    exponent = exponent < 0 ? -exponent : exponent;
    if (exponent < 10)
        to[at++] = '0';
    return at + rs_print_u64(to + at, (uint64_t)exponent);
}

static size_t print_fixed(const char *text, int n, int point, char *to)
{
    size_t at = 0;

    if (point <= 0) {
        to[at++] = '0';
        to[at++] = '.';
        for (; point < 0; point++)
            to[at++] = '0';
    }
    for (int i = 0; i < n; i++) {
        if (i == point && i > 0)
            to[at++] = '.';
        to[at++] = text[i];
    }
    for (; point > n; point--)
        to[at++] = '0';
    return at;
}

/* first_exponent: from which decimal exponent on it is written. */
static size_t print_digits(struct digits d, int first_exponent, char *to)
{
    char text[20];
    size_t at = 0;
    int n, exponent = d.point - 1;

    while (d.w != 0 && d.w % 10 == 0)
        d.w /= 10;
    n = (int)rs_print_u64(text, d.w);
    if (d.is_negative)
        to[at++] = '-';
    if (d.w == 0) {
        to[at++] = '0';
        return at;
    }
    if (exponent >= -4 && exponent < first_exponent)
        return at + print_fixed(text, n, d.point, to + at);
    to[at++] = text[0];
    if (n > 1) {
        to[at++] = '.';
        memcpy(to + at, text + 1, (size_t)n - 1);
        at += (size_t)n - 1;
    }
    return at + print_exponent(exponent, to + at);
}

enum { DOUBLE_EXPONENT = 15, FLOAT_EXPONENT = 6 };

/* Fewest digits, from `from` up to d.n - 1, that read as `want`; d when there are none. */
static struct digits shorten(struct digits d, int from, struct rounded want,
                             const struct format *f)
{
    for (int n = from; n < d.n; n++) {
        uint64_t unit = (uint64_t)tens[d.n - n], floor = d.w / unit;
        bool up_first = d.w % unit * 2 >= unit;

        for (int turn = 0; turn < 2; turn++) {
            uint64_t w = floor + ((turn == 0) == up_first);

            if (same(round_decimal(w, d.point - n, f), want)) {
                d.point += w >= (uint64_t)tens[n]; /* 9.99 became 10 */
                d.w = w;
                d.n = n;
                return d;
            }
        }
    }
    return d;
}

/* Digits of "d,dddde+ee" whatever stands for the point. */
static struct digits read_scientific(const char *text)
{
    struct digits d = { 0, 0, 0, false };
    bool is_negative = false;
    int exponent = 0;

    for (; *text != 'e'; text++) {
        if (rs_is_digit(*text)) {
            d.w = d.w * 10 + (uint64_t)(*text - '0');
            d.n++;
        } else if (*text == '-') {
            d.is_negative = true;
        }
    }
    for (text++; *text != '\0'; text++) {
        if (*text == '-')
            is_negative = true;
        else if (rs_is_digit(*text))
            exponent = exponent * 10 + (*text - '0');
    }
    d.point = 1 + (is_negative ? -exponent : exponent);
    return d;
}

static size_t print_word(const char *word, char *to)
{
    size_t n = strlen(word);

    memcpy(to, word, n);
    return n;
}

/* Whole numbers and numbers of few digits after the point, the usual ones. */
static bool short_digits(double value, struct digits *out)
{
    double a = fabs(value);
    char text[20];

    if (a >= 1e15 || (a < 1e-5 && a != 0))
        return false;
    for (int k = 0; k <= 15; k++) {
        double scaled = a * tens[k];
        uint64_t w;

        if (scaled >= 1e15)
            return false;
        w = (uint64_t)(scaled + 0.5);
        if ((double)w / tens[k] == a) {
            out->w = w;
            out->n = (int)rs_print_u64(text, w);
            out->point = out->n - k;
            out->is_negative = signbit(value) != 0;
            return true;
        }
    }
    return false;
}

static struct rounded bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return (struct rounded){ bits & ((UINT64_C(1) << 52) - 1), (int)(bits >> 52 & 0x7FF) };
}

size_t rs_print_double(double value, char *to)
{
    struct digits d;
    char text[40];

    if (isnan(value))
        return print_word("NaN", to);
    if (isinf(value))
        return print_word(value < 0 ? "-Infinity" : "Infinity", to);
    if (!short_digits(value, &d)) {
        (void)snprintf(text, sizeof text, "%.16e", value);
        d = shorten(read_scientific(text), 1, bits_of(value), &double_format);
    }
    return print_digits(d, DOUBLE_EXPONENT, to);
}

size_t rs_print_float(float value, char *to)
{
    struct digits d;
    struct rounded want;
    uint32_t bits;
    char text[40];

    if (isnan(value))
        return print_word("NaN", to);
    if (isinf(value))
        return print_word(value < 0 ? "-Infinity" : "Infinity", to);
    memcpy(&bits, &value, sizeof bits);
    want = (struct rounded){ bits & 0x7FFFFF, (int)(bits >> 23 & 0xFF) };
    (void)snprintf(text, sizeof text, "%.8e", (double)value);
    d = read_scientific(text);
    if (d.w != 0)
        d = shorten(d, 1, want, &float_format);
    return print_digits(d, FLOAT_EXPONENT, to);
}

/* How many digits a plain text has from the first that is not zero on. */
static int plain_count(uint64_t w)
{
    char text[20];

    return w == 0 ? 0 : (int)rs_print_u64(text, w);
}

static size_t shorten_text(struct rs_str text, int enough, const struct format *f,
                           int first_exponent, char *to)
{
    struct plain plain;
    struct digits d;
    struct rounded r;

    if (!read_plain(text, &plain))
        return 0;
    d = (struct digits){ plain.w, plain_count(plain.w), 0, plain.is_negative };
    if (d.n <= enough)
        return 0;
    d.point = d.n + plain.q;
    r = round_decimal(plain.w, plain.q, f);
    if (r.exponent == f->infinite || r.exponent == 0)
        return 0;
    return print_digits(shorten(d, enough, r, f), first_exponent, to);
}

size_t rs_shorten_double(struct rs_str text, char *to)
{
    return text.n <= DBL_DIG ? 0 : shorten_text(text, DBL_DIG, &double_format, DOUBLE_EXPONENT, to);
}

size_t rs_shorten_float(struct rs_str text, char *to)
{
    return text.n <= FLT_DIG ? 0 : shorten_text(text, FLT_DIG, &float_format, FLOAT_EXPONENT, to);
}
