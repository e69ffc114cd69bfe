/*
 * UTF-8 and UTF-16 or UTF-32, both ways. Knows no ODBC types: wide text is units of two or four
 * bytes in host order.
 *
 * Source: Unicode Standard, chapter 3.9 (well-formed sequences; one U+FFFD per maximal bad part).
 */
#ifndef RS_UTF_H
#define RS_UTF_H

#include "attrs.h"
#include "str.h"

struct rs_diag;

/* Bytes of the sequence that starts at p if it is well formed within n bytes, else 0; the code
 * point goes to *cp. */
size_t rs_utf8_decode(const char *p, size_t n, uint32_t *cp);
/* Writes 1 to 4 bytes. cp must be a Unicode scalar value. */
size_t rs_utf8_encode(uint32_t cp, char *to);
/* Position of the first byte that is not part of well-formed UTF-8; s.n when all is well. */
size_t rs_utf8_bad_at(struct rs_str s);
/* Largest length <= n that does not split a character. */
size_t rs_utf8_cut(struct rs_str s, size_t n);
/* Number of UTF-16 units the text becomes (bad parts count one each). */
size_t rs_utf8_units16(struct rs_str s);
/* Number of characters, and of UTF-32 units (bad parts count one each). */
size_t rs_utf8_chars(struct rs_str s);

/*
 * UTF-8 to UTF-16. Converts while whole characters fit into cap units; writes no terminator.
 * used: bytes of s consumed. bad: set to true when something was replaced by U+FFFD (never set
 * to false). Returns units written.
 */
size_t rs_utf8_to_16(struct rs_str s, uint16_t *to, size_t cap, size_t *used, bool *bad);
/* The same into memory that need not be aligned. */
size_t rs_utf8_to_16_raw(struct rs_str s, void *to, size_t cap, size_t *used, bool *bad);

/* UTF-16 (n units, need not be aligned) to UTF-8, appended. Returns the position of the first
 * unpaired surrogate, or n when all is well; an unpaired one is appended as U+FFFD. */
size_t rs_utf16_to_8(const void *from, size_t n, struct rs_buf *out);
/* Units before the terminating zero unit. */
size_t rs_utf16_len(const void *from);

/* The same three with UTF-32, where a surrogate or a unit above U+10FFFF is the bad one. */
size_t rs_utf8_to_32_raw(struct rs_str s, void *to, size_t cap, size_t *used, bool *bad);
size_t rs_utf32_to_8(const void *from, size_t n, struct rs_buf *out);
size_t rs_utf32_len(const void *from);

#endif
