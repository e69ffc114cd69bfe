/*
 * Which file of certification authorities a TLS connection trusts. Shared by the database
 * connection and the AWS calls. The driver brings no bundle of its own.
 *
 * Source: dsn-keys.md 2.1 (TrustStore, CaFile, CaPath, default), aws-api.md 1 (AWS calls).
 */
#ifndef RS_CA_H
#define RS_CA_H

#include "attrs.h"
#include "diag.h"
#include "os.h"
#include "settings.h"

/* Instead of a path: what the system itself trusts (rs_os_each_root). */
#define RS_CA_STORE "the system's certificate store"
bool rs_ca_is_store(const char *ca_file); /* NULL is fine */

/*
 * For the database: TrustStore, CaFile, CaPath/root.crt, SSL_CERT_FILE; then the system's
 * store, or where it has none the TLS library's default file and the usual places of
 * distributions. The path is appended to out.
 *
 * A file that somebody named must be readable: 08001 when it is missing or holds nothing in PEM
 * form, HY000 when it cannot be read, all with the path. None found at all: 08001 naming CaFile.
 * HY001.
 */
RS_NODISCARD bool rs_ca_file(const struct rs_settings *set, const struct rs_world *world,
                             struct rs_buf *out, struct rs_diag *diag);

/* For AWS calls: the same, with AWS_CA_BUNDLE and then profile_bundle (ca_bundle of the AWS
 * profile; NULL: none) between CaPath and SSL_CERT_FILE. */
RS_NODISCARD bool rs_ca_file_aws(const struct rs_settings *set, const struct rs_world *world,
                                 const char *profile_bundle, struct rs_buf *out,
                                 struct rs_diag *diag);

#endif
