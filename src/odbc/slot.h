/*
 * A place in a struct, for tables: where a number, a pointer or a text pointer stands and how wide
 * it is. What is read is a sign-extended (uint32_t: zero-extended) 64-bit value.
 */
#ifndef RS_ODBC_SLOT_H
#define RS_ODBC_SLOT_H

#include "../attrs.h"

struct rs_slot {
    uint16_t at;
    uint8_t size; /* 0: nothing there; it reads as 0 */
    bool is_unsigned;
};

/* clang-format off */
#define RS_SLOT(type, member)                                                                    \
    { (uint16_t)offsetof(type, member), (uint8_t)sizeof(((type *)0)->member),                    \
      _Generic(((type *)0)->member, uint32_t: true, default: false) }
/* clang-format on */
#define RS_SLOT_NONE                                                                               \
    {                                                                                              \
        0, 0, false                                                                                \
    }

int64_t rs_slot_get(const void *base, struct rs_slot slot);
/* Writes the low bytes of value; the caller has checked the range. */
void rs_slot_put(void *base, struct rs_slot slot, int64_t value);
/* A slot that holds a pointer to text; NULL when it holds none. */
const char *rs_slot_text(const void *base, struct rs_slot slot);

#endif
