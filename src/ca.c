#include "ca.h"

#include <string.h>

#include "crypto.h"

enum { CA_MAX_BYTES = 16 << 20, PATH_MAX_BYTES = 8192 };

/* Debian, Fedora and RHEL, SUSE, Alpine and BSD, macOS with Homebrew. */
static const char *const usual_places[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/opt/homebrew/etc/ca-certificates/cert.pem",
};

bool rs_ca_is_store(const char *ca_file)
{
    return ca_file != NULL && strcmp(ca_file, RS_CA_STORE) == 0;
}

/* A named file that cannot be read must not silently become another trust. The libraries say of
 * one without certificates only that something went wrong, and not which key named it. */
static bool use_named(const char *name, const char *path, struct rs_buf *out, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_INIT(CA_MAX_BYTES);
    enum rs_file file = rs_os_read_file(path, &text, NULL, diag);
    bool is_pem = rs_str_find_nocase(rs_buf_str(&text), RS_STR("-----BEGIN ")) >= 0;

    rs_buf_clear(&text);
    if (file == RS_FILE_MISSING)
        return rs_fail(diag, RS_08001, 0, "%s: there is no file \"%s\"", name, path);
    if (file == RS_FILE_FAILED)
        return false;
    if (!is_pem)
        return rs_fail(diag, RS_08001, 0, "%s: \"%s\" holds no certificate in PEM form", name,
                       path);
    rs_buf_adds(out, path);
    return rs_buf_ok(out, diag);
}

static bool use_folder(const char *folder, struct rs_buf *out, struct rs_diag *diag)
{
    struct rs_buf path = RS_BUF_INIT(PATH_MAX_BYTES);
    bool ok;

    rs_buf_adds(&path, folder);
    if (path.len > 0 && path.p[path.len - 1] != '/')
        rs_buf_addc(&path, '/');
    rs_buf_adds(&path, "root.crt");
    ok = rs_buf_ok(&path, diag) && use_named("CaPath", path.p, out, diag);
    rs_buf_clear(&path);
    return ok;
}

static bool use_system(struct rs_buf *out, struct rs_diag *diag)
{
    const char *found = NULL;

    if (rs_os_has_roots())
        found = RS_CA_STORE;
    else if (rs_os_file_exists(rs_crypto_default_ca_file()))
        found = rs_crypto_default_ca_file();
    for (size_t i = 0; i < RS_COUNT(usual_places) && found == NULL; i++)
        if (rs_os_file_exists(usual_places[i]))
            found = usual_places[i];
    if (found == NULL)
        return rs_fail(diag, RS_08001, 0,
                       "no file of certification authorities was found on this system; set CaFile");
    rs_buf_adds(out, found);
    return rs_buf_ok(out, diag);
}

static bool find(const struct rs_settings *set, const struct rs_world *world, bool is_aws,
                 const char *profile_bundle, struct rs_buf *out, struct rs_diag *diag)
{
    const char *aws = is_aws ? world->env(world->ctx, "AWS_CA_BUNDLE") : NULL;
    const char *env = world->env(world->ctx, "SSL_CERT_FILE");

    if (rs_settings_has_text(set, RS_KEY_trust_store))
        return use_named("TrustStore", set->trust_store, out, diag);
    if (rs_settings_has_text(set, RS_KEY_ca_file))
        return use_named("CaFile", set->ca_file, out, diag);
    if (rs_settings_has_text(set, RS_KEY_ca_path))
        return use_folder(set->ca_path, out, diag);
    if (aws != NULL)
        return use_named("AWS_CA_BUNDLE", aws, out, diag);
    if (profile_bundle != NULL)
        return use_named("ca_bundle of the AWS profile", profile_bundle, out, diag);
    if (env != NULL)
        return use_named("SSL_CERT_FILE", env, out, diag);
    return use_system(out, diag);
}

bool rs_ca_file(const struct rs_settings *set, const struct rs_world *world, struct rs_buf *out,
                struct rs_diag *diag)
{
    return find(set, world, false, NULL, out, diag);
}

bool rs_ca_file_aws(const struct rs_settings *set, const struct rs_world *world,
                    const char *profile_bundle, struct rs_buf *out, struct rs_diag *diag)
{
    return find(set, world, true, profile_bundle, out, diag);
}
