/*
 * What this process has learned of servers, by host and port. It saves round trips and decides
 * nothing that a connection would not find out again: the oldest is forgotten first.
 */
#ifndef RS_KNOWN_H
#define RS_KNOWN_H

#include "os.h"

enum rs_known {
    RS_KNOWN_BEYOND_LIBPQ, /* libpq was not able to sign in, our own opener was */
    RS_KNOWN_PLAIN,        /* refuses the optional start-up parameters, as PostgreSQL does */
    RS_KNOWN_COUNT
};

/* Any thread. */
bool rs_known_is(enum rs_known what, const char *host, int32_t port);
void rs_known_add(enum rs_known what, const char *host, int32_t port);

#endif
