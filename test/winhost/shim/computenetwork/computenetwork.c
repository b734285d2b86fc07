/* Wine has no Host Networking Service. This is the library by which it is asked: its functions for networks, which are
 * documents in the registry, below the key of the service, under their IDs. Nobody makes adapters or switches of them.
 * Source of the functions: https://learn.microsoft.com/windows-server/networking/technologies/hcn/hcn-declaration-handles */
#include <windows.h>
#include <objbase.h>
#include <stdlib.h>
#include <wchar.h>

#define EXPORT __declspec(dllexport)

#define NETWORKS L"System\\CurrentControlSet\\Services\\hns\\Networks"
#define ID_LENGTH 39 /* {6B5F7A52-0C5C-4F2E-9D0B-8F6A9F1F9F10} and the end. */
#define NETWORK_NOT_FOUND ((HRESULT)0x803b0001) /* HCN_E_NETWORK_NOT_FOUND */
#define INVALID_JSON ((HRESULT)0x803b001b)      /* HCN_E_INVALID_JSON */
#define LIST_SIZE (64 << 10)

struct network {
    WCHAR key[ARRAYSIZE(NETWORKS) + ID_LENGTH];
};

/* What the service returns is the caller's, who frees it with CoTaskMemFree. */
static WCHAR *given(const WCHAR *text)
{
    size_t size = (wcslen(text) + 1) * sizeof *text;
    WCHAR *copy = CoTaskMemAlloc(size);

    if (copy) memcpy(copy, text, size);
    return copy;
}

static HRESULT fail(HRESULT result, const WCHAR *record, WCHAR **error)
{
    if (error) *error = given(record);
    return result;
}

static HRESULT not_found(WCHAR **error)
{
    return fail(NETWORK_NOT_FOUND,
                L"{\"Success\":false,\"Error\":\"The network was not found. \\r\\n\",\"ErrorCode\":2151350273}", error);
}

/* The service wants to know in which version of its schema it is asked. */
static HRESULT check_query(const WCHAR *query, WCHAR **error)
{
    if (query && wcsstr(query, L"\"SchemaVersion\":{\"Major\":2,")) return S_OK;
    return fail(INVALID_JSON, L"{\"Success\":false,\"Error\":\"Invalid JSON document string. \"}", error);
}

static void name_key(const GUID *id, struct network *network)
{
    WCHAR text[ID_LENGTH];

    StringFromGUID2(id, text, ID_LENGTH);
    text[ID_LENGTH - 2] = 0; /* Without braces. */
    wcscpy(network->key, NETWORKS L"\\");
    wcscat(network->key, text + 1);
}

static BOOL exists(const struct network *network)
{
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, network->key, 0, KEY_READ, &key)) return FALSE;
    RegCloseKey(key);
    return TRUE;
}

EXPORT HRESULT WINAPI HcnEnumerateNetworks(const WCHAR *query, WCHAR **networks, WCHAR **error)
{
    HRESULT result = check_query(query, error);
    WCHAR *list;
    HKEY key;
    DWORD i;

    if (FAILED(result)) return result;
    list = calloc(LIST_SIZE, sizeof *list);
    if (!list) return E_OUTOFMEMORY;
    wcscpy(list, L"[");
    if (!RegOpenKeyExW(HKEY_LOCAL_MACHINE, NETWORKS, 0, KEY_READ, &key)) {
        for (i = 0; wcslen(list) + ID_LENGTH + 4 < LIST_SIZE; i++) {
            WCHAR id[ID_LENGTH];
            DWORD length = ID_LENGTH;

            if (RegEnumKeyExW(key, i, id, &length, NULL, NULL, NULL, NULL)) break;
            wcscat(list, i ? L",\"" : L"\"");
            wcscat(list, id);
            wcscat(list, L"\"");
        }
        RegCloseKey(key);
    }
    wcscat(list, L"]");
    *networks = given(list);
    free(list);
    return S_OK;
}

EXPORT HRESULT WINAPI HcnOpenNetwork(const GUID *id, void **handle, WCHAR **error)
{
    struct network *network = calloc(1, sizeof *network);

    if (!network) return E_OUTOFMEMORY;
    name_key(id, network);
    if (!exists(network)) {
        free(network);
        return not_found(error);
    }
    *handle = network;
    return S_OK;
}

EXPORT HRESULT WINAPI HcnQueryNetworkProperties(void *handle, const WCHAR *query, WCHAR **properties, WCHAR **error)
{
    const struct network *network = handle;
    HRESULT result = check_query(query, error);
    WCHAR document[4096];
    DWORD size = sizeof document;

    if (FAILED(result)) return result;
    if (RegGetValueW(HKEY_LOCAL_MACHINE, network->key, NULL, RRF_RT_REG_SZ, NULL, document, &size)) return not_found(error);
    *properties = given(document);
    return S_OK;
}

EXPORT HRESULT WINAPI HcnCloseNetwork(void *handle)
{
    free(handle);
    return S_OK;
}

EXPORT HRESULT WINAPI HcnDeleteNetwork(const GUID *id, WCHAR **error)
{
    struct network network;

    name_key(id, &network);
    if (RegDeleteTreeW(HKEY_LOCAL_MACHINE, network.key)) return not_found(error);
    return S_OK;
}
