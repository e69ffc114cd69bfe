/* The session against a scripted server: events, errors, prepared statements, states. */
#include "session_bed.h"

static void test_simple(void **state)
{
    struct bed b = new_bed();
    struct rs_exchange *ex;
    struct rs_reply reply;

    (void)state;
    result(b.fake, 3, "SELECT 3");
    fake_in_pieces(b.fake, 1); /* a byte at a time */
    fake_then(b.fake);
    open_bed(&b, NULL);
    ex = begin(&b, "select");
    expect(&b, ex, RS_EVENT_ROWS);
    assert_true(rs_exchange_is_live(ex));
    expect_rows(&b, ex, 3);
    assert_true(rs_exchange_next(ex, &reply, &b.diag));
    assert_int_equal(reply.kind, RS_EVENT_COMMAND);
    assert_int_equal(reply.count, 3);
    assert_true(rs_str_eq(reply.tag, RS_STR("SELECT 3")));
    expect(&b, ex, RS_EVENT_READY);
    expect(&b, ex, RS_EVENT_READY);
    assert_false(rs_exchange_is_live(ex));
    rs_exchange_free(ex);
    assert_string_equal(fake_seen(b.fake), "Q");
    assert_int_equal(b.diag.n, 0);
    close_bed(&b);
}

/* Every way to cut one reply in two gives the same events. */
static void test_cuts(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 90; piece += 7) {
        struct bed b = new_bed();
        struct rs_exchange *ex;

        fake_report(b.fake, 'N', "NOTICE", "00000", "hello");
        fake_status(b.fake, "TimeZone", "CET");
        fake_shape(b.fake, 2);
        fake_row(b.fake, 2, (const char *const[]){ "abc", NULL });
        fake_report(b.fake, 'E', "ERROR", "22012", "division by zero");
        fake_ready(b.fake, 'I');
        fake_in_pieces(b.fake, piece);
        fake_then(b.fake);
        open_bed(&b, NULL);
        ex = begin(&b, "select");
        expect(&b, ex, RS_EVENT_ROWS);
        struct rs_cell cells[2];
        assert_int_equal(rs_exchange_row(ex, cells, &b.diag), RS_ROW_OK);
        assert_int_equal(cells[1].n, -1);
        assert_int_equal(rs_exchange_row(ex, cells, &b.diag), RS_ROW_FAILED);
        assert_int_equal(b.diag.n_warning, 1);
        expect_state(&b, RS_22012);
        expect(&b, ex, RS_EVENT_READY);
        assert_string_equal(rs_session_status(b.s, "timezone"), "CET");
        rs_exchange_free(ex);
        assert_false(rs_session_is_dead(b.s));
        close_bed(&b);
    }
}

static void test_begin_simple(void **state)
{
    struct bed b = new_bed();
    struct rs_request request = {
        .kind = RS_REQ_SIMPLE, .sql = RS_STR("bad"), .begin = "BEGIN", .deadline = RS_FOREVER
    };
    struct rs_exchange *ex;

    (void)state;
    fake_command(b.fake, "BEGIN");
    fake_msg(b.fake, 'E', "SERROR\0C42601\0Mno\0P7\0", 22);
    fake_ready(b.fake, 'E');
    fake_then(b.fake);
    fake_command(b.fake, "BEGIN");
    fake_ready(b.fake, 'T');
    fake_then(b.fake);
    open_bed(&b, NULL);
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    expect(&b, ex, RS_EVENT_ERROR);
    assert_non_null(strstr(rs_diag_first(&b.diag), "at character 1 [SQLSTATE 42601]"));
    expect_state(&b, RS_42000);
    expect(&b, ex, RS_EVENT_READY);
    assert_int_equal(rs_session_txn(b.s), RS_TXN_FAILED);
    rs_exchange_free(ex);
    assert_true(fake_received(b.fake, "BEGIN;bad", 10));
    request.sql = RS_STR("");
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    expect(&b, ex, RS_EVENT_EMPTY);
    expect(&b, ex, RS_EVENT_READY);
    rs_exchange_free(ex);
    close_bed(&b);
}

static void reply_extended(struct fake *f, bool parse, bool describe)
{
    if (parse)
        fake_msg(f, '1', "", 0);
    fake_msg(f, '2', "", 0);
    if (describe)
        fake_shape(f, 1);
    fake_row(f, 1, one);
    fake_command(f, "SELECT 1");
    fake_ready(f, 'I');
    fake_then(f);
}

static void run_prepared(struct bed *b, struct rs_prepared **p, const struct rs_param *param)
{
    struct rs_request request = { .kind = RS_REQ_EXTENDED,
                                  .sql = RS_STR("select $1"),
                                  .prepared = p,
                                  .params = param,
                                  .n_params = 1,
                                  .deadline = RS_FOREVER };
    struct rs_exchange *ex;

    assert_true(rs_exchange_start(b->s, &request, &ex, &b->diag));
    expect(b, ex, RS_EVENT_ROWS);
    expect_rows(b, ex, 1);
    expect(b, ex, RS_EVENT_COMMAND);
    expect(b, ex, RS_EVENT_READY);
    rs_exchange_free(ex);
}

static void test_prepared(void **state)
{
    struct bed b = new_bed();
    struct rs_param number = { 23, "1", 1 }, text = { 25, "1", 1 };
    struct rs_prepared *p = NULL;

    (void)state;
    reply_extended(b.fake, true, true);
    reply_extended(b.fake, false, false);
    /* gone on the server: prepared anew, in silence */
    fake_report(b.fake, 'E', "ERROR", "26000", "gone");
    fake_ready(b.fake, 'I');
    fake_then(b.fake);
    fake_msg(b.fake, '3', "", 0);
    reply_extended(b.fake, true, true);
    reply_extended(b.fake, false, false);
    fake_msg(b.fake, '3', "", 0);
    reply_extended(b.fake, true, true); /* other types: another statement */
    fake_msg(b.fake, '3', "", 0);
    result(b.fake, 1, "SELECT 1");
    fake_then(b.fake);
    open_bed(&b, NULL);
    run_prepared(&b, &p, &number);
    assert_string_equal(fake_seen(b.fake), "PBDES");
    run_prepared(&b, &p, &number);
    assert_string_equal(fake_seen(b.fake), "PBDESBES");
    run_prepared(&b, &p, &number);
    assert_string_equal(fake_seen(b.fake), "PBDESBESBESCPBDES");
    run_prepared(&b, &p, &number);
    run_prepared(&b, &p, &text);
    assert_string_equal(fake_seen(b.fake), "PBDESBESBESCPBDESBESCPBDES");
    rs_prepared_free(b.s, p);
    assert_true(rs_session_run(b.s, RS_STR("x"), RS_FOREVER, NULL, &b.diag));
    assert_string_equal(fake_seen(b.fake), "PBDESBESBESCPBDESBESCPBDESCQ");
    assert_int_equal(b.diag.n, 0);
    close_bed(&b);
}

/* Runs with a wish for binary; returns the format of the only column. */
static int run_binary(struct bed *b, struct rs_prepared **p, bool wanted)
{
    struct rs_param number = { 23, "1", 1 };
    struct rs_request request = { .kind = RS_REQ_EXTENDED,
                                  .sql = RS_STR("select $1"),
                                  .prepared = p,
                                  .params = &number,
                                  .n_params = 1,
                                  .forms = wanted ? RS_STR("\1") : RS_STR(""),
                                  .deadline = RS_FOREVER };
    struct rs_reply reply;
    struct rs_exchange *ex;
    int format;

    assert_true(rs_exchange_start(b->s, &request, &ex, &b->diag));
    assert_true(rs_exchange_next(ex, &reply, &b->diag));
    assert_int_equal(reply.kind, RS_EVENT_ROWS);
    format = reply.shape->field[0].format;
    expect_rows(b, ex, 1);
    expect(b, ex, RS_EVENT_COMMAND);
    expect(b, ex, RS_EVENT_READY);
    rs_exchange_free(ex);
    return format;
}

static bool received_again(struct bed *b)
{
    struct rs_param number = { 23, "1", 1 };
    struct rs_buf out = RS_BUF_INIT(1000);
    bool found;

    rs_msg_close(&out, 'S', "rs1");
    rs_msg_parse(&out, "rs1", RS_STR("select $1"), &number, 1);
    rs_msg_bind(&out, "rs1", &number, 1);
    rs_msg_describe(&out, 'P', "");
    rs_msg_execute(&out, 0);
    rs_msg_sync(&out);
    assert_false(out.bad);
    found = fake_received(b->fake, out.p, out.len);
    rs_buf_clear(&out);
    return found;
}

/* Binary is asked for where the columns are known, by column; a statement prepared anew is asked
 * for text, as its columns may be others. */
static void test_binary(void **state)
{
    static const char in_binary[] = "\0\0\0\0011\0\1\0\1E", in_text[] = "\0\0\0\0011\0\0E";
    struct bed b = new_bed();
    struct rs_prepared *p = NULL, *other = NULL;

    (void)state;
    reply_extended(b.fake, true, true);
    reply_extended(b.fake, false, false);
    fake_report(b.fake, 'E', "ERROR", "26000", "gone");
    fake_ready(b.fake, 'I');
    fake_then(b.fake);
    fake_msg(b.fake, '3', "", 0);
    reply_extended(b.fake, true, true);
    reply_extended(b.fake, false, false);
    reply_extended(b.fake, true, true);
    reply_extended(b.fake, false, false);
    open_bed(&b, NULL);
    assert_int_equal(run_binary(&b, &p, true), 0);
    assert_false(fake_received(b.fake, in_binary, sizeof in_binary - 1));
    assert_int_equal(run_binary(&b, &p, true), 1);
    assert_true(fake_received(b.fake, in_binary, sizeof in_binary - 1));
    assert_false(received_again(&b));
    assert_int_equal(run_binary(&b, &p, true), 0);
    assert_true(received_again(&b));
    assert_int_equal(run_binary(&b, &p, true), 1);
    assert_false(fake_received(b.fake, in_text, sizeof in_text - 1));
    assert_int_equal(run_binary(&b, &other, false), 0);
    assert_int_equal(run_binary(&b, &other, false), 0);
    assert_true(fake_received(b.fake, in_text, sizeof in_text - 1));
    rs_prepared_free(b.s, p);
    rs_prepared_free(b.s, other);
    assert_int_equal(b.diag.n, 0);
    close_bed(&b);
}

/* In a transaction the error has already spoiled it: it is shown. */
static void test_stale_in_transaction(void **state)
{
    struct bed b = new_bed();
    struct rs_param number = { 23, "1", 1 };
    struct rs_prepared *p = NULL;
    struct rs_request request = { .kind = RS_REQ_EXTENDED,
                                  .sql = RS_STR("select $1"),
                                  .prepared = &p,
                                  .params = &number,
                                  .n_params = 1,
                                  .deadline = RS_FOREVER };
    struct rs_exchange *ex;

    (void)state;
    reply_extended(b.fake, true, true);
    fake_command(b.fake, "BEGIN");
    fake_ready(b.fake, 'T');
    fake_then(b.fake);
    fake_report(b.fake, 'E', "ERROR", "0A000", "cached plan must not change result type");
    fake_ready(b.fake, 'E');
    fake_then(b.fake);
    open_bed(&b, NULL);
    run_prepared(&b, &p, &number);
    assert_true(rs_session_run(b.s, RS_STR("BEGIN"), RS_FOREVER, NULL, &b.diag));
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    expect(&b, ex, RS_EVENT_ERROR);
    expect_state(&b, RS_HYC00);
    expect(&b, ex, RS_EVENT_READY);
    rs_exchange_free(ex);
    rs_prepared_free(b.s, p);
    close_bed(&b);
}

static void test_begin_extended_and_describe(void **state)
{
    struct bed b = new_bed();
    struct rs_prepared *p = NULL;
    struct rs_request request = {
        .kind = RS_REQ_DESCRIBE, .sql = RS_STR("select $1"), .prepared = &p, .deadline = RS_FOREVER
    };
    struct rs_exchange *ex;
    struct rs_reply reply;

    (void)state;
    fake_msg(b.fake, '1', "", 0);
    fake_msg(b.fake, 't', "\0\1\0\0\0\x17", 6);
    fake_shape(b.fake, 1);
    fake_ready(b.fake, 'I');
    fake_then(b.fake);
    fake_msg(b.fake, '1', "", 0);
    fake_msg(b.fake, '2', "", 0);
    fake_command(b.fake, "BEGIN");
    fake_msg(b.fake, '2', "", 0);
    fake_row(b.fake, 1, one);
    fake_command(b.fake, "SELECT 1");
    fake_ready(b.fake, 'T');
    fake_then(b.fake);
    open_bed(&b, NULL);
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    assert_true(rs_exchange_next(ex, &reply, &b.diag));
    assert_int_equal(reply.kind, RS_EVENT_PARAMS);
    assert_int_equal(reply.n_params, 1);
    assert_int_equal(reply.param_types[0], 23);
    expect(&b, ex, RS_EVENT_ROWS);
    expect_rows(&b, ex, 0);
    expect(&b, ex, RS_EVENT_READY);
    rs_exchange_free(ex);
    request.kind = RS_REQ_EXTENDED;
    request.begin = "BEGIN";
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    expect(&b, ex, RS_EVENT_ROWS);
    expect_rows(&b, ex, 1);
    expect(&b, ex, RS_EVENT_COMMAND);
    expect(&b, ex, RS_EVENT_READY);
    assert_int_equal(rs_session_txn(b.s), RS_TXN_OPEN);
    rs_exchange_free(ex);
    assert_string_equal(fake_seen(b.fake), "PDSPBEBES");
    rs_prepared_free(b.s, p);
    close_bed(&b);
}

/* Whatever is wrong ends the connection with one 08S01. */
static void test_violations(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
    } cases[] = {
#define CASE(name, lit) { name, "" lit, sizeof(lit) - 1 }
        CASE("garbage", "\x15\x03\x01\x02\x00\x01\x01"),
        CASE("oversized", "T\x7f\xff\xff\xff"),
        CASE("negative", "D\xff\xff\xff\xff"),
        CASE("length 3", "C\0\0\0\3"),
        CASE("row first", "D\0\0\0\6\0\0"),
        CASE("copy in", "G\0\0\0\x07\0\0\0"),
        CASE("copy out", "H\0\0\0\x07\0\0\0"),
        CASE("copy both", "W\0\0\0\x07\0\0\0"),
        CASE("auth", "R\0\0\0\x08\0\0\0\0"),
        CASE("columns", "T\0\0\0\6\xff\xff"),
        CASE("ready", "Z\0\0\0\5Q"),
        CASE("tag", "C\0\0\0\5x"),
        CASE("error", "E\0\0\0\6Mx"),
        CASE("encoding", "S\0\0\0\x1b"
                         "client_encoding\0LATIN1\0"),
        CASE("suspended", "s\0\0\0\4"),
#undef CASE
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct bed b = new_bed();
        struct rs_exchange *ex, *none = NULL;
        struct rs_request request = { .kind = RS_REQ_SIMPLE, .sql = RS_STR("x") };
        struct rs_reply reply;

        fake_raw(b.fake, cases[i].bytes, cases[i].n);
        fake_raw(b.fake, "................................", 32);
        fake_then(b.fake);
        open_bed(&b, NULL);
        ex = begin(&b, "x");
        if (rs_exchange_next(ex, &reply, &b.diag))
            fail_msg("%s was taken", cases[i].name);
        expect_state(&b, RS_08S01);
        expect(&b, ex, RS_EVENT_READY);
        rs_exchange_free(ex);
        assert_true(rs_session_is_dead(b.s));
        assert_false(rs_exchange_start(b.s, &request, &none, &b.diag));
        expect_state(&b, RS_08S01);
        close_bed(&b);
    }
}

static void test_row_mismatch(void **state)
{
    struct bed b = new_bed();
    struct rs_exchange *ex;
    struct rs_cell cells[4];

    (void)state;
    fake_shape(b.fake, 1);
    fake_row(b.fake, 2, (const char *const[]){ "1", "2" });
    fake_then(b.fake);
    open_bed(&b, NULL);
    ex = begin(&b, "x");
    expect(&b, ex, RS_EVENT_ROWS);
    assert_int_equal(rs_exchange_row(ex, cells, &b.diag), RS_ROW_FAILED);
    expect_state(&b, RS_08S01);
    rs_exchange_free(ex);
    assert_true(rs_session_is_dead(b.s));
    close_bed(&b);
}

static void test_fatal(void **state)
{
    struct bed b = new_bed();
    struct rs_exchange *ex;

    (void)state;
    fake_report(b.fake, 'E', "FATAL", "57P01", "terminating connection");
    fake_close_after(b.fake);
    fake_then(b.fake);
    open_bed(&b, NULL);
    ex = begin(&b, "x");
    expect(&b, ex, RS_EVENT_ERROR);
    assert_non_null(strstr(rs_diag_first(&b.diag), "terminating connection"));
    expect_state(&b, RS_08S01);
    expect(&b, ex, RS_EVENT_READY);
    rs_exchange_free(ex);
    assert_true(rs_session_is_dead(b.s));
    close_bed(&b);
}

static void test_hang_up(void **state)
{
    struct bed b = new_bed();
    struct rs_exchange *ex;
    struct rs_cell cell;

    (void)state;
    fake_shape(b.fake, 1);
    fake_row(b.fake, 1, one);
    fake_raw(b.fake, "D\0\0", 3);
    fake_close_after(b.fake);
    fake_then(b.fake);
    open_bed(&b, NULL);
    ex = begin(&b, "x");
    expect(&b, ex, RS_EVENT_ROWS);
    assert_int_equal(rs_exchange_row(ex, &cell, &b.diag), RS_ROW_OK);
    assert_int_equal(rs_exchange_row(ex, &cell, &b.diag), RS_ROW_FAILED);
    expect_state(&b, RS_08S01);
    expect(&b, ex, RS_EVENT_READY);
    rs_exchange_free(ex);
    close_bed(&b);
}

static void test_notices(void **state)
{
    struct rs_session_options options = default_options();

    (void)state;
    for (int shown = 0; shown < 2; shown++) {
        struct bed b = new_bed();

        for (int i = 0; i < 1000; i++)
            fake_report(b.fake, 'N', "INFO", "00000", "one of many");
        fake_command(b.fake, "DO");
        fake_ready(b.fake, 'I');
        fake_then(b.fake);
        options.show_notices = shown == 1;
        open_bed(&b, &options);
        assert_true(rs_session_run(b.s, RS_STR("x"), RS_FOREVER, NULL, &b.diag));
        assert_int_equal(b.diag.n_warning, shown == 1 ? 33 : 0);
        if (shown == 1)
            assert_non_null(strstr(rs_diag_get(&b.diag, 32)->text, "968"));
        close_bed(&b);
    }
}

static void test_redshift(void **state)
{
    static const struct {
        const char *name, *value, *version;
        bool redshift;
    } cases[] = {
        { "padb_version", "1.0.99999", NULL, true },
        { "server_version", "15.4", NULL, false },
        { "server_version", "8.0.2", "PostgreSQL 8.0.2, Redshift 1.0.1", true },
        { "server_version", "8.0.2", "PostgreSQL 8.0.2", false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct bed b = new_bed();

        fake_born_with(b.fake, cases[i].name, cases[i].value);
        fake_born_with(b.fake, "server_protocol_version", i == 0 ? "7" : "x");
        if (cases[i].version != NULL) {
            fake_shape(b.fake, 1);
            fake_row(b.fake, 1, &cases[i].version);
            fake_command(b.fake, "SELECT 1");
            fake_ready(b.fake, 'I');
            fake_then(b.fake);
        }
        open_bed(&b, NULL);
        assert_int_equal(rs_session_is_redshift(b.s), cases[i].redshift);
        assert_int_equal(rs_session_backslash_escapes(b.s), cases[i].redshift);
        assert_int_equal(rs_session_protocol(b.s), i == 0 ? 3 : 0);
        assert_int_equal(rs_session_server_pid(b.s), 42);
        close_bed(&b);
    }
}

static void test_idle_death(void **state)
{
    struct bed b = new_bed();

    (void)state;
    fake_status(b.fake, "TimeZone", "UTC");
    fake_send_first(b.fake);
    fake_then(b.fake);
    fake_report(b.fake, 'E', "FATAL", "57P01", "bye");
    fake_send_first(b.fake);
    fake_delay(b.fake, 100);
    fake_then(b.fake);
    open_bed(&b, NULL);
    rs_sleep_ms(30);
    assert_false(rs_session_is_dead(b.s));
    assert_string_equal(rs_session_status(b.s, "TIMEZONE"), "UTC");
    close_bed(&b);
}

static void test_states(void **state)
{
    static const struct {
        const char *five, *message, *detail;
        bool connecting;
        enum rs_state want;
    } cases[] = {
        { "28P01", "", "", true, RS_28000 },
        { "28000", "", "", false, RS_28000 },
        { "3D000", "", "", true, RS_08004 },
        { "3D000", "", "", false, RS_3D000 },
        { "53300", "", "", true, RS_08004 },
        { "53300", "", "", false, RS_HY000 },
        { "57P03", "", "", true, RS_08001 },
        { "42704", "", "", true, RS_08004 },
        { "42P01", "", "", false, RS_42S02 },
        { "42999", "", "", false, RS_42000 },
        { "42704", "index \"i\" does not exist", "", false, RS_42S12 },
        { "42704", "type \"t\" does not exist", "", false, RS_42000 },
        { "XX000", "1023", "error: Serializable isolation violation", false, RS_40001 },
        { "XX000", "Assert", "code: 1000", false, RS_HY000 },
        { "XX000", "x", "String length exceeds DDL length", false, RS_22001 },
        { "XX000", "Numeric data overflow (result precision)", "", false, RS_22003 },
        { "40P01", "", "", false, RS_40001 },
        { "57014", "", "", false, RS_HY008 },
        { "57014", "Query (1) cancelled by WLM abort action", "", false, RS_HYT00 },
        { "57014", "canceling statement due to statement timeout", "", false, RS_HYT00 },
        { "55000", "conflict with concurrent transaction", "", false, RS_40001 },
        { "08999", "", "", false, RS_08S01 },
        { "99999", "", "", false, RS_HY000 },
        { "", "", "", false, RS_HY000 },
        { "25P02", "", "", false, RS_25000 },
        { "21000", "INSERT has more expressions", "", false, RS_21S01 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        assert_int_equal(rs_server_state(cases[i].five, rs_str_of(cases[i].message),
                                         rs_str_of(cases[i].detail), cases[i].connecting),
                         cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_begin_simple),
        cmocka_unit_test(test_prepared),
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_stale_in_transaction),
        cmocka_unit_test(test_begin_extended_and_describe),
        cmocka_unit_test(test_violations),
        cmocka_unit_test(test_row_mismatch),
        cmocka_unit_test(test_fatal),
        cmocka_unit_test(test_hang_up),
        cmocka_unit_test(test_notices),
        cmocka_unit_test(test_redshift),
        cmocka_unit_test(test_idle_death),
        cmocka_unit_test(test_states),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
