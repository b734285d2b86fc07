package hosttest

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

var errRefused = errors.New("refused")

// nothing is what all methods answer.
type nothing struct{ err error }

type (
	noFiles        struct{ nothing }
	noFile         struct{ nothing }
	noServices     struct{ nothing }
	noEnvironment  struct{ nothing }
	noRegistry     struct{ nothing }
	noCertificates struct{ nothing }
	noFirewall     struct{ nothing }
	noFeatures     struct{ nothing }
	noNetworks     struct{ nothing }
	noRoutes       struct{ nothing }
	noSystem       struct{ nothing }
)

func (n noFiles) Stat(context.Context, winpath.Path) (host.FileInfo, error) {
	return host.FileInfo{}, n.err
}
func (n noFiles) List(context.Context, winpath.Path) ([]host.FileInfo, error) { return nil, n.err }
func (n noFiles) Open(context.Context, winpath.Path) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("")), n.err
}

func (n noFiles) Create(context.Context, winpath.Path, bool) (host.File, error) {
	return noFile(n), n.err
}
func (n noFiles) Append(context.Context, winpath.Path) (host.File, error)  { return noFile(n), n.err }
func (n noFiles) Rename(context.Context, winpath.Path, winpath.Path) error { return n.err }
func (n noFiles) Remove(context.Context, winpath.Path) error               { return n.err }
func (n noFiles) MakeDirectory(context.Context, winpath.Path) error        { return n.err }
func (n noFiles) Access(context.Context, winpath.Path) (state.AccessState, error) {
	return state.AccessState{}, n.err
}

func (n noFiles) SetAccess(context.Context, winpath.Path, state.AccessState) error { return n.err }

func (n noFile) Write(data []byte) (int, error) { return len(data), n.err }
func (n noFile) Sync() error                    { return n.err }
func (n noFile) Close() error                   { return n.err }

func (n noServices) Service(context.Context, string) (state.ObservedService, error) {
	return state.ObservedService{}, n.err
}
func (n noServices) Create(context.Context, string, state.ServiceConfig) error    { return n.err }
func (n noServices) Configure(context.Context, string, state.ServiceConfig) error { return n.err }
func (n noServices) Delete(context.Context, string) error                         { return n.err }
func (n noServices) Start(context.Context, string) error                          { return n.err }
func (n noServices) Stop(context.Context, string) error                           { return n.err }

func (n noEnvironment) Variable(context.Context, string) (state.EnvironmentValue, error) {
	return state.EnvironmentValue{}, n.err
}

func (n noEnvironment) SetVariable(context.Context, string, state.EnvironmentValue) error {
	return n.err
}
func (n noEnvironment) DeleteVariable(context.Context, string) error { return n.err }

func (n noRegistry) Value(context.Context, string, string) (state.RegistryData, error) {
	return state.RegistryData{}, n.err
}

func (n noRegistry) SetValue(context.Context, string, string, state.RegistryData) error {
	return n.err
}
func (n noRegistry) DeleteValue(context.Context, string, string) error { return n.err }
func (n noRegistry) HasKey(context.Context, string) (bool, error)      { return false, n.err }
func (n noRegistry) MakeKey(context.Context, string) error             { return n.err }
func (n noRegistry) DeleteKey(context.Context, string) error           { return n.err }

func (n noCertificates) HasCertificate(context.Context, string) (bool, error) { return false, n.err }
func (n noCertificates) AddCertificate(context.Context, []byte) error         { return n.err }
func (n noCertificates) DeleteCertificate(context.Context, string) error      { return n.err }

func (n noFirewall) Rule(context.Context, string) (state.FirewallRule, error) {
	return state.FirewallRule{}, n.err
}
func (n noFirewall) SetRule(context.Context, state.FirewallRule) error { return n.err }
func (n noFirewall) DeleteRule(context.Context, string) error          { return n.err }

func (n noFeatures) Feature(context.Context, string) (state.FeatureState, error) { return "", n.err }
func (n noFeatures) Enable(context.Context, string) error                        { return n.err }
func (n noFeatures) Disable(context.Context, string) error                       { return n.err }

func (n noNetworks) Networks(context.Context) ([]state.HNSNetwork, error) { return nil, n.err }
func (n noNetworks) DeleteNetwork(context.Context, string) error          { return n.err }

func (n noRoutes) Routes(context.Context, string) ([]state.Route, error)  { return nil, n.err }
func (n noRoutes) AddRoute(context.Context, string, state.Route) error    { return n.err }
func (n noRoutes) DeleteRoute(context.Context, string, state.Route) error { return n.err }

func (n noSystem) Facts(context.Context, []string) (state.Facts, error) { return state.Facts{}, n.err }
func (n noSystem) SetHostname(context.Context, string) error            { return n.err }
func (n noSystem) Flush(context.Context) error                          { return n.err }
func (n noSystem) Lock(context.Context, winpath.Path, string) (func() error, error) {
	return func() error { return n.err }, n.err
}

// Wait never has the patience, so that whoever waits for what does not happen ends.
func (n noSystem) Wait(context.Context, time.Duration) error { return errRefused }
