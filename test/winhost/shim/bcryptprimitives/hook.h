/* What the files of this DLL share. */
#ifndef HOOK_H
#define HOOK_H

#include <windows.h>
#include <winternl.h>

/* hook.c: lets a function of ours take the calls to a system call of ntdll, and returns what calls the original; NULL,
 * with nothing changed, where the function does not look like a system call. */
void *hook(const char *name, void *replacement);

/* Each replaces one system call. */
void hook_process_list(void);
void hook_token(void);
void hook_named_pipe(void);

#endif
