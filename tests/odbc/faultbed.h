/*
 * For tests of what the driver does when the server or the line fails: connections to a player,
 * in the clear and over TLS with a certificate of the bench, opened as RS_TEST_KEYS says (by libpq
 * when it says nothing).
 */
#ifndef RS_TEST_FAULTBED_H
#define RS_TEST_FAULTBED_H

#include "odbctest.h"

#include "player.h"
#include "script.h"

enum f_mode { F_CLEAR, F_TLS };
extern const char *const f_mode_names[2];

/* With the bench's good certificate. */
struct player *f_player(void);
/* A connection string to a port of 127.0.0.1; extra: more keys or "". */
void f_string(char *out, size_t cap, int port, enum f_mode mode, const char *extra);
/* The driver makes the connection by itself. */
bool f_is_native(void);

/* A player with one script and one connection to it. Zero at first. */
struct f_bed {
    struct player *player;
    struct script script;
    struct t_conn conn;
};
/* Begins the script: the client is let in. */
void f_begin(struct f_bed *bed);
/* Plays the script and connects. */
void f_connect(struct f_bed *bed, enum f_mode mode, struct player_how how, const char *extra);
/* Disconnects and frees all, the script too. */
void f_end(struct f_bed *bed);

/* The connection is dead: says so, and refuses a statement with 08S01. */
void f_expect_dead(struct t_conn *conn);
/* Record 1 has this state and a text that contains `part`. */
void f_expect_record(SQLSMALLINT kind, SQLHANDLE handle, const char *state, const char *part);
/* Open descriptors of this process. */
int f_descriptors(void);
/* Resident memory of this process in KiB, now; 0 under a tool. */
long f_resident_kib(void);

#endif
