/* The lock: one at a time, what was written before is seen after, nobody sleeps for ever, and
 * nothing is touched behind the unlocking. A wake that is lost is a deadline that passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "os.h"

enum { THREADS = 6, ROUNDS = 3000, DEADLINE_MS = 30000 };

static pthread_t threads[THREADS];

static void start(void *(*fn)(void *), void *arg)
{
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, fn, arg), 0);
}

static void join(void)
{
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static bool comes_to(atomic_int *count, int want)
{
    struct rs_deadline deadline = rs_deadline_in(DEADLINE_MS);

    while (atomic_load(count) != want && !rs_deadline_passed(deadline))
        rs_sleep_ms(1);
    return atomic_load(count) == want;
}

static struct shared {
    struct rs_mutex lock;
    volatile int n, inside; /* under the lock */
    volatile int n_met;     /* somebody else was inside, too */
    volatile int n_errno;   /* errno was another one behind the lock */
    atomic_int n_done;
} shared = { .lock = RS_MUTEX_INIT };

static void reset(void)
{
    shared.n = shared.inside = shared.n_met = shared.n_errno = 0;
    atomic_store(&shared.n_done, 0);
}

static void enter_and_leave(int round)
{
    errno = EDOM;
    rs_lock(&shared.lock);
    if (errno != EDOM)
        shared.n_errno++;
    if (shared.inside++ != 0)
        shared.n_met++;
    if (round % 16 == 0)
        sched_yield(); /* so that the others find it held */
    shared.n++;
    shared.inside--;
    rs_unlock(&shared.lock);
}

static void *hammer(void *arg)
{
    for (int i = 0; i < ROUNDS; i++)
        enter_and_leave(i);
    atomic_fetch_add(&shared.n_done, 1);
    return arg;
}

static void test_exclusion(void **state)
{
    (void)state;
    reset();
    start(hammer, NULL);
    assert_true(comes_to(&shared.n_done, THREADS));
    join();
    assert_int_equal(shared.n_met, 0);
    assert_int_equal(shared.n_errno, 0);
    assert_int_equal(shared.n, THREADS * ROUNDS);
}

static void *enter_once(void *arg)
{
    enter_and_leave(0);
    atomic_fetch_add(&shared.n_done, 1);
    return arg;
}

/* All of them are asleep when the holder goes; each wakes the next. */
static void test_waking(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        reset();
        rs_lock(&shared.lock);
        start(enter_once, NULL);
        rs_sleep_ms(round == 0 ? 100 : 5);
        assert_int_equal(shared.n, 0);
        assert_int_equal(atomic_load(&shared.n_done), 0);
        assert_false(rs_try_lock(&shared.lock));
        rs_unlock(&shared.lock);
        assert_true(comes_to(&shared.n_done, THREADS));
        join();
        assert_int_equal(shared.n, THREADS);
        assert_int_equal(shared.n_met, 0);
    }
    assert_true(rs_try_lock(&shared.lock)); /* nothing is left behind */
    assert_false(rs_try_lock(&shared.lock));
    rs_unlock(&shared.lock);
}

static void *try_until(void *arg)
{
    for (int i = 0; i < ROUNDS;) {
        if (!rs_try_lock(&shared.lock)) {
            sched_yield();
            continue;
        }
        if (shared.inside++ != 0)
            shared.n_met++;
        shared.n++;
        shared.inside--;
        rs_unlock(&shared.lock);
        i++;
    }
    atomic_fetch_add(&shared.n_done, 1);
    return arg;
}

static void *lock_or_try(void *arg)
{
    static atomic_int number;

    return atomic_fetch_add(&number, 1) % 2 == 0 ? hammer(arg) : try_until(arg);
}

static void test_try(void **state)
{
    (void)state;
    reset();
    start(lock_or_try, NULL);
    assert_true(comes_to(&shared.n_done, THREADS));
    join();
    assert_int_equal(shared.n_met, 0);
    assert_int_equal(shared.n, THREADS * ROUNDS);
}

/* The last of its holders frees it, as a connection's lock goes with the connection. */
struct counted {
    struct rs_mutex lock;
    int holders;
};

static struct counted *volatile counted[ROUNDS];
static atomic_int n_freed;

static void *release_all(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct counted *one = counted[i];
        bool is_last;

        rs_lock(&one->lock);
        is_last = --one->holders == 0;
        rs_unlock(&one->lock);
        if (is_last) {
            rs_mutex_destroy(&one->lock);
            rs_free(one);
            atomic_fetch_add(&n_freed, 1);
        }
    }
    return arg;
}

static void test_freed_by_the_last(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct counted *one = rs_new(struct counted, NULL);

        assert_non_null(one);
        rs_mutex_init(&one->lock);
        one->holders = THREADS;
        counted[i] = one;
    }
    start(release_all, NULL);
    assert_true(comes_to(&n_freed, ROUNDS));
    join();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exclusion),
        cmocka_unit_test(test_waking),
        cmocka_unit_test(test_try),
        cmocka_unit_test(test_freed_by_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
