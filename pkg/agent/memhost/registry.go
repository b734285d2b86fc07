package memhost

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

type registry struct{ m *Machine }

var _ host.Registry = registry{}

// below refuses a key that is not of this machine.
func below(key string) error {
	if root, _, _ := strings.Cut(key, `\`); !strings.EqualFold(root, "HKLM") {
		return fmt.Errorf("the key %s is not below HKLM", key)
	}
	return nil
}

func (r registry) Value(_ context.Context, key, name string) (state.RegistryData, error) {
	if err := below(key); err != nil {
		return state.RegistryData{}, err
	}
	found, err := look(r.m, "Value", key+":"+name, func() map[string]named[state.RegistryData] { return r.m.hive.values })
	return found.value, err
}

func registryTypes() []state.RegistryType {
	return []state.RegistryType{
		state.RegistryString, state.RegistryExpand, state.RegistryMultiString, state.RegistryDWord, state.RegistryQWord,
		state.RegistryBinary, state.RegistryOther,
	}
}

func (r registry) SetValue(_ context.Context, key, name string, data state.RegistryData) error {
	if err := below(key); err != nil {
		return err
	}
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	if err := r.m.change("SetValue", key+":"+name); err != nil {
		return err
	}
	if _, exists := r.m.hive.keys[winpath.Fold(key)]; !exists {
		return fmt.Errorf("setting a value of %s: %w", key, fs.ErrNotExist)
	}
	if !slices.Contains(registryTypes(), data.Type) {
		return fmt.Errorf("setting a value of %s: the type %q is unknown", key, data.Type)
	}
	full := key + ":" + name
	r.m.hive.values[winpath.Fold(full)] = named[state.RegistryData]{full, data}
	return nil
}

func (r registry) DeleteValue(_ context.Context, key, name string) error {
	if err := below(key); err != nil {
		return err
	}
	return alter(r.m, "DeleteValue", key+":"+name, func(full string) { delete(r.m.hive.values, full) })
}

func (r registry) HasKey(_ context.Context, key string) (bool, error) {
	if err := below(key); err != nil {
		return false, err
	}
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	if err := r.m.read("HasKey", key); err != nil {
		return false, err
	}
	_, exists := r.m.hive.keys[winpath.Fold(key)]
	return exists, nil
}

func (r registry) MakeKey(_ context.Context, key string) error {
	if err := below(key); err != nil {
		return err
	}
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	if err := r.m.change("MakeKey", key); err != nil {
		return err
	}
	parent := key[:max(0, strings.LastIndexByte(key, '\\'))]
	if _, exists := r.m.hive.keys[winpath.Fold(parent)]; !exists {
		return fmt.Errorf("making key %s: %w", key, fs.ErrNotExist)
	}
	if _, exists := r.m.hive.keys[winpath.Fold(key)]; !exists {
		r.m.hive.keys[winpath.Fold(key)] = key
	}
	return nil
}

func (r registry) DeleteKey(_ context.Context, key string) error {
	if err := below(key); err != nil {
		return err
	}
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	if err := r.m.change("DeleteKey", key); err != nil {
		return err
	}
	folded := winpath.Fold(key)
	for other := range r.m.hive.keys {
		if strings.HasPrefix(other, folded+`\`) {
			return fmt.Errorf("deleting key %s: %w", key, host.ErrNotEmpty)
		}
	}
	for value := range r.m.hive.values {
		if strings.HasPrefix(value, folded+`:`) {
			return fmt.Errorf("deleting key %s: %w", key, host.ErrNotEmpty)
		}
	}
	delete(r.m.hive.keys, folded)
	return nil
}
