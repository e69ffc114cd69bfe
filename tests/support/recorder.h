/*
 * Records one session of a client with a real server, in the clear, as a script that a player can
 * play again without the server: every byte the server said, and after how many requests.
 */
#ifndef RS_TEST_RECORDER_H
#define RS_TEST_RECORDER_H

#include "script.h"

/*
 * Listens on 127.0.0.1, calls session(port, arg), which connects there once, and passes what
 * flows on to the server at 127.0.0.1:to_port. Returns when the session has ended.
 */
void recorder_run(int to_port, void (*session)(int port, void *arg), void *arg, struct script *out);

#endif
