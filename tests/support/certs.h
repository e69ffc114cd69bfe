/*
 * Certificates for one test, good and bad, made with the TLS library: files in PEM in a folder,
 * NAME.pem and NAME.key. Anything that fails ends the program.
 */
#ifndef RS_TEST_CERTS_H
#define RS_TEST_CERTS_H

#include <stdbool.h>

#include "tempdir.h"

struct certs_wish {
    const char *name;   /* of the files */
    const char *issuer; /* name of an earlier one; NULL: signs itself */
    const char *cn;
    const char *san;   /* as OpenSSL's configuration writes it, "DNS:a,IP:b"; NULL: none */
    const char *usage; /* extended key usage, "serverAuth"; NULL: none, good for anything */
    bool is_ca;
    int from_days, to_days; /* from now; both 0: from yesterday to tomorrow */
    const char *chain;      /* name of one that stands behind it in its file, or NULL */
};

void certs_make(const struct tempdir *dir, const struct certs_wish *wish);
/* Paths of the files, valid as tempdir_file's. */
const char *certs_pem(const struct tempdir *dir, const char *name);
const char *certs_key(const struct tempdir *dir, const char *name);

#endif
