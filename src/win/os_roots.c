/*
 * The certificate store of the user and the machine: what is trusted to sign servers' certificates.
 */
#include "win.h"

#include <string.h>
#include <wincrypt.h>

enum { USAGE_BYTES = 4096 };

/* One without a list of purposes is for all of them, one with an empty list for none. */
static bool is_for_servers(const CERT_CONTEXT *cert)
{
    union {
        CERT_ENHKEY_USAGE usage;
        unsigned char bytes[USAGE_BYTES];
    } list;
    DWORD size = sizeof list;

    if (!CertGetEnhancedKeyUsage(cert, 0, &list.usage, &size))
        return false;
    if (list.usage.cUsageIdentifier == 0)
        return GetLastError() == (DWORD)CRYPT_E_NOT_FOUND;
    for (DWORD i = 0; i < list.usage.cUsageIdentifier; i++)
        if (strcmp(list.usage.rgpszUsageIdentifier[i], szOID_PKIX_KP_SERVER_AUTH) == 0)
            return true;
    return false;
}

bool rs_os_has_roots(void)
{
    return true;
}

bool rs_os_each_root(bool (*tell)(void *ctx, const unsigned char *der, size_t n), void *ctx)
{
    HCERTSTORE store = CertOpenSystemStoreW(0, L"ROOT");
    const CERT_CONTEXT *cert = NULL;

    if (store == NULL)
        return false;
    while ((cert = CertEnumCertificatesInStore(store, cert)) != NULL) {
        if ((cert->dwCertEncodingType & X509_ASN_ENCODING) != 0 && is_for_servers(cert) &&
            !tell(ctx, cert->pbCertEncoded, cert->cbCertEncoded)) {
            CertFreeCertificateContext(cert);
            break;
        }
    }
    CertCloseStore(store, 0);
    return true;
}
