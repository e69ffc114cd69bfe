/*
 * BrowserSAML: the user's browser signs in at the provider's page and brings a SAML response to the
 * local listener.
 *
 * The provider starts the exchange, so nothing binds the response to this connection. What stands
 * against a response that another page slips in: it must come from a page of the provider, as far
 * as the browser says, and the log tells who was signed in. Source: idp-flows.md 7.
 */
#ifndef RS_BROWSERSAML_H
#define RS_BROWSERSAML_H

#include "idp.h"

rs_idp_fetch_fn rs_idp_browser_saml;

#endif
