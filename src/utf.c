#include "utf.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "secret.h"
#include "widen.h"

size_t rs_utf8_decode(const char *p, size_t n, uint32_t *cp)
{
    const unsigned char *u = (const unsigned char *)p;
    uint32_t c;
    size_t len;

    if (n == 0)
        return 0;
    c = u[0];
    if (c < 0x80) {
        *cp = c;
        return 1;
    }
    if (c < 0xC2 || c > 0xF4)
        return 0;
    len = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (n < len)
        return 0;
    c &= 0xFFu >> (len + 1);
    for (size_t i = 1; i < len; i++) {
        if ((u[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (u[i] & 0x3Fu);
    }
    if ((len == 3 && c < 0x800) || (len == 4 && (c < 0x10000 || c > 0x10FFFF)) ||
        (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *cp = c;
    return len;
}

size_t rs_utf8_encode(uint32_t cp, char *to)
{
    if (cp < 0x80) {
        to[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        to[0] = (char)(0xC0 | cp >> 6);
        to[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        to[0] = (char)(0xE0 | cp >> 12);
        to[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        to[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | cp >> 18);
    to[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    to[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    to[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

/* Bytes of the maximal bad part at u: one, or a truncated sequence whose beginning is valid. */
static size_t bad_part(const unsigned char *u, size_t n)
{
    unsigned low = 0x80, high = 0xBF;
    size_t want, i;

    if (u[0] < 0xC2 || u[0] > 0xF4)
        return 1;
    want = u[0] < 0xE0 ? 2 : u[0] < 0xF0 ? 3 : 4;
    if (u[0] == 0xE0)
        low = 0xA0;
    else if (u[0] == 0xED)
        high = 0x9F;
    else if (u[0] == 0xF0)
        low = 0x90;
    else if (u[0] == 0xF4)
        high = 0x8F;
    for (i = 1; i < want && i < n; i++) {
        if (u[i] < low || u[i] > high)
            break;
        low = 0x80;
        high = 0xBF;
    }
    return i;
}

static inline uint64_t load8(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

enum { LANE = 64 };

static inline bool lane_is_ascii(const char *p)
{
#ifdef __SSE2__
    const __m128i *v = (const __m128i *)(const void *)p;
    __m128i low = _mm_or_si128(_mm_loadu_si128(v), _mm_loadu_si128(v + 1));
    __m128i high = _mm_or_si128(_mm_loadu_si128(v + 2), _mm_loadu_si128(v + 3));

    return _mm_movemask_epi8(_mm_or_si128(low, high)) == 0;
#else
    uint64_t all = 0;

    for (size_t i = 0; i < LANE; i += 8)
        all |= load8(p + i);
    return (all & 0x8080808080808080u) == 0;
#endif
}

/* How many bytes from the start are ASCII. */
static size_t ascii_run(const char *p, size_t n)
{
    size_t i = 0;

    while (i + LANE <= n && lane_is_ascii(p + i))
        i += LANE;
    while (i + 8 <= n && (load8(p + i) & 0x8080808080808080u) == 0)
        i += 8;
    while (i < n && (unsigned char)p[i] < 0x80)
        i++;
    return i;
}

size_t rs_utf8_bad_at(struct rs_str s)
{
    size_t i = 0;

    while (i < s.n) {
        uint32_t cp;
        size_t len;

        i += ascii_run(s.p + i, s.n - i);
        if (i == s.n)
            break;
        len = rs_utf8_decode(s.p + i, s.n - i, &cp);
        if (len == 0)
            return i;
        i += len;
    }
    return s.n;
}

size_t rs_utf8_cut(struct rs_str s, size_t n)
{
    size_t at;

    if (n >= s.n)
        return s.n;
    /* Back to the start of the character that byte n belongs to; at most three steps. */
    for (at = n; at > 0 && n - at < 4 && ((unsigned char)s.p[at] & 0xC0) == 0x80; at--)
        ;
    if (at < n) {
        uint32_t cp;
        size_t len = rs_utf8_decode(s.p + at, s.n - at, &cp);

        return len > n - at ? at : n; /* bad bytes may be cut anywhere */
    }
    return n;
}

size_t rs_utf8_units16(struct rs_str s)
{
    size_t units = 0, i = 0;

    while (i < s.n) {
        size_t run = ascii_run(s.p + i, s.n - i), len;
        uint32_t cp;

        units += run;
        i += run;
        if (i == s.n)
            break;
        len = rs_utf8_decode(s.p + i, s.n - i, &cp);
        if (len == 0) {
            i += bad_part((const unsigned char *)s.p + i, s.n - i);
            units++;
        } else {
            i += len;
            units += len == 4 ? 2 : 1;
        }
    }
    return units;
}

size_t rs_utf8_chars(struct rs_str s)
{
    size_t chars = 0, i = 0;

    while (i < s.n) {
        size_t run = ascii_run(s.p + i, s.n - i), len;
        uint32_t cp;

        chars += run;
        i += run;
        if (i == s.n)
            break;
        len = rs_utf8_decode(s.p + i, s.n - i, &cp);
        i += len > 0 ? len : bad_part((const unsigned char *)s.p + i, s.n - i);
        chars++;
    }
    return chars;
}

static void put_unit(char *to, size_t at, uint16_t unit)
{
    memcpy(to + at * 2, &unit, 2);
}

/* LANE ASCII bytes as units, with one look at all of them; false when one is not. */
static inline bool widen_lane(const char *from, char *to)
{
#ifdef __SSE2__
    const __m128i *v = (const __m128i *)(const void *)from;
    __m128i a = _mm_loadu_si128(v), b = _mm_loadu_si128(v + 1), c = _mm_loadu_si128(v + 2),
            d = _mm_loadu_si128(v + 3), zero = _mm_setzero_si128();
    __m128i *out = (__m128i *)(void *)to;

    if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))) != 0)
        return false;
    _mm_storeu_si128(out, _mm_unpacklo_epi8(a, zero));
    _mm_storeu_si128(out + 1, _mm_unpackhi_epi8(a, zero));
    _mm_storeu_si128(out + 2, _mm_unpacklo_epi8(b, zero));
    _mm_storeu_si128(out + 3, _mm_unpackhi_epi8(b, zero));
    _mm_storeu_si128(out + 4, _mm_unpacklo_epi8(c, zero));
    _mm_storeu_si128(out + 5, _mm_unpackhi_epi8(c, zero));
    _mm_storeu_si128(out + 6, _mm_unpacklo_epi8(d, zero));
    _mm_storeu_si128(out + 7, _mm_unpackhi_epi8(d, zero));
    return true;
#else
    (void)from;
    (void)to;
    return false;
#endif
}

/* Widens ASCII bytes while there are some; returns how many. */
static size_t widen_ascii(const char *from, size_t n, char *to, size_t at)
{
    size_t i = 0;

    to += at * 2;
    while (i + LANE <= n && widen_lane(from + i, to + i * 2))
        i += LANE;
    while (i + 16 <= n && rs_widen16_to_16(from + i, to + i * 2))
        i += 16;
    /* The last few: sixteen once more, over some that are done. */
    if (i < n && n - i < 16 && n >= 16 && rs_widen16_to_16(from + n - 16, to + (n - 16) * 2))
        return n;
    for (; i < n && (unsigned char)from[i] < 0x80; i++)
        put_unit(to, i, (unsigned char)from[i]);
    return i;
}

size_t rs_utf8_to_16_raw(struct rs_str s, void *to, size_t cap, size_t *used, bool *bad)
{
    char *out = to;
    size_t i = 0, n = 0;

    while (i < s.n && n < cap) {
        size_t most = s.n - i < cap - n ? s.n - i : cap - n;
        size_t run = widen_ascii(s.p + i, most, out, n), len;
        uint32_t cp;

        i += run;
        n += run;
        if (i == s.n || n == cap)
            break;
        if ((unsigned char)s.p[i] < 0x80)
            continue;
        len = rs_utf8_decode(s.p + i, s.n - i, &cp);
        if (len == 0) {
            *bad = true;
            i += bad_part((const unsigned char *)s.p + i, s.n - i);
            put_unit(out, n++, 0xFFFD);
        } else if (len < 4) {
            i += len;
            put_unit(out, n++, (uint16_t)cp);
        } else {
            if (cap - n < 2)
                break;
            i += len;
            cp -= 0x10000;
            put_unit(out, n++, (uint16_t)(0xD800 | cp >> 10));
            put_unit(out, n++, (uint16_t)(0xDC00 | (cp & 0x3FF)));
        }
    }
    *used = i;
    return n;
}

size_t rs_utf8_to_16(struct rs_str s, uint16_t *to, size_t cap, size_t *used, bool *bad)
{
    return rs_utf8_to_16_raw(s, to, cap, used, bad);
}

static uint16_t get_unit(const char *from, size_t at)
{
    uint16_t unit;

    memcpy(&unit, from + at * 2, 2);
    return unit;
}

size_t rs_utf16_len(const void *from)
{
    size_t n = 0;

    while (get_unit(from, n) != 0)
        n++;
    return n;
}

/* UTF-8 is made in pieces of so many bytes. */
enum { PIECE = 512 };

/* One character behind the len bytes of the piece; returns how many are in it then. */
static inline size_t piece_add(char *piece, size_t len, uint32_t cp, struct rs_buf *out)
{
    len += rs_utf8_encode(cp, piece + len);
    if (len <= PIECE - 4)
        return len;
    rs_buf_add(out, (struct rs_str){ piece, len });
    return 0;
}

static void piece_end(char *piece, size_t len, struct rs_buf *out)
{
    rs_buf_add(out, (struct rs_str){ piece, len });
    if (out->wipe)
        rs_wipe(piece, PIECE);
}

size_t rs_utf16_to_8(const void *from, size_t n, struct rs_buf *out)
{
    const char *p = from;
    size_t first_bad = n, i = 0;
    char piece[PIECE];
    size_t len = 0;

    while (i < n) {
        uint32_t cp = get_unit(p, i++);

        if (cp >= 0xD800 && cp <= 0xDFFF) {
            uint16_t low = i < n ? get_unit(p, i) : 0;

            if (cp < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF) {
                cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00u);
                i++;
            } else {
                if (first_bad == n)
                    first_bad = i - 1;
                cp = 0xFFFD;
            }
        }
        len = piece_add(piece, len, cp, out);
    }
    piece_end(piece, len, out);
    return first_bad;
}

/* ---- UTF-32 ---- */

size_t rs_utf8_to_32_raw(struct rs_str s, void *to, size_t cap, size_t *used, bool *bad)
{
    char *out = to;
    size_t i = 0, n = 0;

    while (i < s.n && n < cap) {
        uint32_t cp;
        size_t len;

        if (s.n - i >= 16 && cap - n >= 16 && rs_widen16_to_32(s.p + i, out + n * 4)) {
            i += 16;
            n += 16;
            continue;
        }
        /* Four bytes at least come before the next sixteen are tried. */
        for (size_t end = i + 4; i < end && i < s.n && n < cap; i += len) {
            len = rs_utf8_decode(s.p + i, s.n - i, &cp);
            if (len == 0) {
                *bad = true;
                len = bad_part((const unsigned char *)s.p + i, s.n - i);
                cp = 0xFFFD;
            }
            memcpy(out + 4 * n++, &cp, 4);
        }
    }
    *used = i;
    return n;
}

static uint32_t get_unit32(const char *from, size_t at)
{
    uint32_t unit;

    memcpy(&unit, from + at * 4, 4);
    return unit;
}

size_t rs_utf32_len(const void *from)
{
    size_t n = 0;

    while (get_unit32(from, n) != 0)
        n++;
    return n;
}

size_t rs_utf32_to_8(const void *from, size_t n, struct rs_buf *out)
{
    size_t first_bad = n, len = 0;
    char piece[PIECE];

    for (size_t i = 0; i < n; i++) {
        uint32_t cp = get_unit32(from, i);

        if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
            if (first_bad == n)
                first_bad = i;
            cp = 0xFFFD;
        }
        len = piece_add(piece, len, cp, out);
    }
    piece_end(piece, len, out);
    return first_bad;
}
