#include "datetime.h"

#include "../os.h"

struct cursor {
    const char *start, *p, *end;
};

static bool at_end(const struct cursor *c)
{
    return c->p == c->end;
}

static bool take(struct cursor *c, char wanted)
{
    if (at_end(c) || *c->p != wanted)
        return false;
    c->p++;
    return true;
}

static void skip_blanks(struct cursor *c)
{
    while (!at_end(c) && rs_is_space(*c->p))
        c->p++;
}

/* Between least and most digits. */
static bool take_digits(struct cursor *c, int least, int most, int32_t *out)
{
    int32_t value = 0;
    int n = 0;

    for (; n < most && !at_end(c) && rs_is_digit(*c->p); n++)
        value = value * 10 + (*c->p++ - '0');
    if (n < least || (!at_end(c) && rs_is_digit(*c->p)))
        return false;
    *out = value;
    return true;
}

static bool take_small(struct cursor *c, uint16_t *out)
{
    int32_t value;

    if (!take_digits(c, 1, 2, &value))
        return false;
    *out = (uint16_t)value;
    return true;
}

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool rs_when_is_date(int32_t year, unsigned month, unsigned day)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    if (month < 1 || month > 12 || day < 1)
        return false;
    return day <= days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

static void take_fraction(struct cursor *c, struct rs_when *out)
{
    uint32_t unit = 100000000;

    for (; !at_end(c) && rs_is_digit(*c->p); c->p++) {
        uint32_t digit = (uint32_t)(*c->p - '0');

        out->nanos += digit * unit;
        if (unit == 0 && digit != 0)
            out->has_more = true;
        unit /= 10;
    }
}

static bool parse_time(struct cursor *c, struct rs_when *out)
{
    if (!take_small(c, &out->hour) || !take(c, ':') || !take_small(c, &out->minute))
        return false;
    if (take(c, ':')) {
        if (!take_small(c, &out->second))
            return false;
        if (take(c, '.'))
            take_fraction(c, out);
    }
    out->has_time = true;
    if (out->hour == 24)
        return out->minute == 0 && out->second == 0 && out->nanos == 0 && !out->has_more;
    return out->hour < 24 && out->minute < 60 && out->second < 60;
}

static bool parse_offset(struct cursor *c, struct rs_when *out)
{
    const char *start = c->p;
    int32_t field;

    if (take(c, 'Z') || take(c, 'z')) {
        out->offset_at = (size_t)(start - c->start);
        out->offset_n = 1;
        return true;
    }
    if (!take(c, '+') && !take(c, '-'))
        return true;
    if (!take_digits(c, 2, 4, &field))
        return false;
    for (int i = 0; i < 2 && take(c, ':'); i++) {
        if (!take_digits(c, 2, 2, &field))
            return false;
    }
    out->offset_at = (size_t)(start - c->start);
    out->offset_n = (size_t)(c->p - start);
    return true;
}

static bool parse_date(struct cursor *c, struct rs_when *out)
{
    if (!take_digits(c, 4, 7, &out->year) || !take(c, '-') || !take_small(c, &out->month) ||
        !take(c, '-') || !take_small(c, &out->day))
        return false;
    out->has_date = true;
    return true;
}

static bool looks_like_date(const struct cursor *c)
{
    const char *p = c->p;

    while (p < c->end && rs_is_digit(*p))
        p++;
    return p < c->end && *p == '-';
}

static void parse_era(struct cursor *c, struct rs_when *out)
{
    struct cursor ahead = *c;

    skip_blanks(&ahead);
    if (ahead.end - ahead.p >= 2 && (ahead.p[0] == 'B' || ahead.p[0] == 'b') &&
        (ahead.p[1] == 'C' || ahead.p[1] == 'c')) {
        out->is_bc = true;
        ahead.p += 2;
        *c = ahead;
    }
}

static bool parse_body(struct cursor *c, struct rs_when *out)
{
    if (looks_like_date(c)) {
        if (!parse_date(c, out))
            return false;
        if (!at_end(c) && (*c->p == 'T' || *c->p == 't'))
            c->p++;
        else
            skip_blanks(c);
        if (!at_end(c) && rs_is_digit(*c->p) && !parse_time(c, out))
            return false;
    } else if (!parse_time(c, out)) {
        return false;
    }
    if (out->has_time && !parse_offset(c, out))
        return false;
    if (out->has_date)
        parse_era(c, out);
    skip_blanks(c);
    return at_end(c);
}

/* Takes `{d '…'}`, `{t '…'}`, `{ts '…'}` off; true when it was one and names a part that must be
 * there. */
static bool strip_escape(struct cursor *c, bool *wants_date, bool *wants_time)
{
    if (!take(c, '{'))
        return true;
    skip_blanks(c);
    if (take(c, 't') || take(c, 'T')) {
        *wants_time = true;
        *wants_date = take(c, 's') || take(c, 'S');
    } else if (take(c, 'd') || take(c, 'D')) {
        *wants_date = true;
    } else {
        return false;
    }
    skip_blanks(c);
    if (!take(c, '\'') || c->end - c->p < 2 || c->end[-1] != '}')
        return false;
    c->end--;
    while (c->end > c->p && rs_is_space(c->end[-1]))
        c->end--;
    if (c->end == c->p || c->end[-1] != '\'')
        return false;
    c->end--;
    skip_blanks(c);
    return true;
}

static bool parse_infinity(const struct cursor *c, struct rs_when *out)
{
    struct rs_str word = { c->p, (size_t)(c->end - c->p) };

    if (word.n > 0 && (word.p[0] == '-' || word.p[0] == '+'))
        word = rs_str_sub(word, 1, word.n - 1);
    if (!rs_str_eq_nocase(word, RS_STR("infinity")))
        return false;
    out->is_infinite = true;
    return true;
}

bool rs_when_parse(struct rs_str text, struct rs_when *out)
{
    struct cursor c = { text.p, text.p, text.p == NULL ? text.p : text.p + text.n };
    struct rs_when when = { 0 };
    bool wants_date = false, wants_time = false;

    skip_blanks(&c);
    while (c.end > c.p && rs_is_space(c.end[-1]))
        c.end--;
    if (!strip_escape(&c, &wants_date, &wants_time))
        return false;
    if (!parse_infinity(&c, &when)) {
        if (!parse_body(&c, &when))
            return false;
        if ((wants_date && !when.has_date) || (wants_time && !when.has_time))
            return false;
        if (when.has_date &&
            (when.year == 0 ||
             !rs_when_is_date(when.is_bc ? 1 - when.year : when.year, when.month, when.day)))
            return false;
        if (when.has_date && when.hour == 24)
            return false;
    }
    *out = when;
    return true;
}

void rs_when_today(struct rs_when *out)
{
    struct rs_utc_time now = rs_local_split(rs_utc_s());

    out->year = now.year;
    out->month = (uint16_t)now.month;
    out->day = (uint16_t)now.day;
    out->has_date = true;
}

static void put_two(char *to, unsigned value)
{
    to[0] = (char)('0' + value / 10 % 10);
    to[1] = (char)('0' + value % 10);
}

size_t rs_when_print_date(const struct rs_when *when, char *to)
{
    char year[20];
    size_t n = rs_print_u64(year, (uint64_t)(when->year < 0 ? 0 : when->year)), at = 0;

    for (; at + n < 4; at++)
        to[at] = '0';
    memcpy(to + at, year, n);
    at += n;
    to[at] = '-';
    put_two(to + at + 1, when->month);
    to[at + 3] = '-';
    put_two(to + at + 4, when->day);
    return at + 6;
}

size_t rs_when_print_time(const struct rs_when *when, int digits, char *to)
{
    uint32_t unit = 100000000, rest = when->nanos;
    size_t at = 8;

    put_two(to, when->hour);
    to[2] = ':';
    put_two(to + 3, when->minute);
    to[5] = ':';
    put_two(to + 6, when->second);
    if (rest == 0 || digits <= 0)
        return at;
    to[at++] = '.';
    for (int i = 0; i < digits && i < 9; i++, unit /= 10) {
        to[at++] = (char)('0' + rest / unit);
        rest %= unit;
    }
    while (to[at - 1] == '0')
        at--;
    return to[at - 1] == '.' ? at - 1 : at;
}
