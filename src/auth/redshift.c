#include "redshift.h"

#include "../os.h"
#include "../url.h"
#include "../xml.h"

enum { FORM_MAX_BYTES = 1 << 20, PASSWORD_MAX_BYTES = 32767, TEXT_MAX_BYTES = 4096 };

void rs_redshift_begin_form(struct rs_buf *out, const char *action)
{
    rs_query_add(out, "Action", rs_str_of(action));
    rs_query_add(out, "Version", RS_STR("2012-12-01"));
}

static bool fail_answer(const char *operation, const char *why, struct rs_diag *diag)
{
    return rs_fail(diag, RS_HY000, 0, "%s: the answer cannot be used: %s", operation, why);
}

bool rs_redshift_parse(struct rs_str text, const char *operation, struct rs_xml **xml,
                       struct rs_diag *diag)
{
    struct rs_buf name = RS_BUF_INIT(128);
    struct rs_diag cause = { 0 };
    bool ok = false;

    rs_buf_addf(&name, "%sResponse", operation);
    if (!rs_buf_ok(&name, diag))
        return false;
    if (!rs_xml_parse(text, xml, &cause)) {
        if (rs_diag_state(&cause) == RS_HY001)
            rs_fail_memory(diag);
        else
            fail_answer(operation, rs_diag_first(&cause), diag);
    } else if (!rs_xml_is(rs_xml_root(*xml), name.p)) {
        fail_answer(operation, "it is some other document", diag);
    } else {
        ok = true;
    }
    rs_buf_clear(&name);
    rs_diag_clear(&cause);
    return ok;
}

/* ---- DescribeClusters ---- */

static bool no_endpoint(const struct rs_xml_node *cluster, const char *cluster_id,
                        struct rs_diag *diag)
{
    struct rs_buf status = RS_BUF_INIT(TEXT_MAX_BYTES);

    rs_xml_text(rs_xml_child(cluster, "ClusterStatus"), &status);
    if (rs_buf_ok(&status, diag))
        rs_fail(diag, RS_08001, 0,
                "cluster \"%s\" has no endpoint yet (its status is \"%.*s\"); try again later",
                cluster_id, RS_ARG(rs_str_sub(rs_buf_str(&status), 0, 64)));
    rs_buf_clear(&status);
    return false;
}

static bool read_endpoint(const struct rs_xml_node *cluster, const char *cluster_id, char **host,
                          int32_t *port, struct rs_diag *diag)
{
    const struct rs_xml_node *endpoint = rs_xml_child(cluster, "Endpoint");
    struct rs_buf address = RS_BUF_INIT(TEXT_MAX_BYTES), digits = RS_BUF_INIT(TEXT_MAX_BYTES);
    int64_t number = 0;
    char *copy = NULL;
    bool ok = false;

    rs_xml_text(rs_xml_child(endpoint, "Address"), &address);
    rs_xml_text(rs_xml_child(endpoint, "Port"), &digits);
    if (!rs_buf_ok(&address, diag) || !rs_buf_ok(&digits, diag))
        goto out;
    if (digits.len > 0 && !rs_parse_i64(rs_buf_str(&digits), &number)) {
        fail_answer("DescribeClusters", "Port is not a number", diag);
        goto out;
    }
    if (address.len == 0 || number == 0) {
        no_endpoint(cluster, cluster_id, diag);
        goto out;
    }
    if (number < 1 || number > 65535 || !rs_url_is_host(rs_buf_str(&address))) {
        fail_answer("DescribeClusters", "Address and Port are not those of a server", diag);
        goto out;
    }
    copy = rs_str_dup(rs_buf_str(&address), diag);
    if (copy == NULL)
        goto out;
    *host = copy;
    *port = (int32_t)number;
    ok = true;
out:
    rs_buf_clear(&address);
    rs_buf_clear(&digits);
    return ok;
}

bool rs_redshift_read_cluster(struct rs_str text, const char *cluster_id, char **host,
                              int32_t *port, struct rs_diag *diag)
{
    struct rs_xml *xml = NULL;
    const struct rs_xml_node *cluster;
    bool ok = false;

    if (!rs_redshift_parse(text, "DescribeClusters", &xml, diag))
        goto out;
    cluster = rs_xml_find(rs_xml_root(xml), "DescribeClustersResult/Clusters/Cluster");
    if (cluster == NULL)
        rs_fail(diag, RS_08001, 0, "cluster \"%s\" not found; check ClusterID and Region",
                cluster_id);
    else
        ok = read_endpoint(cluster, cluster_id, host, port, diag);
out:
    rs_xml_free(xml);
    return ok;
}

bool rs_redshift_describe(const struct rs_aws *aws, const char *cluster_id,
                          struct rs_aws_told *told, char **host, int32_t *port,
                          struct rs_diag *diag)
{
    static const struct rs_aws_hint hints[] = {
        { "AccessDenied", "allow redshift:DescribeClusters, or give Server and Port" },
        { "AccessDeniedException", "allow redshift:DescribeClusters, or give Server and Port" },
        { NULL, NULL },
    };
    struct rs_aws_call call = { .operation = "DescribeClusters", .hints = hints, .told = told };
    struct rs_buf form = RS_BUF_WIPED(FORM_MAX_BYTES), reply = RS_BUF_WIPED(RS_AWS_MAX_REPLY);
    bool ok;

    rs_redshift_begin_form(&form, call.operation);
    rs_query_add(&form, "ClusterIdentifier", rs_str_of(cluster_id));
    call.body = rs_buf_str(&form);
    ok = rs_buf_ok(&form, diag) && rs_aws_send(aws, &call, &reply, diag) &&
         rs_redshift_read_cluster(rs_buf_str(&reply), cluster_id, host, port, diag);
    rs_buf_clear(&form);
    rs_buf_clear(&reply);
    return ok;
}

/* ---- GetClusterCredentials, GetClusterCredentialsWithIAM ---- */

static const char *operation_of(bool with_iam)
{
    return with_iam ? "GetClusterCredentialsWithIAM" : "GetClusterCredentials";
}

static void add_text(struct rs_buf *out, const char *name, const char *value)
{
    if (value != NULL && *value != '\0')
        rs_query_add(out, name, rs_str_of(value));
}

static bool equal_groups(struct rs_str a, struct rs_str b, bool lower)
{
    return lower ? rs_str_eq_nocase(a, b) : rs_str_eq(a, b);
}

/* True when the same group stands in list before place `at`. */
static bool stands_before(struct rs_str list, struct rs_str group, bool lower)
{
    struct rs_str rest = rs_str_sub(list, 0, (size_t)(group.p - list.p)), part;
    bool done = false;

    while (rs_str_split(&rest, ',', &done, &part))
        if (equal_groups(rs_str_trim(part), group, lower))
            return true;
    return false;
}

static void add_group(struct rs_buf *out, size_t number, struct rs_str group, bool lower)
{
    struct rs_buf text = RS_BUF_INIT(FORM_MAX_BYTES);

    for (size_t i = 0; i < group.n; i++)
        rs_buf_addc(&text, lower ? rs_lower(group.p[i]) : group.p[i]);
    if (text.bad)
        out->bad = true;
    rs_buf_addf(out, "&DbGroups.DbGroup.%zu=", number);
    rs_url_encode(out, rs_buf_str(&text));
    rs_buf_clear(&text);
}

static void add_groups(struct rs_buf *out, const struct rs_redshift_ask *ask)
{
    struct rs_str list = rs_str_of(ask->groups), rest = list, part;
    bool done = false;
    size_t n = 0;

    while (rs_str_split(&rest, ',', &done, &part)) {
        struct rs_str group = rs_str_trim(part);

        if (group.n > 0 && !stands_before(list, group, ask->lower_case_groups))
            add_group(out, ++n, group, ask->lower_case_groups);
    }
}

void rs_redshift_form(const struct rs_redshift_ask *ask, struct rs_buf *out)
{
    char digits[24];

    rs_redshift_begin_form(out, operation_of(ask->with_iam));
    if (!ask->with_iam)
        add_text(out, "DbUser", ask->db_user);
    add_text(out, "DbName", ask->database);
    add_text(out, "ClusterIdentifier", ask->cluster_id);
    if (ask->duration_s > 0)
        rs_query_add(out, "DurationSeconds",
                     (struct rs_str){ digits, rs_print_i64(digits, ask->duration_s) });
    if (ask->has_auto_create && !ask->with_iam)
        add_text(out, "AutoCreate", ask->auto_create ? "true" : "false");
    if (!ask->with_iam)
        add_groups(out, ask);
    if (ask->cluster_id == NULL)
        add_text(out, "CustomDomainName", ask->custom_domain);
}

void rs_redshift_password_clear(struct rs_redshift_password *password)
{
    rs_free(password->user);
    password->user = NULL;
    rs_secret_clear(&password->password);
    *password = (struct rs_redshift_password){ 0 };
}

static bool read_result(const struct rs_xml_node *result, const char *operation,
                        struct rs_redshift_password *out, struct rs_diag *diag)
{
    struct rs_buf user = RS_BUF_INIT(TEXT_MAX_BYTES), expires = RS_BUF_INIT(TEXT_MAX_BYTES);
    struct rs_buf password = RS_BUF_WIPED(PASSWORD_MAX_BYTES);
    struct rs_redshift_password made = { 0 };
    bool ok = false;

    rs_xml_text(rs_xml_child(result, "DbUser"), &user);
    rs_xml_text(rs_xml_child(result, "DbPassword"), &password);
    rs_xml_text(rs_xml_child(result, "Expiration"), &expires);
    if (!rs_buf_ok(&user, diag) || !rs_buf_ok(&password, diag) || !rs_buf_ok(&expires, diag))
        goto out;
    if (user.len == 0 || password.len == 0) {
        fail_answer(operation, "it holds no user or no password", diag);
        goto out;
    }
    if (!rs_aws_time(rs_buf_str(&expires), &made.expires_at)) {
        fail_answer(operation, "Expiration is not a time", diag);
        goto out;
    }
    made.user = rs_str_dup(rs_buf_str(&user), diag);
    if (made.user == NULL || !rs_secret_set(&made.password, rs_buf_str(&password), diag))
        goto out;
    *out = made;
    made = (struct rs_redshift_password){ 0 };
    ok = true;
out:
    rs_redshift_password_clear(&made);
    rs_buf_clear(&user);
    rs_buf_clear(&password);
    rs_buf_clear(&expires);
    return ok;
}

bool rs_redshift_read_password(struct rs_str text, bool with_iam, struct rs_redshift_password *out,
                               struct rs_diag *diag)
{
    static const char *const paths[] = { "GetClusterCredentialsResult",
                                         "GetClusterCredentialsWithIAMResult" };
    const char *operation = operation_of(with_iam);
    struct rs_xml *xml = NULL;
    bool ok = rs_redshift_parse(text, operation, &xml, diag) &&
              read_result(rs_xml_child(rs_xml_root(xml), paths[with_iam]), operation, out, diag);

    rs_xml_free(xml);
    return ok;
}

static const struct rs_aws_hint *hints_of(const struct rs_redshift_ask *ask)
{
    static const char alias[] = "set ClusterID if the host is a load balancer or alias";
    static const char user[] = "allow redshift:GetClusterCredentials; with AutoCreate also "
                               "redshift:CreateClusterUser, with DbGroups redshift:JoinGroup";
    static const char iam[] = "allow redshift:GetClusterCredentialsWithIAM";
    static const struct rs_aws_hint hints[2][2][6] = {
        { { { "AccessDenied", user }, { NULL, NULL } },
          { { "AccessDenied", iam }, { NULL, NULL } } },
        { { { "AccessDenied", user },
            { "CustomDomainAssociationNotFoundFault", alias },
            { "ClusterNotFound", alias },
            { "UnsupportedOperation", alias },
            { NULL, NULL } },
          { { "AccessDenied", iam },
            { "CustomDomainAssociationNotFoundFault", alias },
            { "ClusterNotFound", alias },
            { "UnsupportedOperation", alias },
            { NULL, NULL } } },
    };

    return hints[ask->cluster_id == NULL][ask->with_iam];
}

static bool ask_password(const struct rs_aws *aws, const struct rs_redshift_ask *ask,
                         struct rs_aws_told *told, struct rs_redshift_password *out,
                         struct rs_diag *diag)
{
    struct rs_aws_call call = { .operation = operation_of(ask->with_iam),
                                .hints = hints_of(ask),
                                .told = told };
    struct rs_buf form = RS_BUF_WIPED(FORM_MAX_BYTES), reply = RS_BUF_WIPED(RS_AWS_MAX_REPLY);
    bool ok;

    *told = (struct rs_aws_told){ .code = "" };
    rs_redshift_form(ask, &form);
    call.body = rs_buf_str(&form);
    ok = rs_buf_ok(&form, diag) && rs_aws_send(aws, &call, &reply, diag) &&
         rs_redshift_read_password(rs_buf_str(&reply), ask->with_iam, out, diag);
    if (ok)
        out->clock_is_off = told->clock_is_off;
    rs_buf_clear(&form);
    rs_buf_clear(&reply);
    return ok;
}

/* ---- DescribeCustomDomainAssociations ---- */

/* The first of some siblings whose child of that name has that text, in any case; NULL: none.
 * False: no memory. */
static bool find_named(const struct rs_xml_node *from, const char *sibling, const char *child,
                       const char *want, const struct rs_xml_node **out, struct rs_diag *diag)
{
    bool ok = true, is_it = false;

    while (ok && from != NULL && !is_it) {
        struct rs_buf text = RS_BUF_INIT(TEXT_MAX_BYTES);

        rs_xml_text(rs_xml_child(from, child), &text);
        ok = rs_buf_ok(&text, diag);
        is_it = ok && rs_str_eq_nocase(rs_buf_str(&text), rs_str_of(want));
        rs_buf_clear(&text);
        if (!is_it)
            from = rs_xml_next(from, sibling);
    }
    *out = from;
    return ok;
}

/* The cluster of the first certificate of an association that is this domain's. */
static bool find_domain(const struct rs_xml_node *association, const char *domain, char **id,
                        struct rs_diag *diag)
{
    const struct rs_xml_node *one =
        rs_xml_find(association, "CertificateAssociations/CertificateAssociation");
    struct rs_buf text = RS_BUF_INIT(TEXT_MAX_BYTES);
    bool ok;

    if (!find_named(one, "CertificateAssociation", "CustomDomainName", domain, &one, diag))
        return false;
    rs_xml_text(rs_xml_child(one, "ClusterIdentifier"), &text);
    ok = rs_buf_ok(&text, diag);
    if (ok && text.len > 0) {
        *id = rs_str_dup(rs_buf_str(&text), diag);
        ok = *id != NULL;
    }
    rs_buf_clear(&text);
    return ok;
}

bool rs_redshift_read_domain(struct rs_str text, const char *domain, char **id,
                             struct rs_diag *diag)
{
    const struct rs_xml_node *association;
    struct rs_xml *xml = NULL;
    char *found = NULL;
    bool ok = rs_redshift_parse(text, "DescribeCustomDomainAssociations", &xml, diag);

    association = ok ? rs_xml_find(rs_xml_root(xml), "DescribeCustomDomainAssociationsResult/"
                                                     "Associations/Association")
                     : NULL;
    for (; ok && association != NULL && found == NULL;
         association = rs_xml_next(association, "Association"))
        ok = find_domain(association, domain, &found, diag);
    rs_xml_free(xml);
    if (ok)
        *id = found;
    return ok;
}

bool rs_redshift_domain(const struct rs_aws *aws, const char *domain, char **id,
                        struct rs_diag *diag)
{
    static const char name[] = "ClusterID says which cluster it is, and nobody has to ask";
    static const struct rs_aws_hint hints[] = {
        { "AccessDenied", "allow redshift:DescribeCustomDomainAssociations, or set ClusterID" },
        { "CustomDomainAssociationNotFoundFault", name },
        { "UnsupportedOperation", name },
        { NULL, NULL },
    };
    struct rs_aws_call call = { .operation = "DescribeCustomDomainAssociations", .hints = hints };
    struct rs_buf form = RS_BUF_WIPED(FORM_MAX_BYTES), reply = RS_BUF_WIPED(RS_AWS_MAX_REPLY);
    bool ok;

    rs_redshift_begin_form(&form, call.operation);
    rs_query_add(&form, "CustomDomainName", rs_str_of(domain));
    call.body = rs_buf_str(&form);
    ok = rs_buf_ok(&form, diag) && rs_aws_send(aws, &call, &reply, diag) &&
         rs_redshift_read_domain(rs_buf_str(&reply), domain, id, diag);
    rs_buf_clear(&form);
    rs_buf_clear(&reply);
    return ok;
}

static bool is_unknown_domain(const struct rs_redshift_ask *ask, const struct rs_aws_told *told)
{
    static const char *const codes[] = { "CustomDomainAssociationNotFoundFault", "ClusterNotFound",
                                         "UnsupportedOperation" };

    for (size_t i = 0; i < RS_COUNT(codes) && ask->cluster_id == NULL; i++)
        if (rs_str_eq(rs_str_of(told->code), rs_str_of(codes[i])))
            return true;
    return false;
}

/* ---- DescribeAuthenticationProfiles ---- */

bool rs_redshift_read_profile(struct rs_str text, const char *name, struct rs_buf *out,
                              struct rs_diag *diag)
{
    static const char operation[] = "DescribeAuthenticationProfiles";
    const struct rs_xml_node *member;
    struct rs_xml *xml = NULL;
    bool ok;

    if (!rs_redshift_parse(text, operation, &xml, diag))
        return false;
    member = rs_xml_find(rs_xml_root(xml),
                         "DescribeAuthenticationProfilesResult/AuthenticationProfiles/member");
    ok = find_named(member, "member", "AuthenticationProfileName", name, &member, diag);
    if (ok)
        rs_xml_text(rs_xml_child(member, "AuthenticationProfileContent"), out);
    ok = ok && rs_buf_ok(out, diag) &&
         (member != NULL ||
          rs_fail(diag, RS_28000, 0, "authentication profile \"%s\" not found", name));
    rs_xml_free(xml);
    return ok;
}

bool rs_redshift_profile(const struct rs_aws *aws, const char *name, struct rs_buf *out,
                         struct rs_diag *diag)
{
    static const struct rs_aws_hint hints[] = {
        { "AccessDenied", "allow redshift:DescribeAuthenticationProfiles" },
        { "AuthenticationProfileNotFoundFault", "check AuthProfile and Region" },
        { NULL, NULL },
    };
    struct rs_aws_call call = { .operation = "DescribeAuthenticationProfiles", .hints = hints };
    struct rs_buf form = RS_BUF_WIPED(FORM_MAX_BYTES), reply = RS_BUF_WIPED(RS_AWS_MAX_REPLY);
    bool ok;

    rs_redshift_begin_form(&form, call.operation);
    rs_query_add(&form, "AuthenticationProfileName", rs_str_of(name));
    call.body = rs_buf_str(&form);
    ok = rs_buf_ok(&form, diag) && rs_aws_send(aws, &call, &reply, diag) &&
         rs_redshift_read_profile(rs_buf_str(&reply), name, out, diag);
    rs_buf_clear(&form);
    rs_buf_clear(&reply);
    return ok;
}

/* ---- entry ---- */

bool rs_redshift_password_get(const struct rs_aws *aws, const struct rs_redshift_ask *ask,
                              struct rs_aws_told *told, struct rs_redshift_password *out,
                              struct rs_diag *diag)
{
    struct rs_diag first = { 0 }, second = { 0 };
    struct rs_redshift_ask again = *ask;
    char *id = NULL;
    bool ok = ask_password(aws, ask, told, out, &first);

    if (!ok && is_unknown_domain(ask, told)) {
        if (rs_redshift_domain(aws, ask->custom_domain, &id, &second) && id != NULL) {
            RS_LOG(aws->log, RS_LOG_INFO, "auth.domain", "%s is cluster %s", ask->custom_domain,
                   id);
            rs_diag_clear(&first);
            again.cluster_id = id;
            ok = ask_password(aws, &again, told, out, &first);
        } else if (rs_diag_state(&second) == RS_HY001) {
            rs_diag_clear(&first);
            rs_fail_memory(&first);
        }
    }
    rs_free(id);
    rs_diag_clear(&second);
    rs_diag_move(diag, &first);
    return ok;
}
