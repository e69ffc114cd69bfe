/* SAML responses: the text made clean, what is read of it, the choice of a role, refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypto.h"
#include "idp/saml.h"
#include "oom.h"
#include "os.h"

/* idp-flows.md 2.5 */
static const char sample[] =
    "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6cHJvdG9jb2wiIElEPS"
    "JfcjEi\n"
    "IFZlcnNpb249IjIuMCIgSXNzdWVJbnN0YW50PSIyMDI2LTAxLTE1VDEyOjAwOjAwWiIgRGVzdGluYXRpb249Imh0dHBzOi"
    "8vc2ln\n"
    "bmluLmF3cy5hbWF6b24uY29tL3NhbWwiPjxzYW1scDpTdGF0dXM+"
    "PHNhbWxwOlN0YXR1c0NvZGUgVmFsdWU9InVybjpvYXNpczpu\n"
    "YW1lczp0YzpTQU1MOjIuMDpzdGF0dXM6U3VjY2VzcyIvPjwvc2FtbHA6U3RhdHVzPjxzYW1sOkFzc2VydGlvbiB4bWxucz"
    "pzYW1s\n"
    "PSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6YXNzZXJ0aW9uIiBJRD0iX2ExIiBWZXJzaW9uPSIyLjAiIElzc3VlSW"
    "5zdGFu\n"
    "dD0iMjAyNi0wMS0xNVQxMjowMDowMFoiPjxzYW1sOklzc3Vlcj5odHRwOi8vYWRmcy5leGFtcGxlLmNvbS9hZGZzL3Nlcn"
    "ZpY2Vz\n"
    "L3RydXN0PC9zYW1sOklzc3Vlcj48c2FtbDpBdHRyaWJ1dGVTdGF0ZW1lbnQ+"
    "PHNhbWw6QXR0cmlidXRlIE5hbWU9Imh0dHBzOi8v\n"
    "YXdzLmFtYXpvbi5jb20vU0FNTC9BdHRyaWJ1dGVzL1JvbGUiPjxzYW1sOkF0dHJpYnV0ZVZhbHVlPmFybjphd3M6aWFtOj"
    "oxMjM0\n"
    "NTY3ODkwMTI6c2FtbC1wcm92aWRlci9BREZTLGFybjphd3M6aWFtOjoxMjM0NTY3ODkwMTI6cm9sZS9BREZTLVByb2R1Y3"
    "Rpb248\n"
    "L3NhbWw6QXR0cmlidXRlVmFsdWU+PHNhbWw6QXR0cmlidXRlVmFsdWU+"
    "YXJuOmF3czppYW06OjEyMzQ1Njc4OTAxMjpyb2xlL0FE\n"
    "RlMtRGV2LGFybjphd3M6aWFtOjoxMjM0NTY3ODkwMTI6c2FtbC1wcm92aWRlci9BREZTPC9zYW1sOkF0dHJpYnV0ZVZhbH"
    "VlPjwv\n"
    "c2FtbDpBdHRyaWJ1dGU+"
    "PHNhbWw6QXR0cmlidXRlIE5hbWU9Imh0dHBzOi8vYXdzLmFtYXpvbi5jb20vU0FNTC9BdHRyaWJ1dGVz\n"
    "L1JvbGVTZXNzaW9uTmFtZSI+PHNhbWw6QXR0cmlidXRlVmFsdWU+"
    "Ym9iQGV4YW1wbGUuY29tPC9zYW1sOkF0dHJpYnV0ZVZhbHVl\n"
    "Pjwvc2FtbDpBdHRyaWJ1dGU+"
    "PHNhbWw6QXR0cmlidXRlIE5hbWU9Imh0dHBzOi8vcmVkc2hpZnQuYW1hem9uLmNvbS9TQU1ML0F0\n"
    "dHJpYnV0ZXMvRGJVc2VyIj48c2FtbDpBdHRyaWJ1dGVWYWx1ZT5ib2I8L3NhbWw6QXR0cmlidXRlVmFsdWU+"
    "PC9zYW1sOkF0dHJp\n"
    "YnV0ZT48c2FtbDpBdHRyaWJ1dGUgTmFtZT0iaHR0cHM6Ly9yZWRzaGlmdC5hbWF6b24uY29tL1NBTUwvQXR0cmlidXRlcy"
    "9BdXRv\n"
    "Q3JlYXRlIj48c2FtbDpBdHRyaWJ1dGVWYWx1ZT50cnVlPC9zYW1sOkF0dHJpYnV0ZVZhbHVlPjwvc2FtbDpBdHRyaWJ1dG"
    "U+PHNh\n"
    "bWw6QXR0cmlidXRlIE5hbWU9Imh0dHBzOi8vcmVkc2hpZnQuYW1hem9uLmNvbS9TQU1ML0F0dHJpYnV0ZXMvRGJHcm91cH"
    "MiPjxz\n"
    "YW1sOkF0dHJpYnV0ZVZhbHVlPkFuYWx5c3RzPC9zYW1sOkF0dHJpYnV0ZVZhbHVlPjxzYW1sOkF0dHJpYnV0ZVZhbHVlPn"
    "JlYWRl\n"
    "cnM8L3NhbWw6QXR0cmlidXRlVmFsdWU+"
    "PC9zYW1sOkF0dHJpYnV0ZT48L3NhbWw6QXR0cmlidXRlU3RhdGVtZW50Pjwvc2FtbDpB\n"
    "c3NlcnRpb24+PC9zYW1scDpSZXNwb25zZT4=\n";

#define NS                                                                                         \
    "xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" "                                            \
    "xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\""
#define ROLE             "https://aws.amazon.com/SAML/Attributes/Role"
#define NAME             "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
#define DB(x)            "https://redshift.amazon.com/SAML/Attributes/" x
#define VALUE(text)      "<AttributeValue>" text "</AttributeValue>"
#define ATTR(name, rest) "<Attribute Name=\"" name "\">" rest "</Attribute>"
#define ASSERTION(attrs) "<Assertion><AttributeStatement>" attrs "</AttributeStatement></Assertion>"
#define RESPONSE(rest)   "<p:Response " NS ">" rest "</p:Response>"
#define ARN_R            "arn:aws:iam::123456789012:role/A"
#define ARN_P            "arn:aws:iam::123456789012:saml-provider/I"
#define CLEAN_MAX        200000

static struct rs_diag diag;

static bool read_xml(struct rs_str xml, struct rs_saml *saml)
{
    struct rs_buf text = RS_BUF_INIT(CLEAN_MAX);
    bool ok;

    rs_base64_add(&text, xml);
    assert_false(text.bad);
    ok = rs_saml_read(rs_buf_str(&text), saml, &diag);
    rs_buf_clear(&text);
    return ok;
}

static struct rs_str revealed(const struct rs_secret *secret)
{
    return (struct rs_str){ rs_secret_reveal(secret), rs_secret_len(secret) };
}

static void the_sample(void **state)
{
    struct rs_secret text = { 0 };
    struct rs_saml saml = { 0 };

    (void)state;
    assert_true(rs_saml_clean(rs_str_of(sample), &text, &diag));
    assert_int_equal(rs_secret_len(&text), 2036);
    assert_true(rs_saml_read(revealed(&text), &saml, &diag));
    assert_int_equal(saml.n_roles, 2);
    assert_string_equal(saml.roles[0].role, "arn:aws:iam::123456789012:role/ADFS-Production");
    assert_string_equal(saml.roles[0].provider, "arn:aws:iam::123456789012:saml-provider/ADFS");
    assert_string_equal(saml.roles[1].role, "arn:aws:iam::123456789012:role/ADFS-Dev");
    assert_string_equal(saml.roles[1].provider, "arn:aws:iam::123456789012:saml-provider/ADFS");
    assert_string_equal(saml.claims.db_user, "bob");
    assert_string_equal(saml.claims.db_groups, "Analysts,readers");
    assert_int_equal(saml.claims.auto_create, RS_CLAIM_YES);
    assert_int_equal(saml.claims.force_lowercase, RS_CLAIM_ABSENT);
    assert_int_equal(saml.claims.allow_db_user_override, RS_CLAIM_ABSENT);
    assert_false(saml.is_bare);
    rs_saml_clear(&saml);
    rs_secret_clear(&text);
}

static void cleaning(void **state)
{
    static const struct {
        const char *value, *want; /* NULL: none */
    } cases[] = {
        { "QUJD", "QUJD" },    { " Q\tU\r\nJ D ", "QUJD" },
        { "QUI=", "QUI=" },    { "QUI", "QUI=" },
        { "QQ", "QQ==" },      { "QQ=", "QQ==" },
        { "++//", "++//" },    { "", NULL },
        { "  \n", NULL },      { "Q", NULL },
        { "QUJ-", NULL },      { "QUJ_", NULL },
        { "QU=D", NULL },      { "QU%3D", NULL },
        { "<html>", NULL },    { "====", NULL },
        { "QUJDRA===", NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_secret out = { 0 };
        bool ok = rs_saml_clean(rs_str_of(cases[i].value), &out, &diag);

        if (ok != (cases[i].want != NULL))
            fail_msg("\"%s\"", cases[i].value);
        if (ok) {
            assert_string_equal(rs_secret_reveal(&out), cases[i].want);
        } else {
            assert_int_equal(rs_diag_state(&diag), RS_28000);
            assert_string_equal(rs_diag_first(&diag), "no SAML response in the IdP's answer");
        }
        rs_secret_clear(&out);
        rs_diag_clear(&diag);
    }
}

static void the_longest(void **state)
{
    (void)state;
    for (size_t n = RS_SAML_MAX_CHARS - 4; n <= RS_SAML_MAX_CHARS + 4; n += 4) {
        struct rs_buf text = RS_BUF_INIT(CLEAN_MAX);
        struct rs_secret out = { 0 };
        bool ok;

        while (text.len < n)
            rs_buf_adds(&text, "QUJD");
        rs_buf_adds(&text, " \r\n"); /* blanks do not count */
        ok = rs_saml_clean(rs_buf_str(&text), &out, &diag);
        assert_int_equal(ok, n <= RS_SAML_MAX_CHARS);
        if (!ok)
            assert_string_equal(rs_diag_first(&diag),
                                "the SAML response is longer than 100000 characters");
        rs_secret_clear(&out);
        rs_buf_clear(&text);
        rs_diag_clear(&diag);
    }
}

static void expect_text(const char *is, const char *want)
{
    if (want == NULL)
        assert_null(is);
    else
        assert_string_equal(is, want);
}

static void claims(void **state)
{
    static const struct {
        const char *xml, *user, *groups;
        enum rs_claim create, lower, override;
    } cases[] = {
        { RESPONSE(ASSERTION("")), NULL, NULL, 0, 0, 0 },
        { RESPONSE("<Assertion/>"), NULL, NULL, 0, 0, 0 },
        { RESPONSE(ASSERTION(ATTR(NAME, VALUE("bob@x")))), "bob@x", NULL, 0, 0, 0 },
        { RESPONSE(ASSERTION(ATTR(DB("DbUser"), VALUE(" b o ") VALUE("other"))
                                 ATTR(NAME, VALUE("bob@x")))),
          "b o", NULL, 0, 0, 0 },
        { RESPONSE(ASSERTION(ATTR(DB("DbUser"), VALUE("") VALUE(" ")) ATTR(NAME, VALUE("n")))), "n",
          NULL, 0, 0, 0 },
        /* a comment ends no value */
        { RESPONSE(ASSERTION(ATTR(DB("DbUser"), VALUE("admin<!-- -->.not")))), "admin.not", NULL, 0,
          0, 0 },
        { RESPONSE(ASSERTION(ATTR(DB("DbUser"), VALUE("<![CDATA[a&b]]>")))), "a&b", NULL, 0, 0, 0 },
        { RESPONSE(ASSERTION(ATTR(DB("DbGroups"), VALUE("b,a") VALUE(" c ") VALUE("")))), NULL,
          "b,a,c", 0, 0, 0 },
        { RESPONSE(ASSERTION(ATTR(DB("AutoCreate"), VALUE("TRUE")) ATTR(
              DB("ForceLowercase"), VALUE(" off ")) ATTR(DB("AllowDbUserOverride"), VALUE("1")))),
          NULL, NULL, RS_CLAIM_YES, RS_CLAIM_NO, RS_CLAIM_YES },
        /* neither yes nor no is nothing; only the first value counts */
        { RESPONSE(ASSERTION(ATTR(DB("AutoCreate"), VALUE("maybe") VALUE("true"))
                                 ATTR(DB("ForceLowercase"), VALUE("2"))
                                     ATTR(DB("AllowDbUserOverride"), VALUE("0") VALUE("1")))),
          NULL, NULL, 0, 0, RS_CLAIM_NO },
        /* names are compared exactly, and other namespaces are not SAML's */
        { RESPONSE(
              ASSERTION(ATTR(DB("dbuser"), VALUE("x"))
                            ATTR("DbUser", VALUE("y")) "<x:Attribute xmlns:x=\"urn:x\" Name=\"" DB(
                                "DbUser") "\">" VALUE("z") "</x:Attribute>")),
          NULL, NULL, 0, 0, 0 },
        /* in whatever assertion and statement it stands */
        { RESPONSE("<x xmlns=\"urn:x\"/><Assertion/><Assertion><AttributeStatement/>"
                   "<AttributeStatement>" ATTR(DB("DbUser"),
                                               VALUE("u")) "</AttributeStatement></Assertion>"),
          "u", NULL, 0, 0, 0 },
        { "<Assertion " NS "><AttributeStatement>" ATTR(
              DB("DbUser"), VALUE("u")) "</AttributeStatement></Assertion>",
          "u", NULL, 0, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_saml saml = { 0 };

        if (!read_xml(rs_str_of(cases[i].xml), &saml))
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        expect_text(saml.claims.db_user, cases[i].user);
        expect_text(saml.claims.db_groups, cases[i].groups);
        assert_int_equal(saml.claims.auto_create, cases[i].create);
        assert_int_equal(saml.claims.force_lowercase, cases[i].lower);
        assert_int_equal(saml.claims.allow_db_user_override, cases[i].override);
        assert_int_equal(saml.is_bare, cases[i].xml[1] == 'A');
        assert_int_equal(saml.n_roles, 0);
        rs_saml_clear(&saml);
    }
}

static void role_values(void **state)
{
    static const struct {
        const char *value;
        bool is_pair;
    } cases[] = {
        { ARN_R "," ARN_P, true },
        { ARN_P "," ARN_R, true },
        { " " ARN_P " ,\n " ARN_R " ", true },
        { "x," ARN_P "," ARN_R ",", true },
        { "arn:aws-us-gov:iam::1:role/p/a/t/h," ARN_P, true },
        { "arn:aws-cn:iam::1:role/a:b," ARN_P, true },
        { "arn:aws:iam:::role/a," ARN_P, true },
        { ARN_R, false },
        { ARN_P, false },
        { ARN_R "," ARN_R "," ARN_P, false },
        { ARN_R "," ARN_P "," ARN_P, false },
        { ARN_R ";" ARN_P, false },
        { "arn:aws:iam::1:role/," ARN_P, false },
        { "arn:aws:iam::1:user/a," ARN_P, false },
        { "arn:aws:iam::1x:role/a," ARN_P, false },
        { "arn:aws:iam:us:1:role/a," ARN_P, false },
        { "arn:aws:sts::1:role/a," ARN_P, false },
        { "arn:aws_x:iam::1:role/a," ARN_P, false },
        { "arn:awS:iam::1:role/a," ARN_P, false },
        { "arn:aw:iam::1:role/a," ARN_P, false },
        { "urn:aws:iam::1:role/a," ARN_P, false },
        { "arn:aws:iam::1:Role/a," ARN_P, false },
        { "role/a,saml-provider/b", false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf xml = RS_BUF_INIT(4096);
        struct rs_saml saml = { 0 };

        rs_buf_addf(&xml, RESPONSE(ASSERTION(ATTR(ROLE, VALUE("%s")))), cases[i].value);
        assert_true(read_xml(rs_buf_str(&xml), &saml));
        if (saml.n_roles != (cases[i].is_pair ? 1u : 0u))
            fail_msg("%s", cases[i].value);
        if (cases[i].is_pair) {
            assert_string_equal(saml.roles[0].provider, ARN_P);
            assert_non_null(strstr(saml.roles[0].role, ":role/"));
        }
        rs_saml_clear(&saml);
        rs_buf_clear(&xml);
    }
}

static void choosing(void **state)
{
    char a[] = "arn:r:a", b[] = "arn:r:b", p[] = "arn:p", q[] = "arn:q";
    struct rs_saml_role roles[] = { { a, p }, { b, q }, { a, q } };
    static const struct {
        const char *preferred;
        size_t n;
        int want; /* -1: none */
        const char *text;
    } cases[] = {
        { NULL, 1, 0, NULL },
        { "", 3, 0, NULL },
        { "  ", 3, 0, NULL },
        { "arn:r:b", 3, 1, NULL },
        { " arn:r:a ", 3, 0, NULL },
        { "arn:r:A", 3, -1, "preferred_role is not among the 3 roles of the SAML assertion" },
        { "arn:p", 1, -1, "preferred_role is not among the 1 role of the SAML assertion" },
        { NULL, 0, -1,
          "no AWS role in the SAML assertion (attribute " ROLE
          "); the identity provider must send a role and its provider" },
        { "arn:r:a", 0, -1,
          "no AWS role in the SAML assertion (attribute " ROLE
          "); the identity provider must send a role and its provider" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_saml saml = { .roles = roles, .n_roles = cases[i].n };
        const struct rs_saml_role *role = rs_saml_choose(&saml, cases[i].preferred, NULL, &diag);

        if (cases[i].want >= 0) {
            assert_ptr_equal(role, &roles[cases[i].want]);
        } else {
            assert_null(role);
            assert_int_equal(rs_diag_state(&diag), RS_28000);
            assert_string_equal(rs_diag_first(&diag), cases[i].text);
        }
        rs_diag_clear(&diag);
    }
}

#define STATUS(rest) RESPONSE("<p:Status>" rest "</p:Status>")
#define CODE(x, rest)                                                                              \
    "<p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:" x "\">" rest "</p:StatusCode>"

static void refusals(void **state)
{
    static const struct {
        const char *xml, *text;
    } cases[] = {
        { "CANARY", "the SAML response cannot be read: the XML text is not well formed (line 1)" },
        { "<a>CANARY</b>",
          "the SAML response cannot be read: the XML text is not well formed (line 1)" },
        { "<!DOCTYPE p:Response>" RESPONSE(ASSERTION("")),
          "the SAML response cannot be read: the XML text has a document type, which is not "
          "allowed" },
        { "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" RESPONSE("<x>&a;</x>"),
          "the SAML response cannot be read: the XML text has a document type, which is not "
          "allowed" },
        { "<CANARY/>", "the identity provider's answer is XML, but no SAML 2.0 response" },
        { "<Response/>", "the identity provider's answer is XML, but no SAML 2.0 response" },
        { "<Response xmlns=\"urn:oasis:names:tc:SAML:1.0:protocol\"/>",
          "the identity provider's answer is XML, but no SAML 2.0 response" },
        { "<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:protocol\"/>",
          "the identity provider's answer is XML, but no SAML 2.0 response" },
        { RESPONSE("<CANARY/>"), "the SAML response holds no assertion" },
        { RESPONSE("<Assertion xmlns=\"urn:x\"/>"), "the SAML response holds no assertion" },
        { RESPONSE("<EncryptedAssertion>CANARY</EncryptedAssertion>"),
          "encrypted assertions are not supported; the identity provider must send them signed and "
          "not encrypted" },
        { STATUS(CODE("Responder", "")), "the identity provider refused the sign-in (Responder)" },
        { STATUS(
              CODE("Responder",
                   CODE("AuthnFailed", "")) "<p:StatusMessage> no\tway \nCANARY</p:StatusMessage>"),
          "the identity provider refused the sign-in (AuthnFailed: no way)" },
        { STATUS("<p:StatusCode Value=\"\"/>"),
          "the identity provider refused the sign-in (without a status)" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_saml saml = { 0 };

        if (read_xml(rs_str_of(cases[i].xml), &saml))
            fail_msg("case %zu was taken", i);
        assert_int_equal(diag.n_error, 1);
        assert_int_equal(rs_diag_state(&diag), RS_28000);
        assert_string_equal(rs_diag_first(&diag), cases[i].text);
        assert_null(saml.roles);
        rs_diag_clear(&diag);
    }
}

static void a_long_status(void **state)
{
    struct rs_buf xml = RS_BUF_INIT(65536);
    struct rs_saml saml = { 0 };

    (void)state;
    rs_buf_adds(&xml, "<p:Response " NS "><p:Status>" CODE("Requester", "") "<p:StatusMessage>");
    for (int i = 0; i < 1000; i++)
        rs_buf_adds(&xml, "x");
    rs_buf_adds(&xml, "</p:StatusMessage></p:Status></p:Response>");
    assert_false(read_xml(rs_buf_str(&xml), &saml));
    assert_int_equal(strlen(rs_diag_first(&diag)),
                     strlen("the identity provider refused the sign-in (Requester: )") + 200);
    rs_diag_clear(&diag);
    rs_buf_clear(&xml);
}

static void success_and_no_status_are_fine(void **state)
{
    static const char *const cases[] = {
        RESPONSE("<p:Status>" CODE("Success", "") "</p:Status><Assertion/>"),
        RESPONSE("<p:Status/><Assertion/>"),
        RESPONSE("<EncryptedAssertion/><Assertion/>"),
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_saml saml = { 0 };

        assert_true(read_xml(rs_str_of(cases[i]), &saml));
        rs_saml_clear(&saml);
    }
}

static void wrapping(void **state)
{
    static const char bare[] =
        "<Assertion " NS ">" ATTR("x", VALUE("\xC3\xA4 &amp;")) "</Assertion>";
    static const char *const before[] = { "", "\xEF\xBB\xBF", "<?xml version=\"1.0\"?>",
                                          "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(before); i++) {
        struct rs_buf xml = RS_BUF_INIT(4096), back = RS_BUF_INIT(8192);
        struct rs_secret text = { 0 };
        struct rs_saml saml = { 0 };

        rs_buf_addf(&xml, "%s%s", before[i], bare);
        assert_true(rs_saml_wrap(rs_buf_str(&xml), &text, &diag));
        assert_true(rs_base64_read(revealed(&text), &back));
        assert_non_null(strstr(back.p, bare));
        assert_null(strstr(back.p, "<?xml"));
        assert_true(
            rs_str_starts_nocase(rs_buf_str(&back), RS_STR("<samlp:Response xmlns:samlp=")));
        assert_true(rs_saml_read(revealed(&text), &saml, &diag));
        assert_false(saml.is_bare);
        rs_saml_clear(&saml);
        rs_secret_clear(&text);
        rs_buf_clear(&xml);
        rs_buf_clear(&back);
    }
}

static void too_long_to_wrap(void **state)
{
    struct rs_buf xml = RS_BUF_INIT(RS_SAML_MAX_BYTES);
    struct rs_secret text = { 0 };

    (void)state;
    while (xml.len < RS_SAML_MAX_BYTES)
        rs_buf_addc(&xml, 'x');
    assert_false(rs_saml_wrap(rs_buf_str(&xml), &text, &diag));
    assert_string_equal(rs_diag_first(&diag), "the SAML response is longer than 100000 characters");
    rs_diag_clear(&diag);
    rs_buf_clear(&xml);
}

static bool all_of_it(void *ctx)
{
    struct rs_secret text = { 0 }, wrapped = { 0 };
    struct rs_claims copy = { .db_user = NULL };
    struct rs_saml saml = { 0 };
    bool ok;

    (void)ctx;
    ok = rs_saml_clean(rs_str_of(sample), &text, &diag) &&
         rs_saml_read(revealed(&text), &saml, &diag) &&
         rs_claims_copy(&copy, &saml.claims, &diag) &&
         rs_saml_wrap(RS_STR("<x/>"), &wrapped, &diag);
    if (ok)
        assert_string_equal(copy.db_groups, "Analysts,readers");
    else
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_claims_clear(&copy);
    rs_saml_clear(&saml);
    rs_secret_clear(&text);
    rs_secret_clear(&wrapped);
    rs_diag_clear(&diag);
    return ok;
}

static bool refused_status(void *ctx)
{
    struct rs_saml saml = { 0 };
    struct rs_str *text = ctx;
    bool ok;

    assert_false(rs_saml_read(*text, &saml, &diag));
    ok = rs_diag_state(&diag) == RS_28000;
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_diag_clear(&diag);
    return ok;
}

static void without_memory(void **state)
{
    struct rs_buf text = RS_BUF_INIT(4096);
    struct rs_str view;

    (void)state;
    rs_test_oom(all_of_it, NULL);
    rs_base64_add(&text, RS_STR(STATUS(CODE("Responder", "") "<p:StatusMessage>m"
                                                             "</p:StatusMessage>")));
    view = rs_buf_str(&text);
    rs_test_oom(refused_status, &view);
    rs_buf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample),       cmocka_unit_test(cleaning),
        cmocka_unit_test(the_longest),      cmocka_unit_test(claims),
        cmocka_unit_test(role_values),      cmocka_unit_test(choosing),
        cmocka_unit_test(refusals),         cmocka_unit_test(a_long_status),
        cmocka_unit_test(wrapping),         cmocka_unit_test(success_and_no_status_are_fine),
        cmocka_unit_test(too_long_to_wrap), cmocka_unit_test(without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
