#define _GNU_SOURCE /* pthread_setattr_default_np */
#include "abroad.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The linker's names for main's two sides (--wrap=main). */
int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

enum { WORD = 64, CANNOT_RUN = 77 };

struct place {
    char locale[WORD], zone[WORD];
    size_t stack_bytes;
};

struct program {
    int argc, status;
    char **argv;
};

static const char *next_word(const char *p, char *word, size_t cap)
{
    size_t n = strcspn(p, " ");

    snprintf(word, cap, "%.*s", (int)n, p);
    p += n;
    return p + strspn(p, " ");
}

static void read_place(const char *text, struct place *place)
{
    char kib[WORD];

    text = next_word(text, place->locale, sizeof place->locale);
    text = next_word(text, place->zone, sizeof place->zone);
    text = next_word(text, kib, sizeof kib);
    place->stack_bytes = strtoul(kib, NULL, 10) * 1024;
    if (*text != '\0' || *place->zone == '\0' || place->stack_bytes == 0) {
        fprintf(stderr, "RS_TEST_ABROAD is to be \"LOCALE ZONE KIB\"\n");
        exit(1);
    }
}

/* As a program does that follows its user's settings. */
static void settle(const struct place *place)
{
    const char *folder = getenv("RS_TEST_LOCALES");

    setenv("TZ", place->zone, 1);
    tzset();
    if (folder != NULL)
        setenv("LOCPATH", folder, 1);
    setenv("LC_ALL", place->locale, 1);
    if (setlocale(LC_ALL, "") == NULL) {
        printf("there is no locale %s in \"%s\"\n", place->locale, folder == NULL ? "" : folder);
        exit(CANNOT_RUN);
    }
}

static void *run(void *p)
{
    struct program *program = p;

    program->status = __real_main(program->argc, program->argv);
    return NULL;
}

static int run_on_stack(size_t bytes, struct program *program)
{
    pthread_attr_t attr;
    pthread_t thread;

    if (pthread_attr_init(&attr) != 0 || pthread_attr_setstacksize(&attr, bytes) != 0 ||
        pthread_setattr_default_np(&attr) != 0 ||
        pthread_create(&thread, NULL, run, program) != 0) {
        fprintf(stderr, "no thread with a stack of %zu bytes\n", bytes);
        return 1;
    }
    pthread_attr_destroy(&attr);
    pthread_join(thread, NULL);
    return program->status;
}

/* Becomes the tool with this program as its argument. The tool runs this main again, without the
 * variable. */
static void run_under(const char *tool, int argc, char **argv)
{
    enum { WORDS = 32 };
    static char words[WORDS][4 * WORD];
    char **args = calloc(WORDS + (size_t)argc + 1, sizeof *args);
    size_t n = 0;

    unsetenv("RS_TEST_UNDER");
    if (args == NULL)
        exit(1);
    for (; *tool != '\0' && n < WORDS; n++) {
        tool = next_word(tool, words[n], sizeof words[n]);
        args[n] = words[n];
    }
    memcpy(args + n, argv, (size_t)argc * sizeof *argv);
    execvp(args[0], args);
    printf("%s cannot be run\n", args[0]);
    exit(CANNOT_RUN);
}

int __wrap_main(int argc, char **argv)
{
    const char *text = getenv("RS_TEST_ABROAD"), *tool = getenv("RS_TEST_UNDER");
    struct program program = { argc, 1, argv };
    struct place place;

    if (tool != NULL && *tool != '\0')
        run_under(tool, argc, argv);
    if (text == NULL || *text == '\0')
        return __real_main(argc, argv);
    read_place(text, &place);
    settle(&place);
    return run_on_stack(place.stack_bytes, &program);
}
