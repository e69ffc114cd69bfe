/* Numbers as text: the same as strtod in the C locale, and what is printed reads back. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "odbc/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 2000 };

/* strtod reads more than we do: hexadecimal, nan(…). */
static bool is_plain(const char *text)
{
    return strspn(text, "+-.0123456789eE") == strlen(text);
}

static void check_double(struct rs_str text, const char *copy)
{
    double got = 0, want = strtod(copy, NULL), back;
    enum rs_read read = rs_read_double(text, &got);
    char out[RS_DOUBLE_TEXT];
    size_t n;

    if (is_plain(copy) && read != RS_READ_BAD) {
        assert((read == RS_READ_RANGE) == (isinf(want) != 0));
        assert(read == RS_READ_RANGE || memcmp(&got, &want, sizeof got) == 0);
    }
    if (read != RS_READ_OK || isnan(got))
        return;
    n = rs_print_double(got, out);
    assert(n <= RS_DOUBLE_TEXT);
    assert(rs_read_double((struct rs_str){ out, n }, &back) == RS_READ_OK);
    assert(memcmp(&got, &back, sizeof got) == 0);
    n = rs_shorten_double(text, out);
    if (n > 0) {
        assert(rs_read_double((struct rs_str){ out, n }, &back) == RS_READ_OK);
        assert(memcmp(&got, &back, sizeof got) == 0);
    }
}

static void check_float(struct rs_str text, const char *copy)
{
    float got = 0, want = strtof(copy, NULL), back;
    enum rs_read read = rs_read_float(text, &got);
    char out[RS_DOUBLE_TEXT];
    size_t n;

    if (is_plain(copy) && read != RS_READ_BAD) {
        assert((read == RS_READ_RANGE) == (isinf(want) != 0));
        assert(read == RS_READ_RANGE || memcmp(&got, &want, sizeof got) == 0);
    }
    if (read != RS_READ_OK || isnan(got))
        return;
    n = rs_print_float(got, out);
    assert(rs_read_float((struct rs_str){ out, n }, &back) == RS_READ_OK);
    assert(memcmp(&got, &back, sizeof got) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    struct rs_number number;
    struct rs_wide wide;
    char copy[MOST + 1], plain[MOST];
    uint64_t whole;

    if (size > MOST)
        return 0;
    memcpy(copy, data, size);
    copy[size] = '\0';
    check_double(text, copy);
    check_float(text, copy);
    if (rs_number_parse(text, &number) && number.form == RS_NUMBER_FINITE) {
        (void)!rs_number_whole(&number, &whole);
        (void)!rs_number_scaled(&number, 3, &wide);
        assert(rs_number_print(&number, -1, plain, sizeof plain) <= sizeof plain);
        assert(rs_number_print(&number, 3, plain, 20) <= 20);
    }
    return 0;
}
