#include "number.h"

/* Exponents beyond this are as good as infinite: no text is longer. */
#define EXPONENT_LIMIT INT64_C(100000000000)

struct cursor {
    const char *p, *end;
};

static void skip_blanks(struct cursor *c)
{
    while (c->p < c->end && rs_is_space(*c->p))
        c->p++;
    while (c->end > c->p && rs_is_space(c->end[-1]))
        c->end--;
}

static const char *skip_digits(struct cursor *c)
{
    const char *start = c->p;

    while (c->p < c->end && rs_is_digit(*c->p))
        c->p++;
    return start;
}

static bool parse_exponent(struct cursor *c, int64_t *out)
{
    bool is_negative = false;
    int64_t value = 0;
    const char *start;

    *out = 0;
    if (c->p == c->end || (*c->p != 'e' && *c->p != 'E'))
        return true;
    c->p++;
    if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
        is_negative = *c->p++ == '-';
    start = skip_digits(c);
    if (start == c->p)
        return false;
    for (; start < c->p; start++) {
        if (value < EXPONENT_LIMIT)
            value = value * 10 + (*start - '0');
    }
    *out = is_negative ? -value : value;
    return true;
}

static bool parse_word(struct cursor *c, struct rs_number *out)
{
    struct rs_str word = { c->p, (size_t)(c->end - c->p) };

    if (rs_str_eq_nocase(word, RS_STR("nan")))
        out->form = RS_NUMBER_NAN;
    else if (rs_str_eq_nocase(word, RS_STR("infinity")) || rs_str_eq_nocase(word, RS_STR("inf")))
        out->form = RS_NUMBER_INFINITE;
    else
        return false;
    return true;
}

/* Drops zeros at both ends and finds the point. */
static void normalise(struct rs_number *number, size_t n_back, int64_t exponent)
{
    while (number->n_front > 0 && *number->front == '0') {
        number->front++;
        number->n_front--;
    }
    number->shown = (int64_t)n_back > exponent ? (int64_t)n_back - exponent : 0;
    while (n_back > 0 && number->back[n_back - 1] == '0')
        n_back--;
    number->point = (int64_t)number->n_front + exponent;
    if (number->n_front == 0) {
        while (n_back > 0 && *number->back == '0') {
            number->back++;
            n_back--;
            number->point--;
        }
    } else if (n_back == 0) {
        while (number->front[number->n_front - 1] == '0')
            number->n_front--;
    }
    number->n = number->n_front + n_back;
}

bool rs_number_parse(struct rs_str text, struct rs_number *out)
{
    struct cursor c = { text.p, text.p == NULL ? text.p : text.p + text.n };
    struct rs_number number = { .form = RS_NUMBER_FINITE };
    size_t n_back = 0;
    int64_t exponent;

    skip_blanks(&c);
    if (c.p < c.end && (*c.p == '+' || *c.p == '-'))
        number.is_negative = *c.p++ == '-';
    if (c.p < c.end && rs_is_alpha(*c.p)) {
        if (!parse_word(&c, &number))
            return false;
        *out = number;
        return true;
    }
    number.front = skip_digits(&c);
    number.n_front = (size_t)(c.p - number.front);
    number.back = c.p;
    if (c.p < c.end && *c.p == '.') {
        c.p++;
        number.back = skip_digits(&c);
        n_back = (size_t)(c.p - number.back);
    }
    if (number.n_front + n_back == 0 || !parse_exponent(&c, &exponent) || c.p != c.end)
        return false;
    normalise(&number, n_back, exponent);
    *out = number;
    return true;
}

struct rs_number rs_number_zero(void)
{
    return (struct rs_number){ .form = RS_NUMBER_FINITE };
}

struct rs_number rs_number_of(bool is_negative, uint64_t magnitude, char buf[20])
{
    struct rs_number number = { .form = RS_NUMBER_FINITE, .is_negative = is_negative };

    number.front = buf;
    number.n_front = rs_print_u64(buf, magnitude);
    number.back = buf + number.n_front;
    normalise(&number, 0, 0);
    return number;
}

static unsigned digit_at(const struct rs_number *number, size_t i)
{
    char c = i < number->n_front ? number->front[i] : number->back[i - number->n_front];

    return (unsigned)(c - '0');
}

bool rs_number_whole(const struct rs_number *number, uint64_t *out)
{
    uint64_t value = 0;

    if (number->form != RS_NUMBER_FINITE)
        return false;
    if (number->n > 0 && number->point > 20)
        return false;
    for (int64_t i = 0; i < number->point && number->n > 0; i++) {
        unsigned digit = (size_t)i < number->n ? digit_at(number, (size_t)i) : 0;

        if (value > UINT64_MAX / 10 || value * 10 > UINT64_MAX - digit)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

int64_t rs_number_scale(const struct rs_number *number)
{
    int64_t scale = (int64_t)number->n - number->point;

    return number->n == 0 || scale < 0 ? 0 : scale;
}

bool rs_number_has_beyond(const struct rs_number *number, int64_t scale)
{
    return number->n > 0 && (int64_t)number->n - number->point > scale;
}

static bool wide_push(struct rs_wide *wide, unsigned digit)
{
    uint64_t carry = digit;

    for (int i = 0; i < 4; i++) {
        carry += (uint64_t)wide->limb[i] * 10;
        wide->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return carry == 0;
}

struct rs_number rs_number_of_wide(bool is_negative, const struct rs_wide *wide, int scale,
                                   char buf[40])
{
    struct rs_number number = { .form = RS_NUMBER_FINITE, .is_negative = is_negative };

    number.front = buf;
    number.n_front = rs_wide_print(wide, buf);
    number.back = buf + number.n_front;
    normalise(&number, 0, -scale);
    return number;
}

bool rs_number_scaled(const struct rs_number *number, int64_t scale, struct rs_wide *out)
{
    struct rs_wide wide = { { 0, 0, 0, 0 } };

    if (number->form != RS_NUMBER_FINITE)
        return false;
    if (number->n > 0) {
        int64_t n_digits = number->point + scale;

        if (n_digits > 39)
            return false;
        for (int64_t i = 0; i < n_digits; i++) {
            if (!wide_push(&wide, (size_t)i < number->n ? digit_at(number, (size_t)i) : 0))
                return false;
        }
    }
    *out = wide;
    return true;
}

/* Divides by ten in place; the remainder. */
static unsigned wide_pop(struct rs_wide *wide)
{
    uint64_t rest = 0;

    for (int i = 3; i >= 0; i--) {
        rest = rest << 32 | wide->limb[i];
        wide->limb[i] = (uint32_t)(rest / 10);
        rest %= 10;
    }
    return (unsigned)rest;
}

size_t rs_wide_print(const struct rs_wide *wide, char *to)
{
    struct rs_wide rest = *wide;
    char digits[40];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + wide_pop(&rest));
    } while ((rest.limb[0] | rest.limb[1] | rest.limb[2] | rest.limb[3]) != 0);
    for (size_t i = 0; i < n; i++)
        to[i] = digits[n - 1 - i];
    return n;
}

bool rs_wide_fits(const struct rs_wide *wide, int digits)
{
    char text[40];

    if ((wide->limb[0] | wide->limb[1] | wide->limb[2] | wide->limb[3]) == 0)
        return true;
    return rs_wide_print(wide, text) <= (size_t)(digits < 0 ? 0 : digits);
}

size_t rs_number_print(const struct rs_number *number, int64_t scale, char *to, size_t cap)
{
    int64_t whole = number->n > 0 && number->point > 0 ? number->point : 0;
    int64_t after = rs_number_scale(number);
    size_t at = 0;

    if (scale >= 0 && after > scale)
        after = scale;
    if (whole > (int64_t)cap || after > (int64_t)cap || (size_t)(whole + after) + 3 > cap)
        return 0;
    if (number->is_negative && number->n > 0 && number->point + after > 0)
        to[at++] = '-';
    if (whole == 0)
        to[at++] = '0';
    for (int64_t i = 0; i < whole; i++)
        to[at++] = (char)('0' + ((size_t)i < number->n ? digit_at(number, (size_t)i) : 0));
    if (after > 0)
        to[at++] = '.';
    for (int64_t k = 0; k < after; k++) {
        int64_t i = number->point + k;

        to[at++] = (char)('0' + (i >= 0 ? digit_at(number, (size_t)i) : 0));
    }
    return at;
}
