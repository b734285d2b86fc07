package memhost

import (
	"maps"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// hive is what Windows keeps in its registry. It is durable when it was flushed.
type hive struct {
	settings
	durable *settings
}

type settings struct {
	hostname, nextHostname string
	environment            map[string]named[state.EnvironmentValue]
	keys                   map[string]string
	values                 map[string]named[state.RegistryData]
	certificates           map[string]bool
	rules                  map[string]state.FirewallRule
	features               map[string]named[state.FeatureState]
	services               map[string]service
}

// named is a value with its name as it was written.
type named[V any] struct {
	name  string
	value V
}

type service struct {
	name    string
	config  state.ServiceConfig
	deleted bool
}

func newHive() hive {
	h := hive{settings: settings{
		hostname: "win-1", nextHostname: "win-1",
		environment: map[string]named[state.EnvironmentValue]{
			"PATH": {"Path", state.EnvironmentValue{Text: `%SystemRoot%\system32;%SystemRoot%`, Expand: true}},
		},
		keys: map[string]string{
			`HKLM`: "HKLM", `HKLM\SOFTWARE`: `HKLM\SOFTWARE`, `HKLM\SYSTEM`: `HKLM\SYSTEM`,
		},
		values:       map[string]named[state.RegistryData]{},
		certificates: map[string]bool{},
		rules:        map[string]state.FirewallRule{},
		features: map[string]named[state.FeatureState]{
			"CONTAINERS": {"Containers", state.FeatureDisabled}, "HYPER-V": {"Hyper-V", state.FeatureDisabled},
		},
		services: map[string]service{},
	}}
	h.flush()
	return h
}

func (s settings) clone() settings {
	s.environment = maps.Clone(s.environment)
	s.keys = maps.Clone(s.keys)
	s.values = maps.Clone(s.values)
	s.certificates = maps.Clone(s.certificates)
	s.rules = maps.Clone(s.rules)
	s.features = maps.Clone(s.features)
	s.services = maps.Clone(s.services)
	return s
}

func (h *hive) flush() {
	durable := h.settings.clone()
	h.durable = &durable
}

func (h *hive) losePower() { h.settings = h.durable.clone() }

func (h *hive) clone() hive {
	durable := h.durable.clone()
	return hive{settings: h.settings.clone(), durable: &durable}
}

// boot completes what waits for one.
func (h *hive) boot() {
	h.hostname = h.nextHostname
	for key, feature := range h.features {
		switch feature.value {
		case state.FeatureEnablePending:
			feature.value = state.FeatureEnabled
		case state.FeatureDisablePending:
			feature.value = state.FeatureDisabled
		}
		h.features[key] = feature
	}
	maps.DeleteFunc(h.services, func(_ string, s service) bool { return s.deleted })
	h.flush()
}

func cloneConfig(config state.ServiceConfig) state.ServiceConfig {
	config.DependsOn = slices.Clone(config.DependsOn)
	config.Environment = slices.Clone(config.Environment)
	config.OtherRecovery.Actions = slices.Clone(config.OtherRecovery.Actions)
	config.Recovery.RestartAfterSeconds = slices.Clone(config.Recovery.RestartAfterSeconds)
	return config
}
