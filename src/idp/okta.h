/*
 * Okta: signing in by its authentication API, a second factor included, and the application's page
 * that carries the SAML response.
 *
 * Source: idp-flows.md 5; Okta Authentication API, "Transaction states", "Verify factor".
 */
#ifndef RS_OKTA_H
#define RS_OKTA_H

#include "idp.h"

rs_idp_fetch_fn rs_idp_okta;

#endif
