/* Windows keeps a service's configuration in HKLM\SYSTEM\CurrentControlSet\Services\NAME, and so do these files. */
#include "services.h"

static HKEY open_key(LPCWSTR service, REGSAM access)
{
    static const WCHAR services[] = L"System\\CurrentControlSet\\Services\\";
    WCHAR path[ARRAYSIZE(services) + NAME_SIZE];
    HKEY key;

    wcscpy(path, services);
    wcsncat(path, service, NAME_SIZE - 1);
    return RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, access, &key) ? NULL : key;
}

/* Reads a value in memory to free. Others may write a longer one between the two calls of a turn. */
static void *read_stored(LPCWSTR service, LPCWSTR value, DWORD *size, LONG *error)
{
    HKEY key = open_key(service, KEY_READ);
    DWORD stored = 0;
    BYTE *data = NULL;

    *error = key ? ERROR_MORE_DATA : ERROR_FILE_NOT_FOUND;
    while (*error == ERROR_MORE_DATA) {
        if ((*error = RegQueryValueExW(key, value, NULL, NULL, NULL, &stored))) break;
        /* Two characters more than are stored: a list may lack its end. */
        if (!(data = calloc(1, stored + 2 * sizeof(WCHAR)))) {
            *error = ERROR_NOT_ENOUGH_MEMORY;
            break;
        }
        if ((*error = RegQueryValueExW(key, value, NULL, NULL, data, &stored))) {
            free(data);
            data = NULL;
        }
    }
    if (key) RegCloseKey(key);
    if (size) *size = data ? stored : 0;
    return data;
}

void *read_value(LPCWSTR service, LPCWSTR value, DWORD *size)
{
    LONG error;

    return read_stored(service, value, size, &error);
}

WCHAR *read_list(LPCWSTR service, LPCWSTR value, DWORD *error)
{
    LONG failure;
    WCHAR *list = read_stored(service, value, NULL, &failure);

    *error = failure == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : failure;
    return list;
}

DWORD read_number(LPCWSTR service, LPCWSTR value)
{
    DWORD size, number = 0, *data = read_value(service, value, &size);

    if (data && size >= sizeof number) number = *data;
    free(data);
    return number;
}

BOOL write_value(LPCWSTR service, LPCWSTR value, DWORD type, const void *data, DWORD size)
{
    HKEY key = open_key(service, KEY_WRITE);
    LONG error;

    if (!key) {
        SetLastError(ERROR_SERVICE_MARKED_FOR_DELETE);
        return FALSE;
    }
    if (data) {
        error = RegSetValueExW(key, value, 0, type, data, size);
    } else {
        error = RegDeleteValueW(key, value);
        if (error == ERROR_FILE_NOT_FOUND) error = ERROR_SUCCESS;
    }
    RegCloseKey(key);
    SetLastError(error);
    return error == ERROR_SUCCESS;
}

BOOL write_string(LPCWSTR service, LPCWSTR value, LPCWSTR text)
{
    return write_value(service, value, REG_SZ, *text ? text : NULL, string_size(text));
}

DWORD string_size(LPCWSTR text)
{
    return text ? (DWORD)((wcslen(text) + 1) * sizeof(WCHAR)) : 0;
}

DWORD list_size(LPCWSTR list)
{
    LPCWSTR end = list;

    while (*end) end += wcslen(end) + 1;
    return (DWORD)((end - list + 1) * sizeof(WCHAR));
}
