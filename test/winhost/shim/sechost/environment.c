/* Windows gives a service the variables of its Environment value. Wine does not, so the service takes them itself as
 * it reports for duty, before its main function runs. */
#include "services.h"

EXPORT BOOL WINAPI StartServiceCtrlDispatcherW(const SERVICE_TABLE_ENTRYW *table)
{
    WCHAR *list = NULL, *one, *equals;
    size_t length;

    if (table && table->lpServiceName && *table->lpServiceName)
        list = read_value(table->lpServiceName, L"Environment", NULL);
    for (one = list; list && *one; one += length) {
        length = wcslen(one) + 1;
        equals = wcschr(one, L'=');
        if (!equals || equals == one) continue;
        *equals = 0;
        SetEnvironmentVariableW(one, equals + 1);
    }
    free(list);
    return real_StartServiceCtrlDispatcherW(table);
}
