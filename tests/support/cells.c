#include "cells.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clocale.h"

const char *cell_state(const struct rs_diag *diag)
{
    return diag->n == 0 ? "" : rs_state_text(diag->rec[0].state, false);
}

static void show_interval(const void *value, char out[CELL_TEXT])
{
    SQL_INTERVAL_STRUCT v;

    memcpy(&v, value, sizeof v);
    if (v.interval_type == SQL_IS_YEAR || v.interval_type == SQL_IS_MONTH ||
        v.interval_type == SQL_IS_YEAR_TO_MONTH)
        snprintf(out, CELL_TEXT, "%d:%s%u-%u", (int)v.interval_type, v.interval_sign ? "-" : "",
                 (unsigned)v.intval.year_month.year, (unsigned)v.intval.year_month.month);
    else
        snprintf(out, CELL_TEXT, "%d:%s%u %u:%u:%u.%06u", (int)v.interval_type,
                 v.interval_sign ? "-" : "", (unsigned)v.intval.day_second.day,
                 (unsigned)v.intval.day_second.hour, (unsigned)v.intval.day_second.minute,
                 (unsigned)v.intval.day_second.second, (unsigned)v.intval.day_second.fraction);
}

static void show_hex(const void *value, size_t n, char out[CELL_TEXT])
{
    const unsigned char *p = value;

    out[0] = '\0';
    for (size_t i = 0; i < n && 2 * i + 2 < CELL_TEXT; i++)
        snprintf(out + 2 * i, 3, "%02x", p[i]);
}

static void show_wide(const void *value, size_t n, char out[CELL_TEXT])
{
    const char *p = value;
    size_t at = 0;

    for (size_t i = 0; i + 2 <= n && at + 8 < CELL_TEXT; i += 2) {
        uint16_t unit;

        memcpy(&unit, p + i, 2);
        if (unit < 0x80)
            out[at++] = (char)unit;
        else
            at += (size_t)snprintf(out + at, 8, "<%04X>", unit);
    }
    out[at] = '\0';
}

#define SHOW(name, type, format, as)                                                               \
    case RS_CTYPE_##name: {                                                                        \
        type v;                                                                                    \
                                                                                                   \
        memcpy(&v, value, sizeof v);                                                               \
        c_print(out, CELL_TEXT, format, (as)v);                                                    \
        return;                                                                                    \
    }

static void show_number(enum rs_ctype ctype, const void *value, char out[CELL_TEXT])
{
    switch ((int)ctype) {
        SHOW(BIT, uint8_t, "%d", int)
        SHOW(STINYINT, int8_t, "%d", int)
        SHOW(UTINYINT, uint8_t, "%d", int)
        SHOW(SSHORT, int16_t, "%d", int)
        SHOW(USHORT, uint16_t, "%d", int)
        SHOW(SLONG, int32_t, "%lld", long long)
        SHOW(ULONG, uint32_t, "%lld", long long)
        SHOW(SBIGINT, int64_t, "%lld", long long)
        SHOW(UBIGINT, uint64_t, "%llu", unsigned long long)
        SHOW(FLOAT, float, "%.9g", double)
        SHOW(DOUBLE, double, "%.17g", double)
    default:
        fail_msg("no such number");
    }
}

static void show_struct(enum rs_ctype ctype, const void *value, char out[CELL_TEXT])
{
    SQL_NUMERIC_STRUCT n;
    SQL_DATE_STRUCT d;
    SQL_TIME_STRUCT t;
    SQL_TIMESTAMP_STRUCT ts;
    SQLGUID g;
    unsigned long long low = 0, high = 0;

    switch ((int)ctype) {
    case RS_CTYPE_NUMERIC:
        memcpy(&n, value, sizeof n);
        memcpy(&low, n.val, 8);
        memcpy(&high, n.val + 8, 8);
        snprintf(out, CELL_TEXT, "%s%llx:%llx(%d,%d)", n.sign == 1 ? "+" : "-", high, low,
                 n.precision, n.scale);
        return;
    case RS_CTYPE_DATE:
        memcpy(&d, value, sizeof d);
        snprintf(out, CELL_TEXT, "%d-%u-%u", d.year, d.month, d.day);
        return;
    case RS_CTYPE_TIME:
        memcpy(&t, value, sizeof t);
        snprintf(out, CELL_TEXT, "%u:%u:%u", t.hour, t.minute, t.second);
        return;
    case RS_CTYPE_TIMESTAMP:
        memcpy(&ts, value, sizeof ts);
        snprintf(out, CELL_TEXT, "%d-%u-%u %u:%u:%u.%09u", ts.year, ts.month, ts.day, ts.hour,
                 ts.minute, ts.second, (unsigned)ts.fraction);
        return;
    default:
        memcpy(&g, value, sizeof g);
        snprintf(out, CELL_TEXT, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                 (unsigned)g.Data1, g.Data2, g.Data3, g.Data4[0], g.Data4[1], g.Data4[2],
                 g.Data4[3], g.Data4[4], g.Data4[5], g.Data4[6], g.Data4[7]);
    }
}

void cell_show(enum rs_ctype ctype, const void *value, size_t n, char out[CELL_TEXT])
{
    switch ((int)ctype) {
    case RS_CTYPE_CHAR:
        snprintf(out, CELL_TEXT, "%.*s", (int)n, (const char *)value);
        return;
    case RS_CTYPE_WCHAR:
        show_wide(value, n, out);
        return;
    case RS_CTYPE_BINARY:
        show_hex(value, n, out);
        return;
    case RS_CTYPE_INTERVAL:
        show_interval(value, out);
        return;
    case RS_CTYPE_NUMERIC:
    case RS_CTYPE_DATE:
    case RS_CTYPE_TIME:
    case RS_CTYPE_TIMESTAMP:
    case RS_CTYPE_GUID:
        show_struct(ctype, value, out);
        return;
    default:
        show_number(ctype, value, out);
    }
}

/* How many bytes of a variable-length target hold the value. */
static size_t written(enum rs_ctype ctype, const unsigned char *buf, SQLLEN len, SQLLEN cap)
{
    size_t n = 0;

    if (ctype == RS_CTYPE_CHAR)
        return cap == 0 ? 0 : strlen((const char *)buf);
    if (ctype == RS_CTYPE_WCHAR) {
        while (n + 2 <= (size_t)cap && (buf[n] != 0 || buf[n + 1] != 0))
            n += 2;
        return n;
    }
    return (size_t)(len < cap ? len : cap);
}

void cell_convert(const struct cell_case *c, struct cell_got *got)
{
    unsigned char space[CELL_GUARD + CELL_CAP + CELL_GUARD + 1], *buf = space + CELL_GUARD + 1;
    size_t n = strlen(c->text);
    char *copy = malloc(n > 0 ? n : 1); /* exact: a read past the end is seen */
    SQLLEN cap = c->cap == 0 ? CELL_CAP : c->cap < 0 ? 0 : c->cap;
    size_t size = rs_ctype_size(c->ctype), limit = size > 0 ? size : (size_t)cap;
    struct rs_diag diag = { 0 };
    struct rs_target to = { .buf = buf,
                            .cap = cap,
                            .len = &got->len,
                            .ind = &got->len,
                            .precision = c->precision,
                            .scale = c->scale,
                            .has_scale = c->has_scale,
                            .interval = c->interval,
                            .keep_offset = c->keep_offset,
                            .bad_utf8 = &got->bad_utf8 };
    rs_convert_fn *fn = rs_convert_find(c->kind, c->ctype);

    memcpy(copy, c->text, n);
    memset(space, 0xA5, sizeof space);
    *got = (struct cell_got){ .len = -77 };
    assert_non_null(fn);
    got->fit = fn((struct rs_cell){ copy, (int32_t)n }, &to, &diag);
    for (size_t i = 0; i < sizeof space; i++) {
        if (i < CELL_GUARD + 1 || i >= CELL_GUARD + 1 + limit)
            assert_int_equal(space[i], 0xA5);
    }
    snprintf(got->state, sizeof got->state, "%s", cell_state(&diag));
    if (got->fit != RS_FIT_FAILED)
        cell_show(c->ctype, buf, written(c->ctype, buf, got->len, cap), got->text);
    assert_int_equal(diag.n, got->fit != RS_FIT_EXACT);
    rs_diag_clear(&diag);
    free(copy);
}

void cell_check(const struct cell_case *c)
{
    struct cell_got got;

    cell_convert(c, &got);
    if (strcmp(got.text, c->want == NULL ? "" : c->want) != 0 ||
        strcmp(got.state, c->state == NULL ? "" : c->state) != 0)
        fail_msg("kind %d, C type %d, \"%s\", cap %lld: got \"%s\" %s, want \"%s\" %s", c->kind,
                 c->ctype, c->text, (long long)c->cap, got.text, got.state,
                 c->want == NULL ? "" : c->want, c->state == NULL ? "" : c->state);
    if (got.fit == RS_FIT_FAILED)
        assert_int_equal(got.len, -77);
}
