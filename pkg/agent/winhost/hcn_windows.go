package winhost

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// hcnQuery asks for everything, in the second version of the schema, which all builds speak that can be nodes.
const hcnQuery = `{"SchemaVersion":{"Major":2,"Minor":0},"Flags":0}`

// hns is the Host Networking Service, through the library of its second interface, see
// https://learn.microsoft.com/windows-server/networking/technologies/hcn/hcn-declaration-handles. The library is loaded when
// it is needed: hosts without the feature Containers do not have it. Its calls cannot be interrupted.
type hns struct{}

var _ host.Networks = hns{}

// hnsService is the service's name.
const hnsService = "hns"

func (hns) Networks(ctx context.Context) ([]state.HNSNetwork, error) {
	library, err := loadHCN()
	if err != nil {
		return nil, fmt.Errorf("listing networks: %w", err)
	}
	ids, err := library.enumerate()
	if err != nil {
		return nil, fmt.Errorf("listing networks: %w", err)
	}
	var all []state.HNSNetwork
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("listing networks: %w", err)
		}
		network, err := library.query(id)
		if isGone(err) {
			continue // Somebody has just deleted it.
		}
		if err != nil {
			return nil, fmt.Errorf("looking at network %s: %w", id, err)
		}
		all = append(all, network)
	}
	return all, nil
}

func (hns) DeleteNetwork(_ context.Context, id string) error {
	library, err := loadHCN()
	if err == nil {
		err = library.remove(id)
	}
	if err != nil && !isGone(err) {
		return fmt.Errorf("deleting network %s: %w", id, err)
	}
	return nil
}

// isGone tells a network that is not there, for which the service has two numbers.
func isGone(err error) bool {
	return errors.Is(err, windows.ERROR_NOT_FOUND) || errors.Is(err, syscall.Errno(windows.HCN_E_NETWORK_NOT_FOUND))
}

// runningNetworks are all networks as far as facts go: looking at a host does not start a service.
func runningNetworks(ctx context.Context, all []serviceProcess) []state.HNSNetwork {
	running := slices.ContainsFunc(all, func(one serviceProcess) bool {
		return strings.EqualFold(one.name, hnsService) && one.state == windows.SERVICE_RUNNING
	})
	if !running {
		return nil
	}
	found, err := hns{}.Networks(ctx)
	if err != nil {
		return nil
	}
	return found
}

// hcn is the library computenetwork.dll.
type hcn struct{ library *windows.LazyDLL }

func loadHCN() (hcn, error) {
	h := hcn{windows.NewLazySystemDLL("computenetwork.dll")}
	if !hasMachineKey(`SYSTEM\CurrentControlSet\Services\` + hnsService) {
		return h, fmt.Errorf("the Host Networking Service is %w: it comes with the feature Containers", host.ErrNotAvailable)
	}
	if err := h.library.Load(); err != nil {
		return h, fmt.Errorf("the Host Networking Service is %w: %w", host.ErrNotAvailable, err)
	}
	return h, nil
}

func (h hcn) enumerate() ([]string, error) {
	query, err := windows.UTF16PtrFromString(hcnQuery)
	if err != nil {
		return nil, err
	}
	var list, failure *uint16
	result, err := h.call("HcnEnumerateNetworks",
		uintptr(unsafe.Pointer(query)), uintptr(unsafe.Pointer(&list)), uintptr(unsafe.Pointer(&failure)))
	document := takeText(list)
	if err := outcome("HcnEnumerateNetworks", result, err, failure); err != nil {
		return nil, err
	}
	return parseNetworkIDs(document)
}

func (h hcn) query(id string) (network state.HNSNetwork, err error) {
	guid, err := windows.GUIDFromString("{" + id + "}")
	if err != nil {
		return network, err
	}
	query, err := windows.UTF16PtrFromString(hcnQuery)
	if err != nil {
		return network, err
	}
	var (
		handle              uintptr
		properties, failure *uint16
	)
	result, err := h.call("HcnOpenNetwork",
		uintptr(unsafe.Pointer(&guid)), uintptr(unsafe.Pointer(&handle)), uintptr(unsafe.Pointer(&failure)))
	if err := outcome("HcnOpenNetwork", result, err, failure); err != nil {
		return network, err
	}
	defer func() {
		result, closing := h.call("HcnCloseNetwork", handle)
		err = errors.Join(err, outcome("HcnCloseNetwork", result, closing, nil))
	}()
	failure = nil
	result, err = h.call("HcnQueryNetworkProperties", handle,
		uintptr(unsafe.Pointer(query)), uintptr(unsafe.Pointer(&properties)), uintptr(unsafe.Pointer(&failure)))
	document := takeText(properties)
	if err := outcome("HcnQueryNetworkProperties", result, err, failure); err != nil {
		return network, err
	}
	return parseNetwork(id, document)
}

func (h hcn) remove(id string) error {
	guid, err := windows.GUIDFromString("{" + id + "}")
	if err != nil {
		return err
	}
	var failure *uint16
	result, err := h.call("HcnDeleteNetwork", uintptr(unsafe.Pointer(&guid)), uintptr(unsafe.Pointer(&failure)))
	return outcome("HcnDeleteNetwork", result, err, failure)
}

// call returns the HRESULT; the error is that this release's library has no such function.
//
//go:uintptrescapes
func (h hcn) call(function string, arguments ...uintptr) (uintptr, error) {
	procedure := h.library.NewProc(function)
	if err := procedure.Find(); err != nil {
		return 0, fmt.Errorf("the Host Networking Service is %w: %w", host.ErrNotAvailable, err)
	}
	result, _, _ := procedure.Call(arguments...) // The error is the result, not the thread's last one.
	return result, nil
}

// outcome is the error that a call has had, with what the service says about it. It releases the service's document.
func outcome(function string, result uintptr, err error, failure *uint16) error {
	said := failureIn(takeText(failure))
	if err != nil {
		return err
	}
	if err = resultError(result); errors.Is(err, errNoClass) {
		err = fmt.Errorf("the Host Networking Service is %w: %w", host.ErrNotAvailable, err)
	}
	switch {
	case err == nil:
		return nil
	case said == "":
		return fmt.Errorf("%s: %w", function, err)
	default:
		return fmt.Errorf("%s: %s: %w", function, said, err)
	}
}

// takeText is a text in memory of COM, which it frees.
func takeText(text *uint16) string {
	if text == nil {
		return ""
	}
	defer windows.CoTaskMemFree(unsafe.Pointer(text))
	return windows.UTF16PtrToString(text)
}
