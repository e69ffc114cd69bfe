#include "span.h"

/* No field of more digits is read; the sum of all then fits into 64 bits of seconds. */
enum { MOST_DIGITS = 12 };
/* Years and days that a sum stays below: what has more digits is read by nobody again. */
static const int64_t sum_limit = 1000000000000;

static const struct rs_fields interval_fields[] = {
    [SQL_INTERVAL_YEAR - SQL_INTERVAL_YEAR] = { RS_UNIT_YEAR, RS_UNIT_YEAR },
    [SQL_INTERVAL_MONTH - SQL_INTERVAL_YEAR] = { RS_UNIT_MONTH, RS_UNIT_MONTH },
    [SQL_INTERVAL_DAY - SQL_INTERVAL_YEAR] = { RS_UNIT_DAY, RS_UNIT_DAY },
    [SQL_INTERVAL_HOUR - SQL_INTERVAL_YEAR] = { RS_UNIT_HOUR, RS_UNIT_HOUR },
    [SQL_INTERVAL_MINUTE - SQL_INTERVAL_YEAR] = { RS_UNIT_MINUTE, RS_UNIT_MINUTE },
    [SQL_INTERVAL_SECOND - SQL_INTERVAL_YEAR] = { RS_UNIT_SECOND, RS_UNIT_SECOND },
    [SQL_INTERVAL_YEAR_TO_MONTH - SQL_INTERVAL_YEAR] = { RS_UNIT_YEAR, RS_UNIT_MONTH },
    [SQL_INTERVAL_DAY_TO_HOUR - SQL_INTERVAL_YEAR] = { RS_UNIT_DAY, RS_UNIT_HOUR },
    [SQL_INTERVAL_DAY_TO_MINUTE - SQL_INTERVAL_YEAR] = { RS_UNIT_DAY, RS_UNIT_MINUTE },
    [SQL_INTERVAL_DAY_TO_SECOND - SQL_INTERVAL_YEAR] = { RS_UNIT_DAY, RS_UNIT_SECOND },
    [SQL_INTERVAL_HOUR_TO_MINUTE - SQL_INTERVAL_YEAR] = { RS_UNIT_HOUR, RS_UNIT_MINUTE },
    [SQL_INTERVAL_HOUR_TO_SECOND - SQL_INTERVAL_YEAR] = { RS_UNIT_HOUR, RS_UNIT_SECOND },
    [SQL_INTERVAL_MINUTE_TO_SECOND - SQL_INTERVAL_YEAR] = { RS_UNIT_MINUTE, RS_UNIT_SECOND },
};

/* Months or seconds of one. */
static const uint32_t unit_size[] = { 12, 1, 86400, 3600, 60, 1 };
static const uint32_t powers[] = { 1,      10,      100,      1000,      10000,
                                   100000, 1000000, 10000000, 100000000, 1000000000 };

bool rs_interval_is(SQLSMALLINT type)
{
    return type >= SQL_INTERVAL_YEAR && type <= SQL_INTERVAL_MINUTE_TO_SECOND;
}

struct rs_fields rs_interval_fields(SQLSMALLINT type)
{
    return interval_fields[type - SQL_INTERVAL_YEAR];
}

bool rs_interval_is_months(SQLSMALLINT type)
{
    return rs_interval_fields(type).first <= RS_UNIT_MONTH;
}

bool rs_interval_is_single(SQLSMALLINT type)
{
    struct rs_fields fields = rs_interval_fields(type);

    return fields.first == fields.last;
}

static bool is_zero(const struct rs_span *span)
{
    return span->months == 0 && span->seconds == 0 && span->nanos == 0;
}

/* ---- reading ---- */

struct cursor {
    const char *p, *end;
};

/* The sum so far; every part may have its own sign. */
struct sum {
    int64_t months, seconds, nanos;
    bool has_months, has_seconds, has_more;
};

/* One number: whole part and fraction. */
struct part {
    int64_t sign;
    bool has_sign;
    uint64_t whole;
    uint32_t nanos;
    bool has_more, has_fraction;
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

static void take_sign(struct cursor *c, struct part *part)
{
    if (take(c, '-'))
        part->sign = -1;
    else if (!take(c, '+'))
        return;
    part->has_sign = true;
}

static void take_fraction(struct cursor *c, struct part *part)
{
    uint32_t unit = 100000000;

    part->has_fraction = true;
    for (; !at_end(c) && rs_is_digit(*c->p); c->p++) {
        uint32_t digit = (uint32_t)(*c->p - '0');

        part->nanos += digit * unit;
        if (unit == 0 && digit != 0)
            part->has_more = true;
        unit /= 10;
    }
}

static bool take_part(struct cursor *c, struct part *part)
{
    const char *start;
    int n = 0;

    *part = (struct part){ .sign = 1 };
    take_sign(c, part);
    for (start = c->p; !at_end(c) && rs_is_digit(*c->p); c->p++) {
        part->whole = part->whole * 10 + (uint64_t)(*c->p - '0');
        if (part->whole > 0 && ++n > MOST_DIGITS)
            return false;
    }
    if (c->p == start)
        return false;
    if (take(c, '.'))
        take_fraction(c, part);
    return true;
}

static bool is_below(int64_t total, int64_t unit)
{
    return total < sum_limit * unit && total > -sum_limit * unit;
}

static bool add_unit(struct sum *sum, enum rs_unit unit, const struct part *part)
{
    int64_t value = part->sign * (int64_t)part->whole * unit_size[unit];

    if (part->has_fraction && unit != RS_UNIT_SECOND)
        return false;
    if (unit <= RS_UNIT_MONTH) {
        sum->months += value;
        sum->has_months = true;
        return is_below(sum->months, unit_size[RS_UNIT_YEAR]);
    }
    sum->seconds += value;
    sum->nanos += part->sign * (int64_t)part->nanos;
    sum->has_more = sum->has_more || part->has_more;
    sum->has_seconds = true;
    return is_below(sum->seconds, unit_size[RS_UNIT_DAY]);
}

static int count_colons(const struct cursor *c)
{
    int n = 0;

    for (const char *p = c->p; p < c->end && (rs_is_digit(*p) || *p == ':'); p++)
        n += *p == ':';
    return n;
}

/* h:m[:s[.f]], or m:s[.f] when that is what the type has. One sign in front covers all. */
static bool add_clock(struct cursor *c, struct sum *sum, const struct part *first,
                      struct rs_fields fields)
{
    bool is_minutes = fields.first == RS_UNIT_MINUTE && count_colons(c) == 1;
    enum rs_unit unit = is_minutes ? RS_UNIT_MINUTE : RS_UNIT_HOUR;
    struct part part = *first;

    if (!add_unit(sum, unit, &part))
        return false;
    while (take(c, ':')) {
        if (unit == RS_UNIT_SECOND || at_end(c) || !rs_is_digit(*c->p) || !take_part(c, &part) ||
            part.whole > 59)
            return false;
        part.sign = first->sign;
        unit++;
        if (!add_unit(sum, unit, &part))
            return false;
    }
    return true;
}

static bool find_unit(struct rs_str word, enum rs_unit *out)
{
    static const struct {
        const char *name;
        enum rs_unit unit;
    } names[] = {
        { "year", RS_UNIT_YEAR },     { "years", RS_UNIT_YEAR },     { "mon", RS_UNIT_MONTH },
        { "mons", RS_UNIT_MONTH },    { "month", RS_UNIT_MONTH },    { "months", RS_UNIT_MONTH },
        { "day", RS_UNIT_DAY },       { "days", RS_UNIT_DAY },       { "hour", RS_UNIT_HOUR },
        { "hours", RS_UNIT_HOUR },    { "min", RS_UNIT_MINUTE },     { "mins", RS_UNIT_MINUTE },
        { "minute", RS_UNIT_MINUTE }, { "minutes", RS_UNIT_MINUTE }, { "sec", RS_UNIT_SECOND },
        { "secs", RS_UNIT_SECOND },   { "second", RS_UNIT_SECOND },  { "seconds", RS_UNIT_SECOND },
    };

    for (size_t i = 0; i < RS_COUNT(names); i++) {
        if (rs_str_eq_nocase(word, rs_str_of(names[i].name))) {
            *out = names[i].unit;
            return true;
        }
    }
    return false;
}

static struct rs_str take_word(struct cursor *c)
{
    struct rs_str word = { c->p, 0 };

    while (!at_end(c) && rs_is_alpha(*c->p))
        c->p++;
    word.n = (size_t)(c->p - word.p);
    return word;
}

/* P1Y2M, P1DT2H3M4.5S */
static bool parse_iso(struct cursor *c, struct sum *sum)
{
    bool is_time = false, any = false;
    struct part part;
    char letter;

    while (!at_end(c)) {
        if (take(c, 'T')) {
            is_time = true;
            continue;
        }
        if (!take_part(c, &part) || at_end(c))
            return false;
        letter = *c->p++;
        any = true;
        if (letter == 'Y' && !is_time) {
            if (!add_unit(sum, RS_UNIT_YEAR, &part))
                return false;
        } else if (letter == 'M') {
            if (!add_unit(sum, is_time ? RS_UNIT_MINUTE : RS_UNIT_MONTH, &part))
                return false;
        } else if (letter == 'D' && !is_time) {
            if (!add_unit(sum, RS_UNIT_DAY, &part))
                return false;
        } else if (letter == 'H' && is_time) {
            if (!add_unit(sum, RS_UNIT_HOUR, &part))
                return false;
        } else if (letter != 'S' || !is_time || !add_unit(sum, RS_UNIT_SECOND, &part)) {
            return false;
        }
    }
    return any;
}

/* `1-2`: the first number is read. */
static bool add_year_month(struct cursor *c, struct sum *sum, const struct part *year)
{
    struct part month;

    if (!take(c, '-') || at_end(c) || !rs_is_digit(*c->p) || !take_part(c, &month) ||
        month.whole > 11)
        return false;
    month.sign = year->sign;
    return add_unit(sum, RS_UNIT_YEAR, year) && add_unit(sum, RS_UNIT_MONTH, &month);
}

/* `1 2:03:04.5`, `1 2`: the days are read; their sign covers a clock without one. */
static bool add_days(struct cursor *c, struct sum *sum, const struct part *days)
{
    static const struct rs_fields behind_days = { RS_UNIT_HOUR, RS_UNIT_SECOND };
    struct part hours;

    if (!take_part(c, &hours))
        return false;
    if (!hours.has_sign)
        hours.sign = days->sign;
    return add_unit(sum, RS_UNIT_DAY, days) && add_clock(c, sum, &hours, behind_days);
}

/* One number and what it belongs to. */
static bool parse_item(struct cursor *c, struct sum *sum, struct rs_fields fields)
{
    struct part part;
    enum rs_unit unit = fields.first;
    struct rs_str word;

    if (!take_part(c, &part))
        return false;
    if (!at_end(c) && *c->p == ':')
        return add_clock(c, sum, &part, fields);
    if (!at_end(c) && *c->p == '-')
        return add_year_month(c, sum, &part);
    skip_blanks(c);
    word = take_word(c);
    if (word.n > 0)
        return find_unit(word, &unit) && add_unit(sum, unit, &part);
    if (!at_end(c))
        return add_days(c, sum, &part);
    return add_unit(sum, unit, &part);
}

static bool parse_items(struct cursor *c, struct sum *sum, struct rs_fields fields)
{
    bool any = false;

    if (take(c, 'P'))
        return parse_iso(c, sum);
    if (take(c, '@'))
        skip_blanks(c);
    while (!at_end(c)) {
        if (any &&
            rs_str_eq_nocase((struct rs_str){ c->p, (size_t)(c->end - c->p) }, RS_STR("ago"))) {
            sum->months = -sum->months;
            sum->seconds = -sum->seconds;
            sum->nanos = -sum->nanos;
            c->p = c->end;
            return true;
        }
        if (!parse_item(c, sum, fields))
            return false;
        any = true;
        skip_blanks(c);
    }
    return any;
}

/* ODBC's literal around the body: `{interval -'1-2' year to month}`. */
struct literal {
    struct cursor body;
    bool is_negative;
    struct rs_fields fields;
};

static bool take_fields(struct cursor *c, struct rs_fields *fields)
{
    struct rs_str word;

    skip_blanks(c);
    if (!find_unit(take_word(c), &fields->first))
        return false;
    fields->last = fields->first;
    for (int turn = 0; turn < 3 && !at_end(c); turn++) { /* (precision) */
        skip_blanks(c);
        if (take(c, '(')) {
            while (!at_end(c) && *c->p != ')')
                c->p++;
            if (!take(c, ')'))
                return false;
        }
        skip_blanks(c);
        word = take_word(c);
        if (rs_str_eq_nocase(word, RS_STR("to"))) {
            skip_blanks(c);
            if (!find_unit(take_word(c), &fields->last))
                return false;
        } else if (word.n > 0) {
            return false;
        }
    }
    return at_end(c) && fields->first <= fields->last;
}

static bool parse_literal(struct cursor *c, struct literal *out)
{
    const char *quote;

    if (take(c, '{')) {
        if (c->end == c->p || c->end[-1] != '}')
            return false;
        c->end--;
        while (c->end > c->p && rs_is_space(c->end[-1]))
            c->end--;
        skip_blanks(c);
    }
    if (!rs_str_eq_nocase(take_word(c), RS_STR("interval")))
        return false;
    skip_blanks(c);
    if (take(c, '-'))
        out->is_negative = true;
    else
        (void)take(c, '+');
    skip_blanks(c);
    if (!take(c, '\''))
        return false;
    for (quote = c->p; quote < c->end && *quote != '\''; quote++)
        ;
    if (quote == c->end)
        return false;
    out->body = (struct cursor){ c->p, quote };
    c->p = quote + 1;
    return take_fields(c, &out->fields);
}

static bool settle(const struct sum *sum, bool is_months, struct rs_span *out)
{
    int64_t seconds = sum->seconds + sum->nanos / 1000000000, nanos = sum->nanos % 1000000000;
    struct rs_span span = { .is_months = is_months, .has_more = sum->has_more };

    if (is_months) {
        if (sum->seconds != 0 || sum->nanos != 0 || sum->has_more)
            return false;
        span.is_negative = sum->months < 0;
        span.months = (uint64_t)(span.is_negative ? -sum->months : sum->months);
        *out = span;
        return true;
    }
    if (sum->months != 0)
        return false;
    if (seconds > 0 && nanos < 0) {
        seconds--;
        nanos += 1000000000;
    } else if (seconds < 0 && nanos > 0) {
        seconds++;
        nanos -= 1000000000;
    }
    span.is_negative = seconds < 0 || nanos < 0;
    span.seconds = (uint64_t)(seconds < 0 ? -seconds : seconds);
    span.nanos = (uint32_t)(nanos < 0 ? -nanos : nanos);
    *out = span;
    return true;
}

/* More items than this are no interval; it bounds the sum. */
enum { MOST_BYTES = 256 };

bool rs_span_parse(struct rs_str text, SQLSMALLINT type, struct rs_span *out)
{
    struct rs_str s = rs_str_trim(text);
    struct cursor c = { s.p, s.p == NULL ? s.p : s.p + s.n };
    struct literal literal = { .fields = rs_interval_fields(type) };
    struct sum sum = { 0 };
    struct rs_span span;

    if (s.p == NULL || s.n == 0 || s.n > MOST_BYTES)
        return false;
    if (*s.p == '{' || *s.p == 'i' || *s.p == 'I') {
        if (!parse_literal(&c, &literal))
            return false;
    } else {
        literal.body = c;
    }
    skip_blanks(&literal.body);
    if (!parse_items(&literal.body, &sum, literal.fields) ||
        !settle(&sum, rs_interval_is_months(type), &span))
        return false;
    if (literal.is_negative && !is_zero(&span))
        span.is_negative = !span.is_negative;
    *out = span;
    return true;
}

/* ---- fields ---- */

static bool has_digits(uint64_t value, int digits)
{
    for (; digits > 0 && value > 0; digits--)
        value /= 10;
    return value == 0;
}

enum rs_span_fit rs_span_to_struct(const struct rs_span *span, SQLSMALLINT type, int digits,
                                   int fraction_digits, SQL_INTERVAL_STRUCT *out)
{
    struct rs_fields fields = rs_interval_fields(type);
    uint64_t rest = span->is_months ? span->months : span->seconds;
    SQLUINTEGER value[RS_UNIT_SECOND + 1] = { 0 };
    uint32_t unit = powers[9 - fraction_digits];
    bool was_cut;

    memset(out, 0, sizeof *out);
    if (!has_digits(rest / unit_size[fields.first], digits < 9 ? digits : 9))
        return RS_SPAN_TOO_BIG;
    for (int i = fields.first; i <= (int)fields.last; i++) {
        value[i] = (SQLUINTEGER)(rest / unit_size[i]);
        rest %= unit_size[i];
    }
    out->interval_type = (SQLINTERVAL)(type - SQL_INTERVAL_YEAR + SQL_IS_YEAR);
    out->interval_sign = span->is_negative ? SQL_TRUE : SQL_FALSE;
    if (span->is_months) {
        out->intval.year_month.year = value[RS_UNIT_YEAR];
        out->intval.year_month.month = value[RS_UNIT_MONTH];
        return rest != 0 ? RS_SPAN_CUT : RS_SPAN_EXACT;
    }
    out->intval.day_second.day = value[RS_UNIT_DAY];
    out->intval.day_second.hour = value[RS_UNIT_HOUR];
    out->intval.day_second.minute = value[RS_UNIT_MINUTE];
    out->intval.day_second.second = value[RS_UNIT_SECOND];
    was_cut = rest != 0 || span->has_more;
    if (fields.last == RS_UNIT_SECOND) {
        out->intval.day_second.fraction = span->nanos / unit;
        was_cut = was_cut || span->nanos % unit != 0;
    } else {
        was_cut = was_cut || span->nanos != 0;
    }
    return was_cut ? RS_SPAN_CUT : RS_SPAN_EXACT;
}

bool rs_span_from_struct(const SQL_INTERVAL_STRUCT *in, SQLSMALLINT type, int fraction_digits,
                         struct rs_span *out)
{
    static const uint32_t limit[] = { 0, 12, 0, 24, 60, 60 };
    struct rs_fields fields = rs_interval_fields(type);
    const SQLUINTEGER value[] = {
        in->intval.year_month.year, in->intval.year_month.month,  in->intval.day_second.day,
        in->intval.day_second.hour, in->intval.day_second.minute, in->intval.day_second.second,
    };
    struct rs_span span = { .is_months = rs_interval_is_months(type) };
    uint64_t total = 0;

    for (int i = fields.first; i <= (int)fields.last; i++) {
        if (i > (int)fields.first && value[i] >= limit[i])
            return false;
        total += (uint64_t)value[i] * unit_size[i];
    }
    if (span.is_months)
        span.months = total;
    else
        span.seconds = total;
    if (fields.last == RS_UNIT_SECOND) {
        if (in->intval.day_second.fraction >= powers[fraction_digits])
            return false;
        span.nanos = in->intval.day_second.fraction * powers[9 - fraction_digits];
    }
    span.is_negative = in->interval_sign != SQL_FALSE && !is_zero(&span);
    *out = span;
    return true;
}

bool rs_span_from_number(const struct rs_number *number, SQLSMALLINT type, struct rs_span *out,
                         bool *was_cut)
{
    enum rs_unit unit = rs_interval_fields(type).first;
    struct rs_span span = { .is_months = unit <= RS_UNIT_MONTH };
    uint64_t whole;
    struct rs_wide scaled;

    if (!rs_number_whole(number, &whole) || !has_digits(whole, MOST_DIGITS))
        return false;
    *was_cut = rs_number_has_beyond(number, unit == RS_UNIT_SECOND ? 9 : 0);
    if (span.is_months) {
        span.months = whole * unit_size[unit];
    } else {
        span.seconds = whole * unit_size[unit];
        if (unit == RS_UNIT_SECOND && rs_number_scaled(number, 9, &scaled)) {
            uint64_t all = (uint64_t)scaled.limb[1] << 32 | scaled.limb[0];

            span.nanos = (uint32_t)((all - whole * 1000000000) % 1000000000);
        }
    }
    span.is_negative = number->is_negative && !is_zero(&span);
    *out = span;
    return true;
}

static size_t print_fraction(uint32_t nanos, char *to)
{
    size_t at = 0;
    uint32_t unit = 100000000;

    if (nanos == 0)
        return 0;
    to[at++] = '.';
    for (; nanos > 0; unit /= 10) {
        to[at++] = (char)('0' + nanos / unit);
        nanos %= unit;
    }
    return at;
}

size_t rs_span_print(const struct rs_span *span, SQLSMALLINT type, char *to, size_t *must)
{
    static const char before[] = { 0, '-', 0, ' ', ':', ':' };
    struct rs_fields fields = rs_interval_fields(type);
    uint64_t rest = span->is_months ? span->months : span->seconds;
    size_t at = 0;

    if (span->is_negative && (rest != 0 || span->nanos != 0))
        to[at++] = '-';
    for (int i = fields.first; i <= (int)fields.last; i++) {
        uint64_t value = rest / unit_size[i];

        rest %= unit_size[i];
        if (i > (int)fields.first) {
            to[at++] = before[i];
            if (value < 10 && i != RS_UNIT_MONTH)
                to[at++] = '0';
        }
        at += rs_print_u64(to + at, value);
    }
    *must = at;
    if (fields.last == RS_UNIT_SECOND)
        at += print_fraction(span->nanos, to + at);
    return at;
}
