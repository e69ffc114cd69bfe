/* Types by the names of catalog views and external tables; redshift.md 7.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "odbc/typename.h"

#define VAR(n)    ((n) + 4)
#define NUM(p, s) (((p) << 16 | (s)) + 4)

static const struct {
    const char *name;
    int64_t length, precision, scale; /* what the view says besides */
    uint32_t oid;
    int32_t typmod;
    bool is_known;
} cases[] = {
    /* views; the precision of integers is in bits */
    { "smallint", -1, 16, 0, 21, -1, true },
    { "integer", -1, 32, 0, 23, -1, true },
    { "bigint", -1, 64, 0, 20, -1, true },
    { "numeric", -1, 18, 4, 1700, NUM(18, 4), true },
    { "numeric", -1, 38, 37, 1700, NUM(38, 37), true },
    { "numeric", -1, -1, -1, 1700, -1, true },
    { "numeric", -1, 5, 9, 1700, -1, true },
    { "real", -1, 24, -1, 700, -1, true },
    { "double precision", -1, 53, -1, 701, -1, true },
    { "boolean", -1, -1, -1, 16, -1, true },
    { "character varying", 256, -1, -1, 1043, VAR(256), true },
    { "character varying", -1, -1, -1, 1043, -1, true },
    { "character", 8, -1, -1, 1042, VAR(8), true },
    { "text", -1, -1, -1, 25, -1, true },
    { "date", -1, -1, -1, 1082, -1, true },
    { "time without time zone", -1, -1, -1, 1083, -1, true },
    { "time with time zone", -1, -1, -1, 1266, -1, true },
    { "timestamp without time zone", -1, -1, -1, 1114, -1, true },
    { "timestamp with time zone", -1, -1, -1, 1184, -1, true },
    { "timestamp(6) with time zone", -1, -1, -1, 1184, -1, true },
    { "intervaly2m", -1, -1, -1, 1188, -1, true },
    { "interval day to second", -1, -1, -1, 1190, -1, true },
    { "interval day to second(6)", -1, -1, -1, 1190, -1, true },
    { "binary varying", 100, -1, -1, 6551, VAR(100), true },
    { "varbyte", -1, -1, -1, 6551, -1, true },
    { "super", -1, -1, -1, 4000, -1, true },
    { "geometry", -1, -1, -1, 3999, -1, true },
    { "geography", -1, -1, -1, 3001, -1, true },
    { "hllsketch", -1, -1, -1, 2935, -1, true },
    { "\"char\"", -1, -1, -1, 18, -1, true },
    { "name", -1, -1, -1, 19, -1, true },
    { "oid", -1, -1, -1, 26, -1, true },
    { "integer[]", -1, -1, -1, 1007, -1, true },
    { "INTEGER", -1, -1, -1, 23, -1, true },
    /* names with sizes, as late-bound views and external tables have them */
    { "varchar(20)", -1, -1, -1, 1043, VAR(20), true },
    { "varchar(20)", 30, -1, -1, 1043, VAR(20), true },
    { "character varying(120)", -1, -1, -1, 1043, VAR(120), true },
    { "character( 3 )", -1, -1, -1, 1042, VAR(3), true },
    { "decimal(10,2)", -1, -1, -1, 1700, NUM(10, 2), true },
    { "decimal(10, 2)", -1, 5, 1, 1700, NUM(10, 2), true },
    { "decimal(7)", -1, -1, -1, 1700, NUM(7, 0), true },
    { "DECIMAL(99999,2)", -1, -1, -1, 1700, -1, true },
    { "varchar(99999999999999999999)", -1, -1, -1, 1043, -1, true },
    { "varchar(-5)", -1, -1, -1, 1043, -1, true },
    { "varchar(", -1, -1, -1, 1043, -1, true },
    { "varchar)(", -1, -1, -1, 1043, -1, false },
    /* external tables */
    { "tinyint", -1, -1, -1, 21, -1, true },
    { "int", -1, -1, -1, 23, -1, true },
    { "long", -1, -1, -1, 20, -1, true },
    { "float", -1, -1, -1, 701, -1, true },
    { "double", -1, -1, -1, 701, -1, true },
    { "string", -1, -1, -1, 1043, VAR(65535), true },
    { "binary", -1, -1, -1, 6551, -1, true },
    { "array<int>", -1, -1, -1, 4000, -1, true },
    { "struct<a:int,b:array<varchar(10)>>", -1, -1, -1, 4000, -1, true },
    { "map<string,decimal(3,1)>", -1, -1, -1, 4000, -1, true },
    { "row(a int)", -1, -1, -1, 4000, -1, true },
    { " bigint ", -1, -1, -1, 20, -1, true },
    /* anything else */
    { "uniontype<int>", -1, -1, -1, 1043, -1, false },
    { "USER-DEFINED", -1, -1, -1, 1043, -1, false },
    { "", -1, -1, -1, 1043, -1, false },
};

static void finds_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_type_sizes sizes = { cases[i].length, cases[i].precision, cases[i].scale };
        struct rs_type_found got = rs_type_by_name(rs_str_of(cases[i].name), &sizes);
        bool is_known = cases[i].is_known;

        if (got.oid != cases[i].oid || got.is_known != is_known ||
            (is_known && got.typmod != cases[i].typmod))
            fail_msg("\"%s\": oid %u, modifier %d, %s", cases[i].name, got.oid, got.typmod,
                     got.is_known ? "known" : "unknown");
    }
}

static const struct {
    const char *list, *want; /* names divided by a bar */
} lists[] = {
    { "integer", "integer" },
    { "integer, character varying", "integer|character varying" },
    { " numeric(10,2) , struct<a:int,b:int>,date", "numeric(10,2)|struct<a:int,b:int>|date" },
    { "", "" },
    { ",", "|" },
    { "a),b", "a)|b" },
    { "a(b,c", "a(b,c" },
};

static void divides_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(lists); i++) {
        struct rs_str rest = rs_str_of(lists[i].list), name;
        struct rs_buf got = RS_BUF_INIT(256);
        const char *bar = "";

        while (rs_type_list_next(&rest, &name)) {
            rs_buf_adds(&got, bar);
            rs_buf_add(&got, name);
            bar = "|";
        }
        if (!rs_str_eq(rs_buf_str(&got), rs_str_of(lists[i].want)))
            fail_msg("\"%s\": got \"%.*s\"", lists[i].list, (int)got.len, got.p);
        rs_buf_clear(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_types),
        cmocka_unit_test(divides_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
