#include "catalog_cache.h"

#include <string.h>

#include "../os.h"

struct rs_cached {
    struct rs_cached *next;
    int64_t until_ms;
    char *key;
    size_t key_n;
    struct rs_made_rows rows;
};

static void free_answer(struct rs_cached *answer)
{
    rs_made_clear(&answer->rows);
    rs_free(answer->key);
    rs_free(answer);
}

static void drop_at(struct rs_catalog_cache *cache, struct rs_cached **at)
{
    struct rs_cached *answer = *at;

    *at = answer->next;
    cache->n--;
    free_answer(answer);
}

const struct rs_made_rows *rs_cache_find(struct rs_catalog_cache *cache, struct rs_str key,
                                         int64_t now_ms)
{
    for (struct rs_cached **at = &cache->first; *at != NULL;) {
        if ((*at)->until_ms <= now_ms)
            drop_at(cache, at);
        else if (rs_str_eq((struct rs_str){ (*at)->key, (*at)->key_n }, key))
            return &(*at)->rows;
        else
            at = &(*at)->next;
    }
    return NULL;
}

void rs_cache_keep(struct rs_catalog_cache *cache, struct rs_str key, struct rs_made_rows *rows,
                   int64_t until_ms)
{
    struct rs_cached *answer = rs_new(struct rs_cached, NULL);

    if (answer == NULL)
        return;
    answer->key = rs_str_dup(key, NULL);
    if (answer->key == NULL) {
        rs_free(answer);
        return;
    }
    if (cache->n >= RS_CACHE_ANSWERS)
        rs_cache_drop(cache);
    answer->key_n = key.n;
    answer->until_ms = until_ms;
    answer->rows = *rows;
    *rows = (struct rs_made_rows){ .n_columns = 0 };
    answer->next = cache->first;
    cache->first = answer;
    cache->n++;
}

void rs_cache_drop(struct rs_catalog_cache *cache)
{
    while (cache->first != NULL)
        drop_at(cache, &cache->first);
}

/* SELECT … INTO makes a table; the word may as well be somebody's column. */
static bool has_into(struct rs_str sql)
{
    for (size_t i = 0; i + 4 <= sql.n; i++)
        if (rs_str_eq_nocase((struct rs_str){ sql.p + i, 4 }, RS_STR("into")))
            return true;
    return false;
}

/* COMMIT is not: the server may roll back instead. */
static bool is_harmless(const struct rs_sql *sql)
{
    if (sql->n_statements > 1)
        return false;
    if (sql->verb == RS_VERB_SELECT)
        return !has_into((struct rs_str){ sql->text, sql->len });
    return sql->verb == RS_VERB_NONE || sql->verb == RS_VERB_INSERT ||
           sql->verb == RS_VERB_UPDATE || sql->verb == RS_VERB_DELETE || sql->verb == RS_VERB_BEGIN;
}

void rs_cache_before(struct rs_catalog_cache *cache, const struct rs_sql *sql)
{
    if (cache->first != NULL && !is_harmless(sql))
        rs_cache_drop(cache);
}
