/* All hosts share this machine's network, and each has a loopback address of its own. A program that asks which addresses
 * its computer has is shown one interface, Ethernet, with just that address. */
#include <winsock2.h>
#include <ws2tcpip.h>
#define _IPHLPAPI_ /* Declares what this DLL exports as ours, not as imported. */
#include <iphlpapi.h>
#include <windows.h>
#include <stdlib.h>

#include "addresses.h"

#define EXPORT __declspec(dllexport)
#define PREFIX 8 /* That of all loopback addresses. */

__declspec(dllimport) ULONG WINAPI real_GetAdaptersAddresses(ULONG, ULONG, void *, IP_ADAPTER_ADDRESSES *, ULONG *);

/* Names are not resolved for it: winsock would need this DLL. */
ULONG own_address(void)
{
    char text[32];
    DWORD length = GetEnvironmentVariableA("WINHOST_ADDRESS", text, sizeof text);
    ULONG address = 0, part = 0;
    DWORD i, shift = 0;

    if (!length || length >= sizeof text) return 0;
    for (i = 0; i <= length; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            part = 10 * part + (ULONG)(text[i] - '0');
            continue;
        }
        address |= (part & 0xff) << shift;
        shift += 8;
        part = 0;
    }
    return address;
}

/* Leaves the adapter its first IPv4 address, which becomes the host's. FALSE where it has none. */
static BOOL give(IP_ADAPTER_ADDRESSES *adapter, ULONG address)
{
    static WCHAR name[] = L"Ethernet";
    IP_ADAPTER_UNICAST_ADDRESS *one;

    for (one = adapter->FirstUnicastAddress; one; one = one->Next)
        if (one->Address.lpSockaddr->sa_family == AF_INET) break;
    if (!one) return FALSE;
    ((struct sockaddr_in *)one->Address.lpSockaddr)->sin_addr.s_addr = address;
    one->OnLinkPrefixLength = PREFIX;
    one->Next = NULL;
    adapter->FirstUnicastAddress = one;
    adapter->IfType = IF_TYPE_ETHERNET_CSMACD;
    adapter->OperStatus = IfOperStatusUp;
    adapter->FriendlyName = name;
    return TRUE;
}

EXPORT ULONG WINAPI GetAdaptersAddresses(ULONG family, ULONG flags, void *reserved, IP_ADAPTER_ADDRESSES *list, ULONG *size)
{
    ULONG result = real_GetAdaptersAddresses(family, flags, reserved, list, size), address = own_address();
    IP_ADAPTER_ADDRESSES *adapter, *last = NULL;
    BOOL given = FALSE;

    if (result || !list || !address) return result;
    /* First an interface that leads somewhere, then any. */
    for (adapter = list; adapter && !given; adapter = adapter->Next)
        if (adapter->IfType != IF_TYPE_SOFTWARE_LOOPBACK && (given = give(adapter, address))) last = adapter;
    for (adapter = list; adapter && !given; adapter = adapter->Next)
        if ((given = give(adapter, address))) last = adapter;
    for (adapter = list; adapter; adapter = adapter->Next)
        if (adapter != last && adapter->IfType != IF_TYPE_SOFTWARE_LOOPBACK) adapter->OperStatus = IfOperStatusDown;
    return result;
}

ULONG own_interface(void)
{
    IP_ADAPTER_ADDRESSES *list = NULL, *larger, *adapter;
    ULONG size = 16384, result, index = 0;

    do {
        if (!(larger = realloc(list, size))) break;
        list = larger;
        result = GetAdaptersAddresses(AF_INET, 0, NULL, list, &size);
        for (adapter = result ? NULL : list; adapter && !index; adapter = adapter->Next)
            if (adapter->FirstUnicastAddress && adapter->FirstUnicastAddress->Address.lpSockaddr->sa_family == AF_INET &&
                ((struct sockaddr_in *)adapter->FirstUnicastAddress->Address.lpSockaddr)->sin_addr.s_addr == own_address())
                index = adapter->IfIndex;
    } while (result == ERROR_BUFFER_OVERFLOW);
    free(list);
    return index;
}
