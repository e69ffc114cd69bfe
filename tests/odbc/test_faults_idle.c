/*
 * What a server says between statements: statuses, notices, and that it hangs up; also in the same
 * breath as its first ReadyForQuery, where libpq still holds the buffer.
 */
#include "faultbed.h"

#define GOODBYE "terminating connection due to administrator command"

static void say_goodbye(struct script *s)
{
    script_report(s, 'E', "FATAL", "57P01", GOODBYE);
}

static void say_chatter(struct script *s)
{
    script_status(s, "TimeZone", "Asia/Tokyo");
    script_report(s, 'N', "NOTICE", "00000", "just so you know");
}

static void say_one(struct script *s)
{
    static const char *const one[] = { "1" };

    script_add(s, SCRIPT_AWAIT);
    script_shape(s, 1);
    script_row(s, 1, one);
    script_command(s, "SELECT 1");
    script_ready(s, 'I');
}

static SQLUINTEGER dead_of(struct f_bed *bed)
{
    SQLUINTEGER dead = 9;

    DBC_OK(bed->conn.dbc,
           SQLGetConnectAttr(bed->conn.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
    return dead;
}

/* The server's own words, wherever the driver still sees them. */
static void expect_goodbye(struct f_bed *bed, bool its_words)
{
    SQLHSTMT stmt = t_stmt(&bed->conn);

    ERR(stmt, "08S01", SQLExecDirect(stmt, SQL("SELECT 1")));
    if (its_words)
        f_expect_record(SQL_HANDLE_STMT, stmt, "08S01", GOODBYE);
    t_free(stmt);
    f_expect_dead(&bed->conn);
}

/* Waits until the server's last bytes and its end must be there. */
static void settle(struct f_bed *bed)
{
    for (int i = 0; i < 500 && dead_of(bed) != SQL_CD_TRUE; i++)
        t_sleep_ms(10);
}

enum where { WITH_READY, AFTER_A_STATEMENT };

static void goodbye(enum f_mode mode, enum where where, bool asked_first, bool chatter)
{
    struct f_bed bed;

    f_begin(&bed);
    if (where == AFTER_A_STATEMENT)
        say_one(&bed.script);
    if (chatter)
        say_chatter(&bed.script);
    say_goodbye(&bed.script);
    if (where == AFTER_A_STATEMENT || f_is_native()) /* FATAL is the end, closed or not */
        script_add(&bed.script, SCRIPT_HANG);
    f_connect(&bed, mode, PLAYER_PLAIN, "");
    if (where == AFTER_A_STATEMENT)
        t_expect(&bed.conn, "SELECT 1", "1");
    if (asked_first) {
        settle(&bed);
        assert_int_equal(dead_of(&bed), SQL_CD_TRUE);
    }
    expect_goodbye(&bed, !asked_first && (where == AFTER_A_STATEMENT || f_is_native()));
    f_end(&bed);
}

static void the_server_hangs_up(void **state)
{
    (void)state;
    for (int i = 0; i < 16; i++)
        goodbye(i & 1 ? F_TLS : F_CLEAR, i & 2 ? WITH_READY : AFTER_A_STATEMENT, (i & 4) != 0,
                (i & 8) != 0);
}

/* Chatter alone changes nothing but what it says. */
static void chatter_is_taken(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct f_bed bed;

        f_begin(&bed);
        if (i & 2)
            say_chatter(&bed.script);
        say_one(&bed.script);
        say_chatter(&bed.script);
        say_one(&bed.script);
        say_chatter(&bed.script);
        script_add(&bed.script, SCRIPT_HANG);
        f_connect(&bed, i & 1 ? F_TLS : F_CLEAR, PLAYER_PLAIN, "");
        for (int k = 0; k < 2; k++) {
            assert_int_equal(dead_of(&bed), SQL_CD_FALSE);
            t_expect(&bed.conn, "SELECT 1", "1");
        }
        assert_int_equal(dead_of(&bed), SQL_CD_FALSE);
        f_end(&bed);
    }
}

/* A message begun with the first ReadyForQuery, its rest with the first answer: libpq keeps what
 * it has read of it. The answer is right all the same, or the connection is given up. */
static void a_message_in_two_breaths(void **state)
{
    static const size_t firsts[] = { 1, 4, 5, 6, 12, 22 };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(firsts); i++) {
        struct script status = { .step = NULL };
        struct f_bed bed;
        SQLHSTMT stmt;
        SQLRETURN rc;
        char text[8] = "";

        script_status(&status, "TimeZone", "Asia/Tokyo");
        f_begin(&bed);
        script_say(&bed.script, status.bytes, firsts[i / 2]);
        script_add(&bed.script, SCRIPT_AWAIT);
        script_say(&bed.script, status.bytes + firsts[i / 2], status.n - firsts[i / 2]);
        {
            static const char *const one[] = { "1" };

            script_shape(&bed.script, 1);
            script_row(&bed.script, 1, one);
            script_command(&bed.script, "SELECT 1");
            script_ready(&bed.script, 'I');
        }
        script_add(&bed.script, SCRIPT_HANG);
        f_connect(&bed, i % 2 ? F_TLS : F_CLEAR, PLAYER_PLAIN, "ReadTimeout=2;");
        stmt = t_stmt(&bed.conn);
        rc = SQLExecDirect(stmt, SQL("SELECT 1"));
        if (rc == SQL_SUCCESS)
            rc = SQLFetch(stmt);
        if (rc == SQL_SUCCESS) {
            OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
            assert_string_equal(text, "1");
        } else {
            assert_false(f_is_native());
            assert_int_equal(rc, SQL_ERROR);
            assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, text, NULL, 0));
            if (strcmp(text, "08S01") != 0 && strcmp(text, "HYT01") != 0)
                fail_msg("%zu: %s", i, text);
            f_expect_dead(&bed.conn);
        }
        t_free(stmt);
        f_end(&bed);
        script_clear(&status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_hangs_up),
        cmocka_unit_test(chatter_is_taken),
        cmocka_unit_test(a_message_in_two_breaths),
    };

    return cmocka_run_group_tests_name("an idle server", tests, NULL, NULL);
}
