/*
 * ASCII bytes as units of UTF-16 and UTF-32, many at a time. Internal to the converters.
 */
#ifndef RS_WIDEN_H
#define RS_WIDEN_H

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "attrs.h"

static inline bool rs_all_ascii16(const char *from)
{
    uint64_t half[2];

    memcpy(half, from, sizeof half);
    return ((half[0] | half[1]) & 0x8080808080808080u) == 0;
}

/* Sixteen bytes as UTF-16; false, and nothing written, when one is not ASCII. */
static inline bool rs_widen16_to_16(const char *from, char *to)
{
#ifdef __SSE2__
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
    __m128i zero = _mm_setzero_si128();

    if (_mm_movemask_epi8(bytes) != 0)
        return false;
    _mm_storeu_si128((__m128i *)(void *)to, _mm_unpacklo_epi8(bytes, zero));
    _mm_storeu_si128((__m128i *)(void *)(to + 16), _mm_unpackhi_epi8(bytes, zero));
#else
    if (!rs_all_ascii16(from))
        return false;
    for (size_t i = 0; i < 16; i++)
        memcpy(to + i * 2, &(uint16_t){ (unsigned char)from[i] }, 2);
#endif
    return true;
}

/* The same as UTF-32. */
static inline bool rs_widen16_to_32(const char *from, char *to)
{
#ifdef __SSE2__
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
    __m128i zero = _mm_setzero_si128(), low = _mm_unpacklo_epi8(bytes, zero),
            high = _mm_unpackhi_epi8(bytes, zero);
    __m128i *out = (__m128i *)(void *)to;

    if (_mm_movemask_epi8(bytes) != 0)
        return false;
    _mm_storeu_si128(out, _mm_unpacklo_epi16(low, zero));
    _mm_storeu_si128(out + 1, _mm_unpackhi_epi16(low, zero));
    _mm_storeu_si128(out + 2, _mm_unpacklo_epi16(high, zero));
    _mm_storeu_si128(out + 3, _mm_unpackhi_epi16(high, zero));
#else
    if (!rs_all_ascii16(from))
        return false;
    for (size_t i = 0; i < 16; i++)
        memcpy(to + i * 4, &(uint32_t){ (unsigned char)from[i] }, 4);
#endif
    return true;
}

/* Four bytes as UTF-16, in one word. */
static inline bool rs_widen4_to_16(const char *from, char *to)
{
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t bytes;
    uint64_t units;

    memcpy(&bytes, from, sizeof bytes);
    if ((bytes & 0x80808080u) != 0)
        return false;
    units = bytes;
    units = (units | units << 16) & 0x0000FFFF0000FFFFu;
    units = (units | units << 8) & 0x00FF00FF00FF00FFu;
    memcpy(to, &units, sizeof units);
#else
    for (int i = 0; i < 4; i++) {
        if ((unsigned char)from[i] > 0x7F)
            return false;
    }
    for (int i = 0; i < 4; i++)
        memcpy(to + i * 2, &(uint16_t){ (unsigned char)from[i] }, 2);
#endif
    return true;
}

/* The same as UTF-32. */
static inline bool rs_widen4_to_32(const char *from, char *to)
{
    uint32_t units[4], all = 0;

    for (int i = 0; i < 4; i++) {
        units[i] = (unsigned char)from[i];
        all |= units[i];
    }
    if (all > 0x7F)
        return false;
    memcpy(to, units, sizeof units);
    return true;
}

#endif
