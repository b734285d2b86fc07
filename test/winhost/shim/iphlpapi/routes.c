/* Each host has a routing table by IPv4 of its own: a way out by Ethernet, and what was added since it has booted, which a
 * volatile key of its registry has. Nothing is ever routed by it: it is this machine's network that hosts share.
 * Source of the functions: https://learn.microsoft.com/windows/win32/api/netioapi */
#include <winsock2.h>
#include <ws2tcpip.h>
#define _IPHLPAPI_ /* Declares what this DLL exports as ours, not as imported. */
#include <iphlpapi.h>
#include <windows.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "addresses.h"

#define EXPORT __declspec(dllexport)
#define ROUTES L"System\\CurrentControlSet\\Control\\WinhostRoutes"
#define NAME_SIZE 64
#define MOST 256 /* Far more than a test adds. */

__declspec(dllimport) NETIO_STATUS WINAPI real_GetIpForwardTable2(ADDRESS_FAMILY, MIB_IPFORWARD_TABLE2 **);
__declspec(dllimport) void WINAPI real_FreeMibTable(void *);

static LSTATUS open_routes(HKEY *key)
{
    return RegCreateKeyExW(HKEY_LOCAL_MACHINE, ROUTES, 0, NULL, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, NULL, key, NULL);
}

/* Names a route by what tells it from others. */
static void name_of(const MIB_IPFORWARD_ROW2 *row, WCHAR name[NAME_SIZE])
{
    swprintf(name, NAME_SIZE, L"%08lx/%u %08lx %lu", row->DestinationPrefix.Prefix.Ipv4.sin_addr.s_addr,
             row->DestinationPrefix.PrefixLength, row->NextHop.Ipv4.sin_addr.s_addr, row->InterfaceIndex);
}

static BOOL is_ours(const MIB_IPFORWARD_ROW2 *row)
{
    return row->DestinationPrefix.Prefix.si_family == AF_INET && row->InterfaceIndex == own_interface();
}

/* The host's way out leads to the first address of its network of 256. */
static void way_out(MIB_IPFORWARD_ROW2 *row)
{
    memset(row, 0, sizeof *row);
    row->InterfaceIndex = own_interface();
    row->DestinationPrefix.Prefix.si_family = row->NextHop.si_family = AF_INET;
    row->NextHop.Ipv4.sin_addr.s_addr = (own_address() & 0xffffff) | 1u << 24;
    row->ValidLifetime = row->PreferredLifetime = 0xffffffff;
}

EXPORT NETIO_STATUS WINAPI GetIpForwardTable2(ADDRESS_FAMILY family, MIB_IPFORWARD_TABLE2 **table)
{
    WCHAR name[NAME_SIZE];
    DWORD index, length, size;
    HKEY key;

    if (family != AF_INET || !own_address()) return real_GetIpForwardTable2(family, table);
    *table = VirtualAlloc(NULL, sizeof **table + MOST * sizeof *(*table)->Table, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (!*table) return ERROR_NOT_ENOUGH_MEMORY;
    way_out(&(*table)->Table[(*table)->NumEntries++]);
    if (open_routes(&key)) return NO_ERROR;
    for (index = 0; (*table)->NumEntries < MOST; index++) {
        length = NAME_SIZE;
        size = sizeof *(*table)->Table;
        if (RegEnumValueW(key, index, name, &length, NULL, NULL, (BYTE *)&(*table)->Table[(*table)->NumEntries], &size)) break;
        (*table)->NumEntries++;
    }
    RegCloseKey(key);
    return NO_ERROR;
}

/* A table of ours begins where its memory does, which one of Wine's, being on a heap, does not. */
EXPORT void WINAPI FreeMibTable(void *table)
{
    MEMORY_BASIC_INFORMATION memory;

    if (table && VirtualQuery(table, &memory, sizeof memory) && memory.AllocationBase == table)
        VirtualFree(table, 0, MEM_RELEASE);
    else
        real_FreeMibTable(table);
}

EXPORT NETIO_STATUS WINAPI CreateIpForwardEntry2(const MIB_IPFORWARD_ROW2 *row)
{
    WCHAR name[NAME_SIZE];
    LSTATUS status;
    HKEY key;

    if (!is_ours(row)) return ERROR_NOT_FOUND;
    if ((status = open_routes(&key))) return status;
    name_of(row, name);
    if (!RegQueryValueExW(key, name, NULL, NULL, NULL, NULL))
        status = ERROR_OBJECT_ALREADY_EXISTS;
    else
        status = RegSetValueExW(key, name, 0, REG_BINARY, (const BYTE *)row, sizeof *row);
    RegCloseKey(key);
    return status;
}

EXPORT NETIO_STATUS WINAPI DeleteIpForwardEntry2(const MIB_IPFORWARD_ROW2 *row)
{
    WCHAR name[NAME_SIZE];
    LSTATUS status;
    HKEY key;

    if ((status = open_routes(&key))) return status;
    name_of(row, name);
    if ((status = RegDeleteValueW(key, name)) == ERROR_FILE_NOT_FOUND) status = ERROR_NOT_FOUND;
    RegCloseKey(key);
    return status;
}
