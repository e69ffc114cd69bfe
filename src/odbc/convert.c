#include "convert_put.h"

#include "../utf.h"

enum { SHOWN_BYTES = 40 };

/* clang-format off */
/* C type + OFFSET -> enum rs_ctype + 1; 0: no C type. SQLGetData asks at every call. */
enum { C_TYPE_OFFSET = 32, C_TYPE_END = 160 };
static const uint8_t c_types[C_TYPE_END] = {
    [SQL_C_CHAR + C_TYPE_OFFSET]              = RS_CTYPE_CHAR + 1,
    [SQL_C_WCHAR + C_TYPE_OFFSET]             = RS_CTYPE_WCHAR + 1,
    [SQL_C_BINARY + C_TYPE_OFFSET]            = RS_CTYPE_BINARY + 1,
    [SQL_C_BIT + C_TYPE_OFFSET]               = RS_CTYPE_BIT + 1,
    [SQL_C_TINYINT + C_TYPE_OFFSET]           = RS_CTYPE_STINYINT + 1,
    [SQL_C_STINYINT + C_TYPE_OFFSET]          = RS_CTYPE_STINYINT + 1,
    [SQL_C_UTINYINT + C_TYPE_OFFSET]          = RS_CTYPE_UTINYINT + 1,
    [SQL_C_SHORT + C_TYPE_OFFSET]             = RS_CTYPE_SSHORT + 1,
    [SQL_C_SSHORT + C_TYPE_OFFSET]            = RS_CTYPE_SSHORT + 1,
    [SQL_C_USHORT + C_TYPE_OFFSET]            = RS_CTYPE_USHORT + 1,
    [SQL_C_LONG + C_TYPE_OFFSET]              = RS_CTYPE_SLONG + 1,
    [SQL_C_SLONG + C_TYPE_OFFSET]             = RS_CTYPE_SLONG + 1,
    [SQL_C_ULONG + C_TYPE_OFFSET]             = RS_CTYPE_ULONG + 1,
    [SQL_C_SBIGINT + C_TYPE_OFFSET]           = RS_CTYPE_SBIGINT + 1,
    [SQL_BIGINT + C_TYPE_OFFSET]              = RS_CTYPE_SBIGINT + 1,
    [SQL_C_UBIGINT + C_TYPE_OFFSET]           = RS_CTYPE_UBIGINT + 1,
    [SQL_C_FLOAT + C_TYPE_OFFSET]             = RS_CTYPE_FLOAT + 1,
    [SQL_C_DOUBLE + C_TYPE_OFFSET]            = RS_CTYPE_DOUBLE + 1,
    [SQL_C_NUMERIC + C_TYPE_OFFSET]           = RS_CTYPE_NUMERIC + 1,
    [SQL_C_DATE + C_TYPE_OFFSET]              = RS_CTYPE_DATE + 1,
    [SQL_C_TYPE_DATE + C_TYPE_OFFSET]         = RS_CTYPE_DATE + 1,
    [SQL_C_TIME + C_TYPE_OFFSET]              = RS_CTYPE_TIME + 1,
    [SQL_C_TYPE_TIME + C_TYPE_OFFSET]         = RS_CTYPE_TIME + 1,
    [SQL_C_TIMESTAMP + C_TYPE_OFFSET]         = RS_CTYPE_TIMESTAMP + 1,
    [SQL_C_TYPE_TIMESTAMP + C_TYPE_OFFSET]    = RS_CTYPE_TIMESTAMP + 1,
    [SQL_C_GUID + C_TYPE_OFFSET]              = RS_CTYPE_GUID + 1,
};

static const struct {
    const char *name;
    size_t size;
} ctypes[RS_CTYPE_COUNT] = {
    [RS_CTYPE_CHAR] =      { "SQL_C_CHAR", 0 },
    [RS_CTYPE_WCHAR] =     { "SQL_C_WCHAR", 0 },
    [RS_CTYPE_BINARY] =    { "SQL_C_BINARY", 0 },
    [RS_CTYPE_BIT] =       { "SQL_C_BIT", 1 },
    [RS_CTYPE_STINYINT] =  { "SQL_C_STINYINT", 1 },
    [RS_CTYPE_UTINYINT] =  { "SQL_C_UTINYINT", 1 },
    [RS_CTYPE_SSHORT] =    { "SQL_C_SSHORT", 2 },
    [RS_CTYPE_USHORT] =    { "SQL_C_USHORT", 2 },
    [RS_CTYPE_SLONG] =     { "SQL_C_SLONG", 4 },
    [RS_CTYPE_ULONG] =     { "SQL_C_ULONG", 4 },
    [RS_CTYPE_SBIGINT] =   { "SQL_C_SBIGINT", 8 },
    [RS_CTYPE_UBIGINT] =   { "SQL_C_UBIGINT", 8 },
    [RS_CTYPE_FLOAT] =     { "SQL_C_FLOAT", sizeof(SQLREAL) },
    [RS_CTYPE_DOUBLE] =    { "SQL_C_DOUBLE", sizeof(SQLDOUBLE) },
    [RS_CTYPE_NUMERIC] =   { "SQL_C_NUMERIC", sizeof(SQL_NUMERIC_STRUCT) },
    [RS_CTYPE_DATE] =      { "SQL_C_TYPE_DATE", sizeof(SQL_DATE_STRUCT) },
    [RS_CTYPE_TIME] =      { "SQL_C_TYPE_TIME", sizeof(SQL_TIME_STRUCT) },
    [RS_CTYPE_TIMESTAMP] = { "SQL_C_TYPE_TIMESTAMP", sizeof(SQL_TIMESTAMP_STRUCT) },
    [RS_CTYPE_GUID] =      { "SQL_C_GUID", sizeof(SQLGUID) },
    [RS_CTYPE_INTERVAL] =  { "an interval", sizeof(SQL_INTERVAL_STRUCT) },
};
/* clang-format on */

_Static_assert(sizeof(SQLINTEGER) == 4 && sizeof(SQLSMALLINT) == 2 && sizeof(SQLBIGINT) == 8,
               "sizes of the integer C types");

enum rs_ctype rs_ctype_of(SQLSMALLINT c_type)
{
    if (c_type >= SQL_C_INTERVAL_YEAR && c_type <= SQL_C_INTERVAL_MINUTE_TO_SECOND)
        return RS_CTYPE_INTERVAL;
    if (c_type < -C_TYPE_OFFSET || c_type >= C_TYPE_END - C_TYPE_OFFSET ||
        c_types[c_type + C_TYPE_OFFSET] == 0)
        return RS_CTYPE_NONE;
    return (enum rs_ctype)(c_types[c_type + C_TYPE_OFFSET] - 1);
}

size_t rs_ctype_size(enum rs_ctype ctype)
{
    return ctype < RS_CTYPE_COUNT ? ctypes[ctype].size : 0;
}

enum rs_fit rs_put_fail(struct rs_diag *diag, enum rs_state state, struct rs_cell shown,
                        enum rs_ctype ctype)
{
    static const char *const reasons[] = { "does not fit into", "is not valid for" };
    struct rs_str value = { shown.p, (size_t)shown.n };
    bool is_range = state == RS_22003 || state == RS_22008 || state == RS_22015;

    value.n = rs_utf8_cut(value, SHOWN_BYTES);
    rs_fail(diag, state, 0, "the value \"%.*s\" %s %s", RS_ARG(value), reasons[is_range ? 0 : 1],
            ctypes[ctype].name);
    return RS_FIT_FAILED;
}

enum rs_fit rs_put_cut(const struct rs_target *to, struct rs_diag *diag)
{
    (void)to;
    rs_warn_text(diag, RS_01S07, "fractional part was cut off");
    return RS_FIT_TRUNCATED;
}

enum rs_fit rs_put_truncated(const struct rs_target *to, struct rs_diag *diag)
{
    (void)to;
    rs_warn_text(diag, RS_01004, "data was cut: the buffer is too small for all of it");
    return RS_FIT_TRUNCATED;
}

enum rs_fit rs_convert_null(const struct rs_target *to, struct rs_diag *diag)
{
    SQLLEN null = SQL_NULL_DATA;

    if (to->ind == NULL) {
        rs_fail(diag, RS_22002, 0, "a NULL value needs an indicator variable");
        return RS_FIT_FAILED;
    }
    memcpy(to->ind, &null, sizeof null);
    if (to->piece != NULL)
        to->piece->is_done = true;
    return RS_FIT_EXACT;
}

/* ---- integers ---- */

/* 9 to 18 digits with a sign, the server's own text; false: read the long way. */
static RS_WITHIN bool read_integer(struct rs_cell cell, int64_t *out)
{
    bool is_negative = cell.n > 0 && *cell.p == '-';
    const char *p = cell.p + is_negative;
    size_t n = (size_t)cell.n - is_negative, head = n > 16 ? n - 16 : n - 8;
    uint64_t first, value;
    uint32_t middle = 0, last;

    if (n <= 8 || n > 18)
        return false;
    first = rs_load_digits(p, head);
    if (!rs_all_digits(first) || !rs_eight_digits(p + n - 8, &last) ||
        (n > 16 && !rs_eight_digits(p + head, &middle)))
        return false;
    value = rs_sum_digits(first);
    if (n > 16)
        value = value * 100000000 + middle;
    value = value * 100000000 + last;
    *out = is_negative ? -(int64_t)value : (int64_t)value;
    return true;
}

/* The same for up to eight characters. */
static RS_WITHIN bool read_short_integer(struct rs_cell cell, int64_t *out)
{
    bool is_negative;
    uint64_t word;
    int64_t value;
    size_t n;

    if (cell.n - 1u >= 8)
        return false;
    is_negative = *cell.p == '-';
    n = (size_t)cell.n - is_negative;
    if (n == 0)
        return false;
    word = rs_load_digits(cell.p + is_negative, n);
    if (!rs_all_digits(word))
        return false;
    value = (int64_t)rs_sum_digits(word);
    *out = is_negative ? -value : value;
    return true;
}

/* Any number as text, cut towards zero. */
static enum rs_fit read_number(struct rs_cell cell, enum rs_ctype ctype, bool *is_negative,
                               uint64_t *magnitude, bool *was_cut, struct rs_diag *diag)
{
    struct rs_number number;

    if (!rs_number_parse((struct rs_str){ cell.p, (size_t)cell.n }, &number))
        return rs_put_fail(diag, RS_22018, cell, ctype);
    if (!rs_number_whole(&number, magnitude))
        return rs_put_fail(diag, RS_22003, cell, ctype);
    *is_negative = number.is_negative;
    *was_cut = rs_number_has_beyond(&number, 0);
    return RS_FIT_EXACT;
}

static enum rs_fit cut_or_exact(bool was_cut, const struct rs_target *to, struct rs_diag *diag)
{
    return was_cut ? rs_put_cut(to, diag) : RS_FIT_EXACT;
}

/* low <= 0 <= high */
static enum rs_fit number_to_signed(struct rs_cell cell, enum rs_ctype ctype, int64_t low,
                                    int64_t high, int64_t *out, bool *was_cut, struct rs_diag *diag)
{
    bool is_negative;
    uint64_t magnitude;

    if (read_number(cell, ctype, &is_negative, &magnitude, was_cut, diag) == RS_FIT_FAILED)
        return RS_FIT_FAILED;
    if (magnitude > (is_negative ? UINT64_C(0) - (uint64_t)low : (uint64_t)high))
        return rs_put_fail(diag, RS_22003, cell, ctype);
    *out = (int64_t)(is_negative ? UINT64_C(0) - magnitude : magnitude);
    return RS_FIT_EXACT;
}

struct int_type {
    enum rs_ctype ctype;
    int64_t low, high;
};

/* The long way of all types but SQL_C_UBIGINT. */
RS_APART static enum rs_fit number_to_any(struct rs_cell cell, const struct rs_target *to,
                                          const struct int_type *type, struct rs_diag *diag)
{
    int64_t value = 0;
    bool was_cut = false;
    int32_t v4;
    int16_t v2;
    int8_t v1;

    if (number_to_signed(cell, type->ctype, type->low, type->high, &value, &was_cut, diag) ==
        RS_FIT_FAILED)
        return RS_FIT_FAILED;
    v4 = (int32_t)(uint32_t)value;
    v2 = (int16_t)(uint16_t)value;
    v1 = (int8_t)(uint8_t)value;
    switch (rs_ctype_size(type->ctype)) {
    case sizeof v1:
        rs_put_fixed(to, &v1, sizeof v1);
        break;
    case sizeof v2:
        rs_put_fixed(to, &v2, sizeof v2);
        break;
    case sizeof v4:
        rs_put_fixed(to, &v4, sizeof v4);
        break;
    default:
        rs_put_fixed(to, &value, sizeof value);
        break;
    }
    return cut_or_exact(was_cut, to, diag);
}

/* One converter a C type: the short way first. */
#define NUMBER_TO(name, ctype, type, low, high)                                                    \
    static const struct int_type type_##name = { ctype, low, high };                               \
                                                                                                   \
    RS_APART static enum rs_fit long_to_##name(struct rs_cell cell, const struct rs_target *to,    \
                                               struct rs_diag *diag)                               \
    {                                                                                              \
        int64_t value;                                                                             \
        type out;                                                                                  \
                                                                                                   \
        if (RS_UNLIKELY(!read_integer(cell, &value) || value < (low) || value > (high)))           \
            return number_to_any(cell, to, &type_##name, diag);                                    \
        out = (type)value;                                                                         \
        return rs_put_fixed(to, &out, sizeof out);                                                 \
    }                                                                                              \
                                                                                                   \
    static enum rs_fit number_to_##name(struct rs_cell cell, const struct rs_target *to,           \
                                        struct rs_diag *diag)                                      \
    {                                                                                              \
        int64_t value;                                                                             \
        type out;                                                                                  \
                                                                                                   \
        if (!read_short_integer(cell, &value) || value < (low) || value > (high))                  \
            return long_to_##name(cell, to, diag);                                                 \
        out = (type)value;                                                                         \
        return rs_put_fixed(to, &out, sizeof out);                                                 \
    }

NUMBER_TO(stinyint, RS_CTYPE_STINYINT, int8_t, INT8_MIN, INT8_MAX)
NUMBER_TO(utinyint, RS_CTYPE_UTINYINT, uint8_t, 0, UINT8_MAX)
NUMBER_TO(sshort, RS_CTYPE_SSHORT, int16_t, INT16_MIN, INT16_MAX)
NUMBER_TO(ushort, RS_CTYPE_USHORT, uint16_t, 0, UINT16_MAX)
NUMBER_TO(slong, RS_CTYPE_SLONG, int32_t, INT32_MIN, INT32_MAX)
NUMBER_TO(ulong, RS_CTYPE_ULONG, uint32_t, 0, UINT32_MAX)
NUMBER_TO(sbigint, RS_CTYPE_SBIGINT, int64_t, INT64_MIN, INT64_MAX)
#undef NUMBER_TO

static enum rs_fit number_to_ubigint(struct rs_cell cell, const struct rs_target *to,
                                     struct rs_diag *diag)
{
    bool is_negative, was_cut;
    uint64_t value;

    if (read_number(cell, RS_CTYPE_UBIGINT, &is_negative, &value, &was_cut, diag) == RS_FIT_FAILED)
        return RS_FIT_FAILED;
    if (is_negative && value > 0)
        return rs_put_fail(diag, RS_22003, cell, RS_CTYPE_UBIGINT);
    rs_put_fixed(to, &value, sizeof value);
    return cut_or_exact(was_cut, to, diag);
}

/* 0 <= value < 2, cut to a whole number. */
static enum rs_fit number_to_bit(struct rs_cell cell, const struct rs_target *to,
                                 struct rs_diag *diag)
{
    struct rs_number number;
    uint64_t whole;
    uint8_t out;

    if (!rs_number_parse((struct rs_str){ cell.p, (size_t)cell.n }, &number))
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_BIT);
    if (!rs_number_whole(&number, &whole) || whole > 1 || (number.is_negative && number.n > 0))
        return rs_put_fail(diag, RS_22003, cell, RS_CTYPE_BIT);
    out = (uint8_t)whole;
    rs_put_fixed(to, &out, sizeof out);
    return cut_or_exact(rs_number_has_beyond(&number, 0), to, diag);
}

/* ---- floats ---- */

RS_APART static enum rs_fit float_failed(enum rs_read read, struct rs_cell cell,
                                         enum rs_ctype ctype, struct rs_diag *diag)
{
    return rs_put_fail(diag, read == RS_READ_RANGE ? RS_22003 : RS_22018, cell, ctype);
}

static enum rs_fit number_to_double(struct rs_cell cell, const struct rs_target *to,
                                    struct rs_diag *diag)
{
    double value;
    enum rs_read read = rs_read_double((struct rs_str){ cell.p, (size_t)cell.n }, &value);

    if (RS_UNLIKELY(read != RS_READ_OK))
        return float_failed(read, cell, RS_CTYPE_DOUBLE, diag);
    return rs_put_fixed(to, &value, sizeof value);
}

static enum rs_fit number_to_float(struct rs_cell cell, const struct rs_target *to,
                                   struct rs_diag *diag)
{
    float value;
    enum rs_read read = rs_read_float((struct rs_str){ cell.p, (size_t)cell.n }, &value);

    if (RS_UNLIKELY(read != RS_READ_OK))
        return float_failed(read, cell, RS_CTYPE_FLOAT, diag);
    return rs_put_fixed(to, &value, sizeof value);
}

/* ---- numbers as their C form in a binary buffer ---- */

static enum rs_fit int_to_binary(struct rs_cell cell, size_t size, const struct rs_target *to,
                                 struct rs_diag *diag)
{
    int64_t value = 0, low = size == 8 ? INT64_MIN : -(INT64_C(1) << (8 * size - 1));
    bool was_cut;
    int32_t v4;
    int16_t v2;

    if (number_to_signed(cell, RS_CTYPE_BINARY, low, -(low + 1), &value, &was_cut, diag) ==
        RS_FIT_FAILED)
        return RS_FIT_FAILED;
    v4 = (int32_t)value;
    v2 = (int16_t)value;
    if (size == sizeof v2)
        return rs_put_struct(&v2, size, to, diag);
    if (size == sizeof v4)
        return rs_put_struct(&v4, size, to, diag);
    return rs_put_struct(&value, size, to, diag);
}

static enum rs_fit int8_to_binary(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    return int_to_binary(cell, 8, to, diag);
}

static enum rs_fit int4_to_binary(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    return int_to_binary(cell, 4, to, diag);
}

static enum rs_fit int2_to_binary(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    return int_to_binary(cell, 2, to, diag);
}

static enum rs_fit float8_to_binary(struct rs_cell cell, const struct rs_target *to,
                                    struct rs_diag *diag)
{
    double value;
    enum rs_read read = rs_read_double((struct rs_str){ cell.p, (size_t)cell.n }, &value);

    if (read != RS_READ_OK)
        return float_failed(read, cell, RS_CTYPE_BINARY, diag);
    return rs_put_struct(&value, sizeof value, to, diag);
}

static enum rs_fit float4_to_binary(struct rs_cell cell, const struct rs_target *to,
                                    struct rs_diag *diag)
{
    float value;
    enum rs_read read = rs_read_float((struct rs_str){ cell.p, (size_t)cell.n }, &value);

    if (read != RS_READ_OK)
        return float_failed(read, cell, RS_CTYPE_BINARY, diag);
    return rs_put_struct(&value, sizeof value, to, diag);
}

/* ---- BOOL: its text becomes that of a number ---- */

struct rs_cell rs_bool_digit(struct rs_cell cell)
{
    static const struct rs_str words[2][4] = {
        { { "f", 1 }, { "false", 5 }, { "0", 1 }, { "off", 3 } },
        { { "t", 1 }, { "true", 4 }, { "1", 1 }, { "on", 2 } },
    };
    struct rs_str text = { cell.p, (size_t)cell.n };

    if (RS_LIKELY(cell.n == 1 && (*cell.p == 't' || *cell.p == 'f')))
        return (struct rs_cell){ *cell.p == 't' ? "1" : "0", 1 };
    for (size_t value = 0; value < 2; value++) {
        for (size_t i = 0; i < RS_COUNT(words[0]); i++) {
            if (rs_str_eq_nocase(text, words[value][i]))
                return (struct rs_cell){ value == 0 ? "0" : "1", 1 };
        }
    }
    return cell; /* the number converters refuse it, and show it */
}

static enum rs_fit bool_to_bit(struct rs_cell cell, const struct rs_target *to,
                               struct rs_diag *diag)
{
    uint8_t out;

    if (RS_UNLIKELY(cell.n != 1 || (*cell.p != 't' && *cell.p != 'f')))
        return number_to_bit(rs_bool_digit(cell), to, diag);
    out = *cell.p == 't';
    return rs_put_fixed(to, &out, sizeof out);
}

static enum rs_fit bool_to_binary(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    struct rs_cell digit = rs_bool_digit(cell);
    uint8_t out;

    if (digit.p == cell.p && cell.n != 1)
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_BINARY);
    out = *digit.p == '1';
    return rs_put_struct(&out, sizeof out, to, diag);
}

static bool is_digit_cell(struct rs_cell digit)
{
    return digit.n == 1 && (*digit.p == '0' || *digit.p == '1');
}

static bool word_of(struct rs_cell cell, struct rs_cell *out)
{
    struct rs_cell digit = rs_bool_digit(cell);

    if (!is_digit_cell(digit))
        return false;
    *out = *digit.p == '1' ? (struct rs_cell){ "true", 4 } : (struct rs_cell){ "false", 5 };
    return true;
}

static enum rs_fit bool_to_ascii(struct rs_cell cell, size_t width, enum rs_ctype ctype,
                                 const struct rs_target *to, struct rs_diag *diag)
{
    struct rs_cell digit = rs_bool_digit(cell);

    if (!is_digit_cell(digit))
        return rs_put_fail(diag, RS_22018, cell, ctype);
    return rs_put_ascii(digit, 1, width, to, diag);
}

/* A word is text and may be cut anywhere. */
static enum rs_fit word_to_ascii(struct rs_cell cell, size_t width, enum rs_ctype ctype,
                                 const struct rs_target *to, struct rs_diag *diag)
{
    struct rs_cell word;

    if (!word_of(cell, &word))
        return rs_put_fail(diag, RS_22018, cell, ctype);
    return rs_put_ascii(word, 0, width, to, diag);
}

/* The server's own form. */
static inline bool is_letter(struct rs_cell cell)
{
    return RS_LIKELY(cell.n == 1 && (*cell.p == 't' || *cell.p == 'f'));
}

static inline enum rs_fit put_digit(struct rs_cell letter, size_t width, const struct rs_target *to)
{
    const char narrow[2] = { *letter.p == 't' ? '1' : '0', '\0' };
    char wide[2 * RS_WIDE] = { 0 };

    rs_wide_put(wide, narrow[0]);
    memcpy(to->buf, width == 1 ? narrow : wide, 2 * width);
    rs_put_length(to, (SQLLEN)width);
    return RS_FIT_EXACT;
}

static enum rs_fit bool_to_char(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    if (is_letter(cell) && rs_fits_whole(cell, to))
        return put_digit(cell, 1, to);
    return bool_to_ascii(cell, 1, RS_CTYPE_CHAR, to, diag);
}

static enum rs_fit bool_to_wchar(struct rs_cell cell, const struct rs_target *to,
                                 struct rs_diag *diag)
{
    if (is_letter(cell) && rs_fits_wide(cell, to))
        return put_digit(cell, RS_WIDE, to);
    return bool_to_ascii(cell, RS_WIDE, RS_CTYPE_WCHAR, to, diag);
}

static enum rs_fit bool_text_to_char(struct rs_cell cell, const struct rs_target *to,
                                     struct rs_diag *diag)
{
    return word_to_ascii(cell, 1, RS_CTYPE_CHAR, to, diag);
}

/* As SQL_VARCHAR: the bytes of the word. */
static enum rs_fit bool_text_to_binary(struct rs_cell cell, const struct rs_target *to,
                                       struct rs_diag *diag)
{
    struct rs_cell word;

    if (!word_of(cell, &word))
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_BINARY);
    return rs_convert_find_text(RS_KIND_TEXT, RS_CTYPE_BINARY)(word, to, diag);
}

static enum rs_fit bool_text_to_wchar(struct rs_cell cell, const struct rs_target *to,
                                      struct rs_diag *diag)
{
    return word_to_ascii(cell, RS_WIDE, RS_CTYPE_WCHAR, to, diag);
}

#define BOOL_TO(name)                                                                              \
    static enum rs_fit bool_to_##name(struct rs_cell cell, const struct rs_target *to,             \
                                      struct rs_diag *diag)                                        \
    {                                                                                              \
        return number_to_##name(rs_bool_digit(cell), to, diag);                                    \
    }

BOOL_TO(stinyint)
BOOL_TO(utinyint)
BOOL_TO(sshort)
BOOL_TO(ushort)
BOOL_TO(slong)
BOOL_TO(ulong)
BOOL_TO(sbigint)
BOOL_TO(ubigint)
BOOL_TO(float)
BOOL_TO(double)
#undef BOOL_TO

/* ---- the matrix ---- */

#define NUMBER_ROW(from)                                                                           \
    [RS_CTYPE_STINYINT] = from##_to_stinyint, [RS_CTYPE_UTINYINT] = from##_to_utinyint,            \
    [RS_CTYPE_SSHORT] = from##_to_sshort, [RS_CTYPE_USHORT] = from##_to_ushort,                    \
    [RS_CTYPE_SLONG] = from##_to_slong, [RS_CTYPE_ULONG] = from##_to_ulong,                        \
    [RS_CTYPE_SBIGINT] = from##_to_sbigint, [RS_CTYPE_UBIGINT] = from##_to_ubigint,                \
    [RS_CTYPE_FLOAT] = from##_to_float, [RS_CTYPE_DOUBLE] = from##_to_double,                      \
    [RS_CTYPE_BIT] = from##_to_bit

static rs_convert_fn *const matrix[RS_KIND_COUNT][RS_CTYPE_COUNT] = {
    [RS_KIND_BOOL] = { NUMBER_ROW(bool), [RS_CTYPE_CHAR] = bool_to_char,
                       [RS_CTYPE_WCHAR] = bool_to_wchar, [RS_CTYPE_BINARY] = bool_to_binary },
    [RS_KIND_BOOL_TEXT] = { NUMBER_ROW(bool), [RS_CTYPE_CHAR] = bool_text_to_char,
                            [RS_CTYPE_WCHAR] = bool_text_to_wchar,
                            [RS_CTYPE_BINARY] = bool_text_to_binary },
    [RS_KIND_INT] = { NUMBER_ROW(number), [RS_CTYPE_BINARY] = int8_to_binary },
    [RS_KIND_INT4] = { NUMBER_ROW(number), [RS_CTYPE_BINARY] = int4_to_binary },
    [RS_KIND_INT2] = { NUMBER_ROW(number), [RS_CTYPE_BINARY] = int2_to_binary },
    [RS_KIND_FLOAT4] = { NUMBER_ROW(number), [RS_CTYPE_BINARY] = float4_to_binary },
    [RS_KIND_FLOAT8] = { NUMBER_ROW(number), [RS_CTYPE_BINARY] = float8_to_binary },
    [RS_KIND_NUMERIC] = { NUMBER_ROW(number) },
    [RS_KIND_INEXACT] = { NUMBER_ROW(number), [RS_CTYPE_BINARY] = float8_to_binary },
    [RS_KIND_TEXT] = { NUMBER_ROW(number) },
};

rs_convert_fn *rs_convert_find(enum rs_kind kind, enum rs_ctype ctype)
{
    static rs_convert_fn *(*const others[])(enum rs_kind kind, enum rs_ctype ctype) = {
        rs_convert_find_text, rs_convert_find_num, rs_convert_find_time
    };
    rs_convert_fn *fn;

    if (kind >= RS_KIND_COUNT || ctype >= RS_CTYPE_COUNT)
        return NULL;
    fn = matrix[kind][ctype];
    for (size_t i = 0; fn == NULL && i < RS_COUNT(others); i++)
        fn = others[i](kind, ctype);
    return fn;
}
