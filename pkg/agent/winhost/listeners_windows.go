package winhost

import (
	"encoding/binary"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// listeners are the TCP ports that processes listen on, and the service that a process runs. A process with several
// services is told by the first one.
func listeners(all []serviceProcess) []state.Listener {
	type owner struct {
		port    uint16
		process uint32
	}
	seen := map[owner]bool{}
	var found []state.Listener
	for _, family := range []uint32{windows.AF_INET, windows.AF_INET6} {
		for _, one := range listening(family) {
			// Windows owns what nobody else does, as process 4. Wine lists also what other processes of its machine
			// listen on, without a process.
			if one.PID == 0 || seen[owner{one.Port, one.PID}] {
				continue
			}
			seen[owner{one.Port, one.PID}] = true
			one.Process = processName(one.PID)
			if at := slices.IndexFunc(all, func(s serviceProcess) bool { return s.process == one.PID }); at >= 0 {
				one.Service = all[at].name
			}
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b state.Listener) int { return int(a.Port) - int(b.Port) })
	return found
}

// listening asks for the table TCP_TABLE_OWNER_PID_LISTENER: the number of rows, then the rows.
func listening(family uint32) []state.Listener {
	const ownerListener = 3
	// MIB_TCPROW_OWNER_PID has the port third and the process sixth; MIB_TCP6ROW_OWNER_PID has them, behind a longer
	// address, at 20 and 52.
	size, portAt, processAt := 24, 8, 20
	if family == windows.AF_INET6 {
		size, portAt, processAt = 56, 20, 52
	}
	ask := windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetExtendedTcpTable")
	if ask.Find() != nil {
		return nil
	}
	var length uint32
	buffer := make([]byte, 1)
	for range 5 { // Ports may be opened between two calls.
		number, _, _ := ask.Call(uintptr(unsafe.Pointer(&buffer[0])), uintptr(unsafe.Pointer(&length)), 0, uintptr(family), ownerListener, 0)
		if windows.Errno(number) == windows.ERROR_INSUFFICIENT_BUFFER {
			buffer = make([]byte, length+4<<10)
			length = uint32(len(buffer))
			continue
		}
		if number != 0 || len(buffer) < 4 {
			return nil
		}
		break
	}
	var found []state.Listener
	rows := buffer[min(4, len(buffer)):]
	for range binary.NativeEndian.Uint32(append(buffer, 0, 0, 0)) {
		if len(rows) < size {
			break
		}
		found = append(found, state.Listener{
			Port: binary.BigEndian.Uint16(rows[portAt:]), PID: binary.NativeEndian.Uint32(rows[processAt:]),
		})
		rows = rows[size:]
	}
	return found
}

// processName is the name of a program that runs, or what is known of it.
func processName(id uint32) string {
	const kernel = 4
	if id == kernel {
		return "System"
	}
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, id)
	if err != nil {
		return ""
	}
	defer closeRead(process)
	buffer := make([]uint16, windows.MAX_LONG_PATH)
	length := uint32(len(buffer))
	if err := windows.QueryFullProcessImageName(process, 0, (*uint16)(unsafe.Pointer(&buffer[0])), &length); err != nil {
		return ""
	}
	path := windows.UTF16ToString(buffer[:length])
	return path[strings.LastIndexByte(path, '\\')+1:]
}
