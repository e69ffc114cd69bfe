#include "querycache.h"

struct rs_prepared **rs_query_cache_find(struct rs_query_cache *cache, struct rs_session *session,
                                         struct rs_str sql)
{
    struct rs_query_slot *oldest = &cache->slot[0];

    cache->uses++;
    for (size_t i = 0; i < RS_QUERY_CACHE_SLOTS; i++) {
        struct rs_query_slot *slot = &cache->slot[i];

        if (slot->prepared != NULL && rs_str_eq(rs_prepared_sql(slot->prepared), sql)) {
            slot->used = cache->uses;
            return &slot->prepared;
        }
        if (slot->used < oldest->used)
            oldest = slot;
    }
    rs_prepared_free(session, oldest->prepared);
    *oldest = (struct rs_query_slot){ .used = cache->uses };
    return &oldest->prepared;
}

void rs_query_cache_clear(struct rs_query_cache *cache, struct rs_session *session)
{
    for (size_t i = 0; i < RS_QUERY_CACHE_SLOTS; i++)
        rs_prepared_free(session, cache->slot[i].prepared);
    *cache = (struct rs_query_cache){ .uses = 0 };
}
