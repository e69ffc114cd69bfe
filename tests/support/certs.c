#include "certs.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { DAY_S = 86400, VERSION_3 = 2 };

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "certificate: %s failed\n", what);
        abort();
    }
}

static const char *file_of(const struct tempdir *dir, const char *name, const char *kind)
{
    char text[128];

    (void)snprintf(text, sizeof text, "%s.%s", name, kind);
    return tempdir_file(dir, text);
}

const char *certs_pem(const struct tempdir *dir, const char *name)
{
    return file_of(dir, name, "pem");
}

const char *certs_key(const struct tempdir *dir, const char *name)
{
    return file_of(dir, name, "key");
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);

    must(file != NULL, path);
    return file;
}

static X509 *read_cert(const struct tempdir *dir, const char *name)
{
    FILE *file = open_file(certs_pem(dir, name), "r");
    X509 *cert = PEM_read_X509(file, NULL, NULL, NULL);

    must(cert != NULL, "reading a certificate");
    (void)fclose(file);
    return cert;
}

static EVP_PKEY *read_key(const struct tempdir *dir, const char *name)
{
    FILE *file = open_file(certs_key(dir, name), "r");
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);

    must(key != NULL, "reading a key");
    (void)fclose(file);
    return key;
}

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    if (value == NULL)
        return;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL && X509_add_ext(cert, extension, -1) == 1, value);
    X509_EXTENSION_free(extension);
}

static void name_set(X509 *cert, const char *cn)
{
    X509_NAME *name = X509_NAME_new();

    must(name != NULL &&
             X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1,
                                        -1, 0) == 1 &&
             X509_set_subject_name(cert, name) == 1,
         "the subject");
    X509_NAME_free(name);
}

static void write_out(const struct tempdir *dir, const struct certs_wish *wish, X509 *cert,
                      EVP_PKEY *key)
{
    FILE *file = open_file(certs_pem(dir, wish->name), "w");

    must(PEM_write_X509(file, cert) == 1, "writing a certificate");
    if (wish->chain != NULL) {
        X509 *behind = read_cert(dir, wish->chain);

        must(PEM_write_X509(file, behind) == 1, "writing a chain");
        X509_free(behind);
    }
    must(fclose(file) == 0, "writing a certificate");
    file = open_file(certs_key(dir, wish->name), "w");
    must(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(file) == 0,
         "writing a key");
}

void certs_make(const struct tempdir *dir, const struct certs_wish *wish)
{
    static long serial = 1;
    bool is_dated = wish->from_days != 0 || wish->to_days != 0;
    X509 *cert = X509_new(), *issuer = NULL;
    EVP_PKEY *key = EVP_EC_gen("P-256"), *signer = key;

    must(cert != NULL && key != NULL, "a new certificate");
    if (wish->issuer != NULL) {
        issuer = read_cert(dir, wish->issuer);
        signer = read_key(dir, wish->issuer);
    }
    must(X509_set_version(cert, VERSION_3) == 1 &&
             ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++) == 1 &&
             X509_gmtime_adj(X509_getm_notBefore(cert),
                             (long)(is_dated ? wish->from_days : -1) * DAY_S) != NULL &&
             X509_gmtime_adj(X509_getm_notAfter(cert),
                             (long)(is_dated ? wish->to_days : 1) * DAY_S) != NULL &&
             X509_set_pubkey(cert, key) == 1,
         "the fields");
    name_set(cert, wish->cn);
    must(X509_set_issuer_name(cert, X509_get_subject_name(issuer != NULL ? issuer : cert)) == 1,
         "the issuer");
    extend(cert, issuer != NULL ? issuer : cert, NID_basic_constraints,
           wish->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(cert, issuer != NULL ? issuer : cert, NID_subject_alt_name, wish->san);
    extend(cert, issuer != NULL ? issuer : cert, NID_ext_key_usage, wish->usage);
    must(X509_sign(cert, signer, EVP_sha256()) > 0, "signing");
    write_out(dir, wish, cert, key);
    if (issuer != NULL)
        EVP_PKEY_free(signer);
    X509_free(issuer);
    X509_free(cert);
    EVP_PKEY_free(key);
}
