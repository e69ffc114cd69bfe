/*
 * BrowserIdcAuthPlugin: signing in at IAM Identity Center with the user's browser, on this computer
 * or, where there is none, on any other by a code that the user is shown.
 *
 * Source: idp-flows.md 10, aws-api.md 7; RFC 8628.
 */
#ifndef RS_BROWSERIDC_H
#define RS_BROWSERIDC_H

#include "idp.h"

rs_idp_fetch_fn rs_idp_browser_idc;

#endif
