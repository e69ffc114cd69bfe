/* Connection attributes that an open session answers or feels: transactions, isolation, database.
 * ODBC, "SQLSetConnectAttr". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fakeserver.h"
#include "handles.h"
#include "redshift_odbc.h"

struct bed {
    struct handles h;
    struct fake *fake;
    struct rs_session *session;
};

static char database[] = "dev";

static void open_bed(struct bed *b, bool is_redshift)
{
    handles_init(&b->h);
    b->fake = fake_new();
    assert_non_null(b->fake);
    fake_born_with(b->fake, "server_version", is_redshift ? "8.0.2" : "15.3");
    if (is_redshift)
        fake_born_with(b->fake, "padb_version", "1.0.1");
}

/* Replies to come have been made. */
static void connect_bed(struct bed *b)
{
    struct rs_session_options options = { .open.receive_bytes = 8192, .store_bytes = 1 << 20 };

    b->session = fake_session(b->fake, &options, &b->h.dbc.head.diag);
    assert_non_null(b->session);
    b->h.dbc.session = b->session;
    b->h.dbc.database = database;
}

static void close_bed(struct bed *b)
{
    b->h.dbc.session = NULL;
    b->h.dbc.database = NULL;
    rs_session_close(b->session);
    handles_clear(&b->h);
    fake_free(b->fake);
}

static const char *set(struct bed *b, SQLINTEGER id, SQLULEN value)
{
    rs_dbc_set_attr(&b->h.dbc, id, (SQLPOINTER)value, SQL_NTS, false);
    return handles_state(&b->h.dbc.head.diag);
}

static SQLUINTEGER get(struct bed *b, SQLINTEGER id)
{
    SQLUINTEGER value = 0xa5a5a5a5;

    assert_int_equal(rs_dbc_get_attr(&b->h.dbc, id, &value, NULL), SQL_SUCCESS);
    return value;
}

static void run_begin(struct bed *b)
{
    assert_true(rs_session_run(b->session, RS_STR("BEGIN"), RS_FOREVER, NULL, &b->h.dbc.head.diag));
}

static void begin_reply(struct bed *b)
{
    fake_command(b->fake, "BEGIN");
    fake_ready(b->fake, 'T');
    fake_then(b->fake);
}

static void autocommit_on_commits(void **state)
{
    struct bed b;

    (void)state;
    open_bed(&b, true);
    begin_reply(&b);
    fake_command(b.fake, "COMMIT");
    fake_ready(b.fake, 'I');
    fake_then(b.fake);
    connect_bed(&b);
    assert_string_equal(set(&b, SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF), "");
    run_begin(&b);
    assert_string_equal(set(&b, SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_ON), "");
    assert_true(fake_received(b.fake, "COMMIT", 6));
    assert_int_equal(get(&b, SQL_ATTR_AUTOCOMMIT), SQL_AUTOCOMMIT_ON);
    close_bed(&b);
}

static void a_failed_commit_changes_nothing(void **state)
{
    struct bed b;

    (void)state;
    open_bed(&b, true);
    begin_reply(&b);
    fake_report(b.fake, 'E', "ERROR", "23505", "duplicate key");
    fake_ready(b.fake, 'I');
    fake_then(b.fake);
    connect_bed(&b);
    set(&b, SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF);
    run_begin(&b);
    assert_string_equal(set(&b, SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_ON), "40002");
    assert_int_equal(get(&b, SQL_ATTR_AUTOCOMMIT), SQL_AUTOCOMMIT_OFF);
    close_bed(&b);
}

static const struct {
    bool is_redshift, in_transaction;
    SQLULEN value;
    const char *state;
    SQLUINTEGER after;
} isolations[] = {
    { true, false, SQL_TXN_SERIALIZABLE, "", SQL_TXN_SERIALIZABLE },
    { true, false, SQL_TXN_READ_COMMITTED, "01S02", SQL_TXN_SERIALIZABLE },
    { true, false, SQL_TXN_REPEATABLE_READ, "01S02", SQL_TXN_SERIALIZABLE },
    { true, true, SQL_TXN_SERIALIZABLE, "HY011", SQL_TXN_SERIALIZABLE },
    { false, false, SQL_TXN_READ_UNCOMMITTED, "", SQL_TXN_READ_UNCOMMITTED },
    { false, false, SQL_TXN_REPEATABLE_READ, "", SQL_TXN_REPEATABLE_READ },
    { false, false, SQL_TXN_SERIALIZABLE, "", SQL_TXN_SERIALIZABLE },
    { false, true, SQL_TXN_REPEATABLE_READ, "HY011", SQL_TXN_READ_COMMITTED },
    { false, false, 5, "HY024", SQL_TXN_READ_COMMITTED },
};

static void isolation_levels(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(isolations); i++) {
        struct bed b;

        open_bed(&b, isolations[i].is_redshift);
        begin_reply(&b);
        connect_bed(&b);
        if (isolations[i].in_transaction)
            run_begin(&b);
        assert_string_equal(set(&b, SQL_ATTR_TXN_ISOLATION, isolations[i].value),
                            isolations[i].state);
        assert_int_equal(get(&b, SQL_ATTR_TXN_ISOLATION), isolations[i].after);
        close_bed(&b);
    }
}

/* Chosen for any server, then connected to one that knows a single level. */
static void an_earlier_isolation_does_not_hide_the_servers(void **state)
{
    struct bed b;

    (void)state;
    open_bed(&b, true);
    assert_string_equal(set(&b, SQL_ATTR_TXN_ISOLATION, SQL_TXN_READ_COMMITTED), "");
    assert_int_equal(get(&b, SQL_ATTR_TXN_ISOLATION), SQL_TXN_READ_COMMITTED);
    connect_bed(&b);
    assert_int_equal(get(&b, SQL_ATTR_TXN_ISOLATION), SQL_TXN_SERIALIZABLE);
    close_bed(&b);
}

static void what_cannot_change_any_more(void **state)
{
    struct bed b;

    (void)state;
    open_bed(&b, true);
    connect_bed(&b);
    assert_string_equal(set(&b, SQL_ATTR_LOGIN_TIMEOUT, 1), "HY011");
    assert_string_equal(set(&b, SQL_ATTR_PACKET_SIZE, 1), "HY011");
    assert_string_equal(set(&b, SQL_ATTR_ODBC_CURSORS, SQL_CUR_USE_DRIVER), "08002");
    assert_string_equal(set(&b, SQL_ATTR_CURRENT_CATALOG, (SQLULEN) "dev"), "");
    assert_string_equal(set(&b, SQL_ATTR_CURRENT_CATALOG, (SQLULEN) "other"), "HYC00");
    b.h.stmt.state = RS_S5_OPEN;
    assert_string_equal(set(&b, SQL_ATTR_CURRENT_CATALOG, (SQLULEN) "dev"), "24000");
    b.h.stmt.state = RS_S1_ALLOCATED;
    assert_string_equal(set(&b, SQL_ATTR_CONNECTION_TIMEOUT, 5), "");
    close_bed(&b);
}

static void the_session_answers(void **state)
{
    struct bed b;
    char text[8];
    struct rs_text_out out = { .p = text, .cap = sizeof text };

    (void)state;
    open_bed(&b, true);
    connect_bed(&b);
    assert_int_equal(get(&b, RS_ATTR_IS_REDSHIFT), 1);
    assert_int_equal(get(&b, RS_ATTR_SESSION_ID), 42);
    assert_int_equal(get(&b, RS_ATTR_SERVER_PROTOCOL), rs_session_protocol(b.session));
    assert_int_equal(get(&b, SQL_ATTR_CONNECTION_DEAD), SQL_CD_FALSE);
    assert_int_equal(rs_dbc_get_attr(&b.h.dbc, SQL_ATTR_CURRENT_CATALOG, text, &out), SQL_SUCCESS);
    assert_string_equal(text, "dev");
    close_bed(&b);
    open_bed(&b, false);
    fake_close_after(b.fake);
    fake_then(b.fake);
    connect_bed(&b);
    assert_int_equal(get(&b, RS_ATTR_IS_REDSHIFT), 0);
    assert_false(
        rs_session_run(b.session, RS_STR("SELECT 1"), RS_FOREVER, NULL, &b.h.dbc.head.diag));
    assert_int_equal(get(&b, SQL_ATTR_CONNECTION_DEAD), SQL_CD_TRUE);
    close_bed(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(autocommit_on_commits),
        cmocka_unit_test(a_failed_commit_changes_nothing),
        cmocka_unit_test(isolation_levels),
        cmocka_unit_test(an_earlier_isolation_does_not_hide_the_servers),
        cmocka_unit_test(what_cannot_change_any_more),
        cmocka_unit_test(the_session_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
