/* Wine has no DISM. This one has the functions by which an optional feature is looked at, enabled and disabled, and the
 * features of a host where Windows notes which were selected, and in which boot, which Windows does not. A change is
 * pending until the host has booted, as it is with features such as Containers.
 * Source of the functions: https://learn.microsoft.com/windows-hardware/manufacture/desktop/dism/dism-api-reference */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define EXPORT __declspec(dllexport)

#define SERVICING L"Software\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing"
#define FEATURES SERVICING L"\\Notifications\\OptionalFeatures"
#define MEMORY L"System\\CurrentControlSet\\Control\\Session Manager\\Memory Management\\PrefetchParameters"
#define KEY_SIZE 256
#define SESSION 1
#define UNKNOWN_FEATURE ((HRESULT)0x800f080c) /* CBS_E_UNKNOWN_UPDATE */
#define REBOOT_REQUIRED ((HRESULT)ERROR_SUCCESS_REBOOT_REQUIRED)

/* Of DismPackageFeatureState. */
enum { NOT_PRESENT = 0, UNINSTALL_PENDING = 1, STAGED = 2, INSTALLED = 4, INSTALL_PENDING = 5 };

/* What the registry has of a feature: the state it is in, or is to be in, and the boot in which that was asked for. */
struct record {
    DWORD enabled;
    DWORD boot;
};

/* The beginning of DismFeatureInfo. */
#pragma pack(push, 1)
struct info {
    const WCHAR *name;
    DWORD state;
    const WCHAR *display_name, *description;
    DWORD restart;
    void *properties;
    UINT property_count;
};
#pragma pack(pop)

static DWORD read_number(const WCHAR *key, const WCHAR *name, BOOL *found)
{
    DWORD number = 0, size = sizeof number;
    BOOL there = !RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_DWORD, NULL, &number, &size);

    if (found) *found = there;
    return there ? number : 0;
}

static DWORD boot_id(void) { return read_number(MEMORY, L"BootId", NULL); }

static BOOL key_of(const WCHAR *name, WCHAR key[KEY_SIZE])
{
    return swprintf(key, KEY_SIZE, L"%ls\\%ls", FEATURES, name) > 0;
}

static BOOL read_record(const WCHAR *name, struct record *record)
{
    WCHAR key[KEY_SIZE];
    BOOL found;

    if (!key_of(name, key)) return FALSE;
    record->enabled = read_number(key, L"Selection", &found);
    record->boot = read_number(key, L"Boot", NULL);
    return found;
}

static BOOL write_record(const WCHAR *name, const struct record *record)
{
    WCHAR key[KEY_SIZE];

    return key_of(name, key) &&
           !RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, L"Selection", REG_DWORD, &record->enabled, sizeof record->enabled) &&
           !RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, L"Boot", REG_DWORD, &record->boot, sizeof record->boot);
}

/* The key by which everybody sees that a reboot is pending is gone with the next boot. */
static BOOL note_pending(BOOL pending)
{
    HKEY key;

    if (!pending) return TRUE;
    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, SERVICING L"\\RebootPending", 0, NULL, REG_OPTION_VOLATILE, KEY_WRITE, NULL, &key,
                        NULL))
        return FALSE;
    RegCloseKey(key);
    return TRUE;
}

static HRESULT change(const WCHAR *name, DWORD enabled)
{
    struct record record;

    if (!read_record(name, &record)) return UNKNOWN_FEATURE;
    if (record.enabled == enabled) return record.boot == boot_id() ? REBOOT_REQUIRED : S_OK;
    /* To go back before the boot leaves nothing pending. */
    record.boot = record.boot == boot_id() ? 0 : boot_id();
    record.enabled = enabled;
    if (!write_record(name, &record) || !note_pending(record.boot)) return E_ACCESSDENIED;
    return record.boot ? REBOOT_REQUIRED : S_OK;
}

EXPORT HRESULT WINAPI DismInitialize(int level, const WCHAR *log, const WCHAR *scratch)
{
    (void)level, (void)log, (void)scratch;
    return S_OK;
}

EXPORT HRESULT WINAPI DismShutdown(void) { return S_OK; }

EXPORT HRESULT WINAPI DismOpenSession(const WCHAR *image, const WCHAR *windows, const WCHAR *drive, UINT *session)
{
    (void)windows, (void)drive;
    if (!session || !image || wcscmp(image, L"DISM_{53BFAE52-B167-4E2F-A258-0A37B57FF845}")) return E_INVALIDARG;
    *session = SESSION;
    return S_OK;
}

EXPORT HRESULT WINAPI DismCloseSession(UINT session) { return session == SESSION ? S_OK : E_INVALIDARG; }

EXPORT HRESULT WINAPI DismGetFeatureInfo(UINT session, const WCHAR *name, const WCHAR *identifier, int kind,
                                         struct info **result)
{
    struct record record;
    struct info *info;
    WCHAR *copy;
    BOOL pending;

    (void)identifier, (void)kind;
    if (session != SESSION || !name || !result) return E_INVALIDARG;
    if (!read_record(name, &record)) return UNKNOWN_FEATURE;
    info = calloc(1, sizeof *info + (wcslen(name) + 1) * sizeof *name);
    if (!info) return E_OUTOFMEMORY;
    copy = (WCHAR *)(info + 1);
    wcscpy(copy, name);
    pending = record.boot && record.boot == boot_id();
    info->name = info->display_name = copy;
    info->description = L"";
    info->state = record.enabled ? (pending ? INSTALL_PENDING : INSTALLED) : (pending ? UNINSTALL_PENDING : STAGED);
    *result = info;
    return S_OK;
}

EXPORT HRESULT WINAPI DismDelete(void *memory)
{
    free(memory);
    return S_OK;
}

EXPORT HRESULT WINAPI DismEnableFeature(UINT session, const WCHAR *name, const WCHAR *identifier, int kind,
                                        BOOL limit_access, const WCHAR **sources, UINT source_count, BOOL all, HANDLE cancel,
                                        void *progress, void *data)
{
    (void)identifier, (void)kind, (void)limit_access, (void)sources, (void)source_count, (void)all, (void)cancel;
    (void)progress, (void)data;
    return session == SESSION && name ? change(name, TRUE) : E_INVALIDARG;
}

EXPORT HRESULT WINAPI DismDisableFeature(UINT session, const WCHAR *name, const WCHAR *package, BOOL remove_payload,
                                         HANDLE cancel, void *progress, void *data)
{
    (void)package, (void)remove_payload, (void)cancel, (void)progress, (void)data;
    return session == SESSION && name ? change(name, FALSE) : E_INVALIDARG;
}
