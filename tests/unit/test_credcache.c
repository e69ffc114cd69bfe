/* What connections share: one fetch for all, until it expires, and never another's. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/credcache.h"
#include "oom.h"

enum { N_THREADS = 64, NOON = 1768478400 };

/* A source of grants. */
struct source {
    _Atomic int n_fetched, n_asking;
    int wait_for; /* a fetch ends when so many ask */
    int64_t now, expires_at;
    bool clock_is_off;
    enum rs_state fails; /* RS_00000: does not */
    struct rs_event *go; /* a fetch waits for it; NULL: none */
    _Atomic bool in_fetch;
};

static int64_t now_of(void *ctx)
{
    return ((struct source *)ctx)->now;
}

static bool fetch(void *ctx, struct rs_grant *out, struct rs_diag *diag)
{
    struct source *source = ctx;
    struct rs_grant made = { .port = 5439,
                             .expires_at = source->expires_at,
                             .clock_is_off = source->clock_is_off };
    char text[32];
    int number = atomic_fetch_add(&source->n_fetched, 1) + 1;

    atomic_store(&source->in_fetch, true);
    if (source->go != NULL)
        assert_true(rs_event_wait(source->go, rs_deadline_in(60000)));
    for (int i = 0; i < 60000 && atomic_load(&source->n_asking) < source->wait_for; i++)
        rs_sleep_ms(1);
    if (source->fails != RS_00000)
        return rs_fail(diag, source->fails, 403, "refused, number %d", number);
    snprintf(text, sizeof text, "secret%d", number);
    made.user = rs_str_dup(RS_STR("user"), diag);
    made.host = made.user == NULL ? NULL : rs_str_dup(RS_STR("host"), diag);
    if (made.host == NULL || !rs_secret_set(&made.secret, rs_str_of(text), diag) ||
        !rs_secret_set(&made.token, RS_STR("token"), diag)) {
        rs_grant_clear(&made);
        return false;
    }
    *out = made;
    return true;
}

static struct rs_credcache_ask ask_of(struct source *source, enum rs_credcache which, uint8_t key)
{
    return (struct rs_credcache_ask){ .which = which,
                                      .key = { key },
                                      .deadline = rs_deadline_in(60000),
                                      .now = now_of,
                                      .fetch = fetch,
                                      .ctx = source };
}

/* Gets one, and compares it: secret NULL: a failure with that text. */
static void expect(const struct rs_credcache_ask *ask, const char *secret, bool was_kept)
{
    struct rs_grant grant = { 0 };
    struct rs_diag diag = { 0 };
    bool kept = false, ok = rs_credcache_get(ask, &grant, &kept, &diag);

    if (!ok)
        fail_msg("%s", rs_diag_first(&diag));
    assert_int_equal(diag.n, 0);
    assert_string_equal(grant.user, "user");
    assert_string_equal(rs_secret_reveal(&grant.secret), secret);
    assert_string_equal(rs_secret_reveal(&grant.token), "token");
    assert_string_equal(grant.host, "host");
    assert_int_equal(grant.port, 5439);
    assert_int_equal(kept, was_kept);
    rs_grant_clear(&grant);
}

static void expect_failure(const struct rs_credcache_ask *ask, enum rs_state state,
                           const char *says)
{
    struct rs_grant grant = { 0 };
    struct rs_diag diag = { 0 };
    bool kept = false;

    assert_false(rs_credcache_get(ask, &grant, &kept, &diag));
    assert_int_equal(diag.n_error, 1);
    assert_int_equal(rs_diag_state(&diag), state);
    assert_non_null(strstr(rs_diag_first(&diag), says));
    assert_null(grant.user);
    rs_diag_clear(&diag);
}

static int empty(void **state)
{
    (void)state;
    rs_credcache_clear();
    return 0;
}

/* ---- until when ---- */

static void expiry(void **state)
{
    /* left_s of 0: none is told. kept: a second ask at once; renewed: a second ask `later`. */
    static const struct {
        enum rs_credcache which;
        int64_t left_s;
        bool kept;
        int64_t later_s;
        bool renewed;
    } cases[] = {
        { RS_CREDCACHE_PASSWORD, 900, true, 839, false },
        { RS_CREDCACHE_PASSWORD, 900, true, 840, true },
        { RS_CREDCACHE_PASSWORD, 61, true, 0, false },
        { RS_CREDCACHE_PASSWORD, 60, false, 0, true },
        { RS_CREDCACHE_PASSWORD, 0, false, 0, true },
        { RS_CREDCACHE_PASSWORD, -1, false, 0, true },
        { RS_CREDCACHE_PASSWORD, -86400, false, 0, true },
        { RS_CREDCACHE_PASSWORD, 7200, true, 7139, false },
        { RS_CREDCACHE_PASSWORD, 7201, false, 0, true },
        { RS_CREDCACHE_AWS, 3600, true, 3299, false },
        { RS_CREDCACHE_AWS, 3600, true, 3300, true },
        { RS_CREDCACHE_AWS, 172800, true, 0, false },
        { RS_CREDCACHE_AWS, 172801, false, 0, true },
        { RS_CREDCACHE_AWS, 0, false, 0, true },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct source source = { .now = NOON,
                                 .expires_at = cases[i].left_s == 0 ? 0 : NOON + cases[i].left_s };
        struct rs_credcache_ask ask = ask_of(&source, cases[i].which, 1);

        print_message("case %zu\n", i);
        rs_credcache_clear();
        expect(&ask, "secret1", false);
        assert_int_equal(rs_credcache_size(cases[i].which), cases[i].kept);
        if (cases[i].kept)
            expect(&ask, "secret1", true);
        source.now += cases[i].later_s;
        source.expires_at += 3600;
        expect(&ask, cases[i].renewed ? "secret2" : "secret1", !cases[i].renewed);
    }
}

/* An expiry by another clock than ours is worth nothing. */
static void clocks(void **state)
{
    struct source source = { .now = NOON, .expires_at = NOON + 900, .clock_is_off = true };
    struct rs_credcache_ask ask = ask_of(&source, RS_CREDCACHE_PASSWORD, 1);

    (void)state;
    expect(&ask, "secret1", false);
    assert_int_equal(rs_credcache_size(RS_CREDCACHE_PASSWORD), 0);
    source.clock_is_off = false;
    expect(&ask, "secret2", false);
    expect(&ask, "secret2", true);
    source.now--; /* put back: who knows by how much, and when */
    expect(&ask, "secret3", false);
    expect(&ask, "secret3", true);
}

static void wiped_when_over(void **state)
{
    struct source source = { .now = NOON, .expires_at = NOON + 900 };
    struct rs_credcache_ask one = ask_of(&source, RS_CREDCACHE_PASSWORD, 1);
    struct rs_credcache_ask other = ask_of(&source, RS_CREDCACHE_AWS, 2);

    (void)state;
    expect(&one, "secret1", false);
    source.now += 840;
    source.expires_at += 900;
    expect(&other, "secret2", false); /* any ask sweeps */
    assert_int_equal(rs_credcache_size(RS_CREDCACHE_PASSWORD), 0);
    assert_int_equal(rs_credcache_size(RS_CREDCACHE_AWS), 1);
}

/* AWS credentials that cannot be renewed are used to their end. */
static void falls_back(void **state)
{
    struct source source = { .now = NOON, .expires_at = NOON + 3600 };
    struct rs_credcache_ask ask = ask_of(&source, RS_CREDCACHE_AWS, 1);

    (void)state;
    expect(&ask, "secret1", false);
    source.fails = RS_08001;
    source.now = NOON + 3400;
    expect(&ask, "secret1", true);
    assert_int_equal(source.n_fetched, 2);
    source.now += RS_CREDCACHE_RETRY_S - 1;
    expect(&ask, "secret1", true);
    assert_int_equal(source.n_fetched, 2);
    source.now++;
    expect(&ask, "secret1", true);
    assert_int_equal(source.n_fetched, 3);
    source.now = NOON + 3540;
    expect_failure(&ask, RS_08001, "number 4");
    assert_int_equal(rs_credcache_size(RS_CREDCACHE_AWS), 0);
    source.fails = RS_00000;
    source.expires_at += 3600;
    expect(&ask, "secret5", false);
    expect(&ask, "secret5", true);
}

/* ---- whose ---- */

static void keys(void **state)
{
    struct source source = { .now = NOON, .expires_at = NOON + 900 };

    (void)state;
    for (int i = 0; i < 2 * RS_SHA256_BYTES; i++) {
        struct rs_credcache_ask ask = ask_of(&source, RS_CREDCACHE_PASSWORD, 0);
        char want[32];

        ask.key[i / 2] ^= i % 2 ? 0x80 : 0x01;
        snprintf(want, sizeof want, "secret%d", i + 1);
        expect(&ask, want, false);
    }
    for (int i = 0; i < 2; i++) {
        struct rs_credcache_ask ask =
            ask_of(&source, i == 0 ? RS_CREDCACHE_AWS : RS_CREDCACHE_PASSWORD, 1);

        expect(&ask, i == 0 ? "secret65" : "secret1", i != 0);
    }
}

static void oldest_goes(void **state)
{
    struct source source = { .now = NOON, .expires_at = NOON + 900 };
    struct rs_credcache_ask first = ask_of(&source, RS_CREDCACHE_PASSWORD, 0);
    struct rs_credcache_ask second = ask_of(&source, RS_CREDCACHE_PASSWORD, 1);

    (void)state;
    for (int i = 0; i < RS_CREDCACHE_ENTRIES; i++) {
        struct rs_credcache_ask ask = ask_of(&source, RS_CREDCACHE_PASSWORD, (uint8_t)i);
        char want[32];

        snprintf(want, sizeof want, "secret%d", i + 1);
        expect(&ask, want, false);
    }
    expect(&first, "secret1", true);
    first.key[0] = RS_CREDCACHE_ENTRIES;
    expect(&first, "secret65", false);
    assert_int_equal(rs_credcache_size(RS_CREDCACHE_PASSWORD), RS_CREDCACHE_ENTRIES);
    first.key[0] = 0;
    expect(&first, "secret1", true);
    expect(&second, "secret66", false);
}

static void drops(void **state)
{
    struct source source = { .now = NOON, .expires_at = NOON + 900 };
    struct rs_credcache_ask ask = ask_of(&source, RS_CREDCACHE_PASSWORD, 1);
    struct rs_secret secret = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    expect(&ask, "secret1", false);
    assert_true(rs_secret_set(&secret, RS_STR("secret0"), &diag));
    rs_credcache_drop(RS_CREDCACHE_PASSWORD, ask.key, &secret); /* of a time before */
    expect(&ask, "secret1", true);
    assert_true(rs_secret_set(&secret, RS_STR("secret1"), &diag));
    rs_credcache_drop(RS_CREDCACHE_AWS, ask.key, &secret);
    expect(&ask, "secret1", true);
    rs_credcache_drop(RS_CREDCACHE_PASSWORD, ask.key, &secret);
    expect(&ask, "secret2", false);
    rs_secret_clear(&secret);
}

static void turned_off(void **state)
{
    struct source source = { .now = NOON, .expires_at = NOON + 900 };
    struct rs_credcache_ask ask = ask_of(&source, RS_CREDCACHE_PASSWORD, 1);

    (void)state;
    ask.is_off = true;
    expect(&ask, "secret1", false);
    expect(&ask, "secret2", false);
    assert_int_equal(rs_credcache_size(RS_CREDCACHE_PASSWORD), 0);
    ask.is_off = false;
    expect(&ask, "secret3", false);
    ask.is_off = true;
    expect(&ask, "secret4", false);
    ask.is_off = false;
    expect(&ask, "secret3", true);
}

static void last_user(void **state)
{
    struct source source = { .now = NOON, .expires_at = NOON + 900 };
    struct rs_credcache_ask ask = ask_of(&source, RS_CREDCACHE_PASSWORD, 1);

    (void)state;
    rs_credcache_hold();
    rs_credcache_hold();
    expect(&ask, "secret1", false);
    rs_credcache_release();
    expect(&ask, "secret1", true);
    rs_credcache_release();
    assert_int_equal(rs_credcache_size(RS_CREDCACHE_PASSWORD), 0);
    expect(&ask, "secret2", false);
}

/* ---- many at a time ---- */

struct asker {
    struct source *source;
    struct rs_credcache_ask ask;
    struct rs_grant grant;
    struct rs_diag diag;
    bool ok;
    struct rs_thread thread;
};

static void ask_once(void *arg)
{
    struct asker *asker = arg;
    bool kept;

    atomic_fetch_add(&asker->source->n_asking, 1);
    asker->ok = rs_credcache_get(&asker->ask, &asker->grant, &kept, &asker->diag);
}

static void start(struct asker *askers, int n, struct source *source)
{
    for (int i = 0; i < n; i++) {
        askers[i] =
            (struct asker){ .source = source, .ask = ask_of(source, RS_CREDCACHE_PASSWORD, 1) };
        assert_true(rs_thread_start(&askers[i].thread, ask_once, &askers[i]));
    }
}

static void crowd(void **state)
{
    static struct asker askers[N_THREADS];
    struct source source = { .now = NOON, .expires_at = NOON + 900, .wait_for = N_THREADS };

    (void)state;
    start(askers, N_THREADS, &source);
    for (int i = 0; i < N_THREADS; i++) {
        rs_thread_join(&askers[i].thread);
        assert_true(askers[i].ok);
        assert_string_equal(rs_secret_reveal(&askers[i].grant.secret), "secret1");
        rs_grant_clear(&askers[i].grant);
    }
    assert_int_equal(source.n_fetched, 1);
}

/* Those who wait are told what is wrong; those who come later ask anew. */
static void crowd_is_refused(void **state)
{
    static struct asker askers[N_THREADS];
    struct source source = { .now = NOON, .fails = RS_28000, .wait_for = N_THREADS };
    struct rs_credcache_ask ask = ask_of(&source, RS_CREDCACHE_PASSWORD, 1);
    char want[32];
    int n;

    (void)state;
    start(askers, N_THREADS, &source);
    for (int i = 0; i < N_THREADS; i++) {
        rs_thread_join(&askers[i].thread);
        assert_false(askers[i].ok);
        assert_int_equal(rs_diag_state(&askers[i].diag), RS_28000);
        assert_int_equal(askers[i].diag.n, 1);
        assert_int_equal(rs_diag_get(&askers[i].diag, 0)->native, 403);
        assert_non_null(strstr(rs_diag_first(&askers[i].diag), "refused, number "));
        rs_diag_clear(&askers[i].diag);
    }
    n = source.n_fetched;
    assert_true(n < N_THREADS); /* a thread may count itself and come to ask after the end */
    expect_failure(&ask, RS_28000, "refused, number ");
    assert_int_equal(source.n_fetched, n + 1);
    source.fails = RS_00000;
    source.expires_at = NOON + 900;
    snprintf(want, sizeof want, "secret%d", n + 2);
    expect(&ask, want, false);
}

/* What cannot be kept is nobody else's. */
static void crowd_without_expiry(void **state)
{
    static struct asker askers[N_THREADS];
    struct source source = { .now = NOON, .wait_for = N_THREADS };

    (void)state;
    start(askers, N_THREADS, &source);
    for (int i = 0; i < N_THREADS; i++) {
        rs_thread_join(&askers[i].thread);
        assert_true(askers[i].ok);
        for (int k = 0; k < i; k++)
            assert_false(rs_secret_equal(&askers[k].grant.secret, &askers[i].grant.secret));
    }
    for (int i = 0; i < N_THREADS; i++)
        rs_grant_clear(&askers[i].grant);
    assert_int_equal(source.n_fetched, N_THREADS);
}

static void wait_until_fetching(struct source *source)
{
    for (int i = 0; i < 60000 && !atomic_load(&source->in_fetch); i++)
        rs_sleep_ms(1);
    assert_true(atomic_load(&source->in_fetch));
}

/* A wait ends with one's own deadline, not with the other's. */
static void waiting_has_an_end(void **state)
{
    struct asker leader;
    struct source source = { .now = NOON, .expires_at = NOON + 900 };
    struct rs_credcache_ask ask = ask_of(&source, RS_CREDCACHE_PASSWORD, 1);
    struct rs_diag diag = { 0 };

    (void)state;
    source.go = rs_event_new(1, &diag);
    start(&leader, 1, &source);
    wait_until_fetching(&source);
    ask.deadline = rs_deadline_in(20);
    expect_failure(&ask, RS_HYT00, "login timeout");
    rs_event_set(source.go);
    rs_thread_join(&leader.thread);
    assert_true(leader.ok);
    rs_grant_clear(&leader.grant);
    expect(&ask, "secret1", true);
    rs_event_release(source.go);
}

/* Who gave up for a reason of his own leaves it to the next. */
static void own_reasons(void **state)
{
    static const enum rs_state states[] = { RS_HY001, RS_HYT00 };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(states); i++) {
        struct asker leader, waiter;
        struct source source = { .now = NOON, .expires_at = NOON + 900, .fails = states[i] };
        struct source good = { .now = NOON, .expires_at = NOON + 900 };
        struct rs_diag diag = { 0 };

        rs_credcache_clear();
        source.go = rs_event_new(1, &diag);
        leader =
            (struct asker){ .source = &source, .ask = ask_of(&source, RS_CREDCACHE_PASSWORD, 1) };
        leader.ask.deadline = rs_deadline_in(1);
        assert_true(rs_thread_start(&leader.thread, ask_once, &leader));
        wait_until_fetching(&source);
        waiter = (struct asker){ .source = &good, .ask = ask_of(&good, RS_CREDCACHE_PASSWORD, 1) };
        assert_true(rs_thread_start(&waiter.thread, ask_once, &waiter));
        rs_sleep_ms(5);
        rs_event_set(source.go);
        rs_thread_join(&leader.thread);
        rs_thread_join(&waiter.thread);
        assert_false(leader.ok);
        assert_int_equal(rs_diag_state(&leader.diag), states[i]);
        assert_true(waiter.ok);
        assert_int_equal(good.n_fetched, 1);
        rs_diag_clear(&leader.diag);
        rs_grant_clear(&waiter.grant);
        rs_event_release(source.go);
    }
}

/* Asking, renewing, dropping and wiping from all sides at once (for the thread sanitizer). */
static void press(void *arg)
{
    struct source *source = arg;

    for (int i = 0; i < 200; i++) {
        struct rs_credcache_ask ask = ask_of(source, RS_CREDCACHE_PASSWORD, (uint8_t)(i % 3));
        struct rs_grant grant = { 0 };
        struct rs_diag diag = { 0 };
        bool kept;

        if (!rs_credcache_get(&ask, &grant, &kept, &diag))
            abort();
        if (i % 7 == 0)
            rs_credcache_drop(RS_CREDCACHE_PASSWORD, ask.key, &grant.secret);
        if (i % 50 == 49)
            rs_credcache_clear();
        rs_grant_clear(&grant);
    }
}

static void crush(void **state)
{
    static struct rs_thread threads[16];
    struct source source = { .now = NOON, .expires_at = NOON + 900 };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(threads); i++)
        assert_true(rs_thread_start(&threads[i], press, &source));
    for (size_t i = 0; i < RS_COUNT(threads); i++)
        rs_thread_join(&threads[i]);
    assert_true(source.n_fetched > 0);
}

/* ---- fork ---- */

static int status_of(pid_t pid)
{
    int status = -1;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
}

/* The child has nothing of the parent's, and waits for none of its threads. */
static void forked(void **state)
{
    struct asker leader;
    struct source source = { .now = NOON, .expires_at = NOON + 900 };
    struct source own = { .now = NOON, .expires_at = NOON + 900, .n_fetched = 40 };
    struct rs_credcache_ask kept = ask_of(&source, RS_CREDCACHE_PASSWORD, 2);
    struct rs_diag diag = { 0 };
    pid_t pid;

    (void)state;
    expect(&kept, "secret1", false);
    source.go = rs_event_new(1, &diag);
    start(&leader, 1, &source);
    for (int i = 0; i < 60000 && source.n_fetched < 2; i++)
        rs_sleep_ms(1);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rs_credcache_ask ask = ask_of(&own, RS_CREDCACHE_PASSWORD, 1);
        struct rs_grant grant = { 0 };
        bool was_kept = true, ok;

        ok = rs_credcache_size(RS_CREDCACHE_PASSWORD) == 0;
        ask.deadline = rs_deadline_in(20000);
        ok = ok && rs_credcache_get(&ask, &grant, &was_kept, &diag) && !was_kept &&
             strcmp(rs_secret_reveal(&grant.secret), "secret41") == 0;
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(status_of(pid), 0);
    rs_event_set(source.go);
    rs_thread_join(&leader.thread);
    assert_true(leader.ok);
    rs_grant_clear(&leader.grant);
    expect(&kept, "secret1", true);
    rs_event_release(source.go);
}

/* ---- no memory ---- */

static bool get_twice(void *ctx)
{
    struct source source = { .now = NOON, .expires_at = NOON + 900 };
    struct rs_credcache_ask ask = ask_of(&source, RS_CREDCACHE_PASSWORD, 1);
    struct rs_grant first = { 0 }, second = { 0 };
    struct rs_diag diag = { 0 };
    bool kept, ok;

    (void)ctx;
    rs_credcache_clear();
    ok = rs_credcache_get(&ask, &first, &kept, &diag) &&
         rs_credcache_get(&ask, &second, &kept, &diag);
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_grant_clear(&first);
    rs_grant_clear(&second);
    rs_diag_clear(&diag);
    return ok;
}

static void sweep(void **state)
{
    (void)state;
    rs_test_oom(get_twice, NULL);
}

#define TEST(name) cmocka_unit_test_setup(name, empty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(expiry),
        TEST(clocks),
        TEST(wiped_when_over),
        TEST(falls_back),
        TEST(keys),
        TEST(oldest_goes),
        TEST(drops),
        TEST(turned_off),
        TEST(last_user),
        TEST(crowd),
        TEST(crowd_is_refused),
        TEST(crowd_without_expiry),
        TEST(waiting_has_an_end),
        TEST(own_reasons),
        TEST(crush),
        TEST(forked),
        TEST(sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
