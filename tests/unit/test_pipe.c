/* Executions sent without waiting: what goes out, and the answers in their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "fakeserver.h"

static const char one_value[] = { 0, 0, 0, 1, '7' };
static const struct rs_param one_param = { .type_oid = 23, .p = "7", .n = 1 };

struct bed {
    struct fake *fake;
    struct rs_session *session;
    struct rs_prepared *prepared;
    struct rs_exchange *pipe;
    struct rs_diag diag;
};

static struct rs_request request_of(struct bed *bed)
{
    return (struct rs_request){
        .kind = RS_REQ_EXTENDED,
        .sql = RS_STR("INSERT INTO t VALUES ($1)"),
        .prepared = &bed->prepared,
        .params = &one_param,
        .n_params = 1,
        .values = { one_value, sizeof one_value },
        .deadline = rs_deadline_in(20000),
        .owner = bed,
    };
}

static void bound(struct fake *fake, const char *tag)
{
    fake_msg(fake, RS_MSG_BIND_DONE, NULL, 0);
    if (tag != NULL)
        fake_command(fake, tag);
}

/* A session with the statement prepared by one execution. */
static void open_bed(struct bed *bed)
{
    struct rs_session_options options = { .store_bytes = 1 << 20, .show_notices = true };
    struct rs_request request = request_of(bed);
    struct rs_exchange *ex;
    struct rs_reply reply = { .kind = RS_EVENT_EMPTY };

    bed->fake = fake_new();
    bed->session = fake_session(bed->fake, &options, &bed->diag);
    assert_non_null(bed->session);
    fake_msg(bed->fake, RS_MSG_PARSE_DONE, NULL, 0);
    fake_msg(bed->fake, RS_MSG_BIND_DONE, NULL, 0);
    fake_msg(bed->fake, RS_MSG_NODATA, NULL, 0);
    fake_command(bed->fake, "INSERT 0 1");
    fake_ready(bed->fake, 'I');
    fake_then(bed->fake);
    assert_true(rs_exchange_start(bed->session, &request, &ex, &bed->diag));
    while (reply.kind != RS_EVENT_READY)
        assert_true(rs_exchange_next(ex, &reply, &bed->diag));
    rs_exchange_free(ex);
    assert_true(rs_prepared_is_made(bed->prepared));
}

static void start(struct bed *bed, bool sync_each)
{
    struct rs_request request = request_of(bed);

    assert_true(rs_pipe_start(bed->session, &request, sync_each, &bed->pipe, &bed->diag));
}

static void add(struct bed *bed)
{
    struct rs_str values = { one_value, sizeof one_value };

    assert_true(rs_pipe_add(bed->pipe, values, &bed->diag));
}

static void expect(struct bed *bed, enum rs_pipe_answer want, int64_t want_count)
{
    int64_t count = -5;

    assert_int_equal(rs_pipe_next(bed->pipe, true, &count, &bed->diag), want);
    if (want == RS_PIPE_DONE)
        assert_int_equal(count, want_count);
}

static void close_bed(struct bed *bed)
{
    rs_exchange_free(bed->pipe);
    rs_prepared_free(bed->session, bed->prepared);
    rs_session_close(bed->session);
    fake_free(bed->fake);
    rs_diag_clear(&bed->diag);
}

static void syncs_after_each(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    open_bed(&bed);
    start(&bed, true);
    bound(bed.fake, "INSERT 0 1");
    fake_ready(bed.fake, 'I');
    fake_then(bed.fake);
    bound(bed.fake, NULL);
    fake_report(bed.fake, RS_MSG_ERROR, "ERROR", "23505", "twice");
    fake_ready(bed.fake, 'I');
    fake_then(bed.fake);
    bound(bed.fake, "UPDATE 3");
    fake_report(bed.fake, RS_MSG_ERROR, "ERROR", "23503", "found at the end");
    fake_ready(bed.fake, 'I');
    fake_then(bed.fake);
    for (int i = 0; i < 3; i++)
        add(&bed);
    assert_true(rs_pipe_unsent(bed.pipe) > 0);
    assert_true(rs_pipe_finish(bed.pipe, &bed.diag));
    assert_int_equal(rs_pipe_unsent(bed.pipe), 0);
    expect(&bed, RS_PIPE_DONE, 1);
    expect(&bed, RS_PIPE_FAILED, 0);
    assert_int_equal(bed.diag.n, 1);
    assert_int_equal(rs_diag_state(&bed.diag), RS_23000);
    expect(&bed, RS_PIPE_FAILED, 0); /* a failure at its end is its own */
    expect(&bed, RS_PIPE_END, 0);
    assert_string_equal(fake_seen(bed.fake), "PBDESBESBESBES");
    assert_false(rs_exchange_is_live(bed.pipe));
    close_bed(&bed);
}

static void one_sync_ends_it(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    open_bed(&bed);
    start(&bed, false);
    bound(bed.fake, "INSERT 0 1");
    bound(bed.fake, "INSERT 0 2");
    bound(bed.fake, NULL);
    fake_report(bed.fake, RS_MSG_ERROR, "ERROR", "23505", "twice");
    fake_ready(bed.fake, 'E');
    fake_then(bed.fake);
    for (int i = 0; i < 5; i++)
        add(&bed);
    assert_true(rs_pipe_finish(bed.pipe, &bed.diag));
    expect(&bed, RS_PIPE_DONE, 1);
    expect(&bed, RS_PIPE_DONE, 2);
    expect(&bed, RS_PIPE_FAILED, 0);
    expect(&bed, RS_PIPE_END, 0);
    expect(&bed, RS_PIPE_END, 0);
    assert_int_equal(rs_session_txn(bed.session), RS_TXN_FAILED);
    assert_string_equal(fake_seen(bed.fake), "PBDESBEBEBEBEBES");
    close_bed(&bed);
}

/* The wire is usable after a pipe that was left half way. */
static void is_left_half_way(void **state)
{
    (void)state;
    for (int sync_each = 0; sync_each < 2; sync_each++) {
        struct bed bed = { 0 };

        open_bed(&bed);
        start(&bed, sync_each != 0);
        add(&bed);
        bound(bed.fake, "INSERT 0 1");
        fake_ready(bed.fake, 'I');
        fake_then(bed.fake);
        assert_true(rs_pipe_send(bed.pipe, &bed.diag));
        add(&bed); /* never sent */
        rs_exchange_free(bed.pipe);
        bed.pipe = NULL;
        fake_command(bed.fake, "SET");
        fake_ready(bed.fake, 'I');
        fake_then(bed.fake);
        assert_true(rs_session_run(bed.session, RS_STR("SET a TO b"), RS_FOREVER, NULL, &bed.diag));
        assert_string_equal(fake_seen(bed.fake), sync_each != 0 ? "PBDESBESQ" : "PBDESBEHSQ");
        close_bed(&bed);
    }
}

static void nothing_was_added(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    open_bed(&bed);
    start(&bed, true);
    assert_true(rs_pipe_finish(bed.pipe, &bed.diag));
    expect(&bed, RS_PIPE_END, 0);
    assert_string_equal(fake_seen(bed.fake), "PBDES");
    close_bed(&bed);
}

static void is_lost(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    open_bed(&bed);
    start(&bed, true);
    add(&bed);
    add(&bed);
    bound(bed.fake, "INSERT 0 1");
    fake_ready(bed.fake, 'I');
    fake_close_after(bed.fake);
    fake_then(bed.fake);
    assert_true(rs_pipe_finish(bed.pipe, &bed.diag));
    expect(&bed, RS_PIPE_DONE, 1);
    expect(&bed, RS_PIPE_LOST, 0);
    assert_int_equal(rs_diag_state(&bed.diag), RS_08S01);
    expect(&bed, RS_PIPE_END, 0);
    close_bed(&bed);
}

static void refuses_nonsense(void **state)
{
    static const char types[] = { RS_MSG_SHAPE, RS_MSG_COPY_IN, RS_MSG_READY };

    (void)state;
    for (size_t i = 0; i < sizeof types; i++) {
        struct bed bed = { 0 };

        open_bed(&bed);
        start(&bed, true);
        add(&bed);
        if (types[i] == RS_MSG_READY)
            fake_ready(bed.fake, 'I'); /* without an end of the execution */
        else if (types[i] == RS_MSG_SHAPE)
            fake_shape(bed.fake, 1);
        else
            fake_msg(bed.fake, types[i], "\0\0\0", 3);
        fake_then(bed.fake);
        assert_true(rs_pipe_finish(bed.pipe, &bed.diag));
        expect(&bed, RS_PIPE_LOST, 0);
        assert_int_equal(rs_diag_state(&bed.diag), RS_08S01);
        close_bed(&bed);
    }
}

static void repeats_types_and_passes_values(void **state)
{
    static const char want[] = "\0\3\0\0\0\x17\0\0\0\x17\0\0\0\x17";
    struct rs_buf out = RS_BUF_INIT(1000);
    struct rs_str values = { one_value, sizeof one_value };

    (void)state;
    rs_msg_parse_repeated(&out, "a", RS_STR("x"), &one_param, 1, 3);
    assert_false(out.bad);
    assert_memory_equal(out.p + out.len - (sizeof want - 1), want, sizeof want - 1);
    rs_msg_parse_repeated(&out, "a", RS_STR("x"), &one_param, 1, 65536);
    assert_true(out.bad);
    rs_buf_clear(&out);
    rs_msg_bind_values(&out, "a", 1, values);
    {
        struct rs_buf plain = RS_BUF_INIT(1000);

        rs_msg_bind(&plain, "a", &one_param, 1);
        assert_int_equal(plain.len, out.len);
        assert_memory_equal(plain.p, out.p, out.len);
        rs_buf_clear(&plain);
    }
    rs_buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syncs_after_each),
        cmocka_unit_test(one_sync_ends_it),
        cmocka_unit_test(is_left_half_way),
        cmocka_unit_test(nothing_was_added),
        cmocka_unit_test(is_lost),
        cmocka_unit_test(refuses_nonsense),
        cmocka_unit_test(repeats_types_and_passes_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
