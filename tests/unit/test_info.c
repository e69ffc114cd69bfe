/* The tables of SQLGetInfo and SQLGetFunctions; ODBC, the functions' pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "odbc/info.h"
#include "oom.h"
#include "version.h"

enum width { S, H, I, L };
enum when { OPEN, ALWAYS };

/* Every information type with the width that the reference gives it, in order of numbers; typed
 * anew from the reference, not taken from info.def. */
static const struct {
    SQLUSMALLINT id;
    enum width width;
} reference[] = {
    { 0, H },     { 1, H },     { 2, S },     { 3, L },     { 4, L },     { 5, L },
    { 6, S },     { 7, S },     { 8, I },     { 9, H },     { 10, S },    { 11, S },
    { 12, H },    { 13, S },    { 14, S },    { 15, H },    { 16, S },    { 17, S },
    { 18, S },    { 19, S },    { 20, S },    { 21, S },    { 22, H },    { 23, H },
    { 24, H },    { 25, S },    { 26, I },    { 27, S },    { 28, H },    { 29, S },
    { 30, H },    { 31, H },    { 32, H },    { 33, H },    { 34, H },    { 35, H },
    { 36, S },    { 37, S },    { 38, S },    { 39, S },    { 40, S },    { 41, S },
    { 42, S },    { 43, I },    { 44, I },    { 45, S },    { 46, H },    { 47, S },
    { 48, I },    { 49, I },    { 50, I },    { 51, I },    { 52, I },    { 53, I },
    { 54, I },    { 55, I },    { 56, I },    { 57, I },    { 58, I },    { 59, I },
    { 60, I },    { 61, I },    { 62, I },    { 63, I },    { 64, I },    { 65, I },
    { 66, I },    { 67, I },    { 68, I },    { 69, I },    { 70, I },    { 71, I },
    { 72, I },    { 73, S },    { 74, H },    { 75, H },    { 77, S },    { 78, I },
    { 79, I },    { 80, I },    { 81, I },    { 82, I },    { 83, I },    { 84, H },
    { 85, H },    { 86, I },    { 87, S },    { 88, H },    { 89, S },    { 90, S },
    { 91, I },    { 92, I },    { 93, H },    { 94, S },    { 95, I },    { 96, I },
    { 97, H },    { 98, H },    { 99, H },    { 100, H },   { 101, H },   { 102, I },
    { 103, S },   { 104, I },   { 105, I },   { 106, H },   { 107, H },   { 108, I },
    { 109, I },   { 110, I },   { 111, S },   { 112, I },   { 113, S },   { 114, H },
    { 115, I },   { 116, H },   { 117, I },   { 118, I },   { 119, I },   { 120, I },
    { 121, I },   { 122, I },   { 123, I },   { 124, I },   { 125, I },   { 126, I },
    { 127, I },   { 128, I },   { 129, I },   { 130, I },   { 131, I },   { 132, I },
    { 133, I },   { 134, I },   { 135, L },   { 136, I },   { 137, I },   { 138, I },
    { 139, I },   { 140, I },   { 141, I },   { 142, I },   { 143, I },   { 144, I },
    { 145, I },   { 146, I },   { 147, I },   { 148, I },   { 149, I },   { 150, I },
    { 151, I },   { 152, I },   { 153, I },   { 154, I },   { 155, I },   { 156, I },
    { 157, I },   { 158, I },   { 159, I },   { 160, I },   { 161, I },   { 162, I },
    { 163, I },   { 164, I },   { 165, I },   { 166, I },   { 167, I },   { 168, I },
    { 169, I },   { 170, I },   { 171, S },   { 172, I },   { 173, I },   { 1750, I },
    { 10000, S }, { 10001, I }, { 10002, S }, { 10003, S }, { 10004, S }, { 10005, H },
    { 10021, I }, { 10022, I }, { 10023, I }, { 10024, I }, { 10025, I }, { 65003, I },
};

static const struct {
    SQLUSMALLINT id;
    enum width width;
    enum when when;
} rows[] = {
#define TEXT(id, when, text)                        { id, S, when },
#define NUMBER(id, width, when, redshift, postgres) { id, width, when },
#define CALL(id, width, when, function)             { id, width, when },
#include "odbc/info.def"
};

static void widths_are_the_reference_s(void **state)
{
    (void)state;
    assert_int_equal(RS_COUNT(rows), RS_COUNT(reference));
    for (size_t i = 0; i < RS_COUNT(reference); i++) {
        size_t found = 0;

        for (size_t j = 0; j < RS_COUNT(rows); j++) {
            if (rows[j].id != reference[i].id)
                continue;
            found++;
            if (rows[j].width != reference[i].width)
                fail_msg("%u has width %d", (unsigned)rows[j].id, (int)rows[j].width);
        }
        if (found != 1)
            fail_msg("%u is there %zu times", (unsigned)reference[i].id, found);
    }
}

static struct rs_env env = { .odbc_version = SQL_OV_ODBC3_80 };

static SQLRETURN get(struct rs_dbc *dbc, SQLUSMALLINT type, void *value, SQLLEN cap,
                     SQLSMALLINT *length)
{
    struct rs_text_out text = { .p = value, .cap = cap, .len16 = length };

    rs_diag_clear(&dbc->head.diag);
    return rs_get_info(dbc, type, value, &text);
}

/* Exactly the rows marked ALWAYS are answered, with exactly their width. */
static void answers_before_connecting(void **state)
{
    struct rs_dbc dbc = { .env = &env };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        unsigned char value[256];
        SQLSMALLINT length = -1;
        SQLRETURN rc;
        size_t size = rows[i].width == H ? 2 : rows[i].width == I ? 4 : 8;

        memset(value, 0xAA, sizeof value);
        rc = get(&dbc, rows[i].id, value, sizeof value, &length);
        if ((rc == SQL_SUCCESS) != (rows[i].when == ALWAYS))
            fail_msg("%u: %d", (unsigned)rows[i].id, rc);
        if (rc != SQL_SUCCESS) {
            assert_int_equal(rs_diag_state(&dbc.head.diag), RS_08003);
            assert_int_equal(value[0], 0xAA);
        } else if (rows[i].width == S) {
            assert_int_equal(length, strlen((char *)value));
        } else {
            assert_int_equal(length, size);
            assert_int_equal(value[size], 0xAA);
        }
    }
    rs_diag_clear(&dbc.head.diag);
}

static void refuses_unknown_types(void **state)
{
    static const SQLUSMALLINT types[] = { 76 /* SQL_DRIVER_HLIB */, 174, 1000, 9999, 65535 };
    struct rs_dbc dbc = { .env = &env };
    SQLUINTEGER value;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(types); i++) {
        assert_int_equal(get(&dbc, types[i], &value, sizeof value, NULL), SQL_ERROR);
        assert_int_equal(rs_diag_state(&dbc.head.diag), RS_HY096);
    }
    rs_diag_clear(&dbc.head.diag);
}

static void writes_texts_by_the_rules(void **state)
{
    struct rs_dbc dbc = { .env = &env };
    char text[8] = "xxxxxxx";
    SQLWCHAR wide[16] = { 0 };
    struct rs_text_out out = { .p = wide, .cap = 12, .is_wide = true };
    SQLSMALLINT length = 0;

    (void)state;
    assert_int_equal(get(&dbc, SQL_ODBC_VER, text, 4, &length), SQL_SUCCESS);
    assert_string_equal(text, "03.");
    assert_int_equal(length, 5);
    assert_int_equal(dbc.head.diag.n_warning, 1);
    assert_int_equal(get(&dbc, SQL_ODBC_VER, NULL, 0, &length), SQL_SUCCESS);
    assert_int_equal(length, 5);
    assert_int_equal(dbc.head.diag.n_warning, 0);
    assert_int_equal(get(&dbc, SQL_ODBC_VER, text, -1, &length), SQL_ERROR);
    assert_int_equal(rs_diag_state(&dbc.head.diag), RS_HY090);
    /* wide: lengths in bytes, an odd one refused */
    out.len16 = &length;
    rs_diag_clear(&dbc.head.diag);
    assert_int_equal(rs_get_info(&dbc, SQL_ODBC_VER, wide, &out), SQL_SUCCESS);
    assert_int_equal(length, 10);
    assert_int_equal(wide[4], '0');
    assert_int_equal(wide[5], 0);
    out.cap = 11;
    assert_int_equal(rs_get_info(&dbc, SQL_ODBC_VER, wide, &out), SQL_ERROR);
    assert_int_equal(rs_diag_state(&dbc.head.diag), RS_HY090);
    rs_diag_clear(&dbc.head.diag);
}

static void tells_of_itself(void **state)
{
    struct rs_dbc dbc = { .env = &env };
    char text[256];
    SQLULEN handle = 0;
    unsigned major, minor, patch;

    (void)state;
    assert_int_equal(get(&dbc, SQL_DRIVER_VER, text, sizeof text, NULL), SQL_SUCCESS);
    assert_int_equal(strlen(text), 10);
    assert_true(text[2] == '.' && text[5] == '.');
    major = (unsigned)strtoul(text, NULL, 10);
    minor = (unsigned)strtoul(text + 3, NULL, 10);
    patch = (unsigned)strtoul(text + 6, NULL, 10);
    assert_int_equal(major, RS_VERSION_MAJOR);
    assert_int_equal(minor, RS_VERSION_MINOR);
    assert_int_equal(patch, RS_VERSION_PATCH);
    assert_int_equal(get(&dbc, SQL_DRIVER_NAME, text, sizeof text, NULL), SQL_SUCCESS);
    assert_true(text[0] != '\0');
    assert_null(strchr(text, '/'));
    assert_int_equal(get(&dbc, SQL_DRIVER_HDBC, &handle, 0, NULL), SQL_SUCCESS);
    assert_true(handle == (SQLULEN)(uintptr_t)&dbc);
    assert_int_equal(get(&dbc, SQL_DRIVER_HENV, &handle, 0, NULL), SQL_SUCCESS);
    assert_true(handle == (SQLULEN)(uintptr_t)&env);
}

static void spells_versions(void **state)
{
    static const struct {
        const char *raw, *want;
    } versions[] = {
        { "1.0.77433", "01.00.77433 1.0.77433" },
        { "1.0.99999 on x86", "01.00.99999 1.0.99999 on x86" },
        { "15.4", "15.00.0004 15.4" },
        { "15.4 (Debian 15.4-1)", "15.00.0004 15.4 (Debian 15.4-1)" },
        { "17beta1", "17.00.0000 17beta1" },
        { "9.6.24", "09.06.0024 9.6.24" },
        { "8.0.2", "08.00.0002 8.0.2" },
        { "8.0", "08.00.0000 8.0" },
        { "1.2.3.4", "01.02.0003 1.2.3.4" },
        { "nothing", "00.00.0000 nothing" },
        { "", "00.00.0000" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(versions); i++) {
        struct rs_buf out = RS_BUF_INIT(256);

        rs_dbms_version(rs_str_of(versions[i].raw), &out);
        assert_string_equal(out.p, versions[i].want);
        rs_buf_clear(&out);
    }
}

static bool ask_name(void *ctx)
{
    struct rs_dbc *dbc = ctx;
    char text[256];
    SQLRETURN rc = get(dbc, SQL_DRIVER_VER, text, sizeof text, NULL);

    if (rc != SQL_SUCCESS)
        assert_int_equal(rs_diag_state(&dbc->head.diag), RS_HY001);
    rs_diag_clear(&dbc->head.diag);
    return rc == SQL_SUCCESS;
}

static void survives_lack_of_memory(void **state)
{
    struct rs_dbc dbc = { .env = &env };

    (void)state;
    rs_test_oom(ask_name, &dbc);
}

/* ---- SQLGetFunctions ---- */

static const SQLUSMALLINT exported[] = {
#define FUNCTION(name, id, text, level) id,
#include "odbc/functions.def"
};

static bool is_listed(SQLUSMALLINT id)
{
    for (size_t i = 0; i < RS_COUNT(exported); i++)
        if (exported[i] == id)
            return true;
    return false;
}

static void functions_are_those_of_the_table(void **state)
{
    struct rs_dbc dbc = { .env = &env };
    SQLUSMALLINT old[101], bits[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE + 1];

    (void)state;
    old[100] = bits[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE] = 0x5555;
    assert_int_equal(rs_get_functions(&dbc, SQL_API_ALL_FUNCTIONS, old), SQL_SUCCESS);
    assert_int_equal(rs_get_functions(&dbc, SQL_API_ODBC3_ALL_FUNCTIONS, bits), SQL_SUCCESS);
    assert_int_equal(old[100], 0x5555);
    assert_int_equal(bits[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE], 0x5555);
    for (SQLUSMALLINT id = 0; id < SQL_API_ODBC3_ALL_FUNCTIONS_SIZE * 16; id++) {
        assert_int_equal(SQL_FUNC_EXISTS(bits, id), is_listed(id) ? SQL_TRUE : SQL_FALSE);
        if (id > 0 && id < 100)
            assert_int_equal(old[id], is_listed(id) ? SQL_TRUE : SQL_FALSE);
    }
}

static void single_functions(void **state)
{
    static const struct {
        SQLUSMALLINT id;
        int want; /* -1: HY095 */
    } ids[] = {
        { SQL_API_SQLALLOCCONNECT, SQL_TRUE },
        { SQL_API_SQLTABLES, SQL_TRUE },
        { SQL_API_SQLFETCHSCROLL, SQL_TRUE },
        { SQL_API_SQLCANCELHANDLE, SQL_TRUE },
        { SQL_API_SQLDATASOURCES, SQL_FALSE },
        { SQL_API_SQLDRIVERS, SQL_FALSE },
        { SQL_API_SQLALLOCHANDLESTD, SQL_FALSE },
        { 25, -1 },
        { 39, -1 },
        { 74, -1 },
        { 199, -1 },
        { 1000, -1 },
        { 1013, -1 },
        { 1023, -1 },
        { 65535, -1 },
    };
    struct rs_dbc dbc = { .env = &env };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(ids); i++) {
        SQLUSMALLINT out = 77;
        SQLRETURN rc = rs_get_functions(&dbc, ids[i].id, &out);

        assert_int_equal(rc, ids[i].want < 0 ? SQL_ERROR : SQL_SUCCESS);
        assert_int_equal(out, ids[i].want < 0 ? 77 : ids[i].want);
        if (ids[i].want < 0)
            assert_int_equal(rs_diag_state(&dbc.head.diag), RS_HY095);
        rs_diag_clear(&dbc.head.diag);
    }
    assert_int_equal(rs_get_functions(&dbc, SQL_API_SQLTABLES, NULL), SQL_SUCCESS);
}

/* Every listed function can be asked for on its own. */
static void listed_functions_are_known(void **state)
{
    struct rs_dbc dbc = { .env = &env };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(exported); i++) {
        SQLUSMALLINT out = SQL_FALSE;

        assert_int_equal(rs_get_functions(&dbc, exported[i], &out), SQL_SUCCESS);
        assert_int_equal(out, SQL_TRUE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_are_the_reference_s),
        cmocka_unit_test(answers_before_connecting),
        cmocka_unit_test(refuses_unknown_types),
        cmocka_unit_test(writes_texts_by_the_rules),
        cmocka_unit_test(tells_of_itself),
        cmocka_unit_test(spells_versions),
        cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(functions_are_those_of_the_table),
        cmocka_unit_test(single_functions),
        cmocka_unit_test(listed_functions_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
