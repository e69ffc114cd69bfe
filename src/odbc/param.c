#include "param_in.h"

#include "../utf.h"
#include "guid.h"
#include "wide.h"

enum { SHOWN_BYTES = 40, LIMIT_INTERVAL_FRACTION = 6, MAX_PARAM_BYTES = 0x3FFFFFFF };

enum c_class {
    C_TEXT,
    C_WIDE,
    C_BINARY,
    C_BIT,
    C_INT,
    C_FLOAT,
    C_NUMERIC,
    C_DATE,
    C_TIME,
    C_TIMESTAMP,
    C_INTERVAL,
    C_GUID,
    C_NONE
};

#define BIT_OF(class) (1u << RS_SQL_##class)
#define NUMBERS       (BIT_OF(INT) | BIT_OF(NUMERIC) | BIT_OF(REAL) | BIT_OF(DOUBLE) | BIT_OF(BIT))
#define EVERYTHING    ((1u << RS_SQL_NONE) - 1)

/* Which SQL types a C type may become; odbc.md 10.4. */
static const unsigned allowed[C_NONE] = {
    [C_TEXT] = EVERYTHING,
    [C_WIDE] = EVERYTHING,
    [C_BINARY] = EVERYTHING,
    [C_BIT] = NUMBERS | BIT_OF(TEXT),
    [C_INT] = NUMBERS | BIT_OF(TEXT) | BIT_OF(INTERVAL),
    [C_FLOAT] = NUMBERS | BIT_OF(TEXT),
    [C_NUMERIC] = NUMBERS | BIT_OF(TEXT) | BIT_OF(INTERVAL),
    [C_DATE] = BIT_OF(TEXT) | BIT_OF(DATE) | BIT_OF(TIMESTAMP),
    [C_TIME] = BIT_OF(TEXT) | BIT_OF(TIME) | BIT_OF(TIMESTAMP),
    [C_TIMESTAMP] = BIT_OF(TEXT) | BIT_OF(DATE) | BIT_OF(TIME) | BIT_OF(TIMESTAMP),
    [C_INTERVAL] = BIT_OF(TEXT) | BIT_OF(INTERVAL) | BIT_OF(INT) | BIT_OF(NUMERIC),
    [C_GUID] = BIT_OF(TEXT) | BIT_OF(GUID),
};

/* c_type: what a binary value of the type holds. */
static const struct {
    SQLSMALLINT code;
    enum rs_sql_class class;
    SQLSMALLINT c_type;
    const char *name;
} sql_classes[] = {
    { SQL_CHAR, RS_SQL_TEXT, 0, "SQL_CHAR" },
    { SQL_VARCHAR, RS_SQL_TEXT, 0, "SQL_VARCHAR" },
    { SQL_LONGVARCHAR, RS_SQL_TEXT, 0, "SQL_LONGVARCHAR" },
    { SQL_WCHAR, RS_SQL_TEXT, 0, "SQL_WCHAR" },
    { SQL_WVARCHAR, RS_SQL_TEXT, 0, "SQL_WVARCHAR" },
    { SQL_WLONGVARCHAR, RS_SQL_TEXT, 0, "SQL_WLONGVARCHAR" },
    { SQL_BIT, RS_SQL_BIT, SQL_C_BIT, "SQL_BIT" },
    { SQL_TINYINT, RS_SQL_INT, SQL_C_STINYINT, "SQL_TINYINT" },
    { SQL_SMALLINT, RS_SQL_INT, SQL_C_SSHORT, "SQL_SMALLINT" },
    { SQL_INTEGER, RS_SQL_INT, SQL_C_SLONG, "SQL_INTEGER" },
    { SQL_BIGINT, RS_SQL_INT, SQL_C_SBIGINT, "SQL_BIGINT" },
    { SQL_NUMERIC, RS_SQL_NUMERIC, SQL_C_NUMERIC, "SQL_NUMERIC" },
    { SQL_DECIMAL, RS_SQL_NUMERIC, SQL_C_NUMERIC, "SQL_DECIMAL" },
    { SQL_REAL, RS_SQL_REAL, SQL_C_FLOAT, "SQL_REAL" },
    { SQL_FLOAT, RS_SQL_DOUBLE, SQL_C_DOUBLE, "SQL_FLOAT" },
    { SQL_DOUBLE, RS_SQL_DOUBLE, SQL_C_DOUBLE, "SQL_DOUBLE" },
    { SQL_BINARY, RS_SQL_BINARY, 0, "SQL_BINARY" },
    { SQL_VARBINARY, RS_SQL_BINARY, 0, "SQL_VARBINARY" },
    { SQL_LONGVARBINARY, RS_SQL_BINARY, 0, "SQL_LONGVARBINARY" },
    { SQL_TYPE_DATE, RS_SQL_DATE, SQL_C_TYPE_DATE, "SQL_TYPE_DATE" },
    { SQL_DATE, RS_SQL_DATE, SQL_C_TYPE_DATE, "SQL_DATE" },
    { SQL_TYPE_TIME, RS_SQL_TIME, SQL_C_TYPE_TIME, "SQL_TYPE_TIME" },
    { SQL_TIME, RS_SQL_TIME, SQL_C_TYPE_TIME, "SQL_TIME" },
    { SQL_TYPE_TIMESTAMP, RS_SQL_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, "SQL_TYPE_TIMESTAMP" },
    { SQL_TIMESTAMP, RS_SQL_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, "SQL_TIMESTAMP" },
    { SQL_GUID, RS_SQL_GUID, SQL_C_GUID, "SQL_GUID" },
};

static size_t class_row(SQLSMALLINT sql_type)
{
    size_t i = 0;

    while (i < RS_COUNT(sql_classes) && sql_classes[i].code != sql_type)
        i++;
    return i;
}

enum rs_sql_class rs_sql_class_of(SQLSMALLINT sql_type)
{
    size_t i = class_row(sql_type);

    if (rs_interval_is(sql_type))
        return RS_SQL_INTERVAL;
    return i < RS_COUNT(sql_classes) ? sql_classes[i].class : RS_SQL_NONE;
}

static const char *sql_name(SQLSMALLINT sql_type)
{
    size_t i = class_row(sql_type);

    return i < RS_COUNT(sql_classes) ? sql_classes[i].name : "an interval type";
}

static enum c_class c_class_of(enum rs_ctype ctype)
{
    static const enum c_class classes[RS_CTYPE_COUNT] = {
        [RS_CTYPE_CHAR] = C_TEXT,       [RS_CTYPE_WCHAR] = C_WIDE,
        [RS_CTYPE_BINARY] = C_BINARY,   [RS_CTYPE_BIT] = C_BIT,
        [RS_CTYPE_STINYINT] = C_INT,    [RS_CTYPE_UTINYINT] = C_INT,
        [RS_CTYPE_SSHORT] = C_INT,      [RS_CTYPE_USHORT] = C_INT,
        [RS_CTYPE_SLONG] = C_INT,       [RS_CTYPE_ULONG] = C_INT,
        [RS_CTYPE_SBIGINT] = C_INT,     [RS_CTYPE_UBIGINT] = C_INT,
        [RS_CTYPE_FLOAT] = C_FLOAT,     [RS_CTYPE_DOUBLE] = C_FLOAT,
        [RS_CTYPE_NUMERIC] = C_NUMERIC, [RS_CTYPE_DATE] = C_DATE,
        [RS_CTYPE_TIME] = C_TIME,       [RS_CTYPE_TIMESTAMP] = C_TIMESTAMP,
        [RS_CTYPE_GUID] = C_GUID,       [RS_CTYPE_INTERVAL] = C_INTERVAL,
    };

    return ctype < RS_CTYPE_COUNT ? classes[ctype] : C_NONE;
}

bool rs_param_can(SQLSMALLINT c_type, SQLSMALLINT sql_type)
{
    enum c_class from = c_class_of(rs_ctype_of(c_type));
    enum rs_sql_class to = rs_sql_class_of(sql_type);

    if (from == C_NONE || to == RS_SQL_NONE || (allowed[from] & 1u << to) == 0)
        return false;
    if (to != RS_SQL_INTERVAL)
        return true;
    if (from == C_INTERVAL)
        return rs_interval_is_months(c_type) == rs_interval_is_months(sql_type);
    return (from != C_INT && from != C_NUMERIC) || rs_interval_is_single(sql_type);
}

/* ---- reports ---- */

bool rs_param_fail(const struct rs_param *p, enum rs_state state)
{
    struct rs_str shown = p->shown;
    const char *name = sql_name(p->spec->sql_type);

    shown.n = shown.p == NULL ? 0 : rs_utf8_cut(shown, SHOWN_BYTES);
    if (shown.n == 0)
        return rs_fail(p->diag, state, 0, "the parameter value cannot become %s of size %llu", name,
                       (unsigned long long)p->spec->column_size);
    return rs_fail(p->diag, state, 0, "the parameter value \"%.*s\" cannot become %s of size %llu",
                   RS_ARG(shown), name, (unsigned long long)p->spec->column_size);
}

void rs_param_cut(const struct rs_param *p)
{
    rs_warn(p->diag, RS_01S07, "fraction of a second was cut off");
}

bool rs_param_add(const struct rs_param *p, const char *text, size_t n)
{
    rs_buf_add(p->out, (struct rs_str){ text, n });
    return rs_buf_ok(p->out, p->diag);
}

/* ---- text and bytes ---- */

/* Characters, trailing blanks left out, against the column size. */
static bool fits_column(const struct rs_param *p, struct rs_str text)
{
    SQLULEN size = p->spec->column_size;

    if (size == 0 || text.n <= size)
        return true;
    while (text.n > 0 && text.p[text.n - 1] == ' ')
        text.n--;
    return text.n <= size || rs_utf8_chars(text) <= size;
}

bool rs_param_text(const struct rs_param *p, struct rs_str text)
{
    if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL)
        return rs_fail(p->diag, RS_HY000, 0, "text contains a NUL character");
    if (!fits_column(p, text))
        return rs_param_fail(p, RS_22001);
    return rs_param_add(p, text.p, text.n);
}

bool rs_param_bytes(const struct rs_param *p, struct rs_str bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *to;

    if (p->spec->column_size > 0 && bytes.n > p->spec->column_size)
        return rs_param_fail(p, RS_22001);
    if (!p->spec->is_redshift)
        rs_buf_adds(p->out, "\\x");
    to = bytes.n > SIZE_MAX / 2 ? NULL : rs_buf_room(p->out, 2 * bytes.n);
    if (to == NULL)
        return rs_buf_ok(p->out, p->diag);
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char byte = (unsigned char)bytes.p[i];

        to[2 * i] = digits[byte >> 4];
        to[2 * i + 1] = digits[byte & 15];
    }
    rs_buf_seal(p->out, 2 * bytes.n);
    return true;
}

bool rs_param_hex(const struct rs_param *p, struct rs_str digits)
{
    size_t n = digits.n & ~(size_t)1;

    for (size_t i = 0; i < digits.n; i++) {
        char c = rs_lower(digits.p[i]);

        if (!rs_is_digit(c) && (c < 'a' || c > 'f'))
            return rs_param_fail(p, RS_22018);
    }
    if (p->spec->column_size > 0 && n / 2 > p->spec->column_size)
        return rs_param_fail(p, RS_22001);
    if (!p->spec->is_redshift)
        rs_buf_adds(p->out, "\\x");
    return rs_param_add(p, digits.p, n);
}

static bool from_slice(const struct rs_param *p, struct rs_str text)
{
    struct rs_param with_text = *p;

    with_text.is_text = true;
    with_text.shown = text;
    if (p->to == RS_SQL_TEXT)
        return rs_param_text(&with_text, text);
    return rs_param_from_text(&with_text, text);
}

static bool bad_length(const struct rs_param *p, SQLLEN len)
{
    return rs_fail(p->diag, RS_HY090, 0, "the parameter has the invalid length %lld",
                   (long long)len);
}

static bool encode_narrow(const struct rs_param *p, const char *value, SQLLEN len)
{
    if (len < 0 && len != SQL_NTS)
        return bad_length(p, len);
    return from_slice(p, (struct rs_str){ value, len == SQL_NTS ? strlen(value) : (size_t)len });
}

/* Into a character type the text is made where it is sent from; other types take a copy. */
static bool encode_wide(const struct rs_param *p, const void *value, SQLLEN len)
{
    struct rs_buf scratch = RS_BUF_INIT(MAX_PARAM_BYTES);
    size_t start = p->out->len, n;
    bool is_direct = p->to == RS_SQL_TEXT, ok = false;
    struct rs_str text;
    struct rs_buf *to = is_direct ? p->out : &scratch;

    if ((len < 0 && len != SQL_NTS) || (len > 0 && len % RS_WIDE != 0))
        return bad_length(p, len);
    n = len == SQL_NTS ? rs_wide_len(value) : (size_t)len / RS_WIDE;
    if (rs_wide_to_8(value, n, to) != n) {
        rs_fail(p->diag, RS_22018, 0, "the parameter text has %s", RS_WIDE_FAULT);
        goto out;
    }
    if (!rs_buf_ok(to, p->diag))
        goto out;
    text = rs_str_sub(rs_buf_str(to), is_direct ? start : 0, to->len);
    if (!is_direct) {
        ok = from_slice(p, text);
    } else if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL) {
        rs_fail(p->diag, RS_HY000, 0, "text contains a NUL character");
    } else {
        struct rs_param with_text = *p;

        with_text.shown = text;
        ok = fits_column(p, text) || rs_param_fail(&with_text, RS_22001);
    }
out:
    rs_buf_clear(&scratch);
    return ok;
}

/* ---- fixed-size C types ---- */

static bool encode_int(const struct rs_param *p, enum rs_ctype ctype, const void *value)
{
    int64_t i = 0;
    uint64_t u;

#define READ(name, type)                                                                           \
    case RS_CTYPE_##name: {                                                                        \
        type v;                                                                                    \
                                                                                                   \
        memcpy(&v, value, sizeof v);                                                               \
        i = (int64_t)v;                                                                            \
        break;                                                                                     \
    }
    switch ((int)ctype) {
        READ(STINYINT, int8_t)
        READ(UTINYINT, uint8_t)
        READ(SSHORT, int16_t)
        READ(USHORT, uint16_t)
        READ(SLONG, int32_t)
        READ(ULONG, uint32_t)
        READ(SBIGINT, int64_t)
    default:
        memcpy(&u, value, sizeof u);
        return rs_param_whole(p, false, u);
    }
#undef READ
    return rs_param_whole(p, i < 0, i < 0 ? UINT64_C(0) - (uint64_t)i : (uint64_t)i);
}

static bool encode_float(const struct rs_param *p, enum rs_ctype ctype, const void *value)
{
    double d;
    float f;

    if (ctype == RS_CTYPE_DOUBLE) {
        memcpy(&d, value, sizeof d);
        return rs_param_double(p, d, false);
    }
    memcpy(&f, value, sizeof f);
    return rs_param_double(p, (double)f, true);
}

static bool encode_numeric(const struct rs_param *p, const void *value)
{
    SQL_NUMERIC_STRUCT in;
    struct rs_wide wide = { { 0, 0, 0, 0 } };
    struct rs_number number;
    char buf[40];

    memcpy(&in, value, sizeof in);
    for (size_t i = 0; i < SQL_MAX_NUMERIC_LEN; i++)
        wide.limb[i / 4] |= (uint32_t)in.val[i] << i % 4 * 8;
    number = rs_number_of_wide(in.sign == 0, &wide, in.scale, buf);
    return rs_param_number(p, &number);
}

static bool encode_bit(const struct rs_param *p, const void *value)
{
    uint8_t bit;

    memcpy(&bit, value, sizeof bit);
    if (bit > 1)
        return rs_fail(p->diag, RS_22003, 0, "a bit is 0 or 1, not %u", (unsigned)bit);
    return rs_param_add(p, bit == 0 ? "0" : "1", 1);
}

static bool encode_interval(const struct rs_param *p, const void *value)
{
    SQL_INTERVAL_STRUCT in;
    struct rs_span span;

    memcpy(&in, value, sizeof in);
    if (!rs_span_from_struct(&in, p->spec->c_type, LIMIT_INTERVAL_FRACTION, &span))
        return rs_param_fail(p, RS_22015);
    return rs_param_span(p, &span, p->spec->c_type);
}

static bool encode_guid(const struct rs_param *p, const void *value)
{
    SQLGUID guid;
    char text[RS_GUID_TEXT];

    memcpy(&guid, value, sizeof guid);
    rs_guid_print(&guid, text);
    if (p->to == RS_SQL_TEXT && p->spec->column_size > 0 && p->spec->column_size < RS_GUID_TEXT)
        return rs_param_fail(p, RS_22001);
    return rs_param_add(p, text, sizeof text);
}

static bool encode_fixed(const struct rs_param *p, enum rs_ctype ctype, const void *value)
{
    switch (c_class_of(ctype)) {
    case C_BIT:
        return encode_bit(p, value);
    case C_INT:
        return encode_int(p, ctype, value);
    case C_FLOAT:
        return encode_float(p, ctype, value);
    case C_NUMERIC:
        return encode_numeric(p, value);
    case C_DATE:
    case C_TIME:
    case C_TIMESTAMP:
        return rs_param_from_when(p, ctype, value);
    case C_INTERVAL:
        return encode_interval(p, value);
    case C_GUID:
        return encode_guid(p, value);
    case C_TEXT:
    case C_WIDE:
    case C_BINARY:
    case C_NONE:
        break;
    }
    return rs_fail(p->diag, RS_07006, 0, "the C type %d is not converted", p->spec->c_type);
}

/* Into numbers and dates a binary value is the C form of the type. */
static bool encode_binary(const struct rs_param *p, const void *value, SQLLEN len)
{
    struct rs_str bytes = { value, (size_t)len };
    struct rs_param_spec spec = *p->spec;
    struct rs_param as = *p;
    enum rs_ctype ctype;

    if (len < 0)
        return bad_length(p, len);
    if (p->to == RS_SQL_BINARY)
        return rs_param_bytes(p, bytes);
    if (p->to == RS_SQL_TEXT) {
        if (rs_utf8_bad_at(bytes) != bytes.n)
            return rs_fail(p->diag, RS_22018, 0, "the binary value is no UTF-8 text");
        return rs_param_text(p, bytes);
    }
    spec.c_type = rs_interval_is(spec.sql_type) ? spec.sql_type
                                                : sql_classes[class_row(spec.sql_type)].c_type;
    ctype = rs_ctype_of(spec.c_type);
    if (bytes.n != rs_ctype_size(ctype))
        return rs_fail(p->diag, RS_22003, 0, "a binary value for %s has %zu bytes, not %zu",
                       sql_name(spec.sql_type), rs_ctype_size(ctype), bytes.n);
    as.spec = &spec;
    return encode_fixed(&as, ctype, value);
}

void rs_param_find_way(const struct rs_param_spec *spec, struct rs_param_way *out)
{
    *out = (struct rs_param_way){
        .spec = *spec,
        .ctype = rs_ctype_of(spec->c_type),
        .to = (int)rs_sql_class_of(spec->sql_type),
        .can = rs_param_can(spec->c_type, spec->sql_type),
    };
}

bool rs_param_encode_by(const struct rs_param_way *way, const void *value, SQLLEN len,
                        struct rs_buf *out, struct rs_diag *diag)
{
    struct rs_param p = {
        .spec = &way->spec, .to = (enum rs_sql_class)way->to, .out = out, .diag = diag
    };

    if (!way->can)
        return rs_fail(diag, RS_07006, 0, "the C type %d is not converted to %s", way->spec.c_type,
                       sql_name(way->spec.sql_type));
    if (value == NULL)
        value = "\0";
    if (way->ctype == RS_CTYPE_CHAR)
        return encode_narrow(&p, value, len);
    if (way->ctype == RS_CTYPE_WCHAR)
        return encode_wide(&p, value, len);
    if (way->ctype == RS_CTYPE_BINARY)
        return encode_binary(&p, value, len);
    return encode_fixed(&p, way->ctype, value);
}

bool rs_param_encode(const struct rs_param_spec *spec, const void *value, SQLLEN len,
                     struct rs_buf *out, struct rs_diag *diag)
{
    struct rs_param_way way;

    rs_param_find_way(spec, &way);
    return rs_param_encode_by(&way, value, len, out, diag);
}
