/*
 * Handles and their records. What needs a server's answer is tested with one; here a session on a
 * scripted socket is as connected as it gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "fakeserver.h"
#include "odbc/desc.h"
#include "odbc/stmt.h"
#include "oom.h"

static const struct rs_session_options options = { .store_bytes = 1 << 20 };
static struct rs_env *env;
static struct rs_dbc *dbc;

static int setup(void **state)
{
    SQLHANDLE handle;

    (void)state;
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &handle), SQL_SUCCESS);
    env = handle;
    env->odbc_version = SQL_OV_ODBC3;
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_DBC, env, &handle), SQL_SUCCESS);
    dbc = handle;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(rs_handle_free(SQL_HANDLE_DBC, dbc), SQL_SUCCESS);
    assert_int_equal(rs_handle_free(SQL_HANDLE_ENV, env), SQL_SUCCESS);
    return 0;
}

/* The first record of a handle is that state; "" means there is none. */
static void expect_state(SQLSMALLINT kind, SQLHANDLE handle, const char *want)
{
    struct rs_text_out none = { .p = NULL };
    char five[6] = "";
    SQLRETURN rc = rs_diag_rec_get(kind, handle, 1, false, five, NULL, &none);

    assert_int_equal(rc, want[0] == '\0' ? SQL_NO_DATA : SQL_SUCCESS);
    assert_string_equal(five, want);
}

/* ---- allocate and free ---- */

static void test_invalid(void **state)
{
    static const SQLSMALLINT kinds[] = { SQL_HANDLE_ENV, SQL_HANDLE_DBC, SQL_HANDLE_STMT,
                                         SQL_HANDLE_DESC };
    struct rs_head dead = { .magic = RS_MAGIC_DEAD }, foreign = { .magic = 0x12345678 };
    SQLHANDLE handles[] = { NULL, env, dbc, &dead, &foreign };
    struct rs_text_out none = { .p = NULL };

    (void)state;
    for (size_t k = 0; k < RS_COUNT(kinds); k++)
        for (size_t h = 0; h < RS_COUNT(handles); h++) {
            SQLHANDLE out = &dead;

            if ((kinds[k] == SQL_HANDLE_ENV && handles[h] == env) ||
                (kinds[k] == SQL_HANDLE_DBC && handles[h] == dbc))
                continue;
            assert_int_equal(rs_handle_free(kinds[k], handles[h]), SQL_INVALID_HANDLE);
            assert_int_equal(rs_diag_rec_get(kinds[k], handles[h], 1, false, NULL, NULL, &none),
                             SQL_INVALID_HANDLE);
            assert_int_equal(
                rs_diag_field_get(kinds[k], handles[h], 0, SQL_DIAG_NUMBER, NULL, &none),
                SQL_INVALID_HANDLE);
            if (kinds[k] == SQL_HANDLE_DBC && handles[h] != env)
                assert_int_equal(rs_handle_alloc(kinds[k], handles[h], &out), SQL_INVALID_HANDLE);
            if (kinds[k] == SQL_HANDLE_STMT && handles[h] != dbc)
                assert_int_equal(rs_handle_alloc(kinds[k], handles[h], &out), SQL_INVALID_HANDLE);
        }
    assert_null(rs_stmt_enter(dbc));
    assert_null(rs_desc_enter(dbc));
    assert_null(rs_dbc_enter(env));
    assert_null(rs_env_enter(dbc));
    assert_int_equal(rs_handle_free(99, dbc), SQL_INVALID_HANDLE);
    assert_int_equal(rs_diag_rec_get(99, dbc, 1, false, NULL, NULL, &none), SQL_INVALID_HANDLE);
    assert_int_equal(rs_diag_error(NULL, NULL, NULL, false, NULL, NULL, &none), SQL_INVALID_HANDLE);
    assert_int_equal(dbc->head.diag.n, 0); /* an invalid handle has no records */
}

static void test_alloc_rules(void **state)
{
    SQLHANDLE out = env;

    (void)state;
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_ENV, SQL_NULL_HANDLE, NULL), SQL_ERROR);
    /* Kind unknown: HY092 on the parent. */
    assert_int_equal(rs_handle_alloc(99, dbc, &out), SQL_ERROR);
    expect_state(SQL_HANDLE_DBC, dbc, "HY092");
    assert_int_equal(rs_handle_alloc(0, env, &out), SQL_ERROR);
    expect_state(SQL_HANDLE_ENV, env, "HY092");
    assert_int_equal(rs_handle_alloc(99, NULL, &out), SQL_INVALID_HANDLE);
    /* Nowhere to put it: HY009. */
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_DBC, env, NULL), SQL_ERROR);
    expect_state(SQL_HANDLE_ENV, env, "HY009");
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_STMT, dbc, NULL), SQL_ERROR);
    expect_state(SQL_HANDLE_DBC, dbc, "HY009");
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_DESC, dbc, NULL), SQL_ERROR);
    expect_state(SQL_HANDLE_DBC, dbc, "HY009");
    /* Not connected: 08003, and the place is emptied. */
    out = env;
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_STMT, dbc, &out), SQL_ERROR);
    expect_state(SQL_HANDLE_DBC, dbc, "08003");
    assert_null(out);
    out = env;
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_DESC, dbc, &out), SQL_ERROR);
    expect_state(SQL_HANDLE_DBC, dbc, "08003");
    assert_null(out);
    /* The next call clears what was there. */
    assert_int_equal(rs_dbc_leave(rs_dbc_enter(dbc), SQL_SUCCESS), SQL_SUCCESS);
    expect_state(SQL_HANDLE_DBC, dbc, "");
}

static void test_version_first(void **state)
{
    SQLHANDLE fresh, out = dbc;

    (void)state;
    assert_int_equal(rs_env_new(&fresh), SQL_SUCCESS);
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_DBC, fresh, &out), SQL_ERROR);
    expect_state(SQL_HANDLE_ENV, fresh, "HY010");
    assert_null(out);
    assert_int_equal(rs_handle_free(SQL_HANDLE_ENV, fresh), SQL_SUCCESS);
}

/* odbc.md 1.2, through the attribute itself. */
static void test_version_values(void **state)
{
    static const struct {
        uintptr_t value;
        const char *want;
    } cases[] = {
        { 2, "" }, { 3, "" }, { 380, "" }, { 0, "HY024" }, { 1, "HY024" }, { 4, "HY024" },
    };
    SQLHANDLE fresh;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_env *entered;
        SQLRETURN rc;

        assert_int_equal(rs_env_new(&fresh), SQL_SUCCESS);
        entered = rs_env_enter(fresh);
        rc = rs_env_set_attr(entered, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)cases[i].value, 0);
        rs_env_leave(entered, rc);
        assert_int_equal(rc, cases[i].want[0] == '\0' ? SQL_SUCCESS : SQL_ERROR);
        expect_state(SQL_HANDLE_ENV, fresh, cases[i].want);
        rs_handle_free(SQL_HANDLE_ENV, fresh);
    }
    rs_env_enter(env);
    assert_int_equal(rs_env_set_attr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)2, 0), SQL_ERROR);
    rs_env_leave(env, SQL_ERROR);
    expect_state(SQL_HANDLE_ENV, env, "HY010"); /* it has a connection */
}

static void test_free_order(void **state)
{
    SQLHANDLE second, third;

    (void)state;
    assert_int_equal(rs_handle_free(SQL_HANDLE_ENV, env), SQL_ERROR);
    expect_state(SQL_HANDLE_ENV, env, "HY010");
    /* Out of the middle of the list, and it stays whole. */
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_DBC, env, &second), SQL_SUCCESS);
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_DBC, env, &third), SQL_SUCCESS);
    assert_int_equal(rs_handle_free(SQL_HANDLE_DBC, second), SQL_SUCCESS);
    assert_true(env->first == third && env->first->next == dbc && dbc->next == NULL);
    assert_int_equal(rs_handle_free(SQL_HANDLE_DBC, third), SQL_SUCCESS);
}

static void test_children(void **state)
{
    struct fake *fake = fake_new();
    SQLHANDLE one, two, desc;
    struct rs_stmt *stmt;

    (void)state;
    dbc->session = fake_session(fake, &options, &dbc->head.diag);
    assert_non_null(dbc->session);
    assert_int_equal(rs_handle_free(SQL_HANDLE_DBC, dbc), SQL_ERROR);
    expect_state(SQL_HANDLE_DBC, dbc, "HY010");
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_STMT, dbc, &one), SQL_SUCCESS);
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_STMT, dbc, &two), SQL_SUCCESS);
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_DESC, dbc, &desc), SQL_SUCCESS);
    stmt = one;
    /* A statement's own descriptors cannot be freed; an explicit one gives its place back. */
    assert_int_equal(rs_handle_free(SQL_HANDLE_DESC, &stmt->own_ard), SQL_ERROR);
    expect_state(SQL_HANDLE_DESC, &stmt->own_ard, "HY017");
    stmt->ard = stmt->apd = desc;
    assert_int_equal(rs_handle_free(SQL_HANDLE_DESC, desc), SQL_SUCCESS);
    assert_true(stmt->ard == &stmt->own_ard && stmt->apd == &stmt->own_apd);
    assert_null(dbc->descs);
    stmt->state = RS_S8_NEED_DATA;
    assert_int_equal(rs_handle_free(SQL_HANDLE_STMT, one), SQL_ERROR);
    expect_state(SQL_HANDLE_STMT, one, "HY010");
    stmt->state = RS_S1_ALLOCATED;
    assert_int_equal(rs_handle_free(SQL_HANDLE_STMT, one), SQL_SUCCESS);
    assert_true(dbc->stmts == two);
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_DESC, dbc, &desc), SQL_SUCCESS);
    rs_dbc_close(dbc); /* takes what is left along */
    assert_null(dbc->session);
    assert_null(dbc->stmts);
    assert_null(dbc->descs);
    fake_free(fake);
}

static void test_leave(void **state)
{
    (void)state;
    rs_dbc_enter(dbc);
    assert_int_equal(rs_dbc_leave(dbc, SQL_SUCCESS), SQL_SUCCESS);
    rs_dbc_enter(dbc);
    rs_warn(&dbc->head.diag, RS_01004, "w");
    assert_int_equal(rs_dbc_leave(dbc, SQL_SUCCESS), SQL_SUCCESS_WITH_INFO);
    assert_int_equal(dbc->head.last_rc, SQL_SUCCESS_WITH_INFO);
    rs_dbc_enter(dbc);
    assert_int_equal(dbc->head.diag.n, 0);
    rs_warn(&dbc->head.diag, RS_01004, "w");
    assert_int_equal(rs_dbc_leave(dbc, SQL_NO_DATA), SQL_NO_DATA);
    /* Diagnostic calls keep records and result, and let go of the lock. */
    assert_non_null(rs_dbc_enter_keep(dbc));
    assert_int_equal(rs_dbc_leave_keep(dbc, SQL_ERROR), SQL_ERROR);
    assert_int_equal(dbc->head.diag.n, 1);
    assert_int_equal(dbc->head.last_rc, SQL_NO_DATA);
    assert_true(rs_try_lock(&dbc->lock));
    rs_unlock(&dbc->lock);
}

/* ---- records ---- */

static void post_three(void)
{
    rs_dbc_enter(dbc);
    rs_warn(&dbc->head.diag, RS_01004, "warning \xC3\xA4");
    rs_fail(&dbc->head.diag, RS_42S02, 7, "error");
    rs_fail_server(&dbc->head.diag, RS_08S01, 9, "gone");
    rs_dbc_leave(dbc, SQL_ERROR);
}

static void test_records(void **state)
{
    static const struct {
        const char *state3, *state2, *text;
        SQLINTEGER native;
    } want[] = {
        { "08S01", "08S01", "[Redshift][ODBC Driver][Server]gone", 9 },
        { "42S02", "S0002", "[Redshift][ODBC Driver]error", 7 },
        { "01004", "01004", "[Redshift][ODBC Driver]warning \xC3\xA4", 0 },
    };

    (void)state;
    post_three();
    for (int v2 = 0; v2 < 2; v2++) {
        env->odbc_version = v2 ? SQL_OV_ODBC2 : SQL_OV_ODBC3;
        for (SQLSMALLINT i = 0; i < 3; i++) {
            char five[6], text[100];
            SQLSMALLINT length = 0;
            SQLINTEGER native = -1;
            struct rs_text_out out = { text, sizeof text, &length, NULL, false, true };

            assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, (SQLSMALLINT)(i + 1), false, five,
                                             &native, &out),
                             SQL_SUCCESS);
            assert_string_equal(five, v2 ? want[i].state2 : want[i].state3);
            assert_string_equal(text, want[i].text);
            assert_int_equal(length, strlen(want[i].text));
            assert_int_equal(native, want[i].native);
        }
    }
    assert_int_equal(dbc->head.diag.n, 3);
}

static void test_wide_record(void **state)
{
    static const SQLWCHAR five_want[] = { '0', '1', '0', '0', '4', 0 };
    SQLWCHAR five[6], text[60];
    SQLSMALLINT length = 0;
    struct rs_text_out out = { text, 60, &length, NULL, true, true };

    (void)state;
    post_three();
    assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, 3, true, five, NULL, &out), SQL_SUCCESS);
    assert_memory_equal(five, five_want, sizeof five);
    assert_int_equal(length, 32); /* characters */
    assert_int_equal(text[31], 0xE4);
    assert_int_equal(text[32], 0);
    /* Cut: the rest says so, no record is added, nothing is lost. */
    out.cap = 32;
    text[32] = '#';
    assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, 3, true, five, NULL, &out),
                     SQL_SUCCESS_WITH_INFO);
    assert_int_equal(length, 32);
    assert_int_equal(text[31], 0);
    assert_int_equal(text[32], '#');
    assert_int_equal(dbc->head.diag.n, 3);
}

static void test_record_rules(void **state)
{
    char text[28], five[6] = "xxxxx";
    SQLSMALLINT length = 0;
    SQLINTEGER native = -1;
    struct rs_text_out out = { text, sizeof text, &length, NULL, false, true };

    (void)state;
    post_three();
    assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, 0, false, five, &native, &out),
                     SQL_ERROR);
    assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, -1, false, five, &native, &out),
                     SQL_ERROR);
    assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, 4, false, five, &native, &out),
                     SQL_NO_DATA);
    out.cap = -1;
    assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, 1, false, five, &native, &out),
                     SQL_ERROR);
    assert_string_equal(five, "xxxxx"); /* none of them wrote anything */
    assert_int_equal(native, -1);
    /* 27 bytes and the end; the warning's last character does not fit and is not split. */
    out.cap = 28;
    assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, 2, false, five, &native, &out),
                     SQL_SUCCESS_WITH_INFO);
    assert_string_equal(text, "[Redshift][ODBC Driver]erro");
    assert_int_equal(length, 28);
    out.cap = 0;
    assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, 2, false, NULL, NULL, &out),
                     SQL_SUCCESS_WITH_INFO);
    out = (struct rs_text_out){ .p = NULL };
    assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, 2, false, NULL, NULL, &out), SQL_SUCCESS);
    assert_int_equal(dbc->head.diag.n, 3);
    assert_int_equal(dbc->head.last_rc, SQL_ERROR);
}

/* Posted after the first were handed out: in their places all the same. */
static void test_late_records(void **state)
{
    (void)state;
    post_three();
    expect_state(SQL_HANDLE_DBC, dbc, "08S01");
    rs_dbc_enter_keep(dbc);
    rs_diag_clear(&dbc->head.diag);
    rs_warn(&dbc->head.diag, RS_01000, "w");
    rs_fail(&dbc->head.diag, RS_HY000, 0, "e");
    rs_dbc_leave_keep(dbc, SQL_ERROR);
    expect_state(SQL_HANDLE_DBC, dbc, "HY000");
}

static void test_no_memory_for_text(void **state)
{
    char text[100];
    struct rs_text_out out = { text, sizeof text, NULL, NULL, false, true };

    (void)state;
    post_three();
    rs_os_fail_alloc(1);
    assert_int_equal(rs_diag_rec_get(SQL_HANDLE_DBC, dbc, 2, false, NULL, NULL, &out), SQL_SUCCESS);
    rs_os_fail_alloc(0);
    assert_string_equal(text, "error"); /* only the prefix is missing */
}

static void test_sql_error(void **state)
{
    static const char *const want[] = { "08S01", "42S02", "01004" };
    char five[6], text[10];
    SQLINTEGER native = 0;
    struct rs_text_out out = { text, sizeof text, NULL, NULL, false, true };

    (void)state;
    post_three();
    rs_env_enter(env);
    rs_fail(&env->head.diag, RS_HY000, 1, "of the environment");
    rs_env_leave(env, SQL_ERROR);
    for (size_t i = 0; i < RS_COUNT(want); i++) {
        /* The innermost handle; a cut text is handed out and removed like any other. */
        assert_int_equal(rs_diag_error(env, dbc, NULL, false, five, &native, &out),
                         SQL_SUCCESS_WITH_INFO);
        assert_string_equal(five, want[i]);
        assert_int_equal(dbc->head.diag.n, 2 - i);
    }
    assert_int_equal(rs_diag_error(env, dbc, NULL, false, five, &native, &out), SQL_NO_DATA);
    assert_string_equal(five, "00000");
    assert_int_equal(dbc->head.diag.n_error, 0);
    assert_int_equal(dbc->head.diag.n_warning, 0);
    out.cap = -1;
    assert_int_equal(rs_diag_error(env, NULL, NULL, false, five, &native, &out), SQL_ERROR);
    assert_int_equal(env->head.diag.n, 1); /* a wrong call removes nothing */
    out.cap = sizeof text;
    assert_int_equal(rs_diag_error(env, NULL, NULL, false, five, &native, &out),
                     SQL_SUCCESS_WITH_INFO);
    assert_string_equal(five, "HY000");
    assert_int_equal(env->head.diag.n, 0);
}

/* ---- fields ---- */

static SQLRETURN field(SQLSMALLINT number, SQLSMALLINT id, void *value, SQLLEN cap,
                       SQLSMALLINT *length)
{
    struct rs_text_out out = { value, cap, length, NULL, false, false };

    return rs_diag_field_get(SQL_HANDLE_DBC, dbc, number, id, value, &out);
}

static void test_header_fields(void **state)
{
    SQLINTEGER n = -1;
    SQLRETURN rc = 77;
    SQLLEN count = -7;
    char text[10];

    (void)state;
    post_three();
    /* The record's number is ignored. */
    assert_int_equal(field(-5, SQL_DIAG_NUMBER, &n, 0, NULL), SQL_SUCCESS);
    assert_int_equal(n, 3);
    assert_int_equal(field(9, SQL_DIAG_RETURNCODE, &rc, 0, NULL), SQL_SUCCESS);
    assert_int_equal(rc, SQL_ERROR);
    assert_int_equal(field(0, SQL_DIAG_NUMBER, NULL, 0, NULL), SQL_SUCCESS);
    assert_int_equal(field(0, SQL_DIAG_RETURNCODE, NULL, 0, NULL), SQL_SUCCESS);
    /* A statement's own on another handle. */
    assert_int_equal(field(0, SQL_DIAG_ROW_COUNT, &count, 0, NULL), SQL_ERROR);
    assert_int_equal(field(0, SQL_DIAG_CURSOR_ROW_COUNT, &count, 0, NULL), SQL_ERROR);
    assert_int_equal(field(0, SQL_DIAG_DYNAMIC_FUNCTION, text, 10, NULL), SQL_ERROR);
    assert_int_equal(field(0, SQL_DIAG_DYNAMIC_FUNCTION_CODE, &n, 0, NULL), SQL_ERROR);
    assert_int_equal(count, -7);
    assert_int_equal(dbc->head.diag.n, 3);
}

static void test_record_fields(void **state)
{
    static const struct {
        SQLSMALLINT number, id;
        const char *want, *want2;
    } texts[] = {
        { 1, SQL_DIAG_SQLSTATE, "08S01", "08S01" },
        { 2, SQL_DIAG_SQLSTATE, "42S02", "S0002" },
        { 1, SQL_DIAG_MESSAGE_TEXT, "[Redshift][ODBC Driver][Server]gone", NULL },
        { 2, SQL_DIAG_MESSAGE_TEXT, "[Redshift][ODBC Driver]error", NULL },
        { 1, SQL_DIAG_CLASS_ORIGIN, "ISO 9075", NULL },
        { 1, SQL_DIAG_SUBCLASS_ORIGIN, "ODBC 3.0", NULL },
        { 2, SQL_DIAG_SUBCLASS_ORIGIN, "ODBC 3.0", NULL },
        { 3, SQL_DIAG_SUBCLASS_ORIGIN, "ISO 9075", NULL },
        { 1, SQL_DIAG_CONNECTION_NAME, "", NULL },
        { 1, SQL_DIAG_SERVER_NAME, "", NULL },
    };
    SQLINTEGER native = -1, column = -77;
    SQLLEN row = -77;
    char source[] = "a source", name[20] = "";

    (void)state;
    post_three();
    for (int v2 = 0; v2 < 2; v2++) {
        env->odbc_version = v2 ? SQL_OV_ODBC2 : SQL_OV_ODBC3;
        for (size_t i = 0; i < RS_COUNT(texts); i++) {
            const char *want = v2 && texts[i].want2 != NULL ? texts[i].want2 : texts[i].want;
            char text[100];
            SQLSMALLINT length = -1;

            assert_int_equal(field(texts[i].number, texts[i].id, text, sizeof text, &length),
                             SQL_SUCCESS);
            assert_string_equal(text, want);
            assert_int_equal(length, strlen(want));
            assert_int_equal(field(texts[i].number, texts[i].id, text, -1, &length), SQL_ERROR);
            if (want[0] != '\0')
                assert_int_equal(field(texts[i].number, texts[i].id, text, 3, &length),
                                 SQL_SUCCESS_WITH_INFO);
        }
    }
    assert_int_equal(field(2, SQL_DIAG_NATIVE, &native, 0, NULL), SQL_SUCCESS);
    assert_int_equal(native, 7);
    dbc->dsn = source;
    assert_int_equal(field(1, SQL_DIAG_SERVER_NAME, name, sizeof name, NULL), SQL_SUCCESS);
    dbc->dsn = NULL;
    assert_string_equal(name, source);
    assert_int_equal(field(2, SQL_DIAG_ROW_NUMBER, &row, 0, NULL), SQL_SUCCESS);
    assert_int_equal(row, SQL_NO_ROW_NUMBER);
    assert_int_equal(field(2, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL), SQL_SUCCESS);
    assert_int_equal(column, SQL_NO_COLUMN_NUMBER);
    assert_int_equal(field(0, SQL_DIAG_SQLSTATE, NULL, 0, NULL), SQL_ERROR);
    assert_int_equal(field(-1, SQL_DIAG_SQLSTATE, NULL, 0, NULL), SQL_ERROR);
    assert_int_equal(field(4, SQL_DIAG_SQLSTATE, NULL, 0, NULL), SQL_NO_DATA);
    assert_int_equal(field(1, 9999, NULL, 0, NULL), SQL_ERROR);
    assert_int_equal(dbc->head.diag.n, 3);
}

static void test_wide_field(void **state)
{
    static const SQLWCHAR want[] = { '0', '8', 'S', '0', '1', 0 };
    SQLWCHAR text[6];
    SQLSMALLINT length = -1;
    struct rs_text_out out = { text, sizeof text, &length, NULL, true, false };

    (void)state;
    post_three();
    assert_int_equal(rs_diag_field_get(SQL_HANDLE_DBC, dbc, 1, SQL_DIAG_SQLSTATE, text, &out),
                     SQL_SUCCESS);
    assert_memory_equal(text, want, sizeof want);
    assert_int_equal(length, 10); /* bytes */
    out.cap = 6;
    assert_int_equal(rs_diag_field_get(SQL_HANDLE_DBC, dbc, 1, SQL_DIAG_SQLSTATE, text, &out),
                     SQL_SUCCESS_WITH_INFO);
    assert_int_equal(text[2], 0);
}

static void test_statement_fields(void **state)
{
    static const struct {
        enum rs_stmt_state state;
        SQLRETURN want;
    } cases[] = {
        { RS_S1_ALLOCATED, SQL_ERROR }, { RS_S2_PREPARED, SQL_ERROR },
        { RS_S8_NEED_DATA, SQL_ERROR }, { RS_S4_EXECUTED, SQL_SUCCESS },
        { RS_S5_OPEN, SQL_SUCCESS },
    };
    struct rs_text_out none = { .p = NULL };
    struct fake *fake = fake_new();
    struct rs_stmt *stmt;
    SQLHANDLE handle;

    (void)state;
    dbc->session = fake_session(fake, &options, &dbc->head.diag);
    assert_int_equal(rs_handle_alloc(SQL_HANDLE_STMT, dbc, &handle), SQL_SUCCESS);
    stmt = handle;
    stmt->row_count = 12;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        SQLLEN count = -7;

        stmt->state = cases[i].state;
        assert_int_equal(
            rs_diag_field_get(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_ROW_COUNT, &count, &none),
            cases[i].want);
        assert_int_equal(count, cases[i].want == SQL_SUCCESS ? 12 : -7);
    }
    stmt->state = RS_S1_ALLOCATED;
    /* A statement's records are its own; SQLError takes the innermost handle. */
    rs_stmt_enter(stmt);
    rs_fail(&stmt->head.diag, RS_24000, 0, "of the statement");
    rs_stmt_leave(stmt, SQL_ERROR);
    expect_state(SQL_HANDLE_DBC, dbc, "");
    assert_int_equal(rs_diag_error(env, dbc, stmt, false, NULL, NULL, &none), SQL_SUCCESS);
    assert_int_equal(rs_diag_error(env, dbc, stmt, false, NULL, NULL, &none), SQL_NO_DATA);
    rs_dbc_close(dbc);
    fake_free(fake);
}

static bool make_handles(void *ctx)
{
    struct rs_env *made = NULL;
    SQLHANDLE e = env, c = env;
    bool ok = false;

    (void)ctx;
    if (rs_env_new(&e) != SQL_SUCCESS) {
        assert_null(e);
        return false;
    }
    made = e;
    made->odbc_version = SQL_OV_ODBC3;
    ok = rs_handle_alloc(SQL_HANDLE_DBC, e, &c) == SQL_SUCCESS;
    if (ok) {
        assert_int_equal(rs_handle_free(SQL_HANDLE_DBC, c), SQL_SUCCESS);
    } else {
        assert_null(c);
        expect_state(SQL_HANDLE_ENV, e, "HY001");
    }
    assert_int_equal(rs_handle_free(SQL_HANDLE_ENV, e), SQL_SUCCESS);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    rs_test_oom(make_handles, NULL);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_invalid),        T(test_alloc_rules),      T(test_version_first),
        T(test_version_values), T(test_free_order),       T(test_children),
        T(test_leave),          T(test_records),          T(test_wide_record),
        T(test_record_rules),   T(test_late_records),     T(test_no_memory_for_text),
        T(test_sql_error),      T(test_header_fields),    T(test_record_fields),
        T(test_wide_field),     T(test_statement_fields), T(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
