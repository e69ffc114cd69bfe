/* The form of a data source: what each Auth Type shows, what is refused, what odbc.ini keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "idp/idp.h"
#include "odbc/dsn.h"
#include "oom.h"
#include "os.h"
#include "setup/dsnfile.h"

/* dsn-keys.md 4: label, IAM, then the fields in order; * must, + must unless Server says it,
 * | one of two ways; what stands behind the slash is advanced. */
static const struct {
    const char *label, *iam, *shown;
} wanted[] = {
    { "Standard", "0", "UID* PWD /" },
    { "AWS Profile", "1",
      "ClusterID+ Region+ DbUser AutoCreate DbGroups Profile / InstanceProfile ForceLowercase "
      "group_federation Serverless Workgroup EndpointUrl vpc_endpoint_url" },
    { "AWS IAM Credentials", "1",
      "ClusterID+ Region+ DbUser* AutoCreate DbGroups AccessKeyID* SecretAccessKey* SessionToken / "
      "ForceLowercase group_federation Serverless Workgroup EndpointUrl vpc_endpoint_url" },
    { "Identity Provider: AD FS", "1",
      "UID PWD DbUser AutoCreate DbGroups idp_host* idp_port preferred_role / loginToRp "
      "ssl_insecure "
      "ClusterID+ Region+ ForceLowercase group_federation Serverless Workgroup EndpointUrl "
      "vpc_endpoint_url StsEndpointUrl" },
    { "Identity Provider: PingFederate", "1",
      "UID* PWD* DbUser AutoCreate DbGroups idp_host* idp_port preferred_role / partner_spid "
      "ssl_insecure ClusterID+ Region+ ForceLowercase group_federation Serverless Workgroup "
      "EndpointUrl vpc_endpoint_url StsEndpointUrl" },
    { "Identity Provider: Okta", "1",
      "UID* PWD* DbUser AutoCreate DbGroups idp_host* idp_port preferred_role app_id* / app_name "
      "ClusterID+ Region+ ForceLowercase group_federation Serverless Workgroup EndpointUrl "
      "vpc_endpoint_url StsEndpointUrl" },
    { "Identity Provider: Azure AD", "1",
      "UID* PWD* idp_tenant* client_id* client_secret* DbUser AutoCreate DbGroups idp_partition "
      "preferred_role dbgroups_filter / ClusterID+ Region+ ForceLowercase group_federation "
      "Serverless Workgroup EndpointUrl vpc_endpoint_url StsEndpointUrl" },
    { "Identity Provider: Browser Azure AD", "1",
      "idp_tenant* client_id* DbUser AutoCreate DbGroups idp_partition idp_response_timeout "
      "preferred_role dbgroups_filter / ClusterID+ Region+ ForceLowercase group_federation "
      "Serverless Workgroup EndpointUrl vpc_endpoint_url StsEndpointUrl" },
    { "Identity Provider: Browser SAML", "1",
      "login_url* DbUser AutoCreate DbGroups listen_port idp_response_timeout preferred_role "
      "dbgroups_filter / ClusterID+ Region+ ForceLowercase group_federation Serverless Workgroup "
      "EndpointUrl vpc_endpoint_url StsEndpointUrl" },
    { "Identity Provider: JWT IAM Auth Plugin", "1",
      "web_identity_token* role_arn* duration role_session_name DbGroups / group_federation "
      "ClusterID+ Region+ Serverless Workgroup" },
    { "Identity Provider: JWT", NULL, "web_identity_token* provider_name /" },
    { "Identity Provider: Browser Azure AD OAUTH2", NULL,
      "idp_tenant* client_id* scope idp_partition listen_port idp_response_timeout provider_name "
      "/" },
    { "IdP Token Auth Plugin", "0",
      "token| token_type| identity_namespace AccessKeyID| SecretAccessKey| SessionToken| / "
      "ClusterID "
      "Region Serverless Workgroup EndpointUrl" },
    { "Browser IdC Auth Plugin", "0",
      "issuer_url* idc_region* listen_port idp_response_timeout idc_client_display_name "
      "identity_namespace /" },
};

static void print_shown(size_t type, struct rs_buf *out)
{
    static const char *const marks[] = {
        [RS_MARK_MAY] = "", [RS_MARK_MUST] = "*", [RS_MARK_TARGET] = "+", [RS_MARK_EITHER] = "|"
    };
    struct rs_form_item item;
    bool is_advanced = false;

    for (size_t i = 0; rs_form_item(type, i, &item); i++) {
        if (item.part == RS_PART_SSL && !is_advanced)
            rs_buf_addf(out, "%s/", out->len > 0 ? " " : "");
        is_advanced = is_advanced || item.part == RS_PART_SSL;
        if (item.part == RS_PART_ADVANCED && !is_advanced) {
            rs_buf_addf(out, "%s/", out->len > 0 ? " " : "");
            is_advanced = true;
        }
        if (item.part == RS_PART_AUTHENTICATION || item.part == RS_PART_ADVANCED)
            rs_buf_addf(out, "%s%s%s", out->len > 0 ? " " : "", rs_key(item.id)->name,
                        marks[item.mark]);
    }
}

static bool find_iam(void *ctx, enum rs_key_id id, struct rs_str value)
{
    if (id == RS_KEY_iam)
        rs_buf_add(ctx, value);
    return true;
}

static void test_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(wanted); i++) {
        struct rs_buf shown = RS_BUF_INIT(10000), iam = RS_BUF_INIT(10);
        struct rs_dsnform form = { .type = i };

        assert_non_null(rs_form_type(i));
        assert_string_equal(rs_form_type(i)->label, wanted[i].label);
        print_shown(i, &shown);
        assert_string_equal(shown.p, wanted[i].shown);
        rs_dsnform_each(&form, find_iam, &iam);
        assert_string_equal(iam.p == NULL ? "-" : iam.p,
                            wanted[i].iam == NULL ? "-" : wanted[i].iam);
        rs_buf_clear(&shown);
        rs_buf_clear(&iam);
    }
    assert_null(rs_form_type(RS_COUNT(wanted)));
}

static void test_always(void **state)
{
    static const char *const parts[] = { [RS_PART_CONNECTION] = "Description Server Port Database ",
                                         [RS_PART_SSL] = "SSLMode Min_TLS CaFile CaPath ",
                                         [RS_PART_LOGGING] =
                                             "LogLevel LogPath LogFormat LogSql LogMaxBytes " };
    struct rs_form_item item;

    (void)state;
    for (size_t type = 0; rs_form_type(type) != NULL; type++)
        for (size_t part = 0; part < RS_COUNT(parts); part++) {
            struct rs_buf names = RS_BUF_INIT(1000);

            for (size_t i = 0; parts[part] != NULL && rs_form_item(type, i, &item); i++)
                if (item.part == (enum rs_form_part)part)
                    rs_buf_addf(&names, "%s ", rs_key(item.id)->name);
            if (parts[part] != NULL)
                assert_string_equal(names.p, parts[part]);
            rs_buf_clear(&names);
        }
}

/* What each plugin needs it can be given, and is asked for. */
static void test_needs(void **state)
{
    const struct rs_idp_plugin *plugin;
    struct rs_form_item item;

    (void)state;
    for (size_t p = 0; (plugin = rs_idp_at(p)) != NULL; p++) {
        struct rs_dsnform form = { .type = 0 };
        struct rs_diag diag = { 0 };

        assert_true(rs_dsnform_set_type(&form, rs_str_of(plugin->name), &diag));
        assert_string_equal(rs_form_type(form.type)->plugin, plugin->name);
        for (const enum rs_key_id *need = plugin->needs; *need != RS_KEY_NONE; need++) {
            assert_true(rs_form_find(form.type, *need, &item));
            assert_true(item.mark == RS_MARK_MUST || item.mark == RS_MARK_EITHER);
        }
    }
}

/* A widget suits its key; a label stands for one key alone. */
static void test_fields(void **state)
{
    struct rs_form_item item, other;

    (void)state;
    for (size_t type = 0; rs_form_type(type) != NULL; type++)
        for (size_t i = 0; rs_form_item(type, i, &item); i++) {
            const struct rs_key *key = rs_key(item.id);

            assert_non_null(item.label);
            assert_int_equal(item.widget == RS_WIDGET_PASSWORD, key->type == RS_TYPE_SECRET);
            assert_int_equal(item.widget == RS_WIDGET_CHECKBOX, key->type == RS_TYPE_BOOL);
            assert_true(key->type != RS_TYPE_INT || item.widget == RS_WIDGET_NUMBER ||
                        item.widget == RS_WIDGET_LIST);
            assert_int_equal(item.widget == RS_WIDGET_LIST, rs_form_word(item.id, 0) != NULL);
            for (size_t k = 0; k < i; k++) {
                assert_true(rs_form_item(type, k, &other));
                assert_string_not_equal(item.label, other.label);
                assert_int_not_equal(item.id, other.id);
            }
        }
}

static bool fill(struct rs_dsnform *form, const char *pairs, struct rs_diag *diag)
{
    struct rs_str rest = rs_str_of(pairs), pair;
    bool done = false;

    while (rs_str_split(&rest, '\n', &done, &pair)) {
        ptrdiff_t at = rs_str_chr(pair, '=');

        if (pair.n > 0 && !rs_dsnform_put(form, rs_str_sub(pair, 0, (size_t)at),
                                          rs_str_sub(pair, (size_t)at + 1, pair.n), diag))
            return false;
    }
    return true;
}

#define STANDARD "DSN=a\nServer=h\nDatabase=d\nUID=u\n"
#define STATIC                                                                                     \
    "DSN=a\nAuthType=Static\nClusterID=c\nRegion=us-west-2\nDatabase=d\nDbUser=u\n"                \
    "AccessKeyID=AKIDAKIDAKIDAKID\n"

static const struct {
    const char *pairs;
    enum rs_form_purpose purpose;
    enum rs_key_id at;
    const char *text; /* NULL: all is well */
} checks[] = {
    { STANDARD, RS_FORM_TO_SAVE, RS_KEY_NONE, NULL },
    { "Server=h\nDatabase=d\nUID=u", RS_FORM_TO_SAVE, RS_KEY_dsn, "a data source needs a name" },
    { "DSN=a\nServer=h\nUID=u", RS_FORM_TO_SAVE, RS_KEY_database, "Database is required" },
    { "DSN=a\nServer=h\nDatabase=d", RS_FORM_TO_SAVE, RS_KEY_uid, "UID is required" },
    { STATIC, RS_FORM_TO_SAVE, RS_KEY_NONE, NULL },
    { STATIC, RS_FORM_TO_CONNECT, RS_KEY_secret_access_key,
      "SecretAccessKey is required with AccessKeyID" },
    { "DSN=a\nAuthType=Static\nDatabase=d\nDbUser=u\nAccessKeyID=AKIDAKIDAKIDAKID", RS_FORM_TO_SAVE,
      RS_KEY_server, "Server, or ClusterID and Region, is required" },
    { STATIC "SSLMode=prefer", RS_FORM_TO_SAVE, RS_KEY_sslmode,
      "IAM authentication needs SSLMode require, verify-ca or verify-full" },
    { "DSN=a\nAuthType=Identity Provider: JWT\nServer=h\nDatabase=d", RS_FORM_TO_SAVE, RS_KEY_NONE,
      NULL },
    { "DSN=a\nAuthType=Identity Provider: JWT\nServer=h\nDatabase=d", RS_FORM_TO_CONNECT,
      RS_KEY_web_identity_token, "web_identity_token is required for plugin JWT" },
    { "DSN=a\nAuthType=Plugin\nplugin_name=IdpTokenAuthPlugin\nServer=h\nDatabase=d",
      RS_FORM_TO_SAVE, RS_KEY_token_type, "token_type is required for plugin IdpTokenAuthPlugin" },
    /* a field that is not shown has no say */
    { STANDARD "ClusterID=c\nplugin_name=", RS_FORM_TO_CONNECT, RS_KEY_NONE, NULL },
};

static void test_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(checks); i++) {
        struct rs_dsnform form = { .type = 0 };
        struct rs_diag diag = { 0 };
        enum rs_key_id at = RS_KEY_COUNT;
        bool ok;

        assert_true(fill(&form, checks[i].pairs, &diag));
        ok = rs_dsnform_check(&form, checks[i].purpose, &at, &diag);
        assert_string_equal(ok ? "-" : rs_diag_first(&diag),
                            checks[i].text == NULL ? "-" : checks[i].text);
        assert_int_equal(at, checks[i].at);
        rs_diag_clear(&diag);
        rs_dsnform_clear(&form);
    }
}

static const struct {
    const char *pair, *text;
} refused[] = {
    { "Port=0", "Port must be between 1 and 65535" },
    { "AutoCreate=maybe", "AutoCreate: \"maybe\" is not a boolean" },
    { "Region=nowhere", "Region \"nowhere\" is not a region name" },
    { "ClusterID=a b", "ClusterID \"a b\" is not a cluster identifier" },
    { "idp_host=https://a/", "idp_host must be a host name" },
    { "login_url=http://a/", "login_url must be an https URL" },
    { "Server=a\tb", "Server must hold no line end or other control character" },
    { "Nonsense=1", "unknown connection key \"Nonsense\"" },
    { "plugin_name=Nobody", "plugin_name \"Nobody\" is not known" },
    { "DSN=a[b", "the name of a data source holds none of []{}(),;?*=!@\\/" },
    { "DSN=", "a data source needs a name" },
    { "DSN=123456789012345678901234567890123", "the name of a data source has at most 32 bytes" },
    { "DSN=odbc data sources", "\"odbc data sources\" has another meaning in odbc.ini" },
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(refused); i++) {
        struct rs_dsnform form = { .type = 0 };
        struct rs_diag diag = { 0 };

        assert_false(fill(&form, refused[i].pair, &diag));
        assert_string_equal(rs_diag_first(&diag), refused[i].text);
        assert_int_equal(diag.n_error, 1);
        rs_diag_clear(&diag);
        rs_dsnform_clear(&form);
    }
}

static void test_no_such_type(void **state)
{
    struct rs_dsnform form = { .type = 3 };
    struct rs_diag diag = { 0 };

    (void)state;
    assert_false(rs_dsnform_set_type(&form, RS_STR("Kerberos"), &diag));
    assert_non_null(strstr(rs_diag_first(&diag), "AuthType \"Kerberos\" is not known"));
    assert_int_equal(form.type, 3);
    rs_diag_clear(&diag);
}

/* A value that is refused leaves the one that was there. */
static void test_old_value_stays(void **state)
{
    struct rs_dsnform form = { .type = 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(fill(&form, "Port= 5440 ", &diag));
    assert_false(fill(&form, "Port=x", &diag));
    assert_true(rs_str_eq(rs_dsnform_get(&form, RS_KEY_port), RS_STR("5440")));
    assert_true(fill(&form, "Port=", &diag) || true);
    assert_false(rs_dsnform_has(&form, RS_KEY_port));
    rs_diag_clear(&diag);
    rs_dsnform_clear(&form);
}

/* ---- odbc.ini ---- */

static char folder[] = "/tmp/rs_test_dsnform_XXXXXX";

static const char *ini_path(void)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/odbc.ini", folder);
    return path;
}

static void write_ini(const char *text)
{
    FILE *file = fopen(ini_path(), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(ini_path(), 0644), 0);
}

static void read_ini(struct rs_buf *out)
{
    struct rs_diag diag = { 0 };

    assert_int_equal(rs_os_read_file(ini_path(), out, NULL, &diag), RS_FILE_READ);
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    setenv("ODBCINI", ini_path(), 1);
    setenv("ODBCSYSINI", folder, 1);
    setenv("REDSHIFTODBCINI", "/nowhere", 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(ini_path());
    rmdir(folder);
    return 0;
}

static bool save(const char *pairs, bool with_secrets, enum rs_key_id *at, struct rs_diag *diag)
{
    const struct rs_dsnfile_save how = { .driver = "Redshift ODBC",
                                         .scope = RS_DSN_USER,
                                         .with_secrets = with_secrets };
    struct rs_dsnform form = { .type = 0 };
    bool ok = fill(&form, pairs, diag) && rs_dsnfile_save(&form, &how, at, diag);

    rs_dsnform_clear(&form);
    return ok;
}

/* Values with everything that could trip a reader come back, through the form and the driver. */
static void test_values_survive(void **state)
{
    static const char *const values[] = { "a=b",          "a;b",  "#a",   "{a}b}}",    "[a]",
                                          "a  b",         "a\\b", "\"a'", "=a",        ";a",
                                          "Bj\xc3\xb6rn", "{",    "}",    "a # b ; c", "%s" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(values); i++) {
        struct rs_buf pairs = RS_BUF_INIT(1000);
        struct rs_dsnform form = { .type = 0 };
        struct rs_settings set = { 0 };
        struct rs_diag diag = { 0 };
        enum rs_key_id at;

        write_ini("");
        rs_buf_addf(&pairs, STANDARD "PWD=%s\nDescription=%s", values[i], values[i]);
        assert_true(save(pairs.p, true, &at, &diag));
        assert_true(rs_dsnfile_load(&form, RS_STR("a"), RS_DSN_USER, &diag));
        assert_string_equal(rs_secret_reveal(&form.value[RS_KEY_pwd]), values[i]);
        assert_string_equal(rs_secret_reveal(&form.value[RS_KEY_description]), values[i]);
        assert_true(rs_settings_init(&set, &diag));
        assert_true(rs_dsn_load_named(&set, RS_STR("a"), RS_STR_NULL, RS_STR_NULL, &diag));
        assert_string_equal(rs_secret_reveal(&set.pwd), values[i]);
        assert_string_equal(set.description, values[i]);
        rs_settings_clear(&set);
        rs_dsnform_clear(&form);
        rs_diag_clear(&diag);
        rs_buf_clear(&pairs);
    }
}

static void test_values_that_do_not_fit(void **state)
{
    static const struct {
        const char *value, *text;
    } cases[] = {
        { " a", "PWD begins or ends with a blank: odbc.ini cannot keep it" },
        { "a\tb", "PWD holds a line end or another control character: odbc.ini cannot keep it" },
        { "a\rb", "PWD holds a line end or another control character: odbc.ini cannot keep it" },
        { NULL, "PWD is too long: odbc.ini cannot keep it" },
    };
    char many[1000];

    (void)state;
    memset(many, 'a', sizeof many);
    many[sizeof many - 1] = '\0';
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf pairs = RS_BUF_INIT(10000), text = RS_BUF_INIT(10000);
        struct rs_diag diag = { 0 };
        enum rs_key_id at = RS_KEY_NONE;

        write_ini("[other]\nServer = x\n");
        rs_buf_addf(&pairs, STANDARD "PWD=%s", cases[i].value == NULL ? many : cases[i].value);
        assert_false(save(pairs.p, true, &at, &diag));
        assert_string_equal(rs_diag_first(&diag), cases[i].text);
        assert_int_equal(at, RS_KEY_pwd);
        read_ini(&text);
        assert_string_equal(text.p, "[other]\nServer = x\n");
        /* not to be saved, it is no matter */
        rs_diag_reset(&diag);
        assert_true(save(pairs.p, false, &at, &diag));
        rs_buf_clear(&text);
        rs_buf_clear(&pairs);
        rs_diag_clear(&diag);
    }
}

/* Secrets are in the file when they are to be, and then it is private. */
static void test_secrets(void **state)
{
    struct rs_buf text = RS_BUF_INIT(10000);
    struct rs_diag diag = { 0 };
    enum rs_key_id at;
    struct stat st;

    (void)state;
    write_ini("");
    assert_true(save(STANDARD "PWD=canary", false, &at, &diag));
    read_ini(&text);
    assert_null(strstr(text.p, "canary"));
    assert_int_equal(stat(ini_path(), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_true(save(STANDARD "PWD=canary", true, &at, &diag));
    rs_buf_truncate(&text, 0);
    read_ini(&text);
    assert_non_null(strstr(text.p, "canary"));
    assert_int_equal(stat(ini_path(), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(diag.n, 0);
    /* and out again */
    assert_true(save(STANDARD "PWD=canary", false, &at, &diag));
    rs_buf_truncate(&text, 0);
    read_ini(&text);
    assert_null(strstr(text.p, "canary"));
    rs_buf_clear(&text);
    rs_diag_clear(&diag);
}

/* Changing brings a data source up to date and leaves alone what is not the form's. */
static void test_change(void **state)
{
    struct rs_buf text = RS_BUF_INIT(10000);
    struct rs_diag diag = { 0 };
    enum rs_key_id at;

    (void)state;
    write_ini("[other]\nServer = x\n\n[a]\nDriver = old\nHost = old\nAuthType = Plugin\n"
              "plugin_name = Okta\napp_id = 1\nMine = 1\n");
    assert_true(save(STANDARD "TimeZone=UTC", false, &at, &diag));
    read_ini(&text);
    assert_non_null(strstr(text.p, "[other]"));
    assert_non_null(strstr(text.p, "Mine"));
    assert_non_null(strstr(text.p, "TimeZone"));
    assert_non_null(strstr(text.p, "Redshift ODBC"));
    assert_null(strstr(text.p, "old"));
    assert_null(strstr(text.p, "Okta"));
    assert_null(strstr(text.p, "app_id"));
    assert_true(rs_dsnfile_exists(RS_STR("a"), RS_DSN_USER));
    rs_buf_clear(&text);
    rs_diag_clear(&diag);
}

static void test_remove(void **state)
{
    struct rs_buf text = RS_BUF_INIT(10000);
    struct rs_diag diag = { 0 };

    (void)state;
    write_ini("[other]\nServer = x\n\n[b]\nServer = y\n");
    assert_true(rs_dsnfile_remove(RS_STR("b"), RS_DSN_USER, &diag));
    read_ini(&text);
    assert_null(strstr(text.p, "[b]"));
    assert_non_null(strstr(text.p, "[other]"));
    assert_false(rs_dsnfile_remove(RS_STR("nobody"), RS_DSN_USER, &diag));
    assert_string_equal(rs_diag_first(&diag), "there is no data source \"nobody\"");
    rs_buf_clear(&text);
    rs_diag_clear(&diag);
}

/* Somebody else's long line would be cut by the installer: nothing is touched. */
static void test_long_line_of_another(void **state)
{
    struct rs_buf before = RS_BUF_INIT(10000), after = RS_BUF_INIT(10000);
    struct rs_diag diag = { 0 };
    enum rs_key_id at;

    (void)state;
    rs_buf_adds(&before, "[other]\nSessionToken = ");
    for (size_t i = 0; i < 1500; i++)
        rs_buf_addc(&before, 't');
    rs_buf_adds(&before, "\n");
    write_ini(before.p);
    assert_false(save(STANDARD, false, &at, &diag));
    assert_non_null(strstr(rs_diag_first(&diag), "line 2 of"));
    read_ini(&after);
    assert_string_equal(after.p, before.p);
    rs_buf_clear(&before);
    rs_buf_clear(&after);
    rs_diag_clear(&diag);
}

/* A data source without AuthType: the one that its keys mean. */
static void test_type_of_old_dsn(void **state)
{
    static const struct {
        const char *text, *label;
    } cases[] = {
        { "UID = u", "Standard" },
        { "AccessKeyID = a\nSecretAccessKey = b", "AWS IAM Credentials" },
        { "Profile = p", "AWS Profile" },
        { "IAM = 1", "AWS Profile" },
        { "plugin_name = com.amazon.redshift.plugin.OktaCredentialsProvider",
          "Identity Provider: Okta" },
        { "AuthType = Plugin\nplugin_name = JWT", "Identity Provider: JWT" },
        { "AuthType = AWS Profile", "AWS Profile" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_dsnform form = { .type = 0 };
        struct rs_diag diag = { 0 };
        char text[200];

        snprintf(text, sizeof text, "[old%zu]\nServer = h\n%s\n", i, cases[i].text);
        write_ini(text);
        snprintf(text, sizeof text, "old%zu", i);
        assert_true(rs_dsnfile_load(&form, rs_str_of(text), RS_DSN_USER, &diag));
        assert_string_equal(rs_form_type(form.type)->label, cases[i].label);
        rs_dsnform_clear(&form);
        rs_diag_clear(&diag);
    }
}

static bool whole_way(void *ctx)
{
    struct rs_dsnform form = { .type = 0 }, again = { .type = 0 };
    struct rs_diag diag = { 0 };
    struct rs_buf string = RS_BUF_WIPED(10000);
    enum rs_key_id at;
    const struct rs_dsnfile_save how = { .driver = "Redshift ODBC", .with_secrets = true };
    bool ok;

    (void)ctx;
    write_ini("");
    ok = fill(&form, STATIC "SecretAccessKey=s}s\nPort=1", &diag) &&
         rs_dsnform_check(&form, RS_FORM_TO_CONNECT, &at, &diag) &&
         rs_dsnfile_save(&form, &how, &at, &diag);
    rs_dsnform_string(&form, "Redshift ODBC", &string);
    ok =
        ok && rs_buf_ok(&string, &diag) && rs_dsnfile_load(&again, RS_STR("a"), RS_DSN_USER, &diag);
    if (ok)
        assert_string_equal(string.p, "Driver={Redshift ODBC};AuthType={Static};IAM={1};Port={1};"
                                      "Database={d};ClusterID={c};Region={us-west-2};DbUser={u};"
                                      "AccessKeyID={AKIDAKIDAKIDAKID};SecretAccessKey={s}}s};");
    else
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_buf_clear(&string);
    rs_dsnform_clear(&form);
    rs_dsnform_clear(&again);
    rs_diag_clear(&diag);
    return ok;
}

static void test_no_memory(void **state)
{
    (void)state;
    rs_test_oom(whole_way, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),           cmocka_unit_test(test_always),
        cmocka_unit_test(test_needs),           cmocka_unit_test(test_fields),
        cmocka_unit_test(test_check),           cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_such_type),    cmocka_unit_test(test_old_value_stays),
        cmocka_unit_test(test_values_survive),  cmocka_unit_test(test_values_that_do_not_fit),
        cmocka_unit_test(test_secrets),         cmocka_unit_test(test_change),
        cmocka_unit_test(test_remove),          cmocka_unit_test(test_long_line_of_another),
        cmocka_unit_test(test_type_of_old_dsn), cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
