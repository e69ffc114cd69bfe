/* Decimal text, doubles and floats, read and printed, against the C library in the C locale. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clocale.h"
#include "odbc/number.h"

enum { ROUNDS = 300000, TEXT = 1600 };

static uint64_t seed = UINT64_C(88172645463325252);

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static double double_of(uint64_t bits)
{
    double d;

    memcpy(&d, &bits, sizeof d);
    return d;
}

static struct rs_str str(const char *text)
{
    return (struct rs_str){ text, strlen(text) };
}

static void check_read(const char *text)
{
    double want = c_strtod(text), got = -1;
    float want4 = c_strtof(text), got4 = -1;
    enum rs_read read = rs_read_double(str(text), &got);

    if (isinf(want) ? read != RS_READ_RANGE
                    : read != RS_READ_OK || memcmp(&want, &got, sizeof want) != 0)
        fail_msg("%s: %d, %.17g, want %.17g", text, read, got, want);
    read = rs_read_float(str(text), &got4);
    if (isinf(want4) ? read != RS_READ_RANGE
                     : read != RS_READ_OK || memcmp(&want4, &got4, sizeof want4) != 0)
        fail_msg("%s: %d, %.9g, want %.9g", text, read, (double)got4, (double)want4);
}

/* Any double, and any subnormal, with few or many digits. */
static void random_doubles(void **state)
{
    char text[TEXT];

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        double d = double_of(next_random());

        if (isfinite(d)) {
            c_print(text, sizeof text, "%.*e", (int)(next_random() % 30), d);
            check_read(text);
        }
        d = double_of(next_random() & UINT64_C(0x001FFFFFFFFFFFFF));
        c_print(text, sizeof text, "%.*e", (int)(next_random() % (i % 100 == 0 ? 1100 : 40)), d);
        check_read(text);
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)next_random(),
                 (int)(next_random() % 680) - 360);
        check_read(text);
    }
}

/* Exactly between two neighbours, and one digit to either side of it. */
static void ties(void **state)
{
    char text[TEXT];

    (void)state;
    for (int i = 0; i < ROUNDS / 3; i++) {
        float f;
        uint32_t bits = (uint32_t)next_random() & 0x7FFFFFFF;
        uint64_t wide = (next_random() & UINT64_C(0x000FFFFFFFFFFFFF)) | (963 + next_random() % 160)
                                                                             << 52;
        uint32_t next = bits + 1;
        float g;
        long double middle = ((long double)double_of(wide) + (long double)double_of(wide + 1)) / 2;
        size_t n;

        memcpy(&f, &bits, sizeof f);
        memcpy(&g, &next, sizeof g);
        if (isfinite(f) && isfinite(g)) {
            c_print(text, sizeof text, "%.60e", ((double)f + (double)g) / 2);
            check_read(text);
        }
        n = (size_t)c_print(text, sizeof text, "%.150Lf", middle);
        check_read(text);
        memcpy(text + n, "1", 2);
        check_read(text);
        text[n - 1] = '0';
        check_read(text);
    }
}

/* Each power of ten a double can need, alone and with many digits. */
static void powers(void **state)
{
    static const char *const heads[] = { "1",
                                         "9",
                                         "2.5",
                                         "9007199254740993",
                                         "1234567890123456789",
                                         "17976931348623157",
                                         "17976931348623159",
                                         "4.940656458412465441765687928682213723651",
                                         "2.4703282292062327208e",
                                         "99999999999999999999999999" };
    char text[128];

    (void)state;
    for (int e = -400; e <= 400; e++) {
        for (size_t i = 0; i < RS_COUNT(heads); i++) {
            snprintf(text, sizeof text, "%.*se%d", (int)strcspn(heads[i], "e"), heads[i], e);
            check_read(text);
        }
    }
}

static void words(void **state)
{
    static const struct {
        const char *text;
        enum rs_read read;
        double want;
    } rows[] = {
        { "0", RS_READ_OK, 0 },
        { "  12  ", RS_READ_OK, 12 },
        { "+1.5", RS_READ_OK, 1.5 },
        { ".5", RS_READ_OK, .5 },
        { "5.", RS_READ_OK, 5 },
        { "1E5", RS_READ_OK, 1e5 },
        { "1e+05", RS_READ_OK, 1e5 },
        { "inf", RS_READ_OK, INFINITY },
        { "-Infinity", RS_READ_OK, -INFINITY },
        { "1e309", RS_READ_RANGE, 0 },
        { "1e999999999999999999999", RS_READ_RANGE, 0 },
        { "1e-999999999999999999999", RS_READ_OK, 0 },
        { "0e999999999999999999999", RS_READ_OK, 0 },
        { "", RS_READ_BAD, 0 },
        { " ", RS_READ_BAD, 0 },
        { ".", RS_READ_BAD, 0 },
        { "-", RS_READ_BAD, 0 },
        { "e5", RS_READ_BAD, 0 },
        { "1e", RS_READ_BAD, 0 },
        { "1e+", RS_READ_BAD, 0 },
        { "1,5", RS_READ_BAD, 0 },
        { "0x1p3", RS_READ_BAD, 0 },
        { "1 2", RS_READ_BAD, 0 },
        { "1.5x", RS_READ_BAD, 0 },
        { "infinit", RS_READ_BAD, 0 },
        { "--1", RS_READ_BAD, 0 },
        { "1.2.3", RS_READ_BAD, 0 },
    };
    double got;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        got = -1;
        if (rs_read_double(str(rows[i].text), &got) != rows[i].read)
            fail_msg("\"%s\"", rows[i].text);
        if (rows[i].read == RS_READ_OK && !(got >= rows[i].want && got <= rows[i].want))
            fail_msg("\"%s\": %g", rows[i].text, got);
    }
    assert_int_equal(rs_read_double(str("NaN"), &got), RS_READ_OK);
    assert_true(isnan(got));
    assert_int_equal(rs_read_double((struct rs_str){ NULL, 0 }, &got), RS_READ_BAD);
}

/* Digits of a text without zeros at both ends. */
static int count_digits(const char *text)
{
    int n = 0, zeros = 0;

    for (; *text != '\0' && *text != 'e'; text++) {
        if (!rs_is_digit(*text) || (n == 0 && *text == '0'))
            continue;
        n++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return n - zeros;
}

/* The digits that mean something, as they stand. */
static void take_digits(const char *text, char to[64])
{
    size_t n = 0;

    for (; *text != '\0' && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9' && (n > 0 || *text != '0'))
            to[n++] = *text;
    while (n > 0 && to[n - 1] == '0')
        n--;
    to[n] = '\0';
}

/* Where the C library's rounding to so few digits reads back, no other text of them is nearer. */
static void check_nearest(const char *text, const char *fewest)
{
    char ours[64], nearest[64];

    take_digits(text, ours);
    take_digits(fewest, nearest);
    assert_string_equal(ours, nearest);
}

static void check_print(double d)
{
    char text[RS_DOUBLE_TEXT + 1], fewest[64];
    size_t n = rs_print_double(d, text);
    double back;
    int digits = 1;

    assert_true(n <= RS_DOUBLE_TEXT);
    text[n] = '\0';
    back = c_strtod(text);
    if (memcmp(&back, &d, sizeof d) != 0)
        fail_msg("%.17g became %s", d, text);
    for (; digits < 17; digits++) {
        c_print(fewest, sizeof fewest, "%.*e", digits - 1, d);
        back = c_strtod(fewest);
        if (memcmp(&back, &d, sizeof d) == 0)
            break;
    }
    if (fabs(d) > 0 && count_digits(text) > digits)
        fail_msg("%s has more digits than %s", text, fewest);
    if (digits < 17 && count_digits(text) == digits)
        check_nearest(text, fewest);
}

static void printing(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS / 10; i++) {
        double d = double_of(next_random());
        float f, back4;
        uint32_t bits = (uint32_t)next_random();
        char text[RS_DOUBLE_TEXT + 1];

        if (isfinite(d))
            check_print(d);
        check_print((double)(int64_t)next_random() / 1000);
        check_print((double)next_random() / 1e19);
        check_print((double)(next_random() % 1000000) / 100);
        memcpy(&f, &bits, sizeof f);
        if (!isfinite(f))
            continue;
        text[rs_print_float(f, text)] = '\0';
        back4 = c_strtof(text);
        if (memcmp(&back4, &f, sizeof f) != 0)
            fail_msg("%.9g became %s", (double)f, text);
    }
}

static void shapes(void **state)
{
    static const struct {
        double value;
        const char *want;
    } rows[] = {
        { 0, "0" },
        { -0.0, "-0" },
        { 0.1, "0.1" },
        { 100, "100" },
        { 1e14, "100000000000000" },
        { 1e15, "1e+15" },
        { 123456.789, "123456.789" },
        { 1e-4, "0.0001" },
        { 1e-5, "1e-05" },
        { 5e-324, "5e-324" },
        { 1.7976931348623157e308, "1.7976931348623157e+308" },
        { -1.5e-10, "-1.5e-10" },
        { 8.414709848078965, "8.414709848078965" }, /* …655 with 17 digits, and not in the middle */
        { 1e100, "1e+100" },
        { 5.684341886080802e-14, "5.684341886080802e-14" },
        { INFINITY, "Infinity" },
        { -INFINITY, "-Infinity" },
        { (double)NAN, "NaN" },
    };
    char text[RS_DOUBLE_TEXT + 1];

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        text[rs_print_double(rows[i].value, text)] = '\0';
        assert_string_equal(text, rows[i].want);
    }
    text[rs_print_float(1e6f, text)] = '\0';
    assert_string_equal(text, "1e+06");
    text[rs_print_float(0.1f, text)] = '\0';
    assert_string_equal(text, "0.1");
}

/* A server's text of 17 digits becomes the shortest; a short one is left alone. */
static void shortening(void **state)
{
    char text[RS_DOUBLE_TEXT + 1], given[64];

    (void)state;
    assert_int_equal(rs_shorten_double(str("0.1"), text), 0);
    assert_int_equal(rs_shorten_double(str("123456789012.345"), text), 0);
    assert_int_equal(rs_shorten_double(str("NaN and more than that"), text), 0);
    text[rs_shorten_double(str("0.10000000000000001"), text)] = '\0';
    assert_string_equal(text, "0.1");
    text[rs_shorten_double(str("8.4147098480789655"), text)] = '\0';
    assert_string_equal(text, "8.414709848078965");
    text[rs_shorten_float(str("0.100000001"), text)] = '\0';
    assert_string_equal(text, "0.1");
    /* nearly a step of the format away from what it was made from */
    text[rs_shorten_float(str("32943393e13"), text)] = '\0';
    assert_string_equal(text, "3.294339e+20");
    for (int i = 0; i < ROUNDS / 10; i++) {
        double d = double_of(next_random()), back;

        if (!isfinite(d))
            continue;
        c_print(given, sizeof given, "%.17g", d);
        text[rs_shorten_double(str(given), text)] = '\0';
        back = c_strtod(text[0] != '\0' ? text : given);
        assert_memory_equal(&back, &d, sizeof d);
        assert_true(count_digits(text) <= count_digits(given));
    }
}

static void decimals(void **state)
{
    static const struct {
        const char *text;
        int64_t scale;
        const char *plain; /* cut at scale */
    } rows[] = {
        { "0", -1, "0" },      { "-0", -1, "0" },          { "00120.03400", -1, "120.034" },
        { "1e3", -1, "1000" }, { "1.5e-3", -1, "0.0015" }, { "123.456", 1, "123.4" },
        { "-0.04", 1, "0.0" }, { "-0.14", 1, "-0.1" },     { "12345e-2", 0, "123" },
        { "100", 2, "100" },   { "0.1", 0, "0" },          { "1e-400", -1, NULL },
        { "1e400", -1, NULL },
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_number number;
        size_t n;

        assert_true(rs_number_parse(str(rows[i].text), &number));
        n = rs_number_print(&number, rows[i].scale, text, sizeof text - 1);
        text[n] = '\0';
        assert_string_equal(text, rows[i].plain == NULL ? "" : rows[i].plain);
    }
}

static void eight_digits(void **state)
{
    uint32_t value;

    (void)state;
    for (int i = 0; i < 8; i++) {
        for (int c = 0; c < 256; c++) {
            char text[9] = "12345678";
            bool ok;

            text[i] = (char)c;
            ok = rs_eight_digits(text, &value);
            assert_int_equal(ok, c >= '0' && c <= '9');
            if (ok)
                assert_int_equal(value, strtoul(text, NULL, 10));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_doubles), cmocka_unit_test(ties),
        cmocka_unit_test(powers),         cmocka_unit_test(words),
        cmocka_unit_test(printing),       cmocka_unit_test(shapes),
        cmocka_unit_test(shortening),     cmocka_unit_test(decimals),
        cmocka_unit_test(eight_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
