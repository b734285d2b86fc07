/* Administrators who log on through SSH, and services, have all their rights on Windows. Wine says of every process that
 * it was given only some of them. */
#include "hook.h"

/* Of TOKEN_INFORMATION_CLASS and TOKEN_ELEVATION_TYPE. */
#define ELEVATION_TYPE 18
#define ELEVATION 20
#define TYPE_DEFAULT 1

typedef NTSTATUS(NTAPI *query_t)(HANDLE, ULONG, PVOID, ULONG, PULONG);
static query_t original;

static NTSTATUS NTAPI query(HANDLE token, ULONG class, PVOID buffer, ULONG size, PULONG returned)
{
    NTSTATUS status = original(token, class, buffer, size, returned);

    if (status || !buffer || size < sizeof(DWORD)) return status;
    if (class == ELEVATION) *(DWORD *)buffer = TRUE;
    if (class == ELEVATION_TYPE) *(DWORD *)buffer = TYPE_DEFAULT;
    return status;
}

void hook_token(void)
{
    original = (query_t)hook("NtQueryInformationToken", (void *)query);
}
