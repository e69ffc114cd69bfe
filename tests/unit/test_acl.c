/* Access lists; PostgreSQL, "Privileges", and odbc.md 13.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "odbc/acl.h"
#include "oom.h"
#include "os.h"

enum { POSTGRES = 0, REDSHIFT = 1, COLUMNS = 2 };

/* Every grant as PRIVILEGE GRANTEE GRANTOR, a star after it when it may be granted on. */
static void print(const struct rs_acl *acl, struct rs_buf *out)
{
    for (size_t i = 0; i < acl->n; i++) {
        const struct rs_grant *grant = &acl->grants[i];

        rs_buf_addf(out, "%s%s<%s>%s%s", i > 0 ? ", " : "", grant->privilege, grant->grantee,
                    grant->grantor, grant->is_grantable ? "*" : "");
    }
    rs_buf_add(out, RS_STR(""));
}

/* The owner is "boss"; text NULL: there is no list. more NULL: no second list. */
static const struct {
    int how;
    const char *text, *more, *want; /* want NULL: HY000 */
} cases[] = {
    { POSTGRES, "{}", NULL, "" },
    { POSTGRES, "{ann=r/boss}", NULL, "SELECT<ann>boss" },
    { POSTGRES, "{ann=/boss}", NULL, "" },
    { POSTGRES, "{=r/boss}", NULL, "SELECT<PUBLIC>boss" },
    { POSTGRES, "{ann=r}", NULL, "SELECT<ann>" },
    { POSTGRES, "{ann=ar*w/bob}", NULL, "INSERT<ann>bob, SELECT<ann>bob*, UPDATE<ann>bob" },
    { POSTGRES, "{ann=ar*/bob,NULL,bea=r/bob}", NULL,
      "INSERT<ann>bob, SELECT<ann>bob*, SELECT<bea>bob" },
    /* each letter; what is not known is passed over with its star */
    { POSTGRES, "{ann=arwdDxt/b}", NULL,
      "DELETE<ann>b, INSERT<ann>b, REFERENCES<ann>b, SELECT<ann>b, TRIGGER<ann>b, "
      "TRUNCATE<ann>b, UPDATE<ann>b" },
    { REDSHIFT, "{ann=arwdRxtDPA/b}", NULL,
      "DELETE<ann>b, DROP<ann>b, INSERT<ann>b, REFERENCES<ann>b, SELECT<ann>b, TRIGGER<ann>b, "
      "UPDATE<ann>b" },
    { POSTGRES, "{ann=m*r/b}", NULL, "SELECT<ann>b" },
    { COLUMNS, "{ann=arwdDxt/b}", NULL,
      "INSERT<ann>b, REFERENCES<ann>b, SELECT<ann>b, UPDATE<ann>b" },
    /* the owner */
    { POSTGRES, "{boss=ar/boss}", NULL, "INSERT<boss>_SYSTEM*, SELECT<boss>_SYSTEM*" },
    { POSTGRES, NULL, NULL,
      "DELETE<boss>_SYSTEM*, INSERT<boss>_SYSTEM*, REFERENCES<boss>_SYSTEM*, "
      "SELECT<boss>_SYSTEM*, TRIGGER<boss>_SYSTEM*, TRUNCATE<boss>_SYSTEM*, "
      "UPDATE<boss>_SYSTEM*" },
    { REDSHIFT | COLUMNS, NULL, NULL,
      "INSERT<boss>_SYSTEM*, REFERENCES<boss>_SYSTEM*, SELECT<boss>_SYSTEM*, "
      "UPDATE<boss>_SYSTEM*" },
    /* names */
    { POSTGRES, "{\"\\\"my user\\\"=r/\\\"a/b\\\"\"}", NULL, "SELECT<my user>a/b" },
    { POSTGRES, "{\"\\\"q\\\"\\\"=\\\"=w/\\\"o\\\"\\\"o\\\"\"}", NULL, "UPDATE<q\"=>o\"o" },
    { POSTGRES, "{\"\\\"back\\\\slash\\\"=r/b\"}", NULL, "SELECT<back\\slash>b" },
    { POSTGRES, "{größe=r/späße}", NULL, "SELECT<größe>späße" },
    { REDSHIFT, "{\"group readers=r/boss\"}", NULL, "SELECT<group readers>boss" },
    { REDSHIFT, "{\"group \\\"my group\\\"=r*/boss\"}", NULL, "SELECT<group my group>boss*" },
    { REDSHIFT, "{\"\\\"IAM:x@y.z\\\"=r/boss\"}", NULL, "SELECT<IAM:x@y.z>boss" },
    /* order, and what is there twice */
    { POSTGRES, "{b=w/x,a=w/x,=w/x,a=r/x}", NULL,
      "SELECT<a>x, UPDATE<PUBLIC>x, UPDATE<a>x, UPDATE<b>x" },
    { POSTGRES, "{a=r/y,a=r/x}", NULL, "SELECT<a>x, SELECT<a>y" },
    { COLUMNS, "{a=r/x,b=r/x}", "{a=r*w/x}", "SELECT<a>x*, SELECT<b>x, UPDATE<a>x" },
    { COLUMNS, "{a=r*/x}", "{a=r/x}", "SELECT<a>x*" },
    { COLUMNS, NULL, "{boss=r/boss,ann=r/boss}",
      "INSERT<boss>_SYSTEM*, REFERENCES<boss>_SYSTEM*, SELECT<ann>boss, SELECT<boss>_SYSTEM*, "
      "UPDATE<boss>_SYSTEM*" },
    /* the array: bounds before it, an element that is no NULL */
    { POSTGRES, "[0:1]={ann=r/b,bea=r/b}", NULL, "SELECT<ann>b, SELECT<bea>b" },
    { POSTGRES, "{null=r/b,NULL}", NULL, "SELECT<null>b" },
    { POSTGRES, "{a\\\"n\\\"n=r/b}", NULL, "SELECT<ann>b" },
    { POSTGRES, "[0:1]", NULL, NULL },
    { POSTGRES, "{\"NULL\"}", NULL, NULL },
    { POSTGRES, "{\\NULL}", NULL, NULL },
    /* no such lists */
    { POSTGRES, "", NULL, NULL },
    { POSTGRES, "{", NULL, NULL },
    { POSTGRES, "ann=r/b", NULL, NULL },
    { POSTGRES, "{ann=r/b", NULL, NULL },
    { POSTGRES, "{ann=r/b,}", NULL, NULL },
    { POSTGRES, "{ann=r/b}x", NULL, NULL },
    { POSTGRES, "{{ann=r/b}}", NULL, NULL },
    { POSTGRES, "{\"ann=r/b}", NULL, NULL },
    { POSTGRES, "{\"ann=r/b\"x}", NULL, NULL },
    { POSTGRES, "{ann\\", NULL, NULL },
    { POSTGRES, "{ann}", NULL, NULL },
    { POSTGRES, "{ann=*r/b}", NULL, NULL },
    { POSTGRES, "{ann=r-b}", NULL, NULL },
    { POSTGRES, "{\"\\\"ann=r/b\"}", NULL, NULL },
    { POSTGRES, "{\"ann=r/\\\"b\"}", NULL, NULL },
};

static bool add(struct rs_acl *acl, const char *text, struct rs_diag *diag)
{
    return text == NULL ? rs_acl_add_default(acl, diag) : rs_acl_add(acl, rs_str_of(text), diag);
}

static void reads_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rs_diag diag = { 0 };
        struct rs_buf got = RS_BUF_INIT(4096);
        struct rs_acl acl;
        bool ok;

        rs_acl_init(&acl, (cases[i].how & REDSHIFT) != 0, (cases[i].how & COLUMNS) != 0);
        rs_acl_begin(&acl, RS_STR("boss"));
        ok = add(&acl, cases[i].text, &diag) &&
             (cases[i].more == NULL || rs_acl_add(&acl, rs_str_of(cases[i].more), &diag));
        if (ok) {
            rs_acl_sort(&acl);
            print(&acl, &got);
        }
        if (ok != (cases[i].want != NULL) || (ok && strcmp(got.p, cases[i].want) != 0))
            fail_msg("row %zu: %d \"%s\"", i, ok, ok ? got.p : "");
        if (!ok)
            assert_int_equal(rs_diag_get(&diag, 0)->state, RS_HY000);
        rs_buf_clear(&got);
        rs_acl_clear(&acl);
        rs_diag_clear(&diag);
    }
}

/* One list for one table after the other. */
static void begins_anew(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_acl acl;

    (void)state;
    rs_acl_init(&acl, false, false);
    rs_acl_begin(&acl, RS_STR("a"));
    assert_true(rs_acl_add_default(&acl, &diag));
    rs_acl_begin(&acl, RS_STR("b"));
    assert_true(rs_acl_add(&acl, RS_STR("{a=r/b}"), &diag));
    rs_acl_sort(&acl);
    assert_int_equal(acl.n, 1);
    assert_string_equal(acl.grants[0].grantee, "a");
    assert_string_equal(acl.grants[0].grantor, "b");
    rs_acl_clear(&acl);
    rs_acl_clear(&acl);
    rs_diag_clear(&diag);
}

/* A user may be called as a group is spelled. */
static void tells_a_group_from_the_owner(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_acl acl;

    (void)state;
    rs_acl_init(&acl, true, false);
    rs_acl_begin(&acl, RS_STR("group x"));
    assert_true(rs_acl_add(&acl, RS_STR("{\"group x=r/b\"}"), &diag));
    rs_acl_sort(&acl);
    assert_string_equal(acl.grants[0].grantor, "b");
    rs_acl_begin(&acl, RS_STR("group x"));
    assert_true(rs_acl_add(&acl, RS_STR("{\"\\\"group x\\\"=r/b\"}"), &diag));
    rs_acl_sort(&acl);
    assert_string_equal(acl.grants[0].grantor, "_SYSTEM");
    rs_acl_clear(&acl);
    rs_diag_clear(&diag);
}

/* A name is text up to its NUL, so there is none with a NUL in it. */
static void refuses_nul(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_acl acl;

    (void)state;
    rs_acl_init(&acl, false, false);
    rs_acl_begin(&acl, RS_STR("boss"));
    assert_false(rs_acl_add(&acl, RS_STR("{\0b=r/boss}"), &diag));
    assert_int_equal(rs_diag_get(&diag, 0)->state, RS_HY000);
    rs_acl_clear(&acl);
    rs_diag_clear(&diag);
}

static bool scenario(void *unused)
{
    struct rs_diag diag = { 0 };
    struct rs_acl acl;
    bool ok;

    (void)unused;
    rs_acl_init(&acl, false, false);
    rs_acl_begin(&acl, RS_STR("boss"));
    ok = rs_acl_add_default(&acl, &diag) &&
         rs_acl_add(&acl, RS_STR("{ann=arwdDxt/boss,\"\\\"b b\\\"=arwdDxt/boss\"}"), &diag);
    if (ok) {
        assert_int_equal(diag.n, 0);
        rs_acl_sort(&acl);
    } else {
        assert_int_equal(rs_diag_get(&diag, 0)->state, RS_HY001);
    }
    rs_acl_clear(&acl);
    rs_diag_clear(&diag);
    return ok;
}

static void survives_no_memory(void **state)
{
    (void)state;
    rs_test_oom(scenario, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lists),
        cmocka_unit_test(begins_anew),
        cmocka_unit_test(tells_a_group_from_the_owner),
        cmocka_unit_test(refuses_nul),
        cmocka_unit_test(survives_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
