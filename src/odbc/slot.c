#include "slot.h"

#include <string.h>

int64_t rs_slot_get(const void *base, struct rs_slot slot)
{
    const char *p = (const char *)base + slot.at;
    uint8_t u8;
    int16_t i16;
    int32_t i32;
    int64_t i64;

    switch (slot.size) {
    case 1:
        memcpy(&u8, p, sizeof u8);
        return u8;
    case 2:
        memcpy(&i16, p, sizeof i16);
        return i16;
    case 4:
        memcpy(&i32, p, sizeof i32);
        return slot.is_unsigned ? (int64_t)(uint32_t)i32 : i32;
    case 8:
        memcpy(&i64, p, sizeof i64);
        return i64;
    default:
        return 0;
    }
}

void rs_slot_put(void *base, struct rs_slot slot, int64_t value)
{
    char *p = (char *)base + slot.at;
    uint8_t u8 = (uint8_t)value;
    int16_t i16 = (int16_t)value;
    int32_t i32 = (int32_t)value;

    switch (slot.size) {
    case 1:
        memcpy(p, &u8, sizeof u8);
        break;
    case 2:
        memcpy(p, &i16, sizeof i16);
        break;
    case 4:
        memcpy(p, &i32, sizeof i32);
        break;
    case 8:
        memcpy(p, &value, sizeof value);
        break;
    default:
        break;
    }
}

const char *rs_slot_text(const void *base, struct rs_slot slot)
{
    const char *text = NULL;

    if (slot.size == sizeof text)
        memcpy(&text, (const char *)base + slot.at, sizeof text);
    return text;
}
