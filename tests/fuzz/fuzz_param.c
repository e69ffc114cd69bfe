/*
 * Any text or bytes as any SQL type: exactly one error when refused; dates, numbers and intervals
 * that are taken are taken again from what they became.
 * Input: C type (text, wide, binary), SQL type, column size, digits and flags, value.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "odbc/param.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 4, LIMIT = 10000000 };

static const SQLSMALLINT c_types[] = { SQL_C_CHAR, SQL_C_WCHAR, SQL_C_BINARY };
static const SQLSMALLINT sql_types[] = {
    SQL_CHAR,
    SQL_WLONGVARCHAR,
    SQL_BIT,
    SQL_TINYINT,
    SQL_SMALLINT,
    SQL_INTEGER,
    SQL_BIGINT,
    SQL_REAL,
    SQL_DOUBLE,
    SQL_NUMERIC,
    SQL_VARBINARY,
    SQL_TYPE_DATE,
    SQL_TYPE_TIME,
    SQL_TYPE_TIMESTAMP,
    SQL_GUID,
    SQL_INTERVAL_YEAR,
    SQL_INTERVAL_MONTH,
    SQL_INTERVAL_DAY,
    SQL_INTERVAL_HOUR,
    SQL_INTERVAL_MINUTE,
    SQL_INTERVAL_SECOND,
    SQL_INTERVAL_YEAR_TO_MONTH,
    SQL_INTERVAL_DAY_TO_HOUR,
    SQL_INTERVAL_DAY_TO_MINUTE,
    SQL_INTERVAL_DAY_TO_SECOND,
    SQL_INTERVAL_HOUR_TO_MINUTE,
    SQL_INTERVAL_HOUR_TO_SECOND,
    SQL_INTERVAL_MINUTE_TO_SECOND,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_param_spec spec;
    struct rs_buf out = RS_BUF_INIT(LIMIT), again = RS_BUF_INIT(LIMIT);
    struct rs_diag diag = { 0 };
    SQLLEN len;

    if (size < HEAD)
        return 0;
    spec = (struct rs_param_spec){ .c_type = c_types[data[0] % RS_COUNT(c_types)],
                                   .sql_type = sql_types[data[1] % RS_COUNT(sql_types)],
                                   .column_size = data[2],
                                   .digits = data[3] & 7,
                                   .truncate_nanoseconds = (data[3] & 8) != 0,
                                   .is_redshift = (data[3] & 16) != 0 };
    len = (SQLLEN)(size - HEAD);
    if (rs_param_encode(&spec, data + HEAD, len, &out, &diag)) {
        assert(diag.n_error == 0);
        spec.c_type = SQL_C_CHAR;
        if (spec.is_redshift && out.p != NULL && spec.sql_type != SQL_TYPE_TIMESTAMP) {
            assert(rs_param_encode(&spec, out.p, (SQLLEN)out.len, &again, &diag));
            /* A number whose fraction was cut may end in zeros. */
            if (spec.sql_type != SQL_NUMERIC)
                assert(again.len == out.len && memcmp(again.p, out.p, out.len) == 0);
        }
    } else {
        assert(diag.n_error == 1);
    }
    rs_diag_clear(&diag);
    rs_buf_clear(&out);
    rs_buf_clear(&again);
    return 0;
}
