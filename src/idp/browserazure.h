/*
 * Azure AD by the user's browser: a code with PKCE, exchanged for a SAML assertion (BrowserAzureAD)
 * or for a token of the database (BrowserAzureADOAuth2).
 *
 * Source: idp-flows.md 8, 10; Microsoft identity platform, "OAuth 2.0 authorization code flow".
 */
#ifndef RS_BROWSERAZURE_H
#define RS_BROWSERAZURE_H

#include "idp.h"

rs_idp_fetch_fn rs_idp_browser_azure;
rs_idp_fetch_fn rs_idp_browser_azure_oauth2;

#endif
