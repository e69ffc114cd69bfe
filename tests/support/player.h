/*
 * A server on 127.0.0.1 that plays scripts, in the clear and over TLS as the client asks: any
 * number of connections at once, each played whole, cut, in pieces or with a stall. What it does
 * to the bytes is done to those on the wire, TLS's own included. Cancel requests are counted and
 * can be swallowed. Independent of the driver, so that it may stand beside any client.
 */
#ifndef RS_TEST_PLAYER_H
#define RS_TEST_PLAYER_H

#include "script.h"

enum { PLAYER_NEVER = -1 };

/* What happens to the bytes of each connection; all zero but `cut` and `stall` is plain. */
struct player_how {
    long cut;        /* the connection ends after so many bytes, or PLAYER_NEVER */
    bool inside;     /* `cut` counts the bytes inside TLS: the last record is whole */
    bool reset;      /* it is reset then, not closed */
    long stall;      /* after so many bytes nothing more is said, or PLAYER_NEVER */
    size_t piece;    /* bytes of one write, 0: as many as there are */
    size_t record;   /* bytes of one TLS record, 0: as many as fit */
    bool swallow;    /* connections after the first are accepted and get no answer */
    bool tls_stalls; /* S is answered, then nothing */
    bool early;      /* a byte follows S in the clear, then TLS */
    /* It is an HTTP proxy in front of the server: what it answers to a request; NULL: it is none.
     * It goes on as the server behind a 200. */
    const char *reply;
    int tls_only; /* the one version of TLS it speaks, as OpenSSL numbers them; 0: any */
};
#define PLAYER_PLAIN                                                                               \
    (struct player_how)                                                                            \
    {                                                                                              \
        .cut = PLAYER_NEVER, .stall = PLAYER_NEVER                                                 \
    }

struct player;

/* cert, key: files in PEM of the server's certificate. */
struct player *player_new(const char *cert, const char *key);
/* Another certificate for the connections from now on. */
void player_certificate(struct player *p, const char *cert, const char *key);
/* Ends all connections and waits for them. */
void player_free(struct player *p);
int player_port(const struct player *p);

/* What the connections from now on get to see. The script is borrowed until the next call, which
 * waits until all earlier connections have ended. */
void player_play(struct player *p, const struct script *script, struct player_how how);

/* ---- what it saw, since player_play ---- */

int player_connections(struct player *p);
int player_cancels(struct player *p);
/* Start-up packets: clients that found the server good enough to speak to. */
int player_startups(struct player *p);
/* The server name the last handshake that succeeded asked for, "" for none; valid until the next
 * call. */
const char *player_server_name(struct player *p);
/* The last request to the proxy, to its empty line; valid until the next call. */
const char *player_request(struct player *p);
/* Bytes sent on the last connection that has ended. */
long player_sent(struct player *p);

#endif
