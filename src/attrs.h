/*
 * Compiler attributes and what is assumed about the platform. Includes nothing of ours.
 */
#ifndef RS_ATTRS_H
#define RS_ATTRS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define RS_NODISCARD __attribute__((warn_unused_result))
#ifdef __MINGW32__ /* formats are C11's, not Microsoft's runtime's */
#define RS_PRINTF(f, a) __attribute__((format(gnu_printf, f, a)))
#else
#define RS_PRINTF(f, a) __attribute__((format(printf, f, a)))
#endif
#define RS_LIKELY(x)   __builtin_expect(!!(x), 1)
#define RS_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define RS_UNUSED      __attribute__((unused))
/* APART keeps the long way out of the short one, which then needs no stack; WITHIN, the reverse. */
#define RS_APART       __attribute__((noinline))
#define RS_WITHIN      inline __attribute__((always_inline))
#else
#define RS_NODISCARD
#define RS_PRINTF(f, a)
#define RS_LIKELY(x)   (x)
#define RS_UNLIKELY(x) (x)
#define RS_UNUSED
#define RS_APART
#define RS_WITHIN inline
#endif

#define RS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(CHAR_BIT == 8, "bytes have eight bits");
_Static_assert(sizeof(int) == 4, "int has 32 bits");
_Static_assert(sizeof(float) == 4 && sizeof(double) == 8, "IEEE 754 floats");
_Static_assert((-1 & 3) == 3, "two's complement");

#endif
