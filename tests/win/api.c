#include "api.h"

#include <stdio.h>
#include <string.h>

int api_failures;

void api_load(struct api *api, const wchar_t *path)
{
    static const struct {
        const char *name;
        size_t at;
    } functions[] = {
#define ENTRY(name) { "SQL" #name, offsetof(struct api, name) }
        ENTRY(AllocHandle), ENTRY(FreeHandle),  ENTRY(SetEnvAttr),    ENTRY(DriverConnectW),
        ENTRY(Disconnect),  ENTRY(GetInfoW),    ENTRY(ExecDirectW),   ENTRY(PrepareW),
        ENTRY(Execute),     ENTRY(BindCol),     ENTRY(BindParameter), ENTRY(SetStmtAttrW),
        ENTRY(Fetch),       ENTRY(GetData),     ENTRY(RowCount),      ENTRY(FreeStmt),
        ENTRY(Cancel),      ENTRY(GetDiagRecW),
#undef ENTRY
    };

    api->library = LoadLibraryW(path);
    if (api->library == NULL) {
        printf("FAILED: %ls cannot be loaded: error %lu\n", path, GetLastError());
        ExitProcess(1);
    }
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        FARPROC found = GetProcAddress(api->library, functions[i].name);

        if (found == NULL) {
            printf("FAILED: %s is not there\n", functions[i].name);
            ExitProcess(1);
        }
        memcpy((char *)api + functions[i].at, &found, sizeof found);
    }
}

const char *api_diag(const struct api *api, SQLSMALLINT kind, SQLHANDLE handle)
{
    static char out[2048];
    wchar_t state[6] = L"", text[512] = L"";
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    int n;

    out[0] = '\0';
    if (!SQL_SUCCEEDED(api->GetDiagRecW(kind, handle, 1, (SQLWCHAR *)state, &native,
                                        (SQLWCHAR *)text, 512, &length)))
        return out;
    n = WideCharToMultiByte(CP_UTF8, 0, state, -1, out, 16, NULL, NULL) - 1;
    memcpy(out + n, ": ", 2);
    WideCharToMultiByte(CP_UTF8, 0, text, -1, out + n + 2, (int)sizeof out - n - 3, NULL, NULL);
    return out;
}
