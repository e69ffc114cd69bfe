#include "win.h"

#include <aclapi.h>
#include <errno.h>
#include <fcntl.h> /* _O_BINARY */
#include <io.h>
#include <sddl.h>
#include <string.h>
#include <wchar.h>

enum { READ_AT_ONCE = 65536, NAME_TRIES = 100 };

static bool fail_file(const char *path, int error, struct rs_diag *diag)
{
    struct rs_buf why = RS_BUF_INIT(256);

    rs_os_error_text(error, &why);
    rs_fail(diag, RS_HY000, 0, "cannot read file \"%s\": %s", path, why.p != NULL ? why.p : "?");
    rs_buf_clear(&why);
    return false;
}

/* INVALID_HANDLE_VALUE with errno. */
static HANDLE open_file(const char *path, DWORD access, DWORD how, DWORD flags,
                        SECURITY_ATTRIBUTES *security)
{
    wchar_t *wide = rs_win_wide(path);
    HANDLE file = INVALID_HANDLE_VALUE;

    errno = ENOENT;
    if (wide != NULL) {
        file = CreateFileW(wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                           security, how, flags | FILE_ATTRIBUTE_NORMAL, NULL);
        if (file == INVALID_HANDLE_VALUE)
            errno = rs_win_errno(GetLastError());
    }
    rs_free(wide);
    return file;
}

/* ---- who may ---- */

bool rs_win_private(SECURITY_ATTRIBUTES *out)
{
    union {
        TOKEN_USER user;
        unsigned char bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } info;
    wchar_t *sid = NULL, text[512];
    HANDLE token;
    DWORD size = 0;
    bool ok = false;

    *out = (SECURITY_ATTRIBUTES){ .nLength = sizeof *out };
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    if (GetTokenInformation(token, TokenUser, &info, sizeof info, &size) &&
        ConvertSidToStringSidW(info.user.User.Sid, &sid)) {
        /* Protected, full access for the user, the system and administrators, none for others. */
        if (wcslen(sid) < 200) {
            wcscpy(text, L"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;");
            wcscat(text, sid);
            wcscat(text, L")");
            ok = ConvertStringSecurityDescriptorToSecurityDescriptorW(
                     text, SDDL_REVISION_1, &out->lpSecurityDescriptor, NULL) != 0;
        }
        LocalFree(sid);
    }
    CloseHandle(token);
    return ok;
}

void rs_win_private_clear(SECURITY_ATTRIBUTES *attributes)
{
    if (attributes->lpSecurityDescriptor != NULL)
        LocalFree(attributes->lpSecurityDescriptor);
    attributes->lpSecurityDescriptor = NULL;
}

static bool is_everybody(PSID sid)
{
    return IsWellKnownSid(sid, WinWorldSid) || IsWellKnownSid(sid, WinAuthenticatedUserSid) ||
           IsWellKnownSid(sid, WinBuiltinUsersSid) || IsWellKnownSid(sid, WinAnonymousSid) ||
           IsWellKnownSid(sid, WinBuiltinGuestsSid);
}

/* Somebody who is not named one by one is allowed one of these rights. */
static bool everybody_may(HANDLE file, DWORD rights)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    ACL *acl = NULL;
    bool may = false;

    if (GetSecurityInfo(file, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, &acl, NULL,
                        &descriptor) != ERROR_SUCCESS)
        return false;
    for (DWORD i = 0; acl != NULL && i < acl->AceCount && !may; i++) {
        ACCESS_ALLOWED_ACE *ace = NULL;

        if (GetAce(acl, i, (void **)&ace) && ace->Header.AceType == ACCESS_ALLOWED_ACE_TYPE &&
            (ace->Header.AceFlags & INHERIT_ONLY_ACE) == 0)
            may = (ace->Mask & rights) != 0 && is_everybody(&ace->SidStart);
    }
    may = may || acl == NULL;
    LocalFree(descriptor);
    return may;
}

bool rs_os_others_can_read(const char *path)
{
    HANDLE file = open_file(path, READ_CONTROL, OPEN_EXISTING, 0, NULL);
    bool may = false;

    if (file != INVALID_HANDLE_VALUE) {
        may = everybody_may(file, FILE_READ_DATA | GENERIC_READ | GENERIC_ALL);
        CloseHandle(file);
    }
    return may;
}

/* ---- reading ---- */

static bool read_all(HANDLE file, const char *path, struct rs_buf *out, struct rs_diag *diag)
{
    for (;;) {
        size_t want = out->max - out->len < READ_AT_ONCE ? out->max - out->len : READ_AT_ONCE;
        char extra, *to = want > 0 ? rs_buf_room(out, want) : &extra;
        DWORD got = 0;

        if (to == NULL)
            return rs_fail_memory(diag);
        if (!ReadFile(file, to, want > 0 ? (DWORD)want : 1, &got, NULL))
            return fail_file(path, rs_win_errno(GetLastError()), diag);
        if (got == 0)
            return true;
        if (want == 0)
            return rs_fail(diag, RS_HY000, 0, "file \"%s\" is larger than %zu bytes", path,
                           out->max);
        rs_buf_seal(out, got);
    }
}

enum rs_file rs_os_read_file(const char *path, struct rs_buf *out, bool *others_can_write,
                             struct rs_diag *diag)
{
    enum rs_file result = RS_FILE_FAILED;
    HANDLE file = open_file(path, GENERIC_READ, OPEN_EXISTING, 0, NULL);
    DWORD attributes;

    if (file == INVALID_HANDLE_VALUE) {
        wchar_t *wide = rs_win_wide(path);

        attributes = wide != NULL ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
        rs_free(wide);
        if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
            rs_fail(diag, RS_HY000, 0, "\"%s\" is not a regular file", path);
            return RS_FILE_FAILED;
        }
        if (errno == ENOENT || errno == ENOTDIR)
            return RS_FILE_MISSING;
        fail_file(path, errno, diag);
        return RS_FILE_FAILED;
    }
    if (GetFileType(file) != FILE_TYPE_DISK)
        rs_fail(diag, RS_HY000, 0, "\"%s\" is not a regular file", path);
    else if (read_all(file, path, out, diag))
        result = RS_FILE_READ;
    if (result == RS_FILE_READ && others_can_write != NULL)
        *others_can_write =
            everybody_may(file, FILE_WRITE_DATA | FILE_APPEND_DATA | GENERIC_WRITE | GENERIC_ALL);
    CloseHandle(file);
    return result;
}

bool rs_os_file_exists(const char *path)
{
    HANDLE file = open_file(path, GENERIC_READ, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return false;
    CloseHandle(file);
    return true;
}

/* ---- handles as numbers: the C runtime's, which close with it ---- */

static int number_of(HANDLE file, int flags)
{
    int fd = _open_osfhandle((intptr_t)file, flags | _O_BINARY | _O_NOINHERIT);

    if (fd < 0)
        CloseHandle(file);
    return fd;
}

static bool is_ours(HANDLE file, int64_t *size)
{
    BY_HANDLE_FILE_INFORMATION info;

    if (!GetFileInformationByHandle(file, &info) || info.nNumberOfLinks != 1 ||
        (info.dwFileAttributes & (FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DIRECTORY)) != 0)
        return false;
    *size = (int64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow;
    return GetFileType(file) == FILE_TYPE_DISK &&
           !everybody_may(file, FILE_WRITE_DATA | FILE_APPEND_DATA | GENERIC_WRITE | GENERIC_ALL);
}

int rs_os_log_open(const char *path, int64_t *size)
{
    SECURITY_ATTRIBUTES private;
    HANDLE file = INVALID_HANDLE_VALUE;

    if (rs_win_private(&private))
        file = open_file(path, FILE_APPEND_DATA | FILE_READ_ATTRIBUTES | READ_CONTROL | SYNCHRONIZE,
                         OPEN_ALWAYS, FILE_FLAG_OPEN_REPARSE_POINT, &private);
    rs_win_private_clear(&private);
    if (file == INVALID_HANDLE_VALUE)
        return -1;
    if (!is_ours(file, size)) {
        CloseHandle(file);
        return -1;
    }
    return number_of(file, _O_APPEND | _O_WRONLY);
}

bool rs_os_log_write(int handle, const char *p, size_t n)
{
    HANDLE file = (HANDLE)_get_osfhandle(handle);

    while (n > 0) {
        DWORD done = 0, part = n > READ_AT_ONCE ? READ_AT_ONCE : (DWORD)n;

        if (!WriteFile(file, p, part, &done, NULL))
            return false;
        p += done;
        n -= done;
    }
    return true;
}

void rs_os_log_close(int handle)
{
    _close(handle);
}

bool rs_os_rename(const char *from, const char *to)
{
    wchar_t *wide_from = rs_win_wide(from), *wide_to = rs_win_wide(to);
    bool ok = wide_from != NULL && wide_to != NULL &&
              MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH);

    rs_free(wide_from);
    rs_free(wide_to);
    return ok;
}

/* A new file beside path, or in the folder with is_folder; its name is left in `name`. */
static HANDLE make_file(const char *path, bool is_folder, DWORD flags, struct rs_buf *name)
{
    SECURITY_ATTRIBUTES private;
    HANDLE file = INVALID_HANDLE_VALUE;

    errno = EACCES;
    if (!rs_win_private(&private))
        return file;
    for (int i = 0; i < NAME_TRIES && file == INVALID_HANDLE_VALUE; i++) {
        LARGE_INTEGER now;

        QueryPerformanceCounter(&now);
        rs_buf_truncate(name, 0);
        rs_buf_addf(name, is_folder ? "%s/redshift_odbc_%lx%llx.tmp" : "%s.%lx%llx.tmp", path,
                    GetCurrentProcessId() ^ GetCurrentThreadId() << 16,
                    (unsigned long long)now.QuadPart + (unsigned)i);
        if (name->bad) {
            errno = ENAMETOOLONG;
            break;
        }
        file =
            open_file(name->p, GENERIC_READ | GENERIC_WRITE | DELETE, CREATE_NEW, flags, &private);
        if (file == INVALID_HANDLE_VALUE && errno != EEXIST)
            break;
    }
    rs_win_private_clear(&private);
    return file;
}

bool rs_os_replace_file(const char *path, struct rs_str text)
{
    struct rs_buf name = RS_BUF_INIT(8192);
    HANDLE file = make_file(path, false, 0, &name);
    bool ok = false;
    int fd;

    if (file == INVALID_HANDLE_VALUE)
        goto out;
    fd = number_of(file, _O_RDWR);
    if (fd >= 0) {
        ok = rs_os_log_write(fd, text.p, text.n) && FlushFileBuffers(file);
        ok = _close(fd) == 0 && ok;
    }
    ok = ok && rs_os_rename(name.p, path);
    if (!ok) {
        wchar_t *wide = rs_win_wide(name.p);

        if (wide != NULL)
            (void)DeleteFileW(wide);
        rs_free(wide);
    }
out:
    rs_buf_clear(&name);
    return ok;
}

const char *rs_os_temp_dir(void)
{
    const char *dir = rs_env("TMP");

    if (dir == NULL)
        dir = rs_env("TEMP");
    if (dir == NULL)
        dir = rs_env("USERPROFILE");
    return dir != NULL ? dir : "C:/Windows/Temp";
}

/* ---- spilled rows ---- */

static bool fail_spill(const char *what, int error, struct rs_diag *diag)
{
    struct rs_buf why = RS_BUF_INIT(256);

    rs_os_error_text(error, &why);
    rs_fail(diag, RS_HY000, 0, "cannot %s the temporary file of a stored result: %s", what,
            why.p != NULL ? why.p : "?");
    rs_buf_clear(&why);
    return false;
}

/* Gone when it is closed, whoever closes it. */
int rs_os_spill_open(const char *dir, struct rs_diag *diag)
{
    struct rs_buf name = RS_BUF_INIT(8192);
    HANDLE file;
    int fd = -1;

    if (dir == NULL || dir[0] == '\0')
        dir = rs_os_temp_dir();
    file = make_file(dir, true, FILE_FLAG_DELETE_ON_CLOSE | FILE_ATTRIBUTE_TEMPORARY, &name);
    if (file != INVALID_HANDLE_VALUE)
        fd = number_of(file, _O_RDWR);
    if (fd < 0)
        fail_spill("make", errno, diag);
    rs_buf_clear(&name);
    return fd;
}

static OVERLAPPED at_position(int64_t at)
{
    return (OVERLAPPED){ .Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32) };
}

bool rs_os_spill_write(int handle, int64_t at, const char *p, size_t n, struct rs_diag *diag)
{
    HANDLE file = (HANDLE)_get_osfhandle(handle);

    while (n > 0) {
        OVERLAPPED where = at_position(at);
        DWORD done = 0, part = n > INT_MAX ? INT_MAX : (DWORD)n;

        if (!WriteFile(file, p, part, &done, &where))
            return fail_spill("write", rs_win_errno(GetLastError()), diag);
        p += done;
        at += done;
        n -= done;
    }
    return true;
}

bool rs_os_spill_read(int handle, int64_t at, char *p, size_t n, struct rs_diag *diag)
{
    HANDLE file = (HANDLE)_get_osfhandle(handle);

    while (n > 0) {
        OVERLAPPED where = at_position(at);
        DWORD done = 0, part = n > INT_MAX ? INT_MAX : (DWORD)n;

        if (!ReadFile(file, p, part, &done, &where) || done == 0)
            return fail_spill("read", done == 0 ? EIO : rs_win_errno(GetLastError()), diag);
        p += done;
        at += done;
        n -= done;
    }
    return true;
}

void rs_os_spill_close(int handle)
{
    _close(handle);
}
