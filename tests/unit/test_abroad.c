/* Where the other programs run when RS_TEST_ABROAD is set: it must be in force, or they prove
 * nothing. Without it: the C locale, which they are in as well then. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wctype.h>

/* What this locale does to a program that does not expect it. */
static const struct {
    const char *locale, *half;
    bool folds_title; /* "TITLE" is "title" */
    wint_t upper_i;
} places[] = {
    { "C", "0.5", true, L'I' },
    { "de_DE.UTF-8", "0,5", true, L'I' },
    { "tr_TR.UTF-8", "0,5", false, 0x130 },
};

static struct {
    char locale[64], zone[64];
    unsigned long kib;
} want;

static void the_locale(void **state)
{
    size_t i = 0;
    char half[8];

    (void)state;
    while (i < sizeof places / sizeof *places && strcmp(places[i].locale, want.locale) != 0)
        i++;
    assert_true(i < sizeof places / sizeof *places);
    assert_string_equal(setlocale(LC_ALL, NULL), want.locale);
    snprintf(half, sizeof half, "%.1f", 0.5);
    assert_string_equal(half, places[i].half);
    assert_int_equal(towupper(L'i'), places[i].upper_i);
    assert_int_equal(strcasecmp("TITLE", "title") == 0, places[i].folds_title);
}

static void the_zone(void **state)
{
    time_t when = 1700000000;
    struct tm here;

    (void)state;
    if (*want.zone == '\0')
        return;
    assert_string_equal(want.zone, "Pacific/Kiritimati");
    assert_non_null(localtime_r(&when, &here));
    assert_int_equal(here.tm_gmtoff, 14 * 3600);
}

static size_t stack_bytes(void)
{
    pthread_attr_t attr;
    size_t bytes = 0;
    void *base;

    assert_int_equal(pthread_getattr_np(pthread_self(), &attr), 0);
    assert_int_equal(pthread_attr_getstack(&attr, &base, &bytes), 0);
    pthread_attr_destroy(&attr);
    return bytes;
}

static void *other_stack(void *bytes)
{
    *(size_t *)bytes = stack_bytes();
    return NULL;
}

/* Touches so many KiB of stack, a page at a time. */
static int dig(unsigned long kib)
{
    volatile char page[4096];

    page[0] = (char)kib;
    return kib < 4 ? page[0] : dig(kib - 4) + page[0];
}

static int status_after(unsigned long kib)
{
    pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        dig(kib);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void the_stack(void **state)
{
    size_t bytes = 0;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, other_stack, &bytes), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (want.kib == 0) {
        assert_true(stack_bytes() > 1024 * 1024);
        return;
    }
    assert_int_equal(stack_bytes(), want.kib * 1024);
    assert_int_equal(bytes, want.kib * 1024);
    assert_int_equal(status_after(want.kib / 2), 0);
    assert_int_equal(status_after(want.kib + 8), SIGSEGV);
}

/* What is meant to be in force comes as arguments, since the variable itself is on trial. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_locale),
        cmocka_unit_test(the_zone),
        cmocka_unit_test(the_stack),
    };

    snprintf(want.locale, sizeof want.locale, "%s", argc > 1 ? argv[1] : "C");
    snprintf(want.zone, sizeof want.zone, "%s", argc > 2 ? argv[2] : "");
    want.kib = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
