/*
 * The library comes and goes. OpenSSL is begun here, before anybody else can: without an exit
 * handler, which would be called after the library has gone, and without a configuration file.
 */
#include "win.h"

#include <openssl/crypto.h>

BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, void *ends_with_process);
/* libxml2's, built for a library that calls it. */
BOOL WINAPI xmlDllMain(HINSTANCE library, DWORD reason, void *ends_with_process);

BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, void *ends_with_process)
{
    switch (reason) {
    case DLL_PROCESS_ATTACH:
        if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
            return FALSE;
        break;
    case DLL_THREAD_DETACH:
        OPENSSL_thread_stop();
        break;
    case DLL_PROCESS_DETACH:
        if (ends_with_process != NULL)
            return TRUE; /* other threads were killed, maybe within a lock; the system cleans up */
        rs_win_forget_env();
        OPENSSL_cleanup();
        break;
    default:
        break;
    }
    return xmlDllMain(library, reason, ends_with_process);
}
