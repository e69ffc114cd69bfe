#include "saml.h"

#include "../crypto.h"
#include "../os.h"
#include "../settings.h"
#include "../xml.h"

enum { MESSAGE_MAX_CHARS = 200, TEXT_MAX_BYTES = RS_SAML_MAX_BYTES };

#define ASSERTION "urn:oasis:names:tc:SAML:2.0:assertion"
#define PROTOCOL  "urn:oasis:names:tc:SAML:2.0:protocol"
#define AWS       "https://aws.amazon.com/SAML/Attributes/"
#define REDSHIFT  "https://redshift.amazon.com/SAML/Attributes/"

/* ---- the text ---- */

static bool fail_none(struct rs_diag *diag)
{
    return rs_fail(diag, RS_28000, 0, "no SAML response in the IdP's answer");
}

static bool fail_long(struct rs_diag *diag)
{
    return rs_fail(diag, RS_28000, 0, "the SAML response is longer than %d characters",
                   RS_SAML_MAX_CHARS);
}

/* Appends the bytes. */
static bool decode(struct rs_str base64, struct rs_buf *out, struct rs_diag *diag)
{
    bool is_base64 = rs_base64_read(base64, out);

    if (out->bad)
        return rs_buf_ok(out, diag);
    return (is_base64 && out->len > 0) || fail_none(diag);
}

bool rs_saml_clean(struct rs_str value, struct rs_secret *out, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_WIPED(RS_SAML_MAX_CHARS), bytes = RS_BUF_WIPED(RS_SAML_MAX_BYTES);
    bool ok;

    for (size_t i = 0; i < value.n; i++)
        if (!rs_is_space(value.p[i]))
            rs_buf_addc(&text, value.p[i]);
    while (text.len > 0 && text.len % 4 != 0 && !text.bad)
        rs_buf_addc(&text, '=');
    ok = (!text.too_long || fail_long(diag)) && rs_buf_ok(&text, diag) &&
         decode(rs_buf_str(&text), &bytes, diag) && rs_secret_set(out, rs_buf_str(&text), diag);
    rs_buf_clear(&text);
    rs_buf_clear(&bytes);
    return ok;
}

static struct rs_str without_declaration(struct rs_str xml)
{
    if (rs_str_eq(rs_str_sub(xml, 0, 3), RS_STR("\xEF\xBB\xBF")))
        xml = rs_str_sub(xml, 3, xml.n);
    if (!rs_str_eq(rs_str_sub(xml, 0, 5), RS_STR("<?xml")))
        return xml;
    for (size_t i = 0; i + 1 < xml.n; i++)
        if (xml.p[i] == '?' && xml.p[i + 1] == '>')
            return rs_str_sub(xml, i + 2, xml.n);
    return xml;
}

bool rs_saml_wrap(struct rs_str assertion, struct rs_secret *out, struct rs_diag *diag)
{
    struct rs_buf xml = RS_BUF_WIPED(RS_SAML_MAX_BYTES), text = RS_BUF_WIPED(RS_SAML_MAX_CHARS);
    bool ok = false;

    rs_buf_adds(&xml, "<samlp:Response xmlns:samlp=\"" PROTOCOL "\"><samlp:Status>"
                      "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>"
                      "</samlp:Status>");
    rs_buf_add(&xml, without_declaration(assertion));
    rs_buf_adds(&xml, "</samlp:Response>");
    if (xml.too_long) {
        fail_long(diag);
        goto out;
    }
    rs_base64_add(&text, rs_buf_str(&xml));
    ok = rs_buf_ok(&xml, diag) && rs_buf_ok(&text, diag) &&
         rs_secret_set(out, rs_buf_str(&text), diag);
out:
    rs_buf_clear(&xml);
    rs_buf_clear(&text);
    return ok;
}

/* ---- status ---- */

static const struct rs_xml_node *inner_status(const struct rs_xml_node *status)
{
    const struct rs_xml_node *code = rs_xml_child(status, "StatusCode"), *inner;

    while ((inner = rs_xml_child(code, "StatusCode")) != NULL)
        code = inner;
    return code;
}

static struct rs_str last_part(struct rs_str urn)
{
    for (ptrdiff_t at; (at = rs_str_chr(urn, ':')) >= 0;)
        urn = rs_str_sub(urn, (size_t)at + 1, urn.n);
    return urn;
}

static bool fail_status(const struct rs_xml_node *status, struct rs_diag *diag)
{
    struct rs_buf code = RS_BUF_WIPED(TEXT_MAX_BYTES), message = RS_BUF_WIPED(TEXT_MAX_BYTES);
    struct rs_buf why = RS_BUF_WIPED(TEXT_MAX_BYTES);

    (void)rs_xml_attribute(inner_status(status), "Value", &code);
    rs_xml_text(rs_xml_child(status, "StatusMessage"), &message);
    rs_buf_add_line(&why, last_part(rs_buf_str(&code)), MESSAGE_MAX_CHARS);
    if (why.len == 0)
        rs_buf_adds(&why, "without a status");
    if (message.len > 0)
        rs_buf_adds(&why, ": ");
    rs_buf_add_line(&why, rs_buf_str(&message), MESSAGE_MAX_CHARS);
    if (rs_buf_ok(&code, diag) && rs_buf_ok(&message, diag) && rs_buf_ok(&why, diag))
        rs_fail(diag, RS_28000, 0, "the identity provider refused the sign-in (%s)", why.p);
    rs_buf_clear(&code);
    rs_buf_clear(&message);
    rs_buf_clear(&why);
    return false;
}

static bool check_status(const struct rs_xml_node *response, struct rs_diag *diag)
{
    const struct rs_xml_node *status = rs_xml_child(response, "Status");
    struct rs_buf value = RS_BUF_WIPED(TEXT_MAX_BYTES);
    bool ok = true;

    if (rs_xml_attribute(rs_xml_child(status, "StatusCode"), "Value", &value))
        ok = rs_buf_ok(&value, diag) &&
             (rs_str_ends_nocase(rs_buf_str(&value), RS_STR(":Success")) ||
              fail_status(status, diag));
    rs_buf_clear(&value);
    return ok;
}

/* ---- roles ---- */

static bool is_arn(struct rs_str text, struct rs_str kind)
{
    struct rs_str rest = text, part[6];
    bool done = false;
    size_t n = 0;

    while (n < RS_COUNT(part) - 1 && rs_str_split(&rest, ':', &done, &part[n]))
        n++;
    if (n != RS_COUNT(part) - 1 || done || !rs_str_eq(part[0], RS_STR("arn")) ||
        !rs_str_eq(rs_str_sub(part[1], 0, 3), RS_STR("aws")) ||
        !rs_str_eq(part[2], RS_STR("iam")) || part[3].n > 0)
        return false;
    for (size_t i = 3; i < part[1].n; i++)
        if (part[1].p[i] != '-' && !(part[1].p[i] >= 'a' && part[1].p[i] <= 'z'))
            return false;
    for (size_t i = 0; i < part[4].n; i++)
        if (!rs_is_digit(part[4].p[i]))
            return false;
    return rest.n > kind.n && rs_str_eq(rs_str_sub(rest, 0, kind.n), kind);
}

static bool add_role(struct rs_saml *saml, struct rs_str role, struct rs_str provider,
                     struct rs_diag *diag)
{
    struct rs_saml_role made = { .role = rs_str_dup(role, diag) };
    struct rs_saml_role *roles = NULL;

    if (made.role != NULL)
        made.provider = rs_str_dup(provider, diag);
    if (made.provider != NULL)
        roles = rs_realloc(saml->roles, saml->n_roles + 1, sizeof *roles, diag);
    if (roles == NULL) {
        rs_free(made.role);
        rs_free(made.provider);
        return false;
    }
    roles[saml->n_roles++] = made;
    saml->roles = roles;
    return true;
}

/* A role and its provider in either order; what is no such pair is left out. */
static bool take_role(struct rs_saml *saml, struct rs_str value, struct rs_diag *diag)
{
    struct rs_str role = RS_STR_NULL, provider = RS_STR_NULL, part;
    bool done = false;
    size_t n_roles = 0, n_providers = 0;

    while (rs_str_split(&value, ',', &done, &part)) {
        part = rs_str_trim(part);
        if (is_arn(part, RS_STR("role/"))) {
            role = part;
            n_roles++;
        } else if (is_arn(part, RS_STR("saml-provider/"))) {
            provider = part;
            n_providers++;
        }
    }
    return n_roles != 1 || n_providers != 1 || add_role(saml, role, provider, diag);
}

/* ---- attributes ---- */

/* What is collected; a user and flags are the first value, groups are all. */
struct found {
    struct rs_saml *saml;
    struct rs_buf user, session, groups;
    struct rs_diag *diag;
};

static void take_first(struct rs_buf *to, struct rs_str value)
{
    if (to->len == 0)
        rs_buf_add(to, value);
}

static bool take_flag(enum rs_claim *flag, struct rs_str value)
{
    bool is_on;

    if (*flag == RS_CLAIM_ABSENT && rs_parse_bool(value, &is_on))
        *flag = is_on ? RS_CLAIM_YES : RS_CLAIM_NO;
    return true;
}

static bool take_value(struct found *found, struct rs_str name, struct rs_str value, bool is_first)
{
    struct rs_claims *claims = &found->saml->claims;

    if (rs_str_eq(name, RS_STR(AWS "Role")))
        return take_role(found->saml, value, found->diag);
    if (rs_str_eq(name, RS_STR(REDSHIFT "DbGroups")))
        rs_buf_addf(&found->groups, "%s%.*s", found->groups.len == 0 ? "" : ",", RS_ARG(value));
    if (!is_first)
        return true;
    if (rs_str_eq(name, RS_STR(REDSHIFT "DbUser")))
        take_first(&found->user, value);
    else if (rs_str_eq(name, RS_STR(AWS "RoleSessionName")))
        take_first(&found->session, value);
    else if (rs_str_eq(name, RS_STR(REDSHIFT "AutoCreate")))
        return take_flag(&claims->auto_create, value);
    else if (rs_str_eq(name, RS_STR(REDSHIFT "ForceLowercase")))
        return take_flag(&claims->force_lowercase, value);
    else if (rs_str_eq(name, RS_STR(REDSHIFT "AllowDbUserOverride")))
        return take_flag(&claims->allow_db_user_override, value);
    return true;
}

static bool read_attribute(struct found *found, const struct rs_xml_node *attribute)
{
    struct rs_buf name = RS_BUF_WIPED(TEXT_MAX_BYTES), value = RS_BUF_WIPED(TEXT_MAX_BYTES);
    const struct rs_xml_node *node = rs_xml_child(attribute, "AttributeValue");
    bool ok, is_first = true;

    (void)rs_xml_attribute(attribute, "Name", &name);
    ok = rs_buf_ok(&name, found->diag);
    for (; ok && node != NULL; node = rs_xml_next(node, "AttributeValue")) {
        rs_buf_truncate(&value, 0);
        rs_xml_text(node, &value);
        ok = rs_buf_ok(&value, found->diag);
        if (!ok || value.len == 0)
            continue;
        ok = take_value(found, rs_buf_str(&name), rs_buf_str(&value), is_first);
        is_first = false;
    }
    rs_buf_clear(&name);
    rs_buf_clear(&value);
    return ok;
}

static bool read_assertion(struct found *found, const struct rs_xml_node *assertion)
{
    const struct rs_xml_node *statement = rs_xml_child(assertion, "AttributeStatement");

    for (; statement != NULL; statement = rs_xml_next(statement, "AttributeStatement")) {
        const struct rs_xml_node *attribute = rs_xml_child(statement, "Attribute");

        for (; attribute != NULL; attribute = rs_xml_next(attribute, "Attribute"))
            if (rs_xml_is_in(attribute, ASSERTION) && !read_attribute(found, attribute))
                return false;
    }
    return true;
}

static bool take_text(struct rs_buf *from, char **to, struct rs_diag *diag)
{
    if (!rs_buf_ok(from, diag))
        return false;
    if (from->len > 0)
        *to = rs_str_dup(rs_buf_str(from), diag);
    return from->len == 0 || *to != NULL;
}

/* ---- the document ---- */

static const struct rs_xml_node *find_assertion(const struct rs_xml_node *node)
{
    while (node != NULL && !rs_xml_is_in(node, ASSERTION))
        node = rs_xml_next(node, "Assertion");
    return node;
}

/* This assertion and those beside it. */
static bool read_assertions(const struct rs_xml_node *first, struct rs_saml *saml,
                            struct rs_diag *diag)
{
    struct found found = { .saml = saml,
                           .user = RS_BUF_WIPED(TEXT_MAX_BYTES),
                           .session = RS_BUF_WIPED(TEXT_MAX_BYTES),
                           .groups = RS_BUF_WIPED(TEXT_MAX_BYTES),
                           .diag = diag };
    bool ok = true;

    for (; ok && first != NULL; first = find_assertion(rs_xml_next(first, "Assertion")))
        ok = read_assertion(&found, first);
    ok =
        ok && rs_buf_ok(&found.user, diag) &&
        take_text(found.user.len > 0 ? &found.user : &found.session, &saml->claims.db_user, diag) &&
        take_text(&found.groups, &saml->claims.db_groups, diag);
    rs_buf_clear(&found.user);
    rs_buf_clear(&found.session);
    rs_buf_clear(&found.groups);
    return ok;
}

static bool read_root(const struct rs_xml_node *root, struct rs_saml *saml, struct rs_diag *diag)
{
    const struct rs_xml_node *assertion;

    saml->is_bare = rs_xml_is(root, "Assertion") && rs_xml_is_in(root, ASSERTION);
    if (saml->is_bare)
        return read_assertions(root, saml, diag);
    if (!rs_xml_is(root, "Response") || !rs_xml_is_in(root, PROTOCOL))
        return rs_fail(diag, RS_28000, 0,
                       "the identity provider's answer is XML, but no SAML 2.0 response");
    if (!check_status(root, diag))
        return false;
    assertion = find_assertion(rs_xml_child(root, "Assertion"));
    if (assertion == NULL && rs_xml_child(root, "EncryptedAssertion") != NULL)
        return rs_fail(diag, RS_28000, 0,
                       "encrypted assertions are not supported; the identity provider must send "
                       "them signed and not encrypted");
    if (assertion == NULL)
        return rs_fail(diag, RS_28000, 0, "the SAML response holds no assertion");
    return read_assertions(assertion, saml, diag);
}

bool rs_saml_read(struct rs_str base64, struct rs_saml *out, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_WIPED(RS_SAML_MAX_BYTES);
    struct rs_saml saml = { .n_roles = 0 };
    struct rs_diag cause = { 0 };
    struct rs_xml *xml = NULL;
    bool ok = false;

    if (base64.n > RS_SAML_MAX_CHARS) {
        fail_long(diag);
        goto out;
    }
    if (!decode(base64, &text, diag))
        goto out;
    if (!rs_xml_parse(rs_buf_str(&text), &xml, &cause)) {
        if (rs_diag_state(&cause) == RS_HY001)
            rs_fail_memory(diag);
        else
            rs_fail(diag, RS_28000, 0, "the SAML response cannot be read: %s",
                    rs_diag_first(&cause));
        goto out;
    }
    ok = read_root(rs_xml_root(xml), &saml, diag);
    if (ok) {
        *out = saml;
        saml = (struct rs_saml){ .n_roles = 0 };
    }
out:
    rs_xml_free(xml);
    rs_saml_clear(&saml);
    rs_buf_clear(&text);
    rs_diag_clear(&cause);
    return ok;
}

void rs_saml_clear(struct rs_saml *saml)
{
    for (size_t i = 0; i < saml->n_roles; i++) {
        rs_free(saml->roles[i].role);
        rs_free(saml->roles[i].provider);
    }
    rs_free(saml->roles);
    rs_claims_clear(&saml->claims);
    *saml = (struct rs_saml){ .n_roles = 0 };
}

/* ---- choosing ---- */

static const struct rs_saml_role *find_role(const struct rs_saml *saml, struct rs_str wanted)
{
    for (size_t i = 0; i < saml->n_roles; i++)
        if (rs_str_eq(rs_str_of(saml->roles[i].role), wanted))
            return &saml->roles[i];
    return NULL;
}

const struct rs_saml_role *rs_saml_choose(const struct rs_saml *saml, const char *preferred,
                                          struct rs_log *log, struct rs_diag *diag)
{
    struct rs_str wanted = rs_str_trim(rs_str_of(preferred));
    const struct rs_saml_role *role = saml->roles;

    if (role == NULL || saml->n_roles == 0) {
        rs_fail(diag, RS_28000, 0,
                "no AWS role in the SAML assertion (attribute " AWS "Role); the identity provider "
                "must send a role and its provider");
        return NULL;
    }
    if (wanted.n > 0)
        role = find_role(saml, wanted);
    if (role == NULL) {
        for (size_t i = 0; i < saml->n_roles; i++)
            RS_LOG(log, RS_LOG_INFO, "idp.role", "the assertion offers %s", saml->roles[i].role);
        rs_fail(diag, RS_28000, 0,
                "preferred_role is not among the %zu role%s of the SAML assertion", saml->n_roles,
                saml->n_roles == 1 ? "" : "s");
        return NULL;
    }
    RS_LOG(log, RS_LOG_INFO, "idp.role", "%s, of %zu", role->role, saml->n_roles);
    return role;
}
