/* A system call's stub in ntdll.dll is a few bytes of position-independent code. It is copied, and its beginning
 * overwritten with a jump. */
#include "hook.h"
#include <string.h>

#define STUB_SIZE 32

/* movabs rax, TARGET; jmp rax */
static const BYTE JUMP[] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0};
#define JUMP_TARGET 2

/* mov r10, rcx; mov eax, NUMBER: how every stub begins. */
static const BYTE STUB[] = {0x4c, 0x8b, 0xd1, 0xb8};

void *hook(const char *name, void *replacement)
{
    BYTE *stub = (BYTE *)GetProcAddress(GetModuleHandleA("ntdll.dll"), name), *copy;
    DWORD protection;

    if (!stub || memcmp(stub, STUB, sizeof STUB)) return NULL;
    copy = VirtualAlloc(NULL, STUB_SIZE, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
    if (!copy) return NULL;
    memcpy(copy, stub, STUB_SIZE);
    if (!VirtualProtect(stub, sizeof JUMP, PAGE_EXECUTE_READWRITE, &protection)) {
        VirtualFree(copy, 0, MEM_RELEASE);
        return NULL;
    }
    memcpy(stub, JUMP, sizeof JUMP);
    memcpy(stub + JUMP_TARGET, &replacement, sizeof replacement);
    VirtualProtect(stub, sizeof JUMP, protection, &protection);
    return copy;
}
