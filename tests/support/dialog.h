/*
 * A scripted server on 127.0.0.1 for openers: each connection plays the next script, step by step,
 * the last one again and again. It reads what the script says it reads, keeps the bytes, and
 * closes when the script is through. Nothing in it allocates through os.h while it plays.
 */
#ifndef RS_TEST_DIALOG_H
#define RS_TEST_DIALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dialog;

struct dialog *dialog_new(void);
void dialog_free(struct dialog *d);
int32_t dialog_port(const struct dialog *d);

/* ---- steps of the script of the next connection ---- */

void dialog_packet(struct dialog *d);  /* reads a packet without type: start-up, SSLRequest */
void dialog_message(struct dialog *d); /* reads a message with type */
void dialog_send(struct dialog *d, const void *p, size_t n);
void dialog_auth(struct dialog *d, uint32_t code, const void *more, size_t n);
void dialog_put(struct dialog *d, char type, const void *body, size_t n);
void dialog_error(struct dialog *d, const char *code, const char *message);
void dialog_welcome(struct dialog *d); /* AuthenticationOk, two statuses, key data, ready: 1 send */
void dialog_hang(struct dialog *d);    /* says and reads nothing until the client leaves */
void dialog_then(struct dialog *d);    /* the script ends */

void dialog_start(struct dialog *d);

/* ---- what it saw ---- */

int dialog_connections(struct dialog *d);
/* Bytes that were read on the last connection, or on all, contain these. */
bool dialog_got(struct dialog *d, const void *p, size_t n);
/* Waits until the last connection has ended on the server's side. */
void dialog_settle(struct dialog *d);

#endif
