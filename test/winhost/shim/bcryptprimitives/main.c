/* Every Go program loads bcryptprimitives.dll as it starts, for random numbers. So this is where a Go program on a
 * test host can be shown a Windows that is closer to the real one than Wine's. */
#include "hook.h"

#define RtlGenRandom SystemFunction036 /* Its exported name. */
BOOLEAN NTAPI RtlGenRandom(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T size)
{
    return RtlGenRandom(buffer, (ULONG)size);
}

BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, LPVOID reserved)
{
    (void)reserved;
    if (reason != DLL_PROCESS_ATTACH) return TRUE;
    DisableThreadLibraryCalls(dll);
    hook_process_list();
    hook_token();
    hook_named_pipe();
    return TRUE;
}
