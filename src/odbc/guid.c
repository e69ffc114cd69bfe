#include "guid.h"

#include <string.h>

#include "convert_put.h"

/* Places of the dashes; all else are hex digits, two a byte. */
static bool is_dash(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

static int hex_value(char c)
{
    if (rs_is_digit(c))
        return c - '0';
    c = rs_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool rs_guid_parse(struct rs_str text, SQLGUID *out)
{
    struct rs_str s = rs_str_trim(text);
    uint8_t byte[16] = { 0 };
    size_t n = 0;

    if (s.n == RS_GUID_TEXT + 2 && s.p[0] == '{' && s.p[s.n - 1] == '}')
        s = rs_str_sub(s, 1, RS_GUID_TEXT);
    if (s.n != RS_GUID_TEXT)
        return false;
    for (size_t i = 0; i < RS_GUID_TEXT; i++) {
        int value = hex_value(s.p[i]);

        if (is_dash(i)) {
            if (s.p[i] != '-')
                return false;
            continue;
        }
        if (value < 0)
            return false;
        byte[n / 2] = (uint8_t)(byte[n / 2] << 4 | value);
        n++;
    }
    out->Data1 =
        (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
    out->Data2 = (uint16_t)(byte[4] << 8 | byte[5]);
    out->Data3 = (uint16_t)(byte[6] << 8 | byte[7]);
    memcpy(out->Data4, byte + 8, 8);
    return true;
}

void rs_guid_print(const SQLGUID *guid, char to[RS_GUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    uint32_t data1 = (uint32_t)guid->Data1;
    uint8_t byte[16] = { (uint8_t)(data1 >> 24),      (uint8_t)(data1 >> 16),
                         (uint8_t)(data1 >> 8),       (uint8_t)data1,
                         (uint8_t)(guid->Data2 >> 8), (uint8_t)guid->Data2,
                         (uint8_t)(guid->Data3 >> 8), (uint8_t)guid->Data3 };
    size_t n = 0;

    memcpy(byte + 8, guid->Data4, 8);
    for (size_t i = 0; i < RS_GUID_TEXT; i++) {
        if (is_dash(i)) {
            to[i] = '-';
            continue;
        }
        to[i] = digits[n % 2 == 0 ? byte[n / 2] >> 4 : byte[n / 2] & 15];
        n++;
    }
}

/* ---- converters ---- */

static enum rs_fit text_to_guid(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    SQLGUID out;

    if (!rs_guid_parse((struct rs_str){ cell.p, (size_t)cell.n }, &out))
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_GUID);
    return rs_put_fixed(to, &out, sizeof out);
}

static enum rs_fit guid_to_binary(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    SQLGUID out;

    if (!rs_guid_parse((struct rs_str){ cell.p, (size_t)cell.n }, &out))
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_BINARY);
    return rs_put_struct(&out, sizeof out, to, diag);
}

static enum rs_fit guid_to_char(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    return rs_put_ascii(cell, (size_t)cell.n, 1, to, diag);
}

static enum rs_fit guid_to_wchar(struct rs_cell cell, const struct rs_target *to,
                                 struct rs_diag *diag)
{
    return rs_put_ascii(cell, (size_t)cell.n, RS_WIDE, to, diag);
}

rs_convert_fn *rs_convert_find_guid(enum rs_kind kind, enum rs_ctype ctype)
{
    static rs_convert_fn *const from_guid[RS_CTYPE_COUNT] = {
        [RS_CTYPE_CHAR] = guid_to_char,
        [RS_CTYPE_WCHAR] = guid_to_wchar,
        [RS_CTYPE_BINARY] = guid_to_binary,
        [RS_CTYPE_GUID] = text_to_guid,
    };

    if (kind == RS_KIND_UUID)
        return from_guid[ctype];
    if (ctype == RS_CTYPE_GUID && (kind == RS_KIND_TEXT || kind == RS_KIND_BOOL_TEXT))
        return text_to_guid;
    return NULL;
}
