/*
 * A scripted outside world: answers in order, a clock that moves only when one sleeps, variables
 * by name. What was asked is kept for the test to look at.
 */
#ifndef RS_TEST_FAKEWORLD_H
#define RS_TEST_FAKEWORLD_H

#include "diag.h"
#include "http.h"
#include "os.h"

struct fake_answer {
    int status;          /* 0: no answer at all, see fail */
    const char *body;    /* NULL: empty */
    const char *headers; /* "Name: value\n…", NULL: none */
    int64_t date_s;
    enum rs_state fail; /* posted when status is 0 */
    bool is_final;      /* with fail: not worth another try */
};

enum { FAKE_MAX = 8 };

struct fake_world {
    struct rs_world world;
    int64_t utc_s; /* start; sleeping moves it */
    int64_t slept_ms;
    double random;
    const struct fake_answer *answer;
    size_t n_answers;
    const char *const (*env)[2]; /* name, value; ends with NULL */
    const char *aliases;         /* lines that DNS says of any name; NULL: none */
    /* what was asked */
    size_t n_aliases_asked;
    size_t n_asked;
    char url[FAKE_MAX][512];
    char headers[FAKE_MAX][4096];
    char body[FAKE_MAX][4096];
    char ca_file[FAKE_MAX][512];
    char method[FAKE_MAX][8];
    char user_agent[FAKE_MAX][128]; /* empty: the driver's own */
    bool is_unchecked[FAKE_MAX], negotiates[FAKE_MAX];
    const struct rs_http_session *session[FAKE_MAX];
    int64_t slept_before[FAKE_MAX]; /* ms slept before this request, all in all */
};

/* Answers must outlive the world. */
void fake_world_init(struct fake_world *fake, const struct fake_answer *answer, size_t n);
/* Starts the script over; keeps clock and variables. */
void fake_world_rewind(struct fake_world *fake);
/* True when request number i (0-based) had that header with that value. */
bool fake_world_had_header(const struct fake_world *fake, size_t i, const char *name,
                           const char *value);
/* The text holds these words. Under memcheck (RS_TEST_PATIENCE) a program that cannot be started is
 * one that begins and ends with 127: its child does not share memory with the parent there. */
bool fake_world_says(const char *text, const char *words);

#endif
