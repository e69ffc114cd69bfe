/*
 * Plugins that sign in by a provider's own pages: AD FS and PingFederate. What they yield is the
 * SAML response that stands in the last page.
 *
 * Source: idp-flows.md 3, 4.
 */
#ifndef RS_IDP_SIGNIN_H
#define RS_IDP_SIGNIN_H

#include "idp.h"

/* UID and PWD through a form; without them the ticket of who runs the process. */
rs_idp_fetch_fn rs_idp_adfs;
/* In one page or two, the user's name first. */
rs_idp_fetch_fn rs_idp_ping;

#endif
