/*
 * Prints what the driver makes of the AWS settings in its environment, for a program that compares:
 * "keys ID SECRET TOKEN", or "fails MESSAGE"; then region and the endpoints of Redshift and STS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/chain.h"
#include "auth/locate.h"
#include "auth/source.h"
#include "http.h"

static void print_endpoint(const struct rs_locate *from, enum rs_service service)
{
    struct rs_endpoint endpoint = { 0 };
    struct rs_diag diag = { 0 };

    if (rs_locate(from, service, "us-west-2", &endpoint, &diag))
        printf("%s\n", endpoint.url);
    else
        printf("fails %s\n", rs_diag_first(&diag));
    rs_endpoint_clear(&endpoint);
    rs_diag_clear(&diag);
}

int main(int argc, char **argv)
{
    const struct rs_world *world = &rs_world_real;
    struct rs_source from = { .world = world,
                              .deadline = rs_deadline_in(20000),
                              .region = "us-west-2" };
    struct rs_profiles *profiles = NULL;
    struct rs_chain chain = { .tried = NULL };
    struct rs_creds creds = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_locate locate = { .world = world };
    bool ok;

    if (argc > 1) {
        ok = rs_profiles_load(world, &profiles, NULL, &diag);
        from.profiles = profiles;
        from.profile = ok ? rs_profiles_need(profiles, argv[1], &diag) : NULL;
        ok = from.profile != NULL && rs_source_profile(&from, from.profile, &creds, &diag);
    } else {
        ok = rs_chain_choose(&from, &profiles, &chain, &diag);
        from.profiles = profiles;
        from.profile = chain.profile;
        ok = ok && rs_chain_fetch(&from, &chain, &creds, &diag);
    }
    if (ok)
        printf("keys %s %s %s\n", creds.access_key_id, rs_secret_reveal(&creds.secret_access_key),
               rs_secret_reveal(&creds.session_token));
    else
        printf("fails %s\n", rs_diag_first(&diag));
    locate.profiles = profiles;
    locate.profile = from.profile;
    print_endpoint(&locate, RS_SERVICE_REDSHIFT);
    print_endpoint(&locate, RS_SERVICE_STS);
    rs_chain_clear(&chain);
    rs_creds_clear(&creds);
    rs_profiles_free(profiles);
    rs_diag_clear(&diag);
    return 0;
}
