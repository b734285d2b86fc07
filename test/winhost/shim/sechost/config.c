/* Levels of a service's configuration that Wine neither stores nor returns: recovery actions, delayed start, whether
 * an error counts as a failure, and the type of the service's SID. */
#include "services.h"

/* The registry value FailureActions: this header, then the actions. */
struct stored_actions {
    DWORD reset_period; /* seconds */
    DWORD unused[2];
    DWORD count;
    DWORD offset; /* of the actions */
    SC_ACTION actions[];
};

static const WCHAR ACTIONS[] = L"FailureActions", MESSAGE[] = L"RebootMessage", COMMAND[] = L"FailureCommand";

/* The registry value of a level that is one number, else NULL. */
static LPCWSTR number_of(DWORD level)
{
    switch (level) {
    case SERVICE_CONFIG_DELAYED_AUTO_START_INFO: return L"DelayedAutostart";
    case SERVICE_CONFIG_FAILURE_ACTIONS_FLAG: return L"FailureActionsOnNonCrashFailures";
    case SERVICE_CONFIG_SERVICE_SID_INFO: return L"ServiceSidType";
    default: return NULL;
    }
}

static BOOL query_number(LPCWSTR name, LPCWSTR value, LPBYTE buffer, DWORD size, LPDWORD needed)
{
    *needed = sizeof(DWORD);
    if (size < sizeof(DWORD)) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    *(DWORD *)buffer = read_number(name, value);
    return TRUE;
}

static BOOL query_actions(LPCWSTR name, SERVICE_FAILURE_ACTIONSW *out, DWORD size, LPDWORD needed)
{
    DWORD stored_size, count = 0;
    struct stored_actions *stored = read_value(name, ACTIONS, &stored_size);
    WCHAR *message = read_value(name, MESSAGE, NULL), *command = read_value(name, COMMAND, NULL);
    BYTE *place = (BYTE *)(out + 1);
    BOOL fits;

    if (stored && stored_size >= sizeof *stored) {
        count = (stored_size - sizeof *stored) / sizeof stored->actions[0];
        if (stored->count < count) count = stored->count;
    }
    *needed = sizeof *out + count * sizeof(SC_ACTION) + string_size(message) + string_size(command);
    fits = size >= *needed;
    if (fits) {
        memset(out, 0, sizeof *out);
        if (count) {
            out->dwResetPeriod = stored->reset_period;
            out->cActions = count;
            out->lpsaActions = (SC_ACTION *)place;
            memcpy(place, stored->actions, count * sizeof(SC_ACTION));
            place += count * sizeof(SC_ACTION);
        }
        if (message) out->lpRebootMsg = wcscpy((WCHAR *)place, message);
        place += string_size(message);
        if (command) out->lpCommand = wcscpy((WCHAR *)place, command);
    } else {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
    }
    free(stored);
    free(message);
    free(command);
    return fits;
}

EXPORT BOOL WINAPI QueryServiceConfig2W(SC_HANDLE service, DWORD level, LPBYTE buffer, DWORD size, LPDWORD needed)
{
    WCHAR name[NAME_SIZE];
    LPCWSTR number = number_of(level);

    if (!service_of(service, name) || !(number || level == SERVICE_CONFIG_FAILURE_ACTIONS))
        return real_QueryServiceConfig2W(service, level, buffer, size, needed);
    if (number) return query_number(name, number, buffer, size, needed);
    return query_actions(name, (SERVICE_FAILURE_ACTIONSW *)buffer, size, needed);
}

static BOOL change_actions(LPCWSTR name, const SERVICE_FAILURE_ACTIONSW *in)
{
    struct stored_actions *stored;
    DWORD size;
    BOOL ok = TRUE;

    /* What is NULL stays as it is; what is empty goes. */
    if (in->lpRebootMsg) ok &= write_string(name, MESSAGE, in->lpRebootMsg);
    if (in->lpCommand) ok &= write_string(name, COMMAND, in->lpCommand);
    if (!in->lpsaActions) return ok;
    if (!in->cActions) return write_value(name, ACTIONS, REG_BINARY, NULL, 0) && ok;

    size = sizeof *stored + in->cActions * sizeof stored->actions[0];
    if (!(stored = calloc(1, size))) return FALSE;
    stored->reset_period = in->dwResetPeriod;
    stored->count = in->cActions;
    stored->offset = sizeof *stored;
    memcpy(stored->actions, in->lpsaActions, in->cActions * sizeof stored->actions[0]);
    ok &= write_value(name, ACTIONS, REG_BINARY, stored, size);
    free(stored);
    return ok;
}

EXPORT BOOL WINAPI ChangeServiceConfig2W(SC_HANDLE service, DWORD level, LPVOID info)
{
    WCHAR name[NAME_SIZE];
    LPCWSTR number = number_of(level);
    BOOL ok;

    if (!service_of(service, name)) return real_ChangeServiceConfig2W(service, level, info);
    /* Wine stores the delayed start where query_number finds it, and may do more with it. */
    if (level == SERVICE_CONFIG_DELAYED_AUTO_START_INFO || !(number || level == SERVICE_CONFIG_FAILURE_ACTIONS)) {
        ok = real_ChangeServiceConfig2W(service, level, info);
        store_dependencies(name);
        return ok;
    }
    if (!info) return TRUE;
    if (number) return write_value(name, number, REG_DWORD, info, sizeof(DWORD));
    return change_actions(name, info);
}
