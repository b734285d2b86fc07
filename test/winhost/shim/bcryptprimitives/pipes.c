/* go-winio reserves the name of a pipe with a first instance that may neither read nor write. On Windows no client is
 * ever connected to it. Wine gives it the first client, who then waits for ever; so that client is us. */
#include "hook.h"

typedef NTSTATUS(NTAPI *create_t)(HANDLE *, ULONG, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG, ULONG, ULONG, ULONG,
                                  ULONG, ULONG, ULONG, ULONG, ULONG, LARGE_INTEGER *);
static create_t original;

static NTSTATUS NTAPI create(HANDLE *pipe, ULONG access, OBJECT_ATTRIBUTES *attributes, IO_STATUS_BLOCK *io,
                             ULONG sharing, ULONG disposition, ULONG options, ULONG type, ULONG read_mode,
                             ULONG completion_mode, ULONG instances, ULONG in, ULONG out, LARGE_INTEGER *timeout)
{
    const ULONG usable = GENERIC_READ | GENERIC_WRITE | FILE_READ_DATA | FILE_WRITE_DATA;
    NTSTATUS status = original(pipe, access, attributes, io, sharing, disposition, options, type, read_mode,
                               completion_mode, instances, in, out, timeout);
    OBJECT_ATTRIBUTES client_attributes;
    IO_STATUS_BLOCK client_io;
    HANDLE client;

    if (status < 0 || (access & usable)) return status;
    client_attributes = *attributes;
    client_attributes.SecurityDescriptor = NULL; /* For whoever makes a thing, not whoever opens it. */
    if (NtOpenFile(&client, GENERIC_READ | SYNCHRONIZE, &client_attributes, &client_io,
                   FILE_SHARE_READ | FILE_SHARE_WRITE, 0) >= 0)
        NtClose(client);
    return status;
}

void hook_named_pipe(void)
{
    original = (create_t)hook("NtCreateNamedPipeFile", (void *)create);
}
