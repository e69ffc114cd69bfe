/*
 * Any bytes as UTF-8, as UTF-16 and as UTF-32: counts agree with the converter, whatever the room;
 * well-formed text comes back as it was; a cut never splits a character.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

/* In rooms of `cap` units, the units must be those of one go. */
static void in_pieces(struct rs_str s, const uint16_t *all, size_t n, size_t cap)
{
    size_t done = 0, used = 0, at = 0;
    bool bad = false;

    while (at < s.n) {
        /* Not a byte more than the room, so that writing past it is seen. */
        char *room = malloc(cap * 2);

        expect(room != NULL);
        size_t units = rs_utf8_to_16_raw(rs_str_sub(s, at, s.n), room, cap, &used, &bad);

        expect(units > 0 && units <= cap && used > 0 && done + units <= n);
        expect(memcmp(room, all + done, units * 2) == 0);
        done += units;
        at += used;
        free(room);
    }
    expect(done == n);
}

static void check_cut(struct rs_str s)
{
    for (size_t i = 0; i < s.n && i < 300; i++) {
        size_t cut = rs_utf8_cut(s, i);
        uint32_t cp;

        expect(cut <= i && i - cut < 4);
        for (size_t back = 1; back < 4 && back <= cut; back++)
            expect(rs_utf8_decode(s.p + cut - back, s.n - cut + back, &cp) <= back);
    }
    expect(rs_utf8_cut(s, s.n) == s.n);
}

static void from_utf8(struct rs_str s)
{
    size_t n = rs_utf8_units16(s), used = 0, bad_at = rs_utf8_bad_at(s);
    uint16_t *units = malloc(n * 2 + 1);
    struct rs_buf back = RS_BUF_INIT(1 << 24);
    bool bad = false;

    expect(units != NULL);
    expect(rs_utf8_to_16(s, units, n, &used, &bad) == n && used == s.n);
    expect(bad == (bad_at < s.n));
    expect(rs_utf8_chars(s) <= n && n <= s.n);
    in_pieces(s, units, n, 2);
    in_pieces(s, units, n, 17);
    /* The driver's own UTF-16 has no unpaired surrogates. */
    expect(rs_utf16_to_8(units, n, &back) == n && !back.bad);
    expect(rs_utf8_bad_at(rs_buf_str(&back)) == back.len);
    if (!bad)
        expect(rs_str_eq(rs_buf_str(&back), s));
    else
        expect(back.len >= bad_at && memcmp(back.p, s.p, bad_at) == 0);
    check_cut(s);
    rs_buf_clear(&back);
    free(units);
}

static void from_utf16(const uint8_t *data, size_t n)
{
    struct rs_buf text = RS_BUF_INIT(1 << 24);
    size_t bad_at = rs_utf16_to_8(data, n, &text), used = 0;
    uint16_t *units = malloc(n * 2 + 1);
    bool bad = false;

    expect(units != NULL && !text.bad && bad_at <= n);
    expect(rs_utf8_bad_at(rs_buf_str(&text)) == text.len);
    expect(rs_utf8_to_16(rs_buf_str(&text), units, n, &used, &bad) == n && !bad);
    expect(bad_at == 0 || memcmp(units, data, bad_at * 2) == 0);
    if (bad_at < n)
        expect(units[bad_at] == 0xFFFD);
    rs_buf_clear(&text);
    free(units);
}

/* UTF-32 of the same text is one unit a character, and what UTF-16 says of it. */
static void to_utf32(struct rs_str s)
{
    size_t n = rs_utf8_chars(s), used = 0, first = 0, rest = 0;
    char *units = malloc(n * 4 + 1), *pieces = malloc(n * 4 + 1);
    struct rs_buf back = RS_BUF_INIT(1 << 24), back16 = RS_BUF_INIT(1 << 24);
    uint16_t *units16 = malloc(s.n * 2 + 1);
    bool bad = false, bad16 = false;
    size_t n16;

    expect(units != NULL && pieces != NULL && units16 != NULL);
    expect(rs_utf8_to_32_raw(s, units, n, &used, &bad) == n && used == s.n);
    n16 = rs_utf8_to_16(s, units16, s.n, &used, &bad16);
    expect(bad == bad16 && n <= n16);
    expect(rs_utf32_to_8(units, n, &back) == n && !back.bad);
    expect(rs_utf16_to_8(units16, n16, &back16) == n16);
    expect(rs_str_eq(rs_buf_str(&back), rs_buf_str(&back16)));
    first = rs_utf8_to_32_raw(s, pieces, n / 2, &used, &bad);
    expect(first == n / 2);
    rest = rs_utf8_to_32_raw(rs_str_sub(s, used, s.n), pieces + first * 4, n - first, &used, &bad);
    expect(first + rest == n && (n == 0 || memcmp(pieces, units, n * 4) == 0));
    rs_buf_clear(&back);
    rs_buf_clear(&back16);
    free(units);
    free(pieces);
    free(units16);
}

static void from_utf32(const uint8_t *data, size_t n)
{
    struct rs_buf text = RS_BUF_INIT(1 << 24);
    size_t bad_at = rs_utf32_to_8(data, n, &text), used = 0;
    char *units = malloc(n * 4 + 1);
    bool bad = false;

    expect(units != NULL && !text.bad && bad_at <= n);
    expect(rs_utf8_bad_at(rs_buf_str(&text)) == text.len);
    expect(rs_utf8_chars(rs_buf_str(&text)) == n);
    expect(rs_utf8_to_32_raw(rs_buf_str(&text), units, n, &used, &bad) == n && !bad);
    expect(bad_at == 0 || memcmp(units, data, bad_at * 4) == 0);
    if (bad_at < n)
        expect(memcmp(units + bad_at * 4, &(uint32_t){ 0xFFFD }, 4) == 0);
    rs_buf_clear(&text);
    free(units);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    from_utf8((struct rs_str){ (const char *)data, size });
    from_utf16(data, size / 2);
    to_utf32((struct rs_str){ (const char *)data, size });
    from_utf32(data, size / 4);
    return 0;
}
