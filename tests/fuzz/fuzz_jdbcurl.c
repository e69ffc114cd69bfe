/* JDBC URLs: no crash; what is read names a place, and never another place to look. */
#include <stdint.h>
#include <stdlib.h>

#include "odbc/jdbcurl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data, size };
    struct rs_connstr list = { 0 };
    struct rs_diag diag = { 0 };

    if (size > 65536)
        return 0;
    if (!rs_jdbcurl_read(text, &list, &diag)) {
        if (diag.n_error != 1)
            abort();
    } else if (!rs_jdbcurl_is(text) || diag.n != 0 ||
               (rs_connstr_find(&list, RS_KEY_server) == NULL &&
                rs_connstr_find(&list, RS_KEY_cluster_id) == NULL) ||
               rs_connstr_find(&list, RS_KEY_iam) == NULL ||
               rs_connstr_find(&list, RS_KEY_url) != NULL ||
               rs_connstr_find(&list, RS_KEY_dsn) != NULL ||
               rs_connstr_find(&list, RS_KEY_driver) != NULL) {
        abort();
    }
    rs_connstr_clear(&list);
    rs_diag_clear(&diag);
    return 0;
}
