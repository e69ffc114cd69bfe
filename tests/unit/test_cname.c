/* Aliases in a name server's answer. RFC 1035 4.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cname.h"

#define HEAD(questions, answers) "\1\2\x81\x80" questions answers "\0\0\0\0"
#define QUESTION                 "\2db\3a-b\3com\0\0\1\0\1" /* its name lies at 12 */
#define RECORD(type)             type "\0\1\0\0\0\x3c"
#define CNAME                    RECORD("\0\5")
#define ADDRESS                  "\3end\0" RECORD("\0\1") "\0\4\1\2\3\4"
#define TEXT(bytes)                                                                                \
    {                                                                                              \
        bytes, sizeof(bytes) - 1                                                                   \
    }

static void reads(void **state)
{
    static const struct {
        struct rs_str reply;
        const char *host, *want;
    } cases[] = {
        { TEXT(HEAD("\0\1", "\0\1") QUESTION "\xc0\x0c" CNAME "\0\5\3end\0"), "db.a-b.com",
          "end\n" },
        { TEXT(HEAD("\0\1", "\0\1") QUESTION "\xc0\x0c" CNAME "\0\5\3end\0"), "DB.A-B.com.",
          "end\n" },
        { TEXT(HEAD("\0\1", "\0\1") QUESTION "\xc0\x0c" CNAME "\0\4\1x\xc0\x13"), "db.a-b.com",
          "x.com\n" },
        /* in any order, among others */
        { TEXT(HEAD("\0\0", "\0\4") ADDRESS "\3mid\0" CNAME "\0\5\3end\0"
                                            "\1h\0" CNAME "\0\5\3mid\0"
                                            "\1z\0" CNAME "\0\3\1y\0"),
          "h", "mid\nend\n" },
        { TEXT(HEAD("\0\0", "\0\1") ADDRESS), "end", "" },
        { TEXT(HEAD("\0\0", "\0\0")), "h", "" },
        /* round and round */
        { TEXT(HEAD("\0\0", "\0\1") "\1h\0" CNAME "\0\3\1h\0"), "h", "h\nh\nh\nh\nh\nh\nh\nh\n" },
        /* of another kind */
        { TEXT(HEAD("\0\0", "\0\1") "\1h\0" RECORD("\0\20") "\0\5\3end\0"), "h", "" },
        { TEXT(HEAD("\0\0", "\0\1") "\1h\0\0\5\0\3\0\0\0\0\0\5\3end\0"), "h", "" },
        /* no host name */
        { TEXT(HEAD("\0\0", "\0\1") "\1h\0" CNAME "\0\5\3e\nd\0"), "h", "" },
        { TEXT(HEAD("\0\0", "\0\1") "\1h\0" CNAME "\0\5\3e/d\0"), "h", "" },
        { TEXT(HEAD("\0\0", "\0\1") "\1h\0" CNAME "\0\1\0"), "h", "" },
        /* cut, and lying about its lengths */
        { TEXT(""), "h", "" },
        { TEXT("\1\2\x81\x80\0\1\0\1\0\0\0"), "h", "" },
        { TEXT(HEAD("\0\1", "\0\1") "\2db"), "db", "" },
        { TEXT(HEAD("\0\0", "\0\1") "\1h\0" CNAME "\0\5\3en"), "h", "" },
        { TEXT(HEAD("\0\0", "\0\1") "\1h\0" CNAME "\xff\xff\3end\0"), "h", "" },
        { TEXT(HEAD("\0\0", "\0\1") "\1h\0" CNAME "\0\2\xc0\xff"), "h", "" },
        { TEXT(HEAD("\0\0", "\0\1") "\xc0\x0c" CNAME "\0\5\3end\0"), "h", "" }, /* itself */
        { TEXT(HEAD("\xff\xff", "\xff\xff")), "h", "" },
        { TEXT(HEAD("\0\0", "\xff\xff") "\1h\0" CNAME "\0\5\3end\0"), "h", "end\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rs_buf out = RS_BUF_INIT(4096);

        rs_cname_read(cases[i].reply, rs_str_of(cases[i].host), &out);
        if (!rs_str_eq(rs_buf_str(&out), rs_str_of(cases[i].want)))
            fail_msg("case %zu: %.*s", i, RS_ARG(rs_buf_str(&out)));
        rs_buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
