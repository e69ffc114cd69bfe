/*
 * Catalog queries that the server keeps prepared, so that asking for the columns of one table after
 * another costs no planning each time (which is ten times what running them costs).
 *
 * One cache a connection. Locked: dbc.
 */
#ifndef RS_ODBC_QUERYCACHE_H
#define RS_ODBC_QUERYCACHE_H

#include "../session.h"

enum { RS_QUERY_CACHE_SLOTS = 16 };

struct rs_query_cache {
    struct rs_query_slot {
        struct rs_prepared *prepared; /* NULL: free */
        uint64_t used;                /* when, by count of uses */
    } slot[RS_QUERY_CACHE_SLOTS];
    uint64_t uses;
};

/* Where the statement with this text stands, for struct rs_request's prepared. A text that is not
 * there gets the place of the one that was not used for the longest time. */
struct rs_prepared **rs_query_cache_find(struct rs_query_cache *cache, struct rs_session *session,
                                         struct rs_str sql);
/* The server closes them with the next request, if there is one. */
void rs_query_cache_clear(struct rs_query_cache *cache, struct rs_session *session);

#endif
