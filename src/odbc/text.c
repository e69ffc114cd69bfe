#include "text.h"

#include <string.h>

#include "wide.h"

bool rs_text_of_bytes(const void *p, SQLLEN bytes, bool is_wide, struct rs_text *out,
                      struct rs_diag *diag)
{
    *out = (struct rs_text){ p, bytes, is_wide };
    if (!is_wide || bytes <= 0)
        return true;
    out->n = bytes / RS_WIDE;
    return bytes % RS_WIDE == 0 ||
           rs_fail(diag, RS_HY090, 0, "text length %ld is odd; wide texts have %d bytes a unit",
                   (long)bytes, (int)RS_WIDE);
}

bool rs_text_get(struct rs_text t, struct rs_buf *out, struct rs_diag *diag)
{
    if (t.p == NULL) {
        rs_buf_add(out, RS_STR(""));
        return rs_buf_ok(out, diag);
    }
    if (t.n < 0 && t.n != SQL_NTS)
        return rs_fail(diag, RS_HY090, 0, "text length %ld is negative", (long)t.n);
    if (t.is_wide) {
        size_t units = t.n == SQL_NTS ? rs_wide_len(t.p) : (size_t)t.n;

        if (rs_wide_to_8(t.p, units, out) != units)
            return rs_fail(diag, RS_22018, 0, "the text has %s", RS_WIDE_FAULT);
    } else {
        rs_buf_add(out, (struct rs_str){ t.p, t.n == SQL_NTS ? strlen(t.p) : (size_t)t.n });
    }
    return rs_buf_ok(out, diag);
}

bool rs_text_view(struct rs_text t, struct rs_buf *room, struct rs_str *out, struct rs_diag *diag)
{
    if (t.p != NULL && !t.is_wide && (t.n >= 0 || t.n == SQL_NTS)) {
        *out = (struct rs_str){ t.p, t.n == SQL_NTS ? strlen(t.p) : (size_t)t.n };
        return true;
    }
    if (!rs_text_get(t, room, diag))
        return false;
    *out = rs_buf_str(room);
    return true;
}

static void put_length(const struct rs_text_out *out, size_t length)
{
    if (out->len16 != NULL)
        *out->len16 = length > SHRT_MAX ? SHRT_MAX : (SQLSMALLINT)length;
    if (out->len32 != NULL)
        *out->len32 = length > INT32_MAX ? INT32_MAX : (SQLINTEGER)length;
}

static bool put_wide(const struct rs_text_out *out, struct rs_str value)
{
    size_t units = rs_wide_units(value), used = 0, written;
    size_t cap = out->cap > 0 ? (size_t)out->cap / (out->in_units ? 1 : RS_WIDE) : 0;
    bool bad = false;

    put_length(out, out->in_units ? units : units * RS_WIDE);
    if (out->p == NULL)
        return true;
    if (cap == 0)
        return false;
    written = rs_wide_from_8(value, out->p, cap - 1, &used, &bad);
    memset((char *)out->p + written * RS_WIDE, 0, RS_WIDE);
    return used == value.n;
}

static bool put_narrow(const struct rs_text_out *out, struct rs_str value)
{
    size_t cap = out->cap > 0 ? (size_t)out->cap : 0, n;

    put_length(out, value.n);
    if (out->p == NULL)
        return true;
    if (cap == 0)
        return false;
    n = rs_utf8_cut(value, cap - 1);
    if (n > 0)
        memcpy(out->p, value.p, n);
    ((char *)out->p)[n] = '\0';
    return n == value.n;
}

bool rs_text_out_ok(const struct rs_text_out *out, struct rs_diag *diag)
{
    return out->cap >= 0 ||
           rs_fail(diag, RS_HY090, 0, "the buffer length %ld is negative", (long)out->cap);
}

bool rs_text_put_quiet(const struct rs_text_out *out, struct rs_str value)
{
    return out->is_wide ? put_wide(out, value) : put_narrow(out, value);
}

void rs_text_put(const struct rs_text_out *out, struct rs_str value, struct rs_diag *diag)
{
    if (!rs_text_put_quiet(out, value))
        rs_warn(diag, RS_01004, "the text was cut: the buffer is too small");
}
