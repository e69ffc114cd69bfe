/*
 * A browser that is played: it is "started" through a scripted world, remembers the URL it was to
 * open, and then sends requests to the local listener from a thread of its own, one after the
 * other. {port}, {state} and {body} in what it sends become the listener's port (the redirect_uri
 * or the one given), the URL's state, and the length of the body.
 */
#ifndef RS_TEST_PLAYBROWSER_H
#define RS_TEST_PLAYBROWSER_H

#include <pthread.h>

#include "fakeworld.h"

struct play_step {
    const char *head;  /* up to and with the empty line; NULL: a good POST's */
    const char *body;  /* NULL: none */
    const char *extra; /* headers for the good POST, each with its line end */
    size_t repeat;     /* the last byte so many times more */
    const char *wants; /* at the beginning of the answer; NULL: no answer at all */
    bool by_v6, is_slow /* byte by byte */, keeps_quiet /* connects, sends nothing */;
};

enum { PLAY_MAX = 80, PLAY_ANSWER_MAX = 2048 };

struct play_browser {
    struct fake_world fake; /* first: the world's ctx */
    const struct play_step *step;
    size_t n;
    int port; /* 0: that of the URL's redirect_uri */
    bool cannot_start;
    /* inside, and what came of it */
    char program[512], url[4096], state[256];
    size_t n_started, n_sent;
    char (*answer)[PLAY_ANSWER_MAX]; /* of each step, until the next one is initialised */
    pthread_t thread;
    bool is_running;
};

/* Answers and steps must outlive it. One at a time. */
void play_browser_init(struct play_browser *play, const struct fake_answer *answer,
                       size_t n_answers, const struct play_step *step, size_t n);
/* One that nobody listens on. */
int play_browser_free_port(void);
/* Waits for the thread; fails the test where an answer is not the one wanted. */
void play_browser_end(struct play_browser *play);

#endif
