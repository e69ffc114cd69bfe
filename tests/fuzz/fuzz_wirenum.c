/*
 * NUMERIC as level 2 sends it: the text is that of the same integer by another way, and reads back.
 * Input: scale, digits, cell.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "odbc/wirenum.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 2, DIGITS = 39 };

/* The magnitude's decimal digits by doubling, most significant first; returns their count, 1 for 0.
 */
static int digits_of(const uint8_t *cell, size_t n, char out[DIGITS])
{
    uint8_t digit[DIGITS] = { 0 };
    int is_negative = cell[0] >> 7, used = 1;

    for (size_t i = 0; i < n * 8; i++) {
        int bit = cell[i / 8] >> (7 - i % 8) & 1, carry = bit ^ is_negative;

        for (int k = 0; k < DIGITS; k++) {
            int value = digit[k] * 2 + carry;

            digit[k] = (uint8_t)(value % 10);
            carry = value / 10;
        }
        assert(carry == 0);
    }
    for (int k = 0; is_negative && k < DIGITS; k++) { /* two's complement: and one more */
        if (++digit[k] < 10)
            break;
        digit[k] = 0;
    }
    for (int k = 0; k < DIGITS; k++)
        if (digit[k] != 0)
            used = k + 1;
    for (int k = 0; k < used; k++)
        out[k] = (char)('0' + digit[used - 1 - k]);
    return used;
}

static void check_text(const struct rs_wirenum *number, int scale, const char *digits, int n)
{
    char text[RS_WIRENUM_TEXT + 1], seen[RS_WIRENUM_TEXT];
    size_t len = rs_wirenum_print(number, scale, text), k = 0, from = 0, after = 0;
    struct rs_number parsed;
    struct rs_wide wide;
    double value;
    bool past = false;

    assert(len > 0 && len <= RS_WIRENUM_TEXT);
    text[len] = '\0';
    assert((text[0] == '-') == number->is_negative);
    for (size_t i = number->is_negative; i < len; i++) {
        if (text[i] == '.') {
            assert(!past && i > (size_t)number->is_negative);
            past = true;
            continue;
        }
        after += past;
        seen[k++] = text[i];
    }
    assert(after == (size_t)scale && past == (scale > 0));
    while (from + 1 < k && seen[from] == '0')
        from++;
    assert(k - from == (size_t)n && memcmp(seen + from, digits, (size_t)n) == 0);
    assert(rs_number_parse((struct rs_str){ text, len }, &parsed));
    assert(rs_number_scaled(&parsed, scale, &wide));
    assert(memcmp(&wide, &number->wide, sizeof wide) == 0);
    if (rs_wirenum_double(number, scale, &value))
        assert(value == strtod(text, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_cell cell = { (const char *)data + HEAD, (int32_t)size - HEAD };
    struct rs_wirenum number;
    char digits[DIGITS], text[RS_WIRENUM_TEXT];
    int scale, n;

    if (size <= HEAD || size > 64)
        return 0;
    if (!rs_wirenum_read(cell, &number)) {
        assert(cell.n != 8 && cell.n != 16);
        return 0;
    }
    assert(cell.n == 8 || cell.n == 16);
    n = digits_of(data + HEAD, (size_t)cell.n, digits);
    assert(rs_wirenum_fits(&number, data[1] % 40) == (n <= data[1] % 40 || digits[0] == '0'));
    scale = (int8_t)data[0];
    if (scale < 0 || scale > RS_WIRENUM_MAX_SCALE)
        assert(rs_wirenum_print(&number, scale, text) == 0);
    else
        check_text(&number, scale, digits, n);
    return 0;
}
