package winhost

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// routes is the table of the IP Helper, which is the active one: what is changed there ends with the boot. See
// https://learn.microsoft.com/windows/win32/api/netioapi/nf-netioapi-createipforwardentry2.
type routes struct{}

var _ host.Routes = routes{}

// forever is an infinite lifetime, in seconds.
const forever = 1<<32 - 1

func (routes) Routes(_ context.Context, destination string) ([]state.Route, error) {
	prefix, err := netip.ParsePrefix(destination)
	if err != nil {
		return nil, fmt.Errorf("listing routes: %w", err)
	}
	found, err := routesTo(windows.AF_INET, prefix)
	if err != nil {
		return nil, fmt.Errorf("listing routes to %s: %w", destination, err)
	}
	return found, nil
}

func (routes) AddRoute(_ context.Context, destination string, route state.Route) error {
	row, err := routeRow(destination, route)
	if err == nil {
		err = changeRoute("CreateIpForwardEntry2", row)
	}
	if err != nil && !errors.Is(err, windows.ERROR_OBJECT_ALREADY_EXISTS) {
		return fmt.Errorf("adding the route to %s by %s: %w", destination, route.Network, err)
	}
	return nil
}

func (routes) DeleteRoute(_ context.Context, destination string, route state.Route) error {
	row, err := routeRow(destination, route)
	if err == nil {
		err = changeRoute("DeleteIpForwardEntry2", row)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, windows.ERROR_NOT_FOUND) {
		return fmt.Errorf("deleting the route to %s by %s: %w", destination, route.Network, err)
	}
	return nil
}

// routesTo are the routes to exactly that prefix, by their metrics, to each of which that of its interface is added.
func routesTo(family uint16, prefix netip.Prefix) ([]state.Route, error) {
	adapters, err := adapters()
	if err != nil {
		return nil, err
	}
	var table *windows.MibIpForwardTable2
	if err := windows.GetIpForwardTable2(family, &table); err != nil {
		return nil, fmt.Errorf("reading the routing table: %w", err)
	}
	defer windows.FreeMibTable(unsafe.Pointer(table))
	type candidate struct {
		state.Route
		metric uint64
	}
	var found []candidate
	for _, row := range table.Rows() {
		to, known := address(row.DestinationPrefix.Prefix)
		if !known || to != prefix.Addr() || int(row.DestinationPrefix.PrefixLength) != prefix.Bits() {
			continue
		}
		gateway, known := address(row.NextHop)
		out := slices.IndexFunc(adapters, func(a adapter) bool { return a.index == row.InterfaceIndex })
		if !known || out < 0 {
			continue // The interface has just gone.
		}
		found = append(found, candidate{
			state.Route{Network: adapters[out].name, Gateway: gateway.String()},
			uint64(row.Metric) + uint64(adapters[out].metrics[family]),
		})
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.metric, b.metric) })
	var all []state.Route
	for _, one := range found {
		all = append(all, one.Route)
	}
	return all, nil
}

// routeRow describes a route. What is not said here is as InitializeIpForwardEntry leaves it.
func routeRow(destination string, route state.Route) (*windows.MibIpForwardRow2, error) {
	prefix, err := netip.ParsePrefix(destination)
	if err != nil {
		return nil, err
	}
	gateway, err := netip.ParseAddr(route.Gateway)
	if err != nil {
		return nil, err
	}
	if !prefix.Addr().Is4() || !gateway.Is4() {
		return nil, errors.New("it is not of IPv4")
	}
	adapters, err := adapters()
	if err != nil {
		return nil, err
	}
	out := slices.IndexFunc(adapters, func(a adapter) bool { return a.name == route.Network })
	if out < 0 {
		return nil, fmt.Errorf("interface %s: %w", route.Network, fs.ErrNotExist)
	}
	return &windows.MibIpForwardRow2{
		InterfaceIndex: adapters[out].index,
		DestinationPrefix: windows.IpAddressPrefix{
			Prefix: socketAddress(prefix.Addr()), PrefixLength: uint8(prefix.Bits()), //nolint:gosec // At most 32.
		},
		NextHop:       socketAddress(gateway),
		ValidLifetime: forever, PreferredLifetime: forever,
		Protocol: windows.MIB_IPPROTO_NETMGMT,
		Loopback: 1, AutoconfigureAddress: 1, Publish: 1, Immortal: 1,
	}, nil
}

func socketAddress(of netip.Addr) windows.RawSockaddrInet {
	raw, bytes := windows.RawSockaddrInet{Family: windows.AF_INET}, of.As4()
	raw.Data[0] = binary.NativeEndian.Uint32(bytes[:])
	return raw
}

// changeRoute calls a function that package windows does not have.
func changeRoute(function string, row *windows.MibIpForwardRow2) error {
	call := windows.NewLazySystemDLL("iphlpapi.dll").NewProc(function)
	if err := call.Find(); err != nil {
		return fmt.Errorf("finding %s: %w", function, err)
	}
	if code, _, _ := call.Call(uintptr(unsafe.Pointer(row))); code != 0 {
		return windows.Errno(code)
	}
	return nil
}
