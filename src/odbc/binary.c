#include "binary.h"

#include <math.h>
#include <string.h>

#include "convert_put.h"
#include "datetime.h"
#include "wirenum.h"

enum {
    FULL_LEVEL = 2, /* of Redshift's protocol: NUMERIC, DATE and TIME may be asked for */
    NUMERIC_DIGITS = 38,
    TEXT_MAX = 64
};

#define BIT(kind) (UINT32_C(1) << (kind))

/* Whole numbers, booleans, text and PostgreSQL's NUMERIC are as cheap or cheaper to send and to
 * read as text; FLOAT4 is usually read as a double, and that is its text's
 * (docs/architecture.md). */
uint32_t rs_binary_kinds(const struct rs_session *session)
{
    const char *integers = rs_session_status(session, "integer_datetimes");
    bool is_redshift = rs_session_is_redshift(session);
    bool is_full = is_redshift && rs_session_protocol(session) >= FULL_LEVEL;
    uint32_t kinds = BIT(RS_KIND_FLOAT8);

    if (is_full)
        kinds |= BIT(RS_KIND_NUMERIC);

    if (integers != NULL && strcmp(integers, "on") != 0)
        return kinds;
    kinds |= BIT(RS_KIND_TIMESTAMP);
    if (!is_redshift || is_full)
        kinds |= BIT(RS_KIND_DATE) | BIT(RS_KIND_TIME) | BIT(RS_KIND_TIMETZ);
    return kinds;
}

/* ---- reading ---- */

static bool read_float8(struct rs_cell cell, double *out)
{
    uint64_t bits;

    if (cell.n != sizeof bits)
        return false;
    bits = (uint64_t)rs_be32(cell.p) << 32 | rs_be32(cell.p + 4);
    memcpy(out, &bits, sizeof bits);
    return true;
}

/* Days since 1970-01-01 to the proleptic Gregorian calendar, in years that begin in March: the
 * leap day is their last. */
static void civil_date(int64_t days, struct rs_when *out)
{
    int64_t from_0000 = days + 719468, era, year;
    uint32_t day_of_era, year_of_era, day_of_year, month;

    era = (from_0000 >= 0 ? from_0000 : from_0000 - 146096) / 146097;
    day_of_era = (uint32_t)(from_0000 - era * 146097);
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month = (5 * day_of_year + 2) / 153;
    out->day = (uint16_t)(day_of_year - (153 * month + 2) / 5 + 1);
    out->month = (uint16_t)(month < 10 ? month + 3 : month - 9);
    year = (int64_t)year_of_era + era * 400 + (out->month <= 2 ? 1 : 0);
    out->is_bc = year < 1;
    out->year = (int32_t)(out->is_bc ? 1 - year : year);
    out->has_date = true;
}

enum { DAYS_TO_2000 = 10957, TIME_BYTES = 8, TIMETZ_BYTES = 12 };
#define US_A_DAY INT64_C(86400000000)

static int64_t read_int64(const char *p)
{
    return (int64_t)((uint64_t)rs_be32(p) << 32 | rs_be32(p + 4));
}

/* Microseconds of a day, which may be its whole. */
static void set_time(uint64_t us, struct rs_when *out)
{
    uint32_t seconds = (uint32_t)(us / 1000000);

    out->hour = (uint16_t)(seconds / 3600);
    out->minute = (uint16_t)(seconds / 60 % 60);
    out->second = (uint16_t)(seconds % 60);
    out->nanos = (uint32_t)(us % 1000000) * 1000;
    out->has_time = true;
}

/* p: eight bytes. */
static bool read_time(const char *p, struct rs_when *out)
{
    int64_t us = read_int64(p);

    if (us < 0 || us > US_A_DAY)
        return false;
    *out = (struct rs_when){ .has_date = false };
    set_time((uint64_t)us, out);
    return true;
}

/* A value that is no moment is infinite: *sign tells which end. */
static bool read_date(struct rs_cell cell, struct rs_when *out, int *sign)
{
    int32_t days;

    if (cell.n != sizeof days)
        return false;
    days = (int32_t)rs_be32(cell.p);
    *out = (struct rs_when){ .is_infinite = days == INT32_MAX || days == INT32_MIN };
    *sign = days < 0 ? -1 : 1;
    if (!out->is_infinite)
        civil_date((int64_t)days + DAYS_TO_2000, out);
    return true;
}

static bool read_timestamp(struct rs_cell cell, struct rs_when *out, int *sign)
{
    int64_t us, days;

    if (cell.n != sizeof us)
        return false;
    us = read_int64(cell.p);
    *out = (struct rs_when){ .is_infinite = us == INT64_MAX || us == INT64_MIN };
    *sign = us < 0 ? -1 : 1;
    if (out->is_infinite)
        return true;
    days = us / US_A_DAY;
    us %= US_A_DAY;
    if (us < 0) {
        us += US_A_DAY;
        days--;
    }
    civil_date(days + DAYS_TO_2000, out);
    set_time((uint64_t)us, out);
    return true;
}

/* ---- by way of the server's text ---- */

static size_t print_when(const struct rs_when *when, int sign, char *to)
{
    size_t n;

    if (when->is_infinite) {
        n = sign < 0 ? 9 : 8;
        memcpy(to, sign < 0 ? "-infinity" : "infinity", n);
        return n;
    }
    n = rs_when_print_date(when, to);
    if (when->has_time) {
        to[n++] = ' ';
        n += rs_when_print_time(when, 6, to + n);
    }
    if (when->is_bc) {
        memcpy(to + n, " BC", 3);
        n += 3;
    }
    return n;
}

static size_t put_offset_part(char *to, char before, uint32_t value)
{
    to[0] = before;
    to[1] = (char)('0' + value / 10);
    to[2] = (char)('0' + value % 10);
    return 3;
}

/* The sign of the text counts eastwards, seconds of the binary form westwards. */
static size_t print_offset(int32_t west, char *to)
{
    uint32_t seconds = west < 0 ? 0u - (uint32_t)west : (uint32_t)west;
    size_t n = put_offset_part(to, west > 0 ? '-' : '+', seconds / 3600);

    if (seconds % 3600 != 0)
        n += put_offset_part(to + n, ':', seconds / 60 % 60);
    if (seconds % 60 != 0)
        n += put_offset_part(to + n, ':', seconds % 60);
    return n;
}

/* The server's text of a cell; 0: it has the wrong size. */
static size_t print_FLOAT8(struct rs_cell cell, int scale, char to[TEXT_MAX])
{
    double value;

    (void)scale;
    return read_float8(cell, &value) ? rs_print_double(value, to) : 0;
}

static size_t print_DATE(struct rs_cell cell, int scale, char to[TEXT_MAX])
{
    struct rs_when when;
    int sign;

    (void)scale;
    return read_date(cell, &when, &sign) ? print_when(&when, sign, to) : 0;
}

static size_t print_TIMESTAMP(struct rs_cell cell, int scale, char to[TEXT_MAX])
{
    struct rs_when when;
    int sign;

    (void)scale;
    return read_timestamp(cell, &when, &sign) ? print_when(&when, sign, to) : 0;
}

static size_t print_TIME(struct rs_cell cell, int scale, char to[TEXT_MAX])
{
    struct rs_when when;

    (void)scale;
    return cell.n == TIME_BYTES && read_time(cell.p, &when) ? rs_when_print_time(&when, 6, to) : 0;
}

enum { MOST_OFFSET = 16 * 3600 };

static size_t print_TIMETZ(struct rs_cell cell, int scale, char to[TEXT_MAX])
{
    struct rs_when when;
    int32_t west;
    size_t n;

    (void)scale;
    if (cell.n != TIMETZ_BYTES || !read_time(cell.p, &when))
        return 0;
    west = (int32_t)rs_be32(cell.p + TIME_BYTES);
    if (west <= -MOST_OFFSET || west >= MOST_OFFSET)
        return 0;
    n = rs_when_print_time(&when, 6, to);
    return n + print_offset(west, to + n);
}

static size_t print_NUMERIC(struct rs_cell cell, int scale, char to[TEXT_MAX])
{
    struct rs_wirenum number;

    return rs_wirenum_read(cell, &number) ? rs_wirenum_print(&number, scale, to) : 0;
}

static enum rs_fit by_text(enum rs_kind kind, enum rs_ctype ctype, const char *text, size_t n,
                           const struct rs_target *to, struct rs_diag *diag)
{
    if (n == 0)
        return rs_put_fail(diag, RS_22018, (struct rs_cell){ "", 0 }, ctype);
    return rs_convert_find(kind, ctype)((struct rs_cell){ text, (int32_t)n }, to, diag);
}

/* One function for each pair: a converter is told of neither type. */
#define EACH_CTYPE(F, kind)                                                                        \
    F(kind, CHAR)                                                                                  \
    F(kind, WCHAR)                                                                                 \
    F(kind, BINARY)                                                                                \
    F(kind, BIT)                                                                                   \
    F(kind, STINYINT)                                                                              \
    F(kind, UTINYINT)                                                                              \
    F(kind, SSHORT)                                                                                \
    F(kind, USHORT)                                                                                \
    F(kind, SLONG)                                                                                 \
    F(kind, ULONG)                                                                                 \
    F(kind, SBIGINT)                                                                               \
    F(kind, UBIGINT)                                                                               \
    F(kind, FLOAT)                                                                                 \
    F(kind, DOUBLE)                                                                                \
    F(kind, NUMERIC)                                                                               \
    F(kind, DATE)                                                                                  \
    F(kind, TIME)                                                                                  \
    F(kind, TIMESTAMP)                                                                             \
    F(kind, GUID)                                                                                  \
    F(kind, INTERVAL)

#define BY_TEXT(kind, ctype)                                                                       \
    static enum rs_fit kind##_as_##ctype(struct rs_cell cell, const struct rs_target *to,          \
                                         struct rs_diag *diag)                                     \
    {                                                                                              \
        char text[TEXT_MAX];                                                                       \
        size_t n;                                                                                  \
                                                                                                   \
        text[0] = '\0';                                                                            \
        n = print_##kind(cell, to->source_scale, text);                                            \
        return by_text(RS_KIND_##kind, RS_CTYPE_##ctype, text, n, to, diag);                       \
    }
#define ROW(kind, ctype) [RS_CTYPE_##ctype] = kind##_as_##ctype,

EACH_CTYPE(BY_TEXT, FLOAT8)
EACH_CTYPE(BY_TEXT, DATE)
EACH_CTYPE(BY_TEXT, TIMESTAMP)
EACH_CTYPE(BY_TEXT, TIME)
EACH_CTYPE(BY_TEXT, TIMETZ)
EACH_CTYPE(BY_TEXT, NUMERIC)

/* ---- straight into the C type ---- */

static enum rs_fit float8_to_double(struct rs_cell cell, const struct rs_target *to,
                                    struct rs_diag *diag)
{
    double value;

    if (RS_UNLIKELY(!read_float8(cell, &value) || !isfinite(value)))
        return FLOAT8_as_DOUBLE(cell, to, diag);
    return rs_put_fixed(to, &value, sizeof value);
}

static enum rs_fit date_to_date(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    SQL_DATE_STRUCT out;
    struct rs_when when;
    int sign;

    if (RS_UNLIKELY(!read_date(cell, &when, &sign) || when.is_infinite || when.is_bc ||
                    when.year > 9999))
        return DATE_as_DATE(cell, to, diag);
    out = (SQL_DATE_STRUCT){ (SQLSMALLINT)when.year, when.month, when.day };
    return rs_put_fixed(to, &out, sizeof out);
}

static enum rs_fit timestamp_to_timestamp(struct rs_cell cell, const struct rs_target *to,
                                          struct rs_diag *diag)
{
    SQL_TIMESTAMP_STRUCT out;
    struct rs_when when;
    int sign;

    if (RS_UNLIKELY(!read_timestamp(cell, &when, &sign) || when.is_infinite || when.is_bc ||
                    when.year > 9999))
        return TIMESTAMP_as_TIMESTAMP(cell, to, diag);
    out = (SQL_TIMESTAMP_STRUCT){ (SQLSMALLINT)when.year,
                                  when.month,
                                  when.day,
                                  when.hour,
                                  when.minute,
                                  when.second,
                                  when.nanos };
    return rs_put_fixed(to, &out, sizeof out);
}

/* A fraction and 24:00:00 go the way of the text, which tells of them. */
static enum rs_fit put_time(struct rs_cell cell, rs_convert_fn *the_long_way,
                            const struct rs_target *to, struct rs_diag *diag)
{
    SQL_TIME_STRUCT out;
    struct rs_when when;

    if (RS_UNLIKELY(!read_time(cell.p, &when) || when.nanos != 0 || when.hour == 24))
        return the_long_way(cell, to, diag);
    out = (SQL_TIME_STRUCT){ when.hour, when.minute, when.second };
    return rs_put_fixed(to, &out, sizeof out);
}

static enum rs_fit time_to_time(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    if (RS_UNLIKELY(cell.n != TIME_BYTES))
        return TIME_as_TIME(cell, to, diag);
    return put_time(cell, TIME_as_TIME, to, diag);
}

static enum rs_fit timetz_to_time(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    if (RS_UNLIKELY(cell.n != TIMETZ_BYTES))
        return TIMETZ_as_TIME(cell, to, diag);
    return put_time(cell, TIMETZ_as_TIME, to, diag);
}

/* Where the application wants the column's own scale the integer is what it gets. */
static enum rs_fit numeric_to_numeric(struct rs_cell cell, const struct rs_target *to,
                                      struct rs_diag *diag)
{
    int precision = to->has_scale && to->precision > 0 ? to->precision : NUMERIC_DIGITS;
    SQL_NUMERIC_STRUCT out = { .precision = (SQLCHAR)precision,
                               .scale = (SQLSCHAR)to->source_scale };
    struct rs_wirenum number;

    if (RS_UNLIKELY(to->source_scale > RS_WIRENUM_MAX_SCALE ||
                    (to->has_scale && to->scale != to->source_scale) ||
                    !rs_wirenum_read(cell, &number) || !rs_wirenum_fits(&number, precision)))
        return NUMERIC_as_NUMERIC(cell, to, diag);
    out.sign = number.is_negative ? 0 : 1;
    for (size_t i = 0; i < sizeof out.val; i++)
        out.val[i] = (SQLCHAR)(number.wide.limb[i / 4] >> i % 4 * 8);
    return rs_put_fixed(to, &out, sizeof out);
}

static enum rs_fit numeric_to_double(struct rs_cell cell, const struct rs_target *to,
                                     struct rs_diag *diag)
{
    struct rs_wirenum number;
    double value;

    if (RS_UNLIKELY(!rs_wirenum_read(cell, &number) ||
                    !rs_wirenum_double(&number, to->source_scale, &value)))
        return NUMERIC_as_DOUBLE(cell, to, diag);
    return rs_put_fixed(to, &value, sizeof value);
}

/* ---- the matrix ---- */

static rs_convert_fn *const by_way_of_text[RS_KIND_COUNT][RS_CTYPE_COUNT] = {
    [RS_KIND_FLOAT8] = { EACH_CTYPE(ROW, FLOAT8) },
    [RS_KIND_NUMERIC] = { EACH_CTYPE(ROW, NUMERIC) },
    [RS_KIND_DATE] = { EACH_CTYPE(ROW, DATE) },
    [RS_KIND_TIME] = { EACH_CTYPE(ROW, TIME) },
    [RS_KIND_TIMETZ] = { EACH_CTYPE(ROW, TIMETZ) },
    [RS_KIND_TIMESTAMP] = { EACH_CTYPE(ROW, TIMESTAMP) },
};

static rs_convert_fn *const straight[RS_KIND_COUNT][RS_CTYPE_COUNT] = {
    [RS_KIND_FLOAT8] = { [RS_CTYPE_DOUBLE] = float8_to_double },
    [RS_KIND_NUMERIC] = { [RS_CTYPE_NUMERIC] = numeric_to_numeric,
                          [RS_CTYPE_DOUBLE] = numeric_to_double },
    [RS_KIND_DATE] = { [RS_CTYPE_DATE] = date_to_date },
    [RS_KIND_TIME] = { [RS_CTYPE_TIME] = time_to_time },
    [RS_KIND_TIMETZ] = { [RS_CTYPE_TIME] = timetz_to_time },
    [RS_KIND_TIMESTAMP] = { [RS_CTYPE_TIMESTAMP] = timestamp_to_timestamp },
};

bool rs_binary_pays(enum rs_kind kind, enum rs_ctype ctype)
{
    return ctype < RS_CTYPE_COUNT && straight[kind][ctype] != NULL;
}

rs_convert_fn *rs_binary_find(enum rs_kind kind, enum rs_ctype ctype)
{
    if (rs_convert_find(kind, ctype) == NULL)
        return NULL;
    return straight[kind][ctype] != NULL ? straight[kind][ctype] : by_way_of_text[kind][ctype];
}
