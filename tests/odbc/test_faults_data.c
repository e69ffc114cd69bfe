/*
 * What a server may send that is too much, too long or damaged: the rows before it are right, the
 * error says what is wrong, and memory stays flat.
 */
#include "faultbed.h"

static const char *const value[] = { "a value" };

static void begin_result(struct f_bed *bed)
{
    script_add(&bed->script, SCRIPT_AWAIT);
    script_shape(&bed->script, 1);
}

static void end_result(struct f_bed *bed, const char *tag)
{
    script_command(&bed->script, tag);
    script_ready(&bed->script, 'I');
}

/* A statement that runs afterwards. */
static void say_set(struct f_bed *bed)
{
    script_add(&bed->script, SCRIPT_AWAIT);
    end_result(bed, "SET");
}

static void for_both(void (*test)(enum f_mode mode))
{
    test(F_CLEAR);
    test(F_TLS);
}

/* ---- an error after many rows ---- */

enum { BLOCK = 1000, REST = 7, ROWSET = 1000 };

static void fetch_million(enum f_mode mode)
{
    /* TLS makes no difference here but time */
    size_t blocks = mode == F_CLEAR ? 1000 : 200;
    struct f_bed bed;
    SQLHSTMT stmt;
    SQLULEN rows = 0;
    SQLRETURN rc = SQL_SUCCESS;
    long all = 0;
    static char text[ROWSET][16];

    f_begin(&bed);
    begin_result(&bed);
    script_part(&bed.script);
    for (int i = 0; i < BLOCK; i++)
        script_row(&bed.script, 1, value);
    script_times(&bed.script, blocks);
    for (int i = 0; i < REST; i++)
        script_row(&bed.script, 1, value);
    script_report(&bed.script, 'E', "ERROR", "22012", "division by zero");
    script_ready(&bed.script, 'I');
    say_set(&bed);
    f_connect(&bed, mode, PLAYER_PLAIN, "");
    stmt = t_stmt(&bed.conn);
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, text, sizeof text[0], NULL));
    if (RS_DIRECT && mode == F_CLEAR) { /* row by row */
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
        while ((rc = SQLFetch(stmt)) == SQL_SUCCESS)
            all++;
    } else { /* the last rowset has the rows before the error */
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(ROWSET), 0));
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &rows, 0));
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
        while (SQL_SUCCEEDED(rc = SQLFetch(stmt))) {
            for (SQLULEN i = 0; i < rows; i++)
                assert_string_equal(text[i], value[0]);
            all += (long)rows;
        }
    }
    ERR(stmt, "22012", rc);
    assert_int_equal(all, BLOCK * blocks + REST);
    ERR(stmt, "24000", SQLFetch(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecDirect(stmt, SQL("SET a TO b")));
    t_free(stmt);
    f_end(&bed);
}

static void an_error_after_a_million_rows(void **state)
{
    (void)state;
    for_both(fetch_million);
}

/* ---- an error behind the end of the rows ---- */

/* The query fails in the end, when its transaction is committed: no ReadyForQuery came yet. */
static void fail_behind_rows(enum f_mode mode)
{
    for (int how = 0; how < 6; how++) {
        bool prepared = how % 2 != 0, is_static = how / 2 == 1, is_fatal = how / 2 == 2;
        const char *state = is_fatal ? "08S01" : "23000";
        struct f_bed bed;
        SQLHSTMT stmt;
        SQLULEN rows = 0;
        SQLUSMALLINT status[4];
        char text[4][16];

        f_begin(&bed);
        script_add(&bed.script, SCRIPT_AWAIT);
        if (prepared) {
            script_message(&bed.script, '1', NULL, 0);
            script_message(&bed.script, '2', NULL, 0);
        }
        script_shape(&bed.script, 1);
        for (int i = 0; i < 6; i++)
            script_row(&bed.script, 1, value);
        script_command(&bed.script, "SELECT 6");
        script_report(&bed.script, 'E', is_fatal ? "FATAL" : "ERROR", is_fatal ? "57P01" : "23503",
                      "refused at the commit");
        if (is_fatal) {
            script_add(&bed.script, SCRIPT_RESET);
        } else {
            script_ready(&bed.script, 'I');
            say_set(&bed);
        }
        f_connect(&bed, mode, PLAYER_PLAIN, "");
        stmt = t_stmt(&bed.conn);
        if (is_static)
            OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(4), 0));
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &rows, 0));
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_STATUS_PTR, status, 0));
        OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, text, sizeof text[0], NULL));
        if (prepared) {
            OK(stmt, SQLPrepare(stmt, SQL("SELECT 1")));
            OK(stmt, SQLExecute(stmt));
        } else {
            OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
        }
        OK(stmt, SQLFetch(stmt));
        assert_int_equal(rows, 4);
        OK(stmt, SQLFetch(stmt)); /* the rows before the error come first */
        assert_int_equal(rows, 2);
        assert_string_equal(text[1], value[0]);
        assert_int_equal(status[2], SQL_ROW_NOROW);
        ERR(stmt, state, SQLFetch(stmt));
        f_expect_record(SQL_HANDLE_STMT, stmt, state, "refused at the commit");
        if (is_fatal) {
            f_expect_dead(&bed.conn);
        } else {
            OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
            OK(stmt, SQLExecDirect(stmt, SQL("SET a TO b")));
        }
        t_free(stmt);
        f_end(&bed);
    }
}

static void an_error_behind_the_rows(void **state)
{
    (void)state;
    for_both(fail_behind_rows);
}

/* ---- long rows ---- */

enum { BUFFER = 65536, LONGEST = 3 << 20 };

static void fetch_long(enum f_mode mode)
{
    static const long sizes[] = { 1,          BUFFER - 12, BUFFER - 11, BUFFER - 10, BUFFER, 5,
                                  2 * BUFFER, LONGEST,     0,           100000,      7 };
    char *text = malloc(LONGEST + 1);

    assert_non_null(text);
    for (int pieces = 0; pieces < 2; pieces++) {
        struct player_how how = PLAYER_PLAIN;
        struct f_bed bed;
        SQLHSTMT stmt;

        how.piece = pieces ? 999 : 0;
        f_begin(&bed);
        begin_result(&bed);
        for (size_t i = 0; i < COUNT_OF(sizes); i++)
            script_wide_row(&bed.script, (size_t)sizes[i], (char)('a' + i));
        end_result(&bed, "SELECT 11");
        f_connect(&bed, mode, how, "FetchBufferBytes=65536;");
        stmt = t_stmt(&bed.conn);
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            SQLLEN is = -9;

            OK(stmt, SQLFetch(stmt));
            OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, text, LONGEST + 1, &is));
            assert_int_equal(is, sizes[i]);
            for (SQLLEN k = 0; k < is; k++)
                if (text[k] != (char)('a' + i))
                    fail_msg("byte %ld of row %zu", (long)k, i);
        }
        NODATA(stmt, SQLFetch(stmt));
        t_free(stmt);
        f_end(&bed);
    }
    free(text);
}

static void rows_longer_than_the_buffer(void **state)
{
    (void)state;
    for_both(fetch_long);
}

static void refuse_huge(enum f_mode mode)
{
    static const uint32_t lengths[] = { (1U << 30) + 1, 0x7fffffff, 0xffffffff };

    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct f_bed bed;
        SQLHSTMT stmt;
        char said[64];
        long before;

        f_begin(&bed);
        begin_result(&bed);
        script_row(&bed.script, 1, value);
        script_claim(&bed.script, 'D', lengths[i], "\0\1", 2);
        script_wide_row(&bed.script, 1 << 20, 'x');
        script_add(&bed.script, SCRIPT_HANG);
        f_connect(&bed, mode, PLAYER_PLAIN, "");
        stmt = t_stmt(&bed.conn);
        before = f_resident_kib();
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
        OK(stmt, SQLFetch(stmt));
        ERR(stmt, "08S01", SQLFetch(stmt));
        snprintf(said, sizeof said, "claims %lu bytes", (unsigned long)lengths[i]);
        f_expect_record(SQL_HANDLE_STMT, stmt, "08S01", said);
        assert_in_range(f_resident_kib(), 0, before + 32768);
        f_expect_dead(&bed.conn);
        t_free(stmt);
        f_end(&bed);
    }
}

static void a_row_beyond_the_limit(void **state)
{
    (void)state;
    for_both(refuse_huge);
}

/* ---- damage ---- */

#define M(type, body)                                                                              \
    {                                                                                              \
        type, sizeof(body) + 3, body, sizeof(body) - 1                                             \
    }
#define CLAIM(type, length, body)                                                                  \
    {                                                                                              \
        type, length, body, sizeof(body) - 1                                                       \
    }
#define SHAPE M('T', "\0\1a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0")
#define ROW   M('D', "\0\1\0\0\0\1x")
#define DONE  M('C', "SELECT 1\0")

static const struct {
    struct {
        char type;
        uint32_t length;
        const char *body;
        size_t n;
    } say[4];
    const char *text; /* in the error's record; NULL: the result was whole, the line is not */
    bool closes;      /* the connection ends there, else ReadyForQuery follows */
} damages[] = {
    { { SHAPE, M('D', "\0\0") }, "does not fit its description" },
    { { SHAPE, M('D', "\0\2\0\0\0\1x\0\0\0\1y") }, "does not fit its description" },
    { { SHAPE, M('D', "\xff\xff\0\0\0\1x") }, "does not fit its description" },
    { { SHAPE, M('D', "\0\1\xff\xff\xff\xfex") }, "does not fit its description" },
    { { SHAPE, M('D', "\0\1\xff\xff\xff\xfe") }, "does not fit its description" },
    { { SHAPE, M('D', "\0\1\x80\0\0\0") }, "does not fit its description" },
    { { SHAPE, M('D', "\0\1\x80\0\0\0x") }, "does not fit its description" },
    { { SHAPE, M('D', "\0\1\0\0\0\2x") }, "does not fit its description" },
    { { SHAPE, M('D', "\0\1\x7f\xff\xff\xffx") }, "does not fit its description" },
    { { SHAPE, M('D', "\0\1\0\0\0\1xy") }, "does not fit its description" },
    { { SHAPE, M('D', "\0\1\0\0\0") }, "does not fit its description" },
    { { SHAPE, ROW, M('D', "\0") }, "does not fit its description" },
    { { SHAPE, ROW, CLAIM('D', 3, "") }, "claims 3 bytes" },
    { { SHAPE, ROW, CLAIM('D', 0, "") }, "claims 0 bytes" },
    { { M('T', "\0") }, "claims 5 bytes" },
    { { M('T', "\0\1a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0") }, "RowDescription" },
    { { M('T', "\0\1a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0z") }, "RowDescription" },
    { { M('T', "\0\1a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\2") }, "RowDescription" },
    { { M('T', "\0\2a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0") }, "RowDescription" },
    { { M('T', "\xff\xff") }, "RowDescription" },
    { { M('T', "\0\1aaaaaaaaaaaaaaaaaaaaaaaa") }, "RowDescription" },
    { { ROW }, "row out of turn" },
    { { SHAPE, ROW, CLAIM('y', 4, "") }, "unknown type 0x79" },
    { { SHAPE, CLAIM('\0', 4, "") }, "unknown type 0x00" },
    { { CLAIM('\xff', 4, "") }, "unknown type 0xff" },
    { { SHAPE, ROW, M('C', "SELECT 1") }, "CommandComplete" },
    { { SHAPE, ROW, M('C', "SELECT\0 1\0") }, "CommandComplete" },
    { { SHAPE, ROW, CLAIM('C', 0x7fffffff, "SELECT") }, "claims 2147483647 bytes" },
    { { SHAPE, ROW, DONE, M('Z', "X") }, NULL },
    { { SHAPE, ROW, DONE, M('Z', "II") }, NULL },
    { { SHAPE, ROW, DONE }, NULL, true }, /* no ReadyForQuery at all */
    { { SHAPE, ROW, M('E', "SERROR\0C22012") }, "ErrorResponse" },
    { { SHAPE, ROW, M('E', "Sx\0") }, "ErrorResponse" },
    { { SHAPE, ROW, M('N', "SNOTICE") }, "NoticeResponse" },
    { { SHAPE, ROW, M('S', "a\0b") }, "ParameterStatus" },
    { { SHAPE, ROW, M('S', "\0b\0") }, "ParameterStatus" },
    { { SHAPE, ROW, M('t', "\0\0") }, "out of turn" },
    { { SHAPE, ROW, M('G', "\0\0\0") }, "out of turn" },
    { { M('G', "\0\0\0") }, "COPY" },
    { { SHAPE, ROW, M('R', "\0\0\0\0") }, "type 0x52" },
    { { M('E', "") }, "claims 4 bytes" },
};

/* Until it fails: by ExecDirect, or prepared, where the answer begins otherwise. What is wrong
 * behind the rows shows when the next result is asked for, if not at once. */
static SQLRETURN read_damaged(SQLHSTMT stmt, bool prepared)
{
    SQLRETURN rc = prepared ? SQLExecute(stmt) : SQLExecDirect(stmt, SQL("SELECT 1"));

    while (rc == SQL_SUCCESS)
        rc = SQLFetch(stmt);
    return rc == SQL_NO_DATA ? SQLMoreResults(stmt) : rc;
}

static void refuse_damage(enum f_mode mode)
{
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        for (int prepared = 0; prepared < 2; prepared++) {
            struct f_bed bed;
            SQLHSTMT stmt;
            SQLRETURN rc;
            char state[6] = "", text[512] = "";

            f_begin(&bed);
            script_add(&bed.script, SCRIPT_AWAIT);
            if (prepared) {
                script_message(&bed.script, '1', NULL, 0);
                script_message(&bed.script, '2', NULL, 0);
            }
            for (size_t k = 0; k < 4 && damages[i].say[k].body != NULL; k++)
                script_claim(&bed.script, damages[i].say[k].type, damages[i].say[k].length,
                             damages[i].say[k].body, damages[i].say[k].n);
            if (!damages[i].closes) {
                script_ready(&bed.script, 'I');
                script_add(&bed.script, SCRIPT_HANG);
            }
            f_connect(&bed, mode, PLAYER_PLAIN, "");
            stmt = t_stmt(&bed.conn);
            if (prepared)
                OK(stmt, SQLPrepare(stmt, SQL("SELECT 1")));
            rc = read_damaged(stmt, prepared != 0);
            (void)t_diag(SQL_HANDLE_STMT, stmt, 1, state, text, sizeof text);
            if (damages[i].text == NULL ? rc != SQL_NO_DATA
                                        : rc != SQL_ERROR || strcmp(state, "08S01") != 0 ||
                                              strstr(text, damages[i].text) == NULL)
                fail_msg("damage %zu, %s: %d %s %s", i, prepared ? "prepared" : "direct", rc, state,
                         text);
            f_expect_dead(&bed.conn);
            t_free(stmt);
            f_end(&bed);
        }
    }
}

static void damaged_messages(void **state)
{
    (void)state;
    for_both(refuse_damage);
}

/* ---- messages among rows ---- */

static void bear_flood(enum f_mode mode)
{
    enum { NOTICES = 100000, ENOUGH = 40 };
    struct f_bed bed;
    SQLHSTMT stmt;
    SQLSMALLINT n = 0;
    SQLRETURN rc;
    long before;
    int rows = 0;

    f_begin(&bed);
    begin_result(&bed);
    script_row(&bed.script, 1, value);
    script_part(&bed.script);
    script_report(&bed.script, 'N', "NOTICE", "00000", "a notice that says the same each time");
    script_times(&bed.script, NOTICES);
    script_row(&bed.script, 1, value);
    end_result(&bed, "SELECT 2");
    say_set(&bed);
    f_connect(&bed, mode, PLAYER_PLAIN, "");
    stmt = t_stmt(&bed.conn);
    before = f_resident_kib();
    rc = SQLExecDirect(stmt, SQL("SELECT 1"));
    for (; SQL_SUCCEEDED(rc) && SQL_SUCCEEDED(rc = SQLFetch(stmt)); rows++) {
        while (t_diag(SQL_HANDLE_STMT, stmt, (SQLSMALLINT)(n + 1), (char[6]){ 0 }, NULL, 0))
            n++;
    }
    assert_int_equal(rc, SQL_NO_DATA);
    assert_int_equal(rows, 2);
    assert_in_range(n, 1, ENOUGH);
    assert_in_range(f_resident_kib(), 0, before + 32768);
    SQLFreeStmt(stmt, SQL_CLOSE);
    OK(stmt, SQLExecDirect(stmt, SQL("SET a TO b")));
    t_free(stmt);
    f_end(&bed);
}

static void a_flood_of_notices(void **state)
{
    (void)state;
    for_both(bear_flood);
}

static void take_statuses(enum f_mode mode)
{
    struct f_bed bed;
    SQLHSTMT stmt;
    SQLSMALLINT params = -1;

    f_begin(&bed);
    begin_result(&bed);
    script_row(&bed.script, 1, value);
    script_status(&bed.script, "standard_conforming_strings", "on");
    script_status(&bed.script, "client_encoding", "unicode"); /* the same by another name */
    script_status(&bed.script, "DateStyle", "German");
    script_row(&bed.script, 1, value);
    script_status(&bed.script, "DateStyle", "SQL, DMY"); /* said once only */
    script_row(&bed.script, 1, value);
    script_status(&bed.script, "client_encoding", "LATIN1");
    script_row(&bed.script, 1, value);
    end_result(&bed, "SELECT 4");
    f_connect(&bed, mode, PLAYER_PLAIN, "");
    stmt = t_stmt(&bed.conn);
    OK(stmt, SQLPrepare(stmt, SQL("SELECT '\\', ? --'"))); /* backslash escapes the quote */
    OK(stmt, SQLNumParams(stmt, &params));
    assert_int_equal(params, 0);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
    OK(stmt, SQLFetch(stmt));
    INFO(stmt, "01000", SQLFetch(stmt));
    f_expect_record(SQL_HANDLE_STMT, stmt, "01000", "German");
    {
        SQLHSTMT other;

        DBC_OK(bed.conn.dbc, SQLAllocHandle(SQL_HANDLE_STMT, bed.conn.dbc, &other));
        OK(other, SQLPrepare(other, SQL("SELECT '\\', ? --'")));
        OK(other, SQLNumParams(other, &params));
        assert_int_equal(params, 1);
        t_free(other);
    }
    OK(stmt, SQLFetch(stmt));
    ERR(stmt, "08S01", SQLFetch(stmt));
    f_expect_record(SQL_HANDLE_STMT, stmt, "08S01", "LATIN1");
    f_expect_dead(&bed.conn);
    t_free(stmt);
    f_end(&bed);
}

static void statuses_in_mid_result(void **state)
{
    (void)state;
    for_both(take_statuses);
}

/* ---- text that is not UTF-8 ---- */

/* U+FFFD in its place, and a warning with the first of them, whoever asks for it how. */
static void show_bad_text(enum f_mode mode)
{
    static const char *const texts[] = { "ab", "a\xff", "\xff", "ab" };
    static const SQLWCHAR want[][3] = { { 'a', 'b' }, { 'a', 0xFFFD }, { 0xFFFD }, { 'a', 'b' } };
    struct f_bed bed;
    SQLHSTMT stmt;

    f_begin(&bed);
    for (int result = 0; result < 2; result++) {
        begin_result(&bed);
        for (size_t i = 0; i < COUNT_OF(texts); i++)
            script_row(&bed.script, 1, &texts[i]);
        end_result(&bed, "SELECT 4");
    }
    f_connect(&bed, mode, PLAYER_PLAIN, "");
    stmt = t_stmt(&bed.conn);
    for (int result = 0; result < 2; result++) {
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
        for (size_t i = 0; i < COUNT_OF(texts); i++) {
            SQLWCHAR text[4];
            SQLLEN ind;

            OK(stmt, SQLFetch(stmt));
            if (i == 1) {
                INFO(stmt, "01000", SQLGetData(stmt, 1, SQL_C_WCHAR, text, sizeof text, &ind));
                f_expect_record(SQL_HANDLE_STMT, stmt, "01000", "UTF-8");
            } else {
                OK(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, text, sizeof text, &ind));
            }
            assert_memory_equal(text, want[i], (size_t)ind + 2);
            NODATA(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, text, sizeof text, &ind));
        }
        OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    }
    t_free(stmt);
    f_end(&bed);
}

static void text_that_is_not_utf8(void **state)
{
    (void)state;
    for_both(show_bad_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_after_a_million_rows),
        cmocka_unit_test(an_error_behind_the_rows),
        cmocka_unit_test(rows_longer_than_the_buffer),
        cmocka_unit_test(a_row_beyond_the_limit),
        cmocka_unit_test(damaged_messages),
        cmocka_unit_test(a_flood_of_notices),
        cmocka_unit_test(statuses_in_mid_result),
        cmocka_unit_test(text_that_is_not_utf8),
    };

    return cmocka_run_group_tests_name("what a server may send", tests, NULL, NULL);
}
