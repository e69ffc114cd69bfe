/*
 * A session on the scripted server, and what the tests of it share.
 */
#ifndef RS_SESSION_BED_H
#define RS_SESSION_BED_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fakeserver.h"

struct bed {
    struct fake *fake;
    struct rs_session *s;
    struct rs_diag diag;
};

static inline struct rs_session_options default_options(void)
{
    return (struct rs_session_options){ .open.receive_bytes = 8192,
                                        .store_bytes = 1 << 20,
                                        .may_spill = true,
                                        .spill_dir = "/tmp",
                                        .show_notices = true };
}

/* The replies must have been made before. */
static inline void open_bed(struct bed *b, const struct rs_session_options *options)
{
    struct rs_session_options usual = default_options();

    b->s = fake_session(b->fake, options == NULL ? &usual : options, &b->diag);
    assert_non_null(b->s);
}

static inline void close_bed(struct bed *b)
{
    rs_session_close(b->s);
    fake_free(b->fake);
    rs_diag_clear(&b->diag);
}

static inline struct bed new_bed(void)
{
    struct bed b = { .fake = fake_new() };

    assert_non_null(b.fake);
    return b;
}

static const char *const one[] = { "1" };

/* T, n rows, C, Z. */
static inline void result(struct fake *f, int rows, const char *tag)
{
    fake_shape(f, 1);
    for (int i = 0; i < rows; i++)
        fake_row(f, 1, one);
    fake_command(f, tag);
    fake_ready(f, 'I');
}

static inline struct rs_exchange *begin(struct bed *b, const char *sql)
{
    struct rs_request request = { .kind = RS_REQ_SIMPLE,
                                  .sql = rs_str_of(sql),
                                  .deadline = RS_FOREVER };
    struct rs_exchange *ex = NULL;

    assert_true(rs_exchange_start(b->s, &request, &ex, &b->diag));
    return ex;
}

static inline void expect(struct bed *b, struct rs_exchange *ex, enum rs_event_kind kind)
{
    struct rs_reply reply;

    assert_true(rs_exchange_next(ex, &reply, &b->diag));
    assert_int_equal(reply.kind, kind);
}

static inline void expect_rows(struct bed *b, struct rs_exchange *ex, int rows)
{
    struct rs_cell cell;

    for (int i = 0; i < rows; i++) {
        assert_int_equal(rs_exchange_row(ex, &cell, &b->diag), RS_ROW_OK);
        assert_int_equal(cell.n, 1);
        assert_int_equal(cell.p[0], '1');
    }
    assert_int_equal(rs_exchange_row(ex, &cell, &b->diag), RS_ROW_END);
    assert_int_equal(rs_exchange_row(ex, &cell, &b->diag), RS_ROW_END);
}

static inline void expect_state(struct bed *b, enum rs_state state)
{
    assert_int_equal(b->diag.n_error, 1);
    assert_int_equal(rs_diag_state(&b->diag), state);
    rs_diag_clear(&b->diag);
}

#endif
