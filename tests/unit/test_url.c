/* URLs: parts, what is refused, encoding, query strings. RFC 3986. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "url.h"

static void parts(void **state)
{
    static const struct {
        const char *text, *scheme, *host, *path, *query;
        int port;
    } cases[] = {
        { "https://example.com", "https", "example.com", "", "", 0 },
        { "https://example.com/", "https", "example.com", "/", "", 0 },
        { "HTTPS://Example.COM:8443/a/b?c=d&e", "HTTPS", "Example.COM", "/a/b", "c=d&e", 8443 },
        { "http://127.0.0.1:1/", "http", "127.0.0.1", "/", "", 1 },
        { "https://[::1]:443/x", "https", "::1", "/x", "", 443 },
        { "https://h:/x", "https", "h", "/x", "", 0 },
        { "https://h?q=/", "https", "h", "", "q=/", 0 },
        { "https://user:p@h/", "https", "h", "/", "", 0 },
        { "https://a@b@h/", "https", "h", "/", "", 0 },
        { "https://h/#f?g", "https", "h", "/", "", 0 },
        { "https://h./", "https", "h.", "/", "", 0 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_url url;

        if (!rs_url_split(rs_str_of(cases[i].text), &url))
            fail_msg("%s was refused", cases[i].text);
        assert_true(rs_str_eq(url.scheme, rs_str_of(cases[i].scheme)));
        assert_true(rs_str_eq(url.host, rs_str_of(cases[i].host)));
        assert_true(rs_str_eq(url.path, rs_str_of(cases[i].path)));
        assert_true(rs_str_eq(url.query, rs_str_of(cases[i].query)));
        assert_int_equal(url.port, cases[i].port);
        assert_int_equal(url.is_ipv6, strchr(cases[i].text, '[') != NULL);
        assert_int_equal(url.has_userinfo, strchr(cases[i].text, '@') != NULL);
        assert_int_equal(url.has_fragment, strchr(cases[i].text, '#') != NULL);
    }
}

static void refused(void **state)
{
    static const char *const cases[] = {
        "",
        "example.com",
        "https:example.com",
        "https:/example.com",
        "://example.com",
        "1ttps://example.com",
        "https://",
        "https:///path",
        "https://exa mple.com",
        "https://example.com/a b",
        "https://example.com\\@evil.com/",
        "https://example.com\n",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:+1/",
        "https://example.com:8x/",
        "https://a..b/",
        "https://.a/",
        "https://a%2eb/",
        "https://[::1/",
        "https://[::1]x/",
        "https://[g::1]/",
        "https://[]/",
        "https://\xC3\xBC.example/",
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_url url;

        if (rs_url_split(rs_str_of(cases[i]), &url))
            fail_msg("%s was taken", cases[i]);
    }
}

static void loopback(void **state)
{
    static const struct {
        const char *host;
        bool is;
    } cases[] = { { "localhost", true },
                  { "LOCALHOST", true },
                  { "127.0.0.1", true },
                  { "127.9.8.255", true },
                  { "::1", true },
                  { "127.0.0.256", false },
                  { "128.0.0.1", false },
                  { "127.0.0", false },
                  { "127.0.0.1.evil", false },
                  { "localhost.evil", false },
                  { "0.0.0.0", false },
                  { "127.0.0.-1", false },
                  { "", false } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        if (rs_url_is_loopback(rs_str_of(cases[i].host)) != cases[i].is)
            fail_msg("%s", cases[i].host);
}

static void encoding(void **state)
{
    static const struct {
        const char *plain, *coded;
    } cases[] = {
        { "AZaz09-_.~", "AZaz09-_.~" },
        { " +/=%&", "%20%2B%2F%3D%25%26" },
        { "\xC3\xA9\n", "%C3%A9%0A" },
    };
    struct rs_buf out = RS_BUF_INIT(256);

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        rs_buf_clear(&out);
        rs_url_encode(&out, rs_str_of(cases[i].plain));
        assert_string_equal(out.p, cases[i].coded);
        rs_buf_clear(&out);
        rs_url_decode(&out, rs_str_of(cases[i].coded));
        assert_string_equal(out.p, cases[i].plain);
    }
    rs_buf_clear(&out);
    rs_url_decode(&out, RS_STR("a%zz%4"));
    assert_string_equal(out.p, "a%zz%4");
    rs_buf_clear(&out);
    rs_url_decode(&out, RS_STR("%c3%A9+"));
    assert_string_equal(out.p, "\xC3\xA9+");
    rs_buf_clear(&out);
}

static void queries(void **state)
{
    struct rs_buf out = RS_BUF_INIT(256);
    struct rs_str rest = RS_STR("&a=1&&b&c==&"), name, value;

    (void)state;
    rs_query_add(&out, "Action", RS_STR("A B"));
    rs_query_add(&out, "n.1", RS_STR(""));
    assert_string_equal(out.p, "Action=A%20B&n.1=");
    rs_buf_clear(&out);
    assert_true(rs_query_next(&rest, &name, &value));
    assert_true(rs_str_eq(name, RS_STR("a")) && rs_str_eq(value, RS_STR("1")));
    assert_true(rs_query_next(&rest, &name, &value));
    assert_true(rs_str_eq(name, RS_STR("b")) && value.n == 0);
    assert_true(rs_query_next(&rest, &name, &value));
    assert_true(rs_str_eq(name, RS_STR("c")) && rs_str_eq(value, RS_STR("=")));
    assert_false(rs_query_next(&rest, &name, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts),    cmocka_unit_test(refused), cmocka_unit_test(loopback),
        cmocka_unit_test(encoding), cmocka_unit_test(queries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
