/* Dependencies of services: Wine stores those that a service is created with, and does nothing about them. */
#include "services.h"

/* How long a dependency may take to run: Windows' service start timeout. */
#define PATIENCE_MS 30000
#define POLL_MS 50
/* Services that depend on each other in a circle, which they can be created to do, would be followed for ever. */
#define MAX_DEPTH 16

/* Where Windows keeps the list. Wine's service manager writes it anew whenever it changes anything about a service, and
 * knows only the list that the service had when the host booted. */
static const WCHAR STORED[] = L"DependOnService";
/* The list that is in force. Wine does not know this value, so nobody ever reads a list here that is not in force: neither
 * while Wine writes, nor when several processes configure a service at once. */
static const WCHAR IN_FORCE[] = L"WinhostDependOnService";

/* The dependencies of a service in memory to free; NULL if it has none, with an error if they cannot be read. */
static WCHAR *dependencies_of(LPCWSTR service, DWORD *error)
{
    WCHAR *list = read_list(service, IN_FORCE, error);

    return list || *error ? list : read_list(service, STORED, error);
}

/* Puts a list in force, without a moment in which another one is. */
BOOL write_dependencies(LPCWSTR service, LPCWSTR list)
{
    return write_value(service, IN_FORCE, REG_MULTI_SZ, list, list_size(list));
}

void store_dependencies(LPCWSTR service)
{
    DWORD last = GetLastError(), error;
    WCHAR *list = read_list(service, IN_FORCE, &error), *stored = read_list(service, STORED, &error);

    if (list && *list) write_value(service, STORED, REG_MULTI_SZ, list, list_size(list));
    /* That there are none goes without saying, unless Wine says otherwise, and then it will again. */
    if (list && !*list) write_value(service, stored && *stored ? STORED : IN_FORCE, REG_MULTI_SZ, NULL, 0);
    free(list);
    free(stored);
    SetLastError(last);
}

EXPORT BOOL WINAPI QueryServiceConfigW(SC_HANDLE service, LPQUERY_SERVICE_CONFIGW config, DWORD size, LPDWORD needed)
{
    WCHAR name[NAME_SIZE], *list, *place;
    DWORD length, error, own = 0;
    BOOL ok;

    if (!service_of(service, name)) return real_QueryServiceConfigW(service, config, size, needed);
    list = dependencies_of(name, &error);
    if (error) { /* What cannot be read is not nothing. */
        SetLastError(error);
        return FALSE;
    }
    if (!list) return real_QueryServiceConfigW(service, config, size, needed);
    /* The list goes behind what Wine writes, aligned. */
    length = (list_size(list) + 7) & ~7u;
    real_QueryServiceConfigW(service, NULL, 0, &own);
    own = (own + 7) & ~7u;
    *needed = own + length;
    if (!config || size < *needed) {
        free(list);
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    ok = real_QueryServiceConfigW(service, config, own, &own);
    if (ok) {
        place = (WCHAR *)((BYTE *)config + *needed - length);
        memcpy(place, list, list_size(list));
        config->lpDependencies = place;
    }
    free(list);
    return ok;
}

static BOOL depends(LPCWSTR name, LPCWSTR on, int depth)
{
    DWORD error;
    WCHAR *list = depth < MAX_DEPTH ? dependencies_of(name, &error) : NULL, *one;
    BOOL found = FALSE;

    for (one = list; list && *one && !found; one += wcslen(one) + 1)
        found = !_wcsicmp(one, on) || depends(one, on, depth + 1);
    free(list);
    return found;
}

/* Windows refuses services that would wait for each other. */
static BOOL closes_circle(LPCWSTR name, LPCWSTR dependencies)
{
    LPCWSTR one;

    for (one = dependencies; one && *one; one += wcslen(one) + 1) {
        if (!_wcsicmp(one, name) || depends(one, name, 0)) return TRUE;
    }
    return FALSE;
}

EXPORT BOOL WINAPI ChangeServiceConfigW(SC_HANDLE service, DWORD type, DWORD start, DWORD error, LPCWSTR path,
                                        LPCWSTR group, LPDWORD tag, LPCWSTR dependencies, LPCWSTR account,
                                        LPCWSTR password, LPCWSTR display)
{
    WCHAR name[NAME_SIZE], *before = NULL;
    DWORD failure = ERROR_SUCCESS;
    BOOL known = service_of(service, name), ok;

    (void)tag; /* Only drivers have one; Wine refuses the call if it is asked for. */
    if (known && closes_circle(name, dependencies)) {
        SetLastError(ERROR_CIRCULAR_DEPENDENCY);
        return FALSE;
    }
    if (known && dependencies) {
        before = dependencies_of(name, &failure);
        if (failure || !write_dependencies(name, dependencies)) {
            if (failure) SetLastError(failure);
            free(before);
            return FALSE;
        }
    }
    ok = real_ChangeServiceConfigW(service, type, start, error, path, group, NULL, NULL, account, password, display);
    failure = GetLastError();
    if (!ok && known && dependencies) write_dependencies(name, before ? before : L"");
    free(before);
    if (known) store_dependencies(name);
    SetLastError(failure);
    return ok;
}

static DWORD state_of(SC_HANDLE service)
{
    SERVICE_STATUS status;

    return real_QueryServiceStatus(service, &status) ? status.dwCurrentState : 0;
}

/* Starts one dependency and waits until it runs. */
static DWORD start_dependency(SC_HANDLE manager, LPCWSTR name)
{
    SC_HANDLE service = OpenServiceW(manager, name, SERVICE_START | SERVICE_QUERY_STATUS);
    DWORD waited, state, error = ERROR_SERVICE_DEPENDENCY_FAIL;

    if (!service) return ERROR_SERVICE_DEPENDENCY_DELETED;
    if (state_of(service) == SERVICE_RUNNING || StartServiceW(service, 0, NULL) ||
        GetLastError() == ERROR_SERVICE_ALREADY_RUNNING) {
        for (waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
            state = state_of(service);
            if (state == SERVICE_RUNNING) error = ERROR_SUCCESS;
            if (state == SERVICE_RUNNING || state == SERVICE_STOPPED) break;
            Sleep(POLL_MS);
        }
    }
    CloseServiceHandle(service);
    return error;
}

static DWORD start_dependencies(LPCWSTR name)
{
    DWORD error;
    WCHAR *list = dependencies_of(name, &error), *one;
    SC_HANDLE manager;

    if (!list) return error;
    if (!(manager = real_OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT))) error = GetLastError();
    for (one = list; !error && *one; one += wcslen(one) + 1) {
        if (*one != SC_GROUP_IDENTIFIERW) error = start_dependency(manager, one);
    }
    if (manager) real_CloseServiceHandle(manager);
    free(list);
    return error;
}

EXPORT BOOL WINAPI StartServiceW(SC_HANDLE service, DWORD count, LPCWSTR *arguments)
{
    WCHAR name[NAME_SIZE];
    DWORD error;

    if (service_of(service, name) && state_of(service) == SERVICE_STOPPED && (error = start_dependencies(name))) {
        SetLastError(error);
        return FALSE;
    }
    return real_StartServiceW(service, count, arguments);
}

/* All services in a state, in memory to free. */
static ENUM_SERVICE_STATUS_PROCESSW *list_services(DWORD state, DWORD *count)
{
    SC_HANDLE manager = real_OpenSCManagerW(NULL, NULL, SC_MANAGER_ENUMERATE_SERVICE);
    ENUM_SERVICE_STATUS_PROCESSW *services = NULL;
    DWORD size = 0;
    BOOL ok = FALSE;

    *count = 0;
    if (!manager) return NULL;
    /* Services may appear between the two calls of a turn. */
    while (!ok) {
        ok = real_EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32, state, (BYTE *)services, size,
                                        &size, count, NULL, NULL);
        if (ok || (GetLastError() != ERROR_MORE_DATA && GetLastError() != ERROR_INSUFFICIENT_BUFFER)) break;
        size += 4096;
        free(services);
        if (!(services = malloc(size))) break;
    }
    real_CloseServiceHandle(manager);
    if (!ok) *count = 0;
    return services;
}

/* Keeps those that depend on a service, directly or not, and returns their number. */
static DWORD keep_dependents(ENUM_SERVICE_STATUS_PROCESSW *services, DWORD count, LPCWSTR on)
{
    DWORD i, kept = 0;

    for (i = 0; i < count; i++) {
        if (depends(services[i].lpServiceName, on, 0)) services[kept++] = services[i];
    }
    return kept;
}

EXPORT BOOL WINAPI ControlService(SC_HANDLE service, DWORD control, LPSERVICE_STATUS status)
{
    WCHAR name[NAME_SIZE];
    ENUM_SERVICE_STATUS_PROCESSW *active;
    DWORD count;

    if (control == SERVICE_CONTROL_STOP && service_of(service, name)) {
        active = list_services(SERVICE_ACTIVE, &count);
        count = keep_dependents(active, count, name);
        free(active);
        if (count) {
            if (status) real_QueryServiceStatus(service, status);
            SetLastError(ERROR_DEPENDENT_SERVICES_RUNNING);
            return FALSE;
        }
    }
    return real_ControlService(service, control, status);
}

/* Whether another service of the list depends on this one. */
static BOOL has_dependent(ENUM_SERVICE_STATUS_PROCESSW *services, DWORD count, DWORD one)
{
    DWORD i;

    for (i = 0; i < count; i++) {
        if (i != one && depends(services[i].lpServiceName, services[one].lpServiceName, 0)) return TRUE;
    }
    return FALSE;
}

/* Puts services into the order in which Windows lists dependents, and in which they can be stopped: whatever depends
 * on a service comes before it. In a circle there is no such order, and any will do. */
static void order_by_stop(ENUM_SERVICE_STATUS_PROCESSW *services, DWORD count)
{
    ENUM_SERVICE_STATUS_PROCESSW first;
    DWORD next;

    for (; count > 1; services++, count--) {
        for (next = 0; next < count - 1 && has_dependent(services, count, next); next++) continue;
        first = services[next];
        memmove(services + 1, services, next * sizeof *services);
        services[0] = first;
    }
}

static LPWSTR append(BYTE **place, LPCWSTR text)
{
    DWORD size = string_size(text);
    LPWSTR copy = (LPWSTR)*place;

    memcpy(copy, text, size);
    *place += size;
    return copy;
}

EXPORT BOOL WINAPI EnumDependentServicesW(SC_HANDLE service, DWORD state, LPENUM_SERVICE_STATUSW out, DWORD size,
                                          LPDWORD needed, LPDWORD returned)
{
    WCHAR name[NAME_SIZE];
    ENUM_SERVICE_STATUS_PROCESSW *services;
    DWORD count, i;
    BYTE *place;
    BOOL fits;

    *needed = *returned = 0;
    if (!service_of(service, name)) {
        SetLastError(ERROR_INVALID_HANDLE);
        return FALSE;
    }
    services = list_services(state, &count);
    count = keep_dependents(services, count, name);
    order_by_stop(services, count);
    for (i = 0; i < count; i++)
        *needed += sizeof *out + string_size(services[i].lpServiceName) + string_size(services[i].lpDisplayName);
    fits = size >= *needed;
    if (fits) {
        place = (BYTE *)(out + count);
        for (i = 0; i < count; i++) {
            out[i].lpServiceName = append(&place, services[i].lpServiceName);
            out[i].lpDisplayName = append(&place, services[i].lpDisplayName ? services[i].lpDisplayName : L"");
            memcpy(&out[i].ServiceStatus, &services[i].ServiceStatusProcess, sizeof out[i].ServiceStatus);
        }
        *returned = count;
    } else {
        SetLastError(ERROR_MORE_DATA);
    }
    free(services);
    return fits;
}
