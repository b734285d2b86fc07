package host

import (
	"context"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Environment is the machine's environment variables.
type Environment interface {
	// Variable returns a variable as it is stored, unexpanded.
	Variable(ctx context.Context, name string) (state.EnvironmentValue, error)
	// SetVariable sets it and tells programs that listen (WM_SETTINGCHANGE).
	SetVariable(ctx context.Context, name string, value state.EnvironmentValue) error
	// DeleteVariable deletes it; nil also if it is not there.
	DeleteVariable(ctx context.Context, name string) error
}

// Registry is HKEY_LOCAL_MACHINE, seen by a 64-bit program. Keys are written HKLM\SOFTWARE\….
type Registry interface {
	// Value returns a value; fs.ErrNotExist if the value or the key is not there. What no desired state can say is
	// state.RegistryOther, so that it can be given back.
	Value(ctx context.Context, key, name string) (state.RegistryData, error)
	// SetValue sets a value in a key that is there.
	SetValue(ctx context.Context, key, name string, data state.RegistryData) error
	// DeleteValue deletes a value; nil also if it is not there.
	DeleteValue(ctx context.Context, key, name string) error
	// HasKey tells whether a key is there.
	HasKey(ctx context.Context, key string) (bool, error)
	// MakeKey makes one key in another that is there; nil also if it is there already.
	MakeKey(ctx context.Context, key string) error
	// DeleteKey deletes a key that has neither values nor keys, ErrNotEmpty otherwise; nil also if it is not there.
	DeleteKey(ctx context.Context, key string) error
}

// Certificates is the store LocalMachine\ROOT.
type Certificates interface {
	// HasCertificate tells whether a certificate with that SHA-256 of its DER is there.
	HasCertificate(ctx context.Context, sha256 string) (bool, error)
	// AddCertificate adds one; nil also if it is there.
	AddCertificate(ctx context.Context, der []byte) error
	// DeleteCertificate deletes one; nil also if it is not there.
	DeleteCertificate(ctx context.Context, sha256 string) error
}

// Firewall is the local rules of the Windows firewall; rules of group policy are none of these.
type Firewall interface {
	// Rule returns the rule of that name. Ports and remotes may be in any order; remotes are prefixes, as in a desired
	// state, where Windows may have stored an address with a mask. What no desired state can say is in Other.
	Rule(ctx context.Context, name string) (state.FirewallRule, error)
	// SetRule makes the rule, or changes it to exactly that. One with anything in Other cannot be set.
	SetRule(ctx context.Context, rule state.FirewallRule) error
	// DeleteRule deletes it; nil also if it is not there.
	DeleteRule(ctx context.Context, name string) error
}

// Features is the optional features of Windows (DISM).
type Features interface {
	// Feature returns the state; FeatureAbsent, without an error, if Windows does not know the name.
	Feature(ctx context.Context, name string) (state.FeatureState, error)
	// Enable and Disable change it, now or with the next boot: which, Feature tells afterwards.
	Enable(ctx context.Context, name string) error
	Disable(ctx context.Context, name string) error
}
