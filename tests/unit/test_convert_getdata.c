/* Values in pieces, as SQLGetData asks for them; odbc.md 9. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cells.h"

enum { LONGEST = 4096 };

struct whole {
    char bytes[2 * LONGEST];
    size_t n;
};

/* Bytes of the terminating NUL. */
static size_t nul_size(enum rs_ctype ctype)
{
    return ctype == RS_CTYPE_CHAR ? 1 : ctype == RS_CTYPE_WCHAR ? 2 : 0;
}

/* One call with a buffer of cap bytes; checks guards, NUL and the length against what is left. */
static void one_piece(rs_convert_fn *fn, enum rs_ctype ctype, struct rs_cell cell, SQLLEN cap,
                      size_t total, struct rs_piece *piece, struct whole *got)
{
    struct rs_diag diag = { 0 };
    SQLLEN len = -7;
    char *buf = malloc((size_t)cap + 1);
    struct rs_target to = { .buf = buf, .cap = cap, .len = &len, .ind = &len, .piece = piece };
    size_t nul = nul_size(ctype), room, n;
    enum rs_fit fit;

    assert_non_null(buf);
    buf[cap] = '\x5A';
    fit = fn(cell, &to, &diag);
    assert_int_equal(buf[cap], '\x5A');
    assert_int_not_equal(fit, RS_FIT_FAILED);
    assert_int_equal(len, total - got->n);
    assert_int_equal(fit == RS_FIT_EXACT, piece->is_done);
    assert_string_equal(cell_state(&diag), fit == RS_FIT_EXACT ? "" : "01004");
    room = (size_t)cap < nul ? 0 : (size_t)cap - nul;
    if (ctype == RS_CTYPE_WCHAR)
        room &= ~(size_t)1;
    n = (size_t)len < room ? (size_t)len : room;
    if (fit != RS_FIT_EXACT && (size_t)cap >= nul && nul > 0) {
        /* Less than there is room for, when a character would be split. */
        if (ctype == RS_CTYPE_CHAR)
            n = strlen(buf);
        else
            for (n = 0; buf[n] != 0 || buf[n + 1] != 0; n += 2)
                ;
    }
    if ((size_t)cap >= nul && nul > 0)
        assert_memory_equal(buf + n, "\0\0", nul);
    assert_true(n <= room);
    memcpy(got->bytes + got->n, buf, (size_t)cap < nul ? 0 : n);
    got->n += (size_t)cap < nul ? 0 : n;
    rs_diag_clear(&diag);
    free(buf);
}

static uint32_t seed = 1;

static uint32_t next_random(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* The whole value in one go is what all pieces make together. */
static void check_pieces(enum rs_kind kind, enum rs_ctype ctype, const char *text, size_t n,
                         SQLLEN least, SQLLEN most)
{
    rs_convert_fn *fn = rs_convert_find(kind, ctype);
    struct rs_cell cell = { text, (int32_t)n };
    struct rs_piece piece = { 0 };
    static struct whole want, got;
    struct rs_diag diag = { 0 };
    SQLLEN len = -7;
    struct rs_target all = { .buf = want.bytes, .cap = sizeof want.bytes, .len = &len };

    assert_int_equal(fn(cell, &all, &diag), RS_FIT_EXACT);
    want.n = (size_t)len;
    got.n = 0;
    for (int calls = 0; !piece.is_done; calls++) {
        assert_true(calls < 3 * LONGEST);
        one_piece(fn, ctype, cell, least + (SQLLEN)next_random((uint32_t)(most - least + 1)),
                  want.n, &piece, &got);
    }
    assert_int_equal(got.n, want.n);
    assert_memory_equal(got.bytes, want.bytes, want.n);
}

static const struct {
    enum rs_kind kind;
    const char *text;
} values[] = {
    { RS_KIND_TEXT, "" },
    { RS_KIND_TEXT, "a" },
    { RS_KIND_TEXT, "The quick brown fox jumps over the lazy dog and never comes back" },
    { RS_KIND_TEXT, "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\xE2\x82\xAC\xE2\x82\xAC" },
    { RS_KIND_TEXT, "\xF0\x9F\x98\x80\xF0\x9F\x98\x81"
                    "a\xF0\x9F\x98\x82\xC3\xA4\xF0\x9F\x98\x83" },
    { RS_KIND_TEXT, "bad \xC3( \xF0\x9F\x98 \xFF \xE2\x82" },
    { RS_KIND_HEX, "" },
    { RS_KIND_HEX, "00" },
    { RS_KIND_HEX, "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF" },
    { RS_KIND_GEOMETRY, "0101000000" },
    { RS_KIND_GEOMETRY, "raw bytes, not hex" },
    { RS_KIND_BYTEA, "\\x00112233445566778899aabbccddeeff" },
    { RS_KIND_BYTEA, "old \\\\ form \\000\\001\\377 with \\\\\\\\ some" },
};

static void pieces_make_the_whole(void **state)
{
    static const enum rs_ctype ctypes[] = { RS_CTYPE_CHAR, RS_CTYPE_WCHAR, RS_CTYPE_BINARY };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(values); i++) {
        for (size_t k = 0; k < RS_COUNT(ctypes); k++) {
            /* The least buffer that always gets on: one character, one unit, one pair, one byte. */
            SQLLEN least = ctypes[k] == RS_CTYPE_BINARY ? 1 : 2 * (SQLLEN)nul_size(ctypes[k]);

            if (values[i].kind != RS_KIND_TEXT && ctypes[k] != RS_CTYPE_BINARY)
                least = 3 * (SQLLEN)nul_size(ctypes[k]);
            for (SQLLEN cap = least; cap < 80; cap++)
                check_pieces(values[i].kind, ctypes[k], values[i].text, strlen(values[i].text), cap,
                             cap);
            for (int turn = 0; turn < 200; turn++)
                check_pieces(values[i].kind, ctypes[k], values[i].text, strlen(values[i].text),
                             least, least + 20);
            /* Empty buffers in between change nothing. */
            for (int turn = 0; turn < 100; turn++)
                check_pieces(values[i].kind, ctypes[k], values[i].text, strlen(values[i].text), 0,
                             least + 4);
        }
    }
}

static void random_text(void **state)
{
    static const char *const parts[] = {
        "a", "bc", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xFF", "0123456789abcdef"
    };

    (void)state;
    for (int turn = 0; turn < 3000; turn++) {
        char text[256];
        size_t n = 0;

        for (uint32_t i = next_random(12); i > 0; i--) {
            const char *part = parts[next_random(RS_COUNT(parts))];

            memcpy(text + n, part, strlen(part));
            n += strlen(part);
        }
        check_pieces(RS_KIND_TEXT, RS_CTYPE_CHAR, text, n, 2, 12);
        check_pieces(RS_KIND_TEXT, RS_CTYPE_WCHAR, text, n, 4, 24);
        check_pieces(RS_KIND_TEXT, RS_CTYPE_BINARY, text, n, 1, 12);
    }
}

/* A script of calls on one value: buffer size against value, length, state, done. */
struct call {
    SQLLEN cap;
    const char *want, *state; /* want NULL: error */
    SQLLEN len;
    bool is_done;
};

static const struct {
    enum rs_kind kind;
    enum rs_ctype ctype;
    const char *text;
    struct call calls[5];
} scripts[] = {
    { RS_KIND_TEXT,
      RS_CTYPE_CHAR,
      "abc",
      { { 0, "", "01004", 3, false },
        { 1, "", "01004", 3, false },
        { 3, "ab", "01004", 3, false },
        { 2, "c", "", 1, true } } },
    { RS_KIND_TEXT, RS_CTYPE_CHAR, "", { { 0, "", "01004", 0, false }, { 1, "", "", 0, true } } },
    { RS_KIND_TEXT, RS_CTYPE_BINARY, "", { { 0, "", "", 0, true } } },
    { RS_KIND_TEXT, RS_CTYPE_WCHAR, "", { { 0, "", "01004", 0, false }, { 2, "", "", 0, true } } },
    { RS_KIND_TEXT,
      RS_CTYPE_CHAR,
      "\xC3\xA4"
      "b", /* bytes are split only when they must */
      { { 2, "\xC3", "01004", 3, false },
        { 2, "\xA4", "01004", 2, false },
        { 2, "b", "", 1, true } } },
    { RS_KIND_TEXT,
      RS_CTYPE_WCHAR,
      "\xF0\x9F\x98\x80z",
      { { 4, "<D83D>", "01004", 6, false },
        { 5, "<DE00>", "01004", 4, false },
        { 4, "z", "", 2, true } } },
    { RS_KIND_INT,
      RS_CTYPE_CHAR,
      "12345", /* whole digits: an error, and again */
      { { 4, NULL, "22003", -7, false },
        { 0, "", "01004", 5, false },
        { 6, "12345", "", 5, true } } },
    { RS_KIND_NUMERIC,
      RS_CTYPE_CHAR,
      "123.456", /* the rest of a fraction comes next */
      { { 6, "123.4", "01004", 7, false }, { 3, "56", "", 2, true } } },
    { RS_KIND_NUMERIC,
      RS_CTYPE_CHAR,
      "123.456",
      { { 5, "123", "01004", 7, false },
        { 2, ".", "01004", 4, false },
        { 4, "456", "", 3, true } } },
    { RS_KIND_NUMERIC,
      RS_CTYPE_WCHAR,
      "1.5",
      { { 4, "1", "01004", 6, false }, { 6, ".5", "", 4, true } } },
    { RS_KIND_TIMESTAMP,
      RS_CTYPE_CHAR,
      "2024-02-29 12:34:56.789",
      { { 19, NULL, "22003", -7, false },
        { 20, "2024-02-29 12:34:56", "01004", 23, false },
        { 5, ".789", "", 4, true } } },
    { RS_KIND_TIMESTAMPTZ,
      RS_CTYPE_CHAR,
      "2024-02-29 12:34:56.5+02",
      { { 20, "2024-02-29 12:34:56", "01004", 21, false }, { 9, ".5", "", 2, true } } },
    { RS_KIND_INTERVAL_DS,
      RS_CTYPE_CHAR,
      "1 day 02:03:04.5",
      { { 11, "1 02:03:04", "01004", 12, false }, { 9, ".5", "", 2, true } } },
    { RS_KIND_UUID,
      RS_CTYPE_CHAR,
      "01234567-89ab-cdef-0123-456789abcdef",
      { { 36, NULL, "22003", -7, false },
        { 37, "01234567-89ab-cdef-0123-456789abcdef", "", 36, true } } },
    { RS_KIND_HEX,
      RS_CTYPE_CHAR,
      "00ff10",
      { { 0, "", "01004", 6, false },
        { 4, "00", "01004", 6, false },
        { 9, "FF10", "", 4, true } } },
    { RS_KIND_INT,
      RS_CTYPE_BINARY,
      "1",
      { { 0, "", "01004", 8, false },
        { 7, NULL, "22003", -7, false },
        { 8, "0100000000000000", "", 8, true } } },
    { RS_KIND_INT, RS_CTYPE_SLONG, "7", { { 4, "7", "", 4, true } } },
    { RS_KIND_NUMERIC, RS_CTYPE_SLONG, "7.5", { { 4, "7", "01S07", 4, true } } },
    { RS_KIND_TEXT, RS_CTYPE_SLONG, "x", { { 4, NULL, "22018", -7, false } } },
    { RS_KIND_FLOAT8, RS_CTYPE_CHAR, "1.25e+100", { { 7, "1e+100", "01004", 9, true } } },
    { RS_KIND_BOOL,
      RS_CTYPE_CHAR,
      "t",
      { { 1, NULL, "22003", -7, false }, { 2, "1", "", 1, true } } },
};

static void run_call(rs_convert_fn *fn, enum rs_ctype ctype, struct rs_cell cell,
                     const struct call *call, struct rs_piece *piece)
{
    char buf[64] = { 0 }, shown[CELL_TEXT] = "";
    SQLLEN len = -7;
    struct rs_diag diag = { 0 };
    struct rs_target to = { .buf = buf, .cap = call->cap, .len = &len, .piece = piece };
    enum rs_fit fit = fn(cell, &to, &diag);
    size_t n = 0;

    if (ctype == RS_CTYPE_CHAR)
        n = strlen(buf);
    else if (ctype == RS_CTYPE_WCHAR)
        for (; buf[n] != 0 || buf[n + 1] != 0; n += 2)
            ;
    else
        n = call->cap < len ? (size_t)call->cap : (size_t)len;
    if (fit != RS_FIT_FAILED)
        cell_show(ctype, buf, n, shown);
    assert_string_equal(shown, call->want == NULL ? "" : call->want);
    assert_int_equal(fit == RS_FIT_FAILED, call->want == NULL);
    assert_string_equal(cell_state(&diag), call->state);
    assert_int_equal(len, call->len);
    assert_int_equal(piece->is_done, call->is_done);
    rs_diag_clear(&diag);
}

static void call_by_call(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(scripts); i++) {
        struct rs_cell cell = { scripts[i].text, (int32_t)strlen(scripts[i].text) };
        rs_convert_fn *fn = rs_convert_find(scripts[i].kind, scripts[i].ctype);
        struct rs_piece piece = { 0 };

        for (size_t k = 0; k < RS_COUNT(scripts[i].calls) && scripts[i].calls[k].state != NULL; k++)
            run_call(fn, scripts[i].ctype, cell, &scripts[i].calls[k], &piece);
    }
}

/* A null buffer asks for the length and consumes nothing. */
static void length_only(void **state)
{
    struct rs_piece piece = { 0 };
    SQLLEN len = -7;
    struct rs_diag diag = { 0 };
    struct rs_target to = { .cap = 10, .len = &len, .piece = &piece };

    (void)state;
    for (int kind = 0; kind < RS_KIND_COUNT; kind++) {
        static const char *const texts[RS_KIND_COUNT] = {
            [RS_KIND_BOOL] = "t",
            [RS_KIND_BOOL_TEXT] = "t",
            [RS_KIND_DATE] = "2024-01-01",
            [RS_KIND_TIME] = "10:00:00",
            [RS_KIND_TIMETZ] = "10:00:00",
            [RS_KIND_TIMESTAMP] = "2024-01-01 10:00:00",
            [RS_KIND_TIMESTAMPTZ] = "2024-01-01 10:00:00",
            [RS_KIND_INTERVAL_YM] = "1-2",
            [RS_KIND_INTERVAL_DS] = "1 day",
            [RS_KIND_UUID] = "01234567-89ab-cdef-0123-456789abcdef",
        };
        const char *text = texts[kind] != NULL ? texts[kind] : "10";

        for (int ctype = 0; ctype < RS_CTYPE_COUNT; ctype++) {
            rs_convert_fn *fn = rs_convert_find((enum rs_kind)kind, (enum rs_ctype)ctype);

            piece = (struct rs_piece){ 0 };
            if (fn == NULL ||
                fn((struct rs_cell){ text, (int32_t)strlen(text) }, &to, &diag) == RS_FIT_FAILED)
                continue;
            assert_true(len > 0);
            assert_int_equal(piece.at, 0);
        }
    }
    rs_diag_clear(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_make_the_whole),
        cmocka_unit_test(random_text),
        cmocka_unit_test(call_by_call),
        cmocka_unit_test(length_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
