/*
 * What a stand-in for a server does on one connection once it has read the start-up packet: bytes
 * it sends and requests it awaits, in order. Made by hand here, or recorded (recorder.h); played
 * by player.h. Memory that runs out ends the program.
 *
 * Source: PostgreSQL documentation, "Message Formats".
 */
#ifndef RS_TEST_SCRIPT_H
#define RS_TEST_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum script_do {
    SCRIPT_AWAIT, /* reads messages to the end of a request: a password, Query or Sync */
    SCRIPT_SEND,
    SCRIPT_UNTIL_CANCEL, /* waits for a cancel request, for one more each time */
    SCRIPT_HANG,         /* reads what comes and says nothing more */
    SCRIPT_DEAF,         /* reads nothing and says nothing more */
    SCRIPT_RESET         /* ends the connection with a reset */
};

struct script_step {
    enum script_do what;
    size_t at, n, times; /* SEND: bytes, sent so many times over */
};

struct script {
    struct script_step *step;
    size_t steps, step_cap;
    unsigned char *bytes;
    size_t n, cap;
    bool apart; /* what is added next is a step of its own */
};

void script_clear(struct script *s);
void script_add(struct script *s, enum script_do what); /* any but SEND */
/* Bytes; those that follow each other are one step, sent together. */
void script_say(struct script *s, const void *p, size_t n);
/* All that was said since script_part is sent n times. */
void script_part(struct script *s);
void script_times(struct script *s, size_t n);
/* Bytes it sends in all. */
size_t script_length(const struct script *s);

/* ---- messages ---- */

void script_message(struct script *s, char type, const void *body, size_t n);
/* A message whose length field claims so many bytes, itself included. */
void script_claim(struct script *s, char type, uint32_t length, const void *body, size_t n);
void script_status(struct script *s, const char *name, const char *value);
void script_report(struct script *s, char type, const char *severity, const char *code,
                   const char *text);
void script_shape(struct script *s, size_t columns); /* text columns c1, c2 … */
void script_row(struct script *s, size_t columns, const char *const *values); /* NULL: null */
/* One column of n bytes, all of them `fill`. */
void script_wide_row(struct script *s, size_t n, char fill);
void script_command(struct script *s, const char *tag);
void script_ready(struct script *s, char txn);
/* Lets the client in without a password: statuses, key data, ready. */
void script_welcome(struct script *s);

#endif
