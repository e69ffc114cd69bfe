/* The XML reader: finding, texts, and everything it must refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "diag.h"
#include "oom.h"
#include "xml.h"

static struct rs_diag diag;

static struct rs_xml *parse(const char *text)
{
    struct rs_xml *xml = NULL;

    if (!rs_xml_parse(rs_str_of(text), &xml, &diag))
        fail_msg("%s", rs_diag_first(&diag));
    return xml;
}

static void expect_text(const struct rs_xml_node *node, const char *want)
{
    struct rs_buf out = RS_BUF_INIT(4096);

    rs_xml_text(node, &out);
    assert_false(out.bad);
    assert_true(rs_str_eq(rs_buf_str(&out), rs_str_of(want)));
    rs_buf_clear(&out);
}

static void finding(void **state)
{
    struct rs_xml *xml = parse("<?xml version=\"1.0\"?><r xmlns=\"urn:x\" xmlns:y=\"urn:y\">\n"
                               "<a><b>1</b></a><y:a><b>2</b></y:a><empty/><c> x &lt;&amp;&#65; "
                               "<i>no</i><![CDATA[<raw>]]>\n</c></r>");
    const struct rs_xml_node *root = rs_xml_root(xml), *a = rs_xml_child(root, "a");

    (void)state;
    assert_true(rs_xml_is(root, "r"));
    assert_false(rs_xml_is(root, "a"));
    assert_false(rs_xml_is(NULL, "a"));
    expect_text(rs_xml_find(root, "a/b"), "1");
    expect_text(rs_xml_child(rs_xml_next(a, "a"), "b"), "2");
    assert_null(rs_xml_next(rs_xml_next(a, "a"), "a"));
    expect_text(rs_xml_child(root, "empty"), "");
    expect_text(rs_xml_child(root, "c"), "x <&A <raw>");
    assert_null(rs_xml_find(root, "a/x/b"));
    assert_null(rs_xml_child(NULL, "a"));
    expect_text(NULL, "");
    rs_xml_free(xml);
    rs_xml_free(NULL);
}

static void attributes_and_namespaces(void **state)
{
    struct rs_xml *xml =
        parse("<r xmlns:y=\"urn:y\" y:a=\"no\" a=\"x &amp;&#x20;y\" e=\"\"><y:c/><c/></r>");
    const struct rs_xml_node *root = rs_xml_root(xml), *c = rs_xml_child(root, "c");
    struct rs_buf out = RS_BUF_INIT(4096);

    (void)state;
    assert_true(rs_xml_attribute(root, "a", &out));
    assert_string_equal(out.p, "x & y");
    assert_true(rs_xml_attribute(root, "e", &out));
    assert_string_equal(out.p, "x & y");
    assert_false(rs_xml_attribute(root, "b", &out));
    assert_false(rs_xml_attribute(NULL, "a", &out));
    assert_true(rs_xml_is_in(c, "urn:y"));
    assert_false(rs_xml_is_in(rs_xml_next(c, "c"), "urn:y"));
    assert_false(rs_xml_is_in(NULL, "urn:y"));
    rs_buf_clear(&out);
    rs_xml_free(xml);
}

/* Nine words would become five thousand. */
static const char bomb[] =
    "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
    "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><l>&c;</l>";

static void refused(void **state)
{
    static const char *const cases[] = {
        "",
        "   ",
        "plain text",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<html><br></html>",
        "<a>&nbsp;</a>",
        "<a x=1/>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><a>&x;</a>",
        bomb,
        "<a>\xFF</a>",
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_xml *xml = NULL;

        if (rs_xml_parse(rs_str_of(cases[i]), &xml, &diag))
            fail_msg("%s was taken", cases[i]);
        assert_null(xml);
        assert_int_equal(diag.n_error, 1);
        assert_int_equal(rs_diag_state(&diag), RS_HY000);
        rs_diag_clear(&diag);
    }
}

static void no_text_in_messages(void **state)
{
    struct rs_xml *xml = NULL;

    (void)state;
    assert_false(rs_xml_parse(RS_STR("<a><p>CANARY</q></a>"), &xml, &diag));
    assert_null(strstr(rs_diag_first(&diag), "CANARY"));
    rs_diag_clear(&diag);
}

static void depth(void **state)
{
    (void)state;
    for (int n = RS_XML_MAX_DEPTH - 1; n <= RS_XML_MAX_DEPTH + 1; n++) {
        struct rs_buf text = RS_BUF_INIT(65536);
        struct rs_xml *xml = NULL;
        bool ok;

        for (int i = 0; i < n; i++)
            rs_buf_adds(&text, "<a>");
        for (int i = 0; i < n; i++)
            rs_buf_adds(&text, "</a>");
        ok = rs_xml_parse(rs_buf_str(&text), &xml, &diag);
        assert_int_equal(ok, n <= RS_XML_MAX_DEPTH);
        rs_xml_free(xml);
        rs_diag_clear(&diag);
        rs_buf_clear(&text);
    }
}

static void size(void **state)
{
    struct rs_buf text = RS_BUF_INIT(RS_XML_MAX_BYTES + 100);
    struct rs_xml *xml = NULL;

    (void)state;
    rs_buf_adds(&text, "<a>");
    while (text.len <= RS_XML_MAX_BYTES)
        rs_buf_adds(&text, "0123456789abcdef");
    rs_buf_adds(&text, "</a>");
    assert_false(rs_xml_parse(rs_buf_str(&text), &xml, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    rs_diag_clear(&diag);
    rs_buf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finding),
        cmocka_unit_test(refused),
        cmocka_unit_test(no_text_in_messages),
        cmocka_unit_test(depth),
        cmocka_unit_test(size),
        cmocka_unit_test(attributes_and_namespaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
