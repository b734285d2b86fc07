/* What the files of this DLL share. Wine's own DLL is loaded under the name sechost_real.dll; the functions that
 * are replaced here reach it as real_NAME. */
#ifndef SERVICES_H
#define SERVICES_H

#define WIN32_LEAN_AND_MEAN
#define _ADVAPI32_ /* Declares what advapi32.dll exports as ours, not as imported. */
#include <windows.h>
#include <winsvc.h>
#include <stdlib.h>
#include <wchar.h>

#define EXPORT __declspec(dllexport)
#define REAL __declspec(dllimport)

/* A service's name has at most 256 characters. */
#define NAME_SIZE 257

REAL SC_HANDLE WINAPI real_OpenSCManagerW(LPCWSTR, LPCWSTR, DWORD);
REAL SC_HANDLE WINAPI real_OpenServiceW(SC_HANDLE, LPCWSTR, DWORD);
REAL SC_HANDLE WINAPI real_CreateServiceW(SC_HANDLE, LPCWSTR, LPCWSTR, DWORD, DWORD, DWORD, DWORD, LPCWSTR, LPCWSTR,
                                          LPDWORD, LPCWSTR, LPCWSTR, LPCWSTR);
REAL BOOL WINAPI real_CloseServiceHandle(SC_HANDLE);
REAL BOOL WINAPI real_QueryServiceStatus(SC_HANDLE, LPSERVICE_STATUS);
REAL BOOL WINAPI real_QueryServiceConfigW(SC_HANDLE, LPQUERY_SERVICE_CONFIGW, DWORD, LPDWORD);
REAL BOOL WINAPI real_ChangeServiceConfigW(SC_HANDLE, DWORD, DWORD, DWORD, LPCWSTR, LPCWSTR, LPDWORD, LPCWSTR, LPCWSTR,
                                           LPCWSTR, LPCWSTR);
REAL BOOL WINAPI real_QueryServiceConfig2W(SC_HANDLE, DWORD, LPBYTE, DWORD, LPDWORD);
REAL BOOL WINAPI real_ChangeServiceConfig2W(SC_HANDLE, DWORD, LPVOID);
REAL BOOL WINAPI real_StartServiceW(SC_HANDLE, DWORD, LPCWSTR *);
REAL BOOL WINAPI real_ControlService(SC_HANDLE, DWORD, LPSERVICE_STATUS);
REAL BOOL WINAPI real_EnumServicesStatusExW(SC_HANDLE, SC_ENUM_TYPE, DWORD, DWORD, LPBYTE, DWORD, LPDWORD, LPDWORD,
                                            LPDWORD, LPCWSTR);
REAL BOOL WINAPI real_StartServiceCtrlDispatcherW(const SERVICE_TABLE_ENTRYW *);

/* handles.c: finds the service that an open handle stands for. FALSE when it is none that was opened here. */
BOOL service_of(SC_HANDLE handle, WCHAR name[NAME_SIZE]);

/* values.c: the values of a service's registry key. read_value returns memory to free, ended by zeros whatever is
 * stored, or NULL; read_number returns 0 for what is missing. read_list tells a list that is missing or empty, which is
 * no error, from one that cannot be read. write_value with no data deletes. */
void *read_value(LPCWSTR service, LPCWSTR value, DWORD *size);
WCHAR *read_list(LPCWSTR service, LPCWSTR value, DWORD *error);
DWORD read_number(LPCWSTR service, LPCWSTR value);
BOOL write_value(LPCWSTR service, LPCWSTR value, DWORD type, const void *data, DWORD size);
BOOL write_string(LPCWSTR service, LPCWSTR value, LPCWSTR text);

/* dependencies.c: write_dependencies puts a list in force, and store_dependencies writes the one that is to where Windows
 * has it and Wine has written another. */
BOOL write_dependencies(LPCWSTR service, LPCWSTR list);
void store_dependencies(LPCWSTR service);

/* The size in bytes of a string or list of strings with its final zeros. */
DWORD string_size(LPCWSTR text);
DWORD list_size(LPCWSTR list);

#endif
