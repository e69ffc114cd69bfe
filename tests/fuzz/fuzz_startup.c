/* All a hostile server may send before it is ready, at once; the first byte chooses who connects.
 */
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "startup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(int client, uint8_t choice)
{
    static char host[] = "server", user[] = "bob", database[] = "dev";
    struct rs_login login = { .host = host, .user = user, .database = database };
    struct rs_open_options options = { .settings = "-c timezone=UTC", .level = 2 };
    struct rs_address address = { "192.0.2.1", AF_INET };
    struct rs_startup startup = { &login, &options, &address, (choice & 1) != 0,
                                  (choice & 8) != 0 };
    struct rs_started started = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_transport *transport = rs_transport_new(client, NULL, 4096, &diag);

    login.kind = (choice & 2) != 0 ? RS_LOGIN_TOKEN : RS_LOGIN_PASSWORD;
    if (transport != NULL &&
        ((choice & 4) != 0 || rs_secret_set(&login.secret, RS_STR("x"), NULL)) &&
        rs_startup_run(transport, &startup, rs_deadline_in(5000), &started, &diag) == RS_TRY_OPEN)
        rs_transport_consume(transport, 1);
    rs_started_clear(&started);
    rs_transport_free(transport);
    rs_secret_clear(&login.secret);
    rs_diag_clear(&diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int pair[2];

    if (size < 1 || size > 32768 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 0;
    if (send(pair[1], data + 1, size - 1, MSG_NOSIGNAL) == (ssize_t)(size - 1)) {
        (void)shutdown(pair[1], SHUT_WR);
        run(pair[0], data[0]);
    }
    (void)close(pair[0]);
    (void)close(pair[1]);
    return 0;
}
