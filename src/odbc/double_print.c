#include "double_in.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

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

/* d has been rounded itself: where it lies in the middle of two numbers of n digits, the value it
 * was made from tells which of them is nearer. */
RS_APART static bool middle_is_up(int n, uint64_t floor, struct rs_rounded want,
                                  const struct rs_format *f)
{
    char text[40];
    double value;

    if (f == &rs_double_format) {
        uint64_t bits = (uint64_t)want.exponent << 52 | want.mantissa;

        memcpy(&value, &bits, sizeof value);
    } else {
        uint32_t bits = (uint32_t)want.exponent << 23 | (uint32_t)want.mantissa;
        float single;

        memcpy(&single, &bits, sizeof single);
        value = (double)single;
    }
    (void)snprintf(text, sizeof text, "%.*e", n - 1, value);
    return read_scientific(text).w != floor;
}

/* The number of n digits nearest to d, or else the other next to it, that reads as `want`; false
 * when there is none. */
static bool shorter(struct digits d, int n, struct rs_rounded want, const struct rs_format *f,
                    struct digits *out)
{
    uint64_t unit = (uint64_t)rs_tens[d.n - n], floor = d.w / unit, twice = d.w % unit * 2;
    uint64_t w = floor + (twice >= unit);
    int q = d.point - n;

    if (!rs_same(rs_round_decimal(w, q, f), want)) {
        w = floor + (twice < unit);
        if (!rs_same(rs_round_decimal(w, q, f), want))
            return false;
    } else if (twice == unit && rs_same(rs_round_decimal(floor, q, f), want) &&
               !middle_is_up(n, floor, want, f)) {
        w = floor;
    }
    *out = d;
    out->point += w >= (uint64_t)rs_tens[n]; /* 9.99 became 10 */
    out->w = w;
    out->n = n;
    return true;
}

/* Fewest digits, not less than `least`, that read as `want`; d when there are none. When n digits
 * are not enough, fewer are not either: they are n digits with zeros behind. */
static struct digits shorten(struct digits d, int least, struct rs_rounded want,
                             const struct rs_format *f)
{
    struct digits best = d;

    for (int n = d.n - 1; n >= least; n--) {
        if (!shorter(d, n, want, f, &best))
            break;
    }
    return best;
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
        double scaled = a * rs_tens[k];
        uint64_t w;

        if (scaled >= 1e15)
            return false;
        w = (uint64_t)(scaled + 0.5);
        if ((double)w / rs_tens[k] == a) {
            out->w = w;
            out->n = (int)rs_print_u64(text, w);
            out->point = out->n - k;
            out->is_negative = signbit(value) != 0;
            return true;
        }
    }
    return false;
}

static struct rs_rounded bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return (struct rs_rounded){ bits & ((UINT64_C(1) << 52) - 1), (int)(bits >> 52 & 0x7FF) };
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
        d = shorten(read_scientific(text), 1, bits_of(value), &rs_double_format);
    }
    return print_digits(d, DOUBLE_EXPONENT, to);
}

size_t rs_print_float(float value, char *to)
{
    struct digits d;
    struct rs_rounded want;
    uint32_t bits;
    char text[40];

    if (isnan(value))
        return print_word("NaN", to);
    if (isinf(value))
        return print_word(value < 0 ? "-Infinity" : "Infinity", to);
    memcpy(&bits, &value, sizeof bits);
    want = (struct rs_rounded){ bits & 0x7FFFFF, (int)(bits >> 23 & 0xFF) };
    (void)snprintf(text, sizeof text, "%.8e", (double)value);
    d = read_scientific(text);
    if (d.w != 0)
        d = shorten(d, 1, want, &rs_float_format);
    return print_digits(d, FLOAT_EXPONENT, to);
}

/* How many digits a number has, at most 19; texts that are long have 15 and more. */
static int count_digits(uint64_t w)
{
    uint64_t limit = UINT64_C(1000000000000000);
    int n = 15;

    if (w < limit) {
        limit = 1;
        n = 0;
    }
    for (; n < 19 && w >= limit; n++)
        limit *= 10;
    return n;
}

/* No number with one digit less can read as the same. What reads as the same lies within half a
 * step of the format around it, so two such numbers are at most a step apart, and w is at least
 * 2^bits steps: the nearest number with a zero at its end is farther away. */
static bool is_shortest(uint64_t w, const struct rs_format *f)
{
    uint64_t last = w % 10, away = last < 5 ? last : 10 - last;

    return away > w >> f->mantissa_bits;
}

static size_t shorten_text(struct rs_str text, int enough, const struct rs_format *f,
                           int first_exponent, char *to)
{
    struct rs_plain plain;
    struct digits d, fewer;
    struct rs_rounded r;

    if (!rs_read_plain(text, &plain))
        return 0;
    d = (struct digits){ plain.w, count_digits(plain.w), 0, plain.is_negative };
    if (d.n <= enough || is_shortest(plain.w, f))
        return 0;
    d.point = d.n + plain.q;
    r = rs_round_decimal(plain.w, plain.q, f);
    if (r.exponent == f->infinite || r.exponent == 0)
        return 0;
    fewer = shorten(d, enough, r, f);
    return fewer.n == d.n ? 0 : print_digits(fewer, first_exponent, to);
}

/* A sign and a point are no digits: such a text is as short as one of `enough` digits. */
static bool has_few_digits(struct rs_str text, size_t enough)
{
    size_t n = text.n - (*text.p == '-');

    return n <= enough || (n == enough + 1 && memchr(text.p, '.', text.n) != NULL);
}

size_t rs_shorten_double(struct rs_str text, char *to)
{
    if (text.n <= DBL_DIG || has_few_digits(text, DBL_DIG))
        return 0;
    return shorten_text(text, DBL_DIG, &rs_double_format, DOUBLE_EXPONENT, to);
}

size_t rs_shorten_float(struct rs_str text, char *to)
{
    return text.n <= FLT_DIG ? 0
                             : shorten_text(text, FLT_DIG, &rs_float_format, FLOAT_EXPONENT, to);
}
