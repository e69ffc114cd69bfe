/*
 * Answers to the catalog functions' queries, kept by a connection for MetadataCacheSeconds. What is
 * kept is what the server answered, cell by cell, under the query's text and parameters; the result
 * is made of it anew each time.
 *
 * Kept answers are dropped before a statement of the application's that may change a catalog, and
 * when a transaction is rolled back. What other connections change shows when the time is over.
 *
 * Locked: dbc. Source: odbc.md 13.3, "Metadata cache".
 */
#ifndef RS_ODBC_CATALOG_CACHE_H
#define RS_ODBC_CATALOG_CACHE_H

#include "../str.h"
#include "result.h"
#include "sqlscan.h"

struct rs_cached; /* one answer */

struct rs_catalog_cache {
    struct rs_cached *first; /* NULL: empty */
    size_t n;
};

enum { RS_CACHE_ANSWERS = 64, RS_CACHE_ANSWER_BYTES = 1 << 22 };

/* The answer to the key that is still good at now_ms; NULL: none. Valid until the cache changes. */
const struct rs_made_rows *rs_cache_find(struct rs_catalog_cache *cache, struct rs_str key,
                                         int64_t now_ms);
/* Takes the rows over; they are empty afterwards. Without memory, nothing is kept. */
void rs_cache_keep(struct rs_catalog_cache *cache, struct rs_str key, struct rs_made_rows *rows,
                   int64_t until_ms);
void rs_cache_drop(struct rs_catalog_cache *cache);
/* The application is about to run that: drops all unless it can change no catalog. A function that
 * is called in a SELECT is not looked into. */
void rs_cache_before(struct rs_catalog_cache *cache, const struct rs_sql *sql);

#endif
