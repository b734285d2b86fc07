/* Windows knows which service a handle stands for; the service manager's protocol has no question for it. So the
 * names are noted as handles are opened. */
#include "services.h"

struct opened {
    struct opened *next;
    SC_HANDLE handle;
    WCHAR name[NAME_SIZE];
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct opened *all;

static void forget(SC_HANDLE handle)
{
    struct opened **link, *found = NULL;

    AcquireSRWLockExclusive(&lock);
    for (link = &all; *link; link = &(*link)->next) {
        if ((*link)->handle == handle) {
            found = *link;
            *link = found->next;
            break;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    free(found);
}

static SC_HANDLE note(SC_HANDLE handle, LPCWSTR name)
{
    struct opened *o;

    if (!handle || !name || !(o = calloc(1, sizeof *o))) return handle;
    forget(handle); /* Closed without our knowledge, and given out again. */
    o->handle = handle;
    wcsncpy(o->name, name, NAME_SIZE - 1);
    AcquireSRWLockExclusive(&lock);
    o->next = all;
    all = o;
    ReleaseSRWLockExclusive(&lock);
    return handle;
}

BOOL service_of(SC_HANDLE handle, WCHAR name[NAME_SIZE])
{
    struct opened *o;

    AcquireSRWLockShared(&lock);
    for (o = all; o && o->handle != handle; o = o->next) continue;
    if (o) wcscpy(name, o->name);
    ReleaseSRWLockShared(&lock);
    return o != NULL;
}

EXPORT SC_HANDLE WINAPI OpenServiceW(SC_HANDLE manager, LPCWSTR name, DWORD access)
{
    return note(real_OpenServiceW(manager, name, access), name);
}

EXPORT SC_HANDLE WINAPI CreateServiceW(SC_HANDLE manager, LPCWSTR name, LPCWSTR display, DWORD access, DWORD type,
                                       DWORD start, DWORD error, LPCWSTR path, LPCWSTR group, LPDWORD tag,
                                       LPCWSTR dependencies, LPCWSTR account, LPCWSTR password)
{
    SC_HANDLE service = real_CreateServiceW(manager, name, display, access, type, start, error, path, group, tag,
                                            dependencies, account, password);
    DWORD last = GetLastError();

    /* Wine has stored them, until it changes something. */
    if (service && dependencies && *dependencies) write_dependencies(name, dependencies);
    SetLastError(last);
    return note(service, name);
}

EXPORT BOOL WINAPI CloseServiceHandle(SC_HANDLE handle)
{
    forget(handle);
    return real_CloseServiceHandle(handle);
}
