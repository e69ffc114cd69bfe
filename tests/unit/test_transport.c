#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "oom.h"
#include "transport.h"

struct pair {
    int near, far;
    struct rs_transport *t;
    struct rs_diag diag;
};

static struct pair open_pair(size_t receive)
{
    struct pair p = { 0 };
    int fd[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    p.near = fd[0];
    p.far = fd[1];
    p.t = rs_transport_new(p.near, NULL, receive, &p.diag);
    assert_non_null(p.t);
    return p;
}

static void close_pair(struct pair *p)
{
    rs_transport_free(p->t);
    (void)close(p->near);
    if (p->far >= 0)
        (void)close(p->far);
    rs_diag_clear(&p->diag);
}

static void put(struct pair *p, const char *text)
{
    assert_int_equal(send(p->far, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void test_need(void **state)
{
    struct pair p = open_pair(4096);

    (void)state;
    put(&p, "abc");
    assert_int_equal(rs_transport_need(p.t, 2, rs_deadline_in(1000), 0, &p.diag), RS_WAIT_OK);
    assert_int_equal(rs_transport_peek(p.t).n, 3);
    rs_transport_consume(p.t, 1);
    assert_memory_equal(rs_transport_peek(p.t).p, "bc", 2);
    assert_int_equal(rs_transport_need(p.t, 3, rs_deadline_in(30), 0, &p.diag), RS_WAIT_DEADLINE);
    put(&p, "d");
    assert_int_equal(rs_transport_need(p.t, 3, rs_deadline_in(1000), 0, &p.diag), RS_WAIT_OK);
    assert_memory_equal(rs_transport_peek(p.t).p, "bcd", 3);
    rs_transport_consume(p.t, 1000);
    assert_int_equal(rs_transport_peek(p.t).n, 0);
    assert_int_equal(p.diag.n, 0);
    close_pair(&p);
}

static void test_idle(void **state)
{
    struct pair p = open_pair(4096);
    int64_t from = rs_now_ms();

    (void)state;
    assert_int_equal(rs_transport_need(p.t, 1, RS_FOREVER, 40, &p.diag), RS_WAIT_DEADLINE);
    assert_true(rs_now_ms() - from >= 35);
    assert_int_equal(p.diag.n, 0);
    assert_false(rs_transport_is_broken(p.t));
    close_pair(&p);
}

static void *write_much(void *arg)
{
    struct pair *p = arg;
    static char bytes[1000];

    for (int i = 0; i < 3000; i++) {
        memset(bytes, i & 0x7f, sizeof(bytes));
        if (send(p->far, bytes, sizeof(bytes), MSG_NOSIGNAL) != (ssize_t)sizeof(bytes))
            break;
    }
    return NULL;
}

/* One message much bigger than the buffer, then small ones: it grows and shrinks again. */
static void test_growth(void **state)
{
    struct pair p = open_pair(8192);
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, write_much, &p), 0);
    assert_int_equal(rs_transport_need(p.t, 1000000, rs_deadline_in(9000), 0, &p.diag), RS_WAIT_OK);
    assert_int_equal(rs_transport_peek(p.t).p[999999], 999 & 0x7f);
    rs_transport_consume(p.t, 1000000);
    for (int i = 1000; i < 3000; i++) {
        assert_int_equal(rs_transport_need(p.t, 1000, rs_deadline_in(9000), 0, &p.diag),
                         RS_WAIT_OK);
        assert_int_equal(rs_transport_peek(p.t).p[0], i & 0x7f);
        assert_int_equal(rs_transport_peek(p.t).p[999], i & 0x7f);
        rs_transport_consume(p.t, 1000);
    }
    pthread_join(thread, NULL);
    assert_int_equal(rs_transport_traffic(p.t).bytes_in, 3000000);
    assert_int_equal(rs_transport_need(p.t, ((size_t)1 << 30) + 1, RS_FOREVER, 0, &p.diag),
                     RS_WAIT_FAILED);
    assert_int_equal(rs_diag_state(&p.diag), RS_08S01);
    assert_true(rs_transport_is_broken(p.t));
    close_pair(&p);
}

static void test_end(void **state)
{
    struct pair p = open_pair(4096);

    (void)state;
    put(&p, "abc");
    (void)close(p.far);
    p.far = -1;
    assert_int_equal(rs_transport_need(p.t, 3, RS_FOREVER, 0, &p.diag), RS_WAIT_OK);
    assert_int_equal(rs_transport_need(p.t, 4, RS_FOREVER, 0, &p.diag), RS_WAIT_FAILED);
    assert_int_equal(p.diag.n, 1);
    assert_int_equal(rs_diag_state(&p.diag), RS_08S01);
    assert_true(rs_transport_is_broken(p.t));
    assert_memory_equal(rs_transport_peek(p.t).p, "abc", 3);
    rs_diag_clear(&p.diag);
    assert_int_equal(rs_transport_send(p.t, RS_STR("x"), RS_FOREVER, 0, &p.diag), RS_WAIT_FAILED);
    assert_int_equal(rs_diag_state(&p.diag), RS_08S01);
    close_pair(&p);
}

/* No SIGPIPE, and what the other side said last can still be read. */
static void test_send_to_closed(void **state)
{
    struct pair p = open_pair(4096);

    (void)state;
    put(&p, "last words");
    (void)close(p.far);
    p.far = -1;
    assert_int_equal(rs_transport_send(p.t, RS_STR("x"), RS_FOREVER, 0, &p.diag), RS_WAIT_FAILED);
    assert_int_equal(p.diag.n, 1);
    assert_int_equal(rs_diag_state(&p.diag), RS_08S01);
    assert_int_equal(rs_transport_peek(p.t).n, 10);
    close_pair(&p);
}

static void test_alive(void **state)
{
    struct pair p = open_pair(4096);

    (void)state;
    assert_true(rs_transport_poll_alive(p.t));
    put(&p, "abc");
    assert_true(rs_transport_poll_alive(p.t));
    assert_int_equal(rs_transport_peek(p.t).n, 3);
    (void)close(p.far);
    p.far = -1;
    assert_false(rs_transport_poll_alive(p.t));
    close_pair(&p);
}

static void *interrupt_soon(void *arg)
{
    rs_sleep_ms(30);
    rs_transport_interrupt(arg);
    return NULL;
}

static void test_interrupt(void **state)
{
    struct pair p = open_pair(4096);
    pthread_t thread;

    (void)state;
    rs_transport_interrupt(p.t); /* before the wait, and several at once */
    rs_transport_interrupt(p.t);
    assert_int_equal(rs_transport_need(p.t, 1, RS_FOREVER, 0, &p.diag), RS_WAIT_INTERRUPTED);
    assert_int_equal(rs_transport_need(p.t, 1, rs_deadline_in(20), 0, &p.diag), RS_WAIT_DEADLINE);
    assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, p.t), 0);
    assert_int_equal(rs_transport_need(p.t, 1, RS_FOREVER, 0, &p.diag), RS_WAIT_INTERRUPTED);
    pthread_join(thread, NULL);
    rs_transport_interrupt(p.t);
    rs_transport_clear_interrupt(p.t);
    assert_int_equal(rs_transport_need(p.t, 1, rs_deadline_in(20), 0, &p.diag), RS_WAIT_DEADLINE);
    assert_int_equal(p.diag.n, 0);
    close_pair(&p);
}

static void *talk_then_listen(void *arg)
{
    struct pair *p = arg;
    static char bytes[65536];
    size_t got = 0;

    (void)write_much(p);
    while (got < 3000000) {
        ssize_t n = recv(p->far, bytes, sizeof(bytes), 0);

        if (n <= 0)
            break;
        got += (size_t)n;
    }
    return NULL;
}

/* The other side does not read before it has sent everything. */
static void test_send_while_other_sends(void **state)
{
    struct pair p = open_pair(4096);
    char *much = rs_alloc(3000000, 1, NULL);
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, talk_then_listen, &p), 0);
    assert_int_equal(
        rs_transport_send(p.t, (struct rs_str){ much, 3000000 }, rs_deadline_in(9000), 0, &p.diag),
        RS_WAIT_OK);
    pthread_join(thread, NULL);
    assert_int_equal(rs_transport_need(p.t, 3000000, rs_deadline_in(9000), 0, &p.diag), RS_WAIT_OK);
    assert_int_equal(rs_transport_peek(p.t).p[2999999], 2999 & 0x7f);
    rs_free(much);
    close_pair(&p);
}

/* Nobody reads: the deadline ends it, and the rest can be sent later. */
static void test_send_in_parts(void **state)
{
    struct pair p = open_pair(4096);
    char *much = rs_alloc(1000000, 1, NULL);
    size_t unsent, got = 0;
    char bytes[65536];

    (void)state;
    for (size_t i = 0; i < 1000000; i++)
        much[i] = (char)(i * 7);
    assert_int_equal(
        rs_transport_send(p.t, (struct rs_str){ much, 1000000 }, rs_deadline_in(30), 0, &p.diag),
        RS_WAIT_DEADLINE);
    unsent = rs_transport_unsent(p.t);
    assert_true(unsent > 0 && unsent < 1000000);
    while (got < 1000000) {
        ssize_t n = recv(p.far, bytes, sizeof(bytes), MSG_DONTWAIT);

        if (n < 0) {
            unsent = rs_transport_unsent(p.t);
            (void)!rs_transport_send(p.t, (struct rs_str){ much + 1000000 - unsent, unsent },
                                     rs_deadline_in(10), 0, &p.diag);
            continue;
        }
        assert_memory_equal(bytes, much + got, (size_t)n);
        got += (size_t)n;
    }
    rs_free(much);
    close_pair(&p);
}

static void test_resolve(void **state)
{
    struct rs_address *list = NULL;
    struct rs_diag diag = { 0 };
    size_t n = 0;

    (void)state;
    assert_true(rs_resolve("127.0.0.1", RS_FOREVER, &list, &n, &diag));
    assert_int_equal(n, 1);
    assert_string_equal(list[0].text, "127.0.0.1");
    rs_free(list);
    assert_true(rs_resolve("localhost", rs_deadline_in(20000), &list, &n, &diag));
    assert_true(n >= 1);
    rs_free(list);
    assert_false(rs_resolve("no such name", rs_deadline_in(20000), &list, &n, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_08001);
    rs_diag_clear(&diag);
}

static bool oom_scenario(void *ctx)
{
    struct rs_diag diag = { 0 };
    struct rs_address *list = NULL;
    struct rs_transport *t;
    size_t n;
    int fd[2];
    bool ok;

    (void)ctx;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    t = rs_transport_new(fd[0], NULL, 8192, &diag);
    ok = t != NULL;
    assert_int_equal(send(fd[1], "xxxxx", 5, MSG_NOSIGNAL), 5);
    (void)close(fd[1]);
    if (ok)
        ok = rs_transport_need(t, 5, RS_FOREVER, 0, &diag) == RS_WAIT_OK &&
             rs_transport_need(t, 9000, RS_FOREVER, 0, &diag) == RS_WAIT_FAILED &&
             rs_diag_state(&diag) == RS_08S01;
    if (ok) {
        rs_diag_clear(&diag);
        ok = rs_resolve("localhost", RS_FOREVER, &list, &n, &diag);
    }
    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    rs_transport_free(t);
    rs_free(list);
    (void)close(fd[0]);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    rs_test_oom(oom_scenario, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_need),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_send_to_closed),
        cmocka_unit_test(test_alive),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_send_while_other_sends),
        cmocka_unit_test(test_send_in_parts),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
