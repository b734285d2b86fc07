/* On Windows services.exe runs in session 0, which is how a program finds out that it was started as a service. Wine
 * has one session only, whose number is 1. */
#include "hook.h"
#include <string.h>

/* The beginning of SYSTEM_PROCESS_INFORMATION, as far as the session. */
struct process {
    ULONG next; /* offset, 0 at the end */
    ULONG threads;
    LARGE_INTEGER reserved[3];
    LARGE_INTEGER times[3];
    UNICODE_STRING name;
    LONG priority;
    HANDLE id;
    HANDLE parent;
    ULONG handles;
    ULONG session;
};

typedef NTSTATUS(NTAPI *query_t)(ULONG, PVOID, ULONG, PULONG);
static query_t original;

static NTSTATUS NTAPI query(ULONG class, PVOID buffer, ULONG size, PULONG returned)
{
    static const WCHAR services[] = L"services.exe";
    NTSTATUS status = original(class, buffer, size, returned);
    struct process *p = buffer;

    if (status || class != SystemProcessInformation || !buffer) return status;
    for (;;) {
        if (p->name.Buffer && p->name.Length == sizeof services - sizeof(WCHAR) &&
            !_wcsnicmp(p->name.Buffer, services, ARRAYSIZE(services) - 1))
            p->session = 0;
        if (!p->next) return status;
        p = (struct process *)((BYTE *)p + p->next);
    }
}

void hook_process_list(void)
{
    original = (query_t)hook("NtQuerySystemInformation", (void *)query);
}
