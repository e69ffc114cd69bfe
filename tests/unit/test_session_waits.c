/* The session against a scripted server: cancel, timeouts, results left or stored, no memory. */
#include "session_bed.h"

#include <pthread.h>

static void test_query_timeout(void **state)
{
    struct bed b = new_bed();
    struct rs_request request = { .kind = RS_REQ_SIMPLE, .sql = RS_STR("x") };
    struct rs_exchange *ex;
    struct rs_reply reply;

    (void)state;
    fake_wait_for_cancel(b.fake);
    fake_report(b.fake, 'E', "ERROR", "57014", "canceled on user's request");
    fake_ready(b.fake, 'I');
    fake_then(b.fake);
    result(b.fake, 1, "SELECT 1");
    fake_then(b.fake);
    open_bed(&b, NULL);
    request.deadline = rs_deadline_in(50);
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    assert_false(rs_exchange_next(ex, &reply, &b.diag));
    expect_state(&b, RS_HYT00);
    expect(&b, ex, RS_EVENT_READY);
    rs_exchange_free(ex);
    assert_int_equal(fake_cancels(b.fake), 1);
    assert_true(rs_session_run(b.s, RS_STR("y"), RS_FOREVER, NULL, &b.diag));
    close_bed(&b);
}

/* The timer ends with the first row: fetching may take long. */
static void test_timeout_ends_with_first_row(void **state)
{
    struct bed b = new_bed();
    struct rs_request request = { .kind = RS_REQ_SIMPLE, .sql = RS_STR("x") };
    struct rs_exchange *ex;
    struct rs_cell cell;

    (void)state;
    result(b.fake, 2000, "SELECT 2000");
    fake_in_pieces(b.fake, 12000);
    fake_then(b.fake);
    open_bed(&b, NULL);
    request.deadline = rs_deadline_in(80);
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    expect(&b, ex, RS_EVENT_ROWS);
    assert_int_equal(rs_exchange_row(ex, &cell, &b.diag), RS_ROW_OK);
    rs_sleep_ms(120);
    expect_rows(&b, ex, 1999);
    rs_exchange_free(ex);
    close_bed(&b);
}

/* times_rows: the wait for a later row ends too, and the connection goes on. */
static void test_timeout_of_all_rows(void **state)
{
    struct bed b = new_bed();
    struct rs_request request = { .kind = RS_REQ_SIMPLE, .sql = RS_STR("x"), .times_rows = true };
    struct rs_exchange *ex;
    struct rs_cell cell;

    (void)state;
    fake_shape(b.fake, 1);
    for (int i = 0; i < 10; i++)
        fake_row(b.fake, 1, one);
    fake_wait_for_cancel(b.fake);
    fake_report(b.fake, 'E', "ERROR", "57014", "canceled on user's request");
    fake_ready(b.fake, 'I');
    fake_then(b.fake);
    result(b.fake, 1, "SELECT 1");
    fake_then(b.fake);
    open_bed(&b, NULL);
    request.deadline = rs_deadline_in(60);
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    expect(&b, ex, RS_EVENT_ROWS);
    for (int i = 0; i < 10; i++)
        assert_int_equal(rs_exchange_row(ex, &cell, &b.diag), RS_ROW_OK);
    assert_int_equal(rs_exchange_row(ex, &cell, &b.diag), RS_ROW_FAILED);
    expect_state(&b, RS_HYT00);
    rs_exchange_free(ex);
    assert_int_equal(fake_cancels(b.fake), 1);
    assert_true(rs_session_run(b.s, RS_STR("y"), RS_FOREVER, NULL, &b.diag));
    close_bed(&b);
}

/* Rows that keep coming do not keep a statement alive past its time. */
static void test_timeout_of_rows_at_hand(void **state)
{
    struct bed b = new_bed();
    struct rs_request request = { .kind = RS_REQ_SIMPLE, .sql = RS_STR("x"), .times_rows = true };
    enum rs_row got = RS_ROW_OK;
    struct rs_exchange *ex;
    struct rs_cell cell;
    int rows = 0;

    (void)state;
    result(b.fake, 20000, "SELECT 20000");
    fake_then(b.fake);
    open_bed(&b, NULL);
    request.deadline = rs_deadline_in(300);
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    expect(&b, ex, RS_EVENT_ROWS);
    assert_int_equal(rs_exchange_row(ex, &cell, &b.diag), RS_ROW_OK);
    rs_sleep_ms(320);
    while (got == RS_ROW_OK) {
        got = rs_exchange_row(ex, &cell, &b.diag);
        rows++;
    }
    assert_int_equal(got, RS_ROW_FAILED);
    expect_state(&b, RS_HYT00);
    assert_in_range(rows, 1, 10000); /* what one buffer held */
    rs_exchange_free(ex);
    close_bed(&b);
}

/* The server's own timeout speaks like a cancel: the time that passed tells. */
static void test_statement_timeout(void **state)
{
    static const struct {
        int64_t limit_ms;
        const char *text;
        enum rs_state want;
    } cases[] = {
        { 1, "Query (7) cancelled on user's request", RS_HYT00 },
        { 3600000, "Query (7) cancelled on user's request", RS_HY008 }, /* too early for it */
        { 0, "Query (7) cancelled on user's request", RS_HY008 },
        { 1, "cancelled for another reason", RS_HY008 },
        { 3600000, "canceling statement due to statement timeout", RS_HYT00 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_session_options options = default_options();
        struct bed b = new_bed();
        struct rs_exchange *ex;

        fake_report(b.fake, 'E', "ERROR", "57014", cases[i].text);
        fake_ready(b.fake, 'I');
        fake_then(b.fake);
        options.statement_timeout_ms = cases[i].limit_ms;
        open_bed(&b, &options);
        ex = begin(&b, "x");
        rs_sleep_ms(5);
        expect(&b, ex, RS_EVENT_ERROR);
        expect_state(&b, cases[i].want);
        rs_exchange_free(ex);
        close_bed(&b);
    }
}

static void test_read_timeout(void **state)
{
    struct bed b = new_bed();
    struct rs_session_options options = default_options();
    struct rs_exchange *ex;
    struct rs_reply reply;

    (void)state;
    fake_never(b.fake);
    fake_then(b.fake);
    options.read_timeout_ms = 50;
    open_bed(&b, &options);
    ex = begin(&b, "x");
    assert_false(rs_exchange_next(ex, &reply, &b.diag));
    expect_state(&b, RS_HYT01);
    assert_int_equal(fake_cancels(b.fake), 1);
    rs_exchange_free(ex);
    assert_true(rs_session_is_dead(b.s));
    close_bed(&b);
}

struct canceller {
    struct rs_session *s;
    const void *owner;
    int after_ms;
};

static void *cancel_soon(void *arg)
{
    struct canceller *c = arg;

    rs_sleep_ms(c->after_ms);
    assert_true(rs_session_cancel(c->s, c->owner));
    return NULL;
}

static void test_cancel(void **state)
{
    struct bed b = new_bed();
    struct rs_request request = {
        .kind = RS_REQ_SIMPLE, .sql = RS_STR("x"), .deadline = RS_FOREVER, .owner = &b
    };
    struct canceller other = { .owner = &request, .after_ms = 0 },
                     own = { .owner = &b, .after_ms = 30 };
    struct rs_exchange *ex;
    struct rs_reply reply;
    pthread_t thread;

    (void)state;
    fake_wait_for_cancel(b.fake);
    fake_report(b.fake, 'E', "ERROR", "57014", "canceled on user's request");
    fake_ready(b.fake, 'I');
    fake_then(b.fake);
    result(b.fake, 1, "SELECT 1");
    fake_then(b.fake);
    open_bed(&b, NULL);
    other.s = own.s = b.s;
    assert_true(rs_session_cancel(b.s, NULL)); /* nothing runs */
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    (void)cancel_soon(&other); /* another statement's: no effect */
    assert_int_equal(fake_cancels(b.fake), 0);
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &own), 0);
    assert_true(rs_exchange_next(ex, &reply, &b.diag));
    assert_int_equal(reply.kind, RS_EVENT_ERROR);
    expect_state(&b, RS_HY008);
    expect(&b, ex, RS_EVENT_READY);
    rs_exchange_free(ex);
    pthread_join(thread, NULL);
    assert_int_equal(fake_cancels(b.fake), 1);
    assert_true(rs_session_run(b.s, RS_STR("y"), RS_FOREVER, NULL, &b.diag));
    assert_int_equal(b.diag.n, 0);
    close_bed(&b);
}

/* Cancels that come at any moment never hurt the statement that follows. */
static void test_cancel_race(void **state)
{
    struct bed b = new_bed();
    struct canceller c = { .owner = NULL, .after_ms = 0 };

    (void)state;
    for (int i = 0; i < 40; i++) {
        result(b.fake, 1, "SELECT 1");
        fake_then(b.fake);
    }
    open_bed(&b, NULL);
    c.s = b.s;
    for (int i = 0; i < 40; i++) {
        pthread_t thread;

        assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &c), 0);
        assert_true(rs_session_run(b.s, RS_STR("x"), RS_FOREVER, NULL, &b.diag));
        pthread_join(thread, NULL);
    }
    assert_int_equal(b.diag.n, 0);
    close_bed(&b);
}

/* A big result is left early: in autocommit it is cancelled, in a transaction read to its end. */
static void test_free_early(void **state)
{
    (void)state;
    for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
        struct bed b = new_bed();
        struct rs_exchange *ex;

        fake_command(b.fake, "SET");
        fake_ready(b.fake, in_transaction ? 'T' : 'I');
        fake_then(b.fake);
        fake_shape(b.fake, 1);
        fake_row(b.fake, 1, one);
        if (!in_transaction)
            fake_wait_for_cancel(b.fake);
        for (int i = 0; i < (in_transaction ? 200000 : 1000); i++)
            fake_row(b.fake, 1, one);
        if (!in_transaction)
            fake_report(b.fake, 'E', "ERROR", "57014", "canceled on user's request");
        fake_ready(b.fake, in_transaction ? 'T' : 'I');
        fake_then(b.fake);
        result(b.fake, 1, "SELECT 1");
        fake_then(b.fake);
        open_bed(&b, NULL);
        assert_true(rs_session_run(b.s, RS_STR("w"), RS_FOREVER, NULL, &b.diag));
        ex = begin(&b, "x");
        expect(&b, ex, RS_EVENT_ROWS);
        rs_exchange_free(ex);
        assert_int_equal(fake_cancels(b.fake), in_transaction ? 0 : 1);
        assert_true(rs_session_run(b.s, RS_STR("y"), RS_FOREVER, NULL, &b.diag));
        assert_int_equal(b.diag.n, 0);
        close_bed(&b);
    }
}

static void test_store(void **state)
{
    static const size_t limits[] = { 1 << 20, 70000, 0 };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(limits); i++) {
        struct rs_session_options options = default_options();
        struct bed b = new_bed();
        struct rs_exchange *first, *second;

        fake_shape(b.fake, 1);
        for (int row = 0; row < 10000; row++)
            fake_row(b.fake, 1, one);
        fake_command(b.fake, "SELECT 10000");
        fake_shape(b.fake, 1);
        fake_report(b.fake, 'E', "ERROR", "22012", "division by zero");
        fake_ready(b.fake, 'T');
        fake_then(b.fake);
        result(b.fake, 1, "SELECT 1");
        fake_then(b.fake);
        options.store_bytes = limits[i];
        open_bed(&b, &options);
        first = begin(&b, "x");
        expect(&b, first, RS_EVENT_ROWS);
        struct rs_cell cell;
        for (int row = 0; row < 5; row++)
            assert_int_equal(rs_exchange_row(first, &cell, &b.diag), RS_ROW_OK);
        second = begin(&b, "y");
        assert_false(rs_exchange_is_live(first));
        assert_true(rs_exchange_is_live(second));
        for (int row = 5; row < 100; row++)
            assert_int_equal(rs_exchange_row(first, &cell, &b.diag), RS_ROW_OK);
        expect(&b, second, RS_EVENT_ROWS);
        expect_rows(&b, second, 1);
        expect_rows(&b, first, 9900);
        expect(&b, first, RS_EVENT_COMMAND);
        expect(&b, first, RS_EVENT_ROWS);
        expect(&b, first, RS_EVENT_ERROR);
        expect_state(&b, RS_22012);
        expect(&b, first, RS_EVENT_READY);
        expect(&b, second, RS_EVENT_COMMAND);
        expect(&b, second, RS_EVENT_READY);
        rs_exchange_free(first);
        rs_exchange_free(second);
        assert_int_equal(rs_session_txn(b.s), RS_TXN_IDLE);
        close_bed(&b);
    }
}

/* No room: the first result ends with an error, never short; the second runs. */
static void test_store_failure(void **state)
{
    struct rs_session_options options = default_options();
    struct bed b = new_bed();
    struct rs_exchange *first;
    struct rs_cell cell;
    enum rs_row row;
    int rows = 0;

    (void)state;
    result(b.fake, 20000, "SELECT 20000");
    fake_then(b.fake);
    result(b.fake, 1, "SELECT 1");
    fake_then(b.fake);
    options.store_bytes = 70000;
    options.may_spill = false;
    open_bed(&b, &options);
    first = begin(&b, "x");
    expect(&b, first, RS_EVENT_ROWS);
    assert_true(rs_session_run(b.s, RS_STR("y"), RS_FOREVER, NULL, &b.diag));
    assert_int_equal(b.diag.n, 0);
    while ((row = rs_exchange_row(first, &cell, &b.diag)) == RS_ROW_OK)
        rows++;
    assert_int_equal(row, RS_ROW_FAILED);
    assert_true(rows > 100 && rows < 20000);
    assert_non_null(strstr(rs_diag_first(&b.diag), "SpillToDisk"));
    expect_state(&b, RS_HY001);
    expect(&b, first, RS_EVENT_READY);
    rs_exchange_free(first);
    assert_false(rs_session_is_dead(b.s));
    close_bed(&b);
}

/* Waiting for the wire can be stopped, by timeout and by cancel; the first result stays whole. */
static void test_store_interrupted(void **state)
{
    (void)state;
    for (int by_cancel = 0; by_cancel < 2; by_cancel++) {
        struct bed b = new_bed();
        struct rs_request request = {
            .kind = RS_REQ_SIMPLE, .sql = RS_STR("y"), .deadline = RS_FOREVER, .owner = &b
        };
        struct canceller c = { .owner = &b, .after_ms = 30 };
        struct rs_exchange *first, *second = NULL;
        pthread_t thread;

        fake_shape(b.fake, 1);
        for (int i = 0; i < 100; i++)
            fake_row(b.fake, 1, one);
        fake_wait_for_cancel(b.fake);
        for (int i = 0; i < 100; i++)
            fake_row(b.fake, 1, one);
        fake_command(b.fake, "SELECT 200");
        fake_ready(b.fake, 'I');
        fake_then(b.fake);
        open_bed(&b, NULL);
        c.s = b.s;
        first = begin(&b, "x");
        expect(&b, first, RS_EVENT_ROWS);
        if (by_cancel)
            assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &c), 0);
        else
            request.deadline = rs_deadline_in(30);
        assert_false(rs_exchange_start(b.s, &request, &second, &b.diag));
        expect_state(&b, by_cancel ? RS_HY008 : RS_HYT00);
        if (by_cancel)
            pthread_join(thread, NULL);
        assert_int_equal(fake_cancels(b.fake), 0);
        assert_true(rs_exchange_is_live(first));
        assert_true(rs_session_cancel(b.s, NULL)); /* lets the server go on */
        expect_rows(&b, first, 200);
        expect(&b, first, RS_EVENT_COMMAND);
        expect(&b, first, RS_EVENT_READY);
        rs_exchange_free(first);
        close_bed(&b);
    }
}

/* The server talks before it reads a big request. */
static void test_big_request(void **state)
{
    struct bed b = new_bed();
    struct rs_param *params = rs_alloc(1000, sizeof(*params), NULL);
    char *text = rs_alloc(4000, 1, NULL);
    struct rs_request request = { .kind = RS_REQ_EXTENDED,
                                  .sql = RS_STR("x"),
                                  .params = params,
                                  .n_params = 1000,
                                  .deadline = RS_FOREVER };
    struct rs_exchange *ex;

    (void)state;
    memset(text, 'x', 4000);
    for (int i = 0; i < 1000; i++)
        params[i] = (struct rs_param){ 25, text, 4000 };
    for (int i = 0; i < 20000; i++)
        fake_report(b.fake, 'N', "INFO", "00000", "a notice of some length, so that it adds up");
    fake_command(b.fake, "INSERT 0 1");
    fake_ready(b.fake, 'I');
    fake_send_first(b.fake);
    fake_then(b.fake);
    open_bed(&b, NULL);
    assert_true(rs_exchange_start(b.s, &request, &ex, &b.diag));
    expect(&b, ex, RS_EVENT_COMMAND);
    expect(&b, ex, RS_EVENT_READY);
    rs_exchange_free(ex);
    rs_free(text);
    rs_free(params);
    close_bed(&b);
}

/* A whole life with one allocation failing: every failure is clean. */
static bool oom_scenario(void *ctx)
{
    struct rs_session_options options = default_options();
    struct rs_param number = { 23, "1", 1 };
    struct rs_prepared *p = NULL;
    struct rs_request request = { .kind = RS_REQ_EXTENDED,
                                  .sql = RS_STR("select $1"),
                                  .prepared = &p,
                                  .params = &number,
                                  .n_params = 1,
                                  .deadline = RS_FOREVER };
    struct rs_exchange *first = NULL;
    struct rs_reply reply = { 0 };
    struct rs_cell cell;
    struct bed b = *(struct bed *)ctx;
    enum rs_row row = RS_ROW_OK;
    bool ok = false;

    b.s = fake_session(b.fake, &options, &b.diag);
    if (b.s == NULL)
        goto out;
    ok = rs_exchange_start(b.s, &request, &first, &b.diag) &&
         rs_exchange_next(first, &reply, &b.diag) && reply.kind == RS_EVENT_ROWS &&
         rs_session_run(b.s, RS_STR("x"), RS_FOREVER, NULL, &b.diag);
    while (ok && row == RS_ROW_OK)
        row = rs_exchange_row(first, &cell, &b.diag);
    ok = ok && row == RS_ROW_END;
out:
    assert_true(ok || rs_diag_state(&b.diag) == RS_HY001);
    rs_exchange_free(first);
    if (b.s != NULL)
        rs_prepared_free(b.s, p);
    rs_session_close(b.s);
    rs_diag_clear(&b.diag);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct bed b = new_bed();
        bool failed_one, ok;

        fake_msg(b.fake, '1', "", 0);
        fake_msg(b.fake, '2', "", 0);
        result(b.fake, 100, "SELECT 100");
        fake_then(b.fake);
        fake_command(b.fake, "SET");
        fake_ready(b.fake, 'I');
        fake_then(b.fake);
        rs_os_fail_alloc(n);
        ok = oom_scenario(&b);
        failed_one = rs_os_alloc_count() >= n;
        rs_os_fail_alloc(0);
        fake_free(b.fake);
        if (!failed_one) {
            assert_true(ok);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query_timeout),
        cmocka_unit_test(test_timeout_ends_with_first_row),
        cmocka_unit_test(test_timeout_of_all_rows),
        cmocka_unit_test(test_timeout_of_rows_at_hand),
        cmocka_unit_test(test_statement_timeout),
        cmocka_unit_test(test_read_timeout),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_race),
        cmocka_unit_test(test_free_early),
        cmocka_unit_test(test_store),
        cmocka_unit_test(test_store_failure),
        cmocka_unit_test(test_store_interrupted),
        cmocka_unit_test(test_big_request),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
