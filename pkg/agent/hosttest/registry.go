package hosttest

import (
	"io/fs"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// testKey is a key that no host has by itself.
const testKey = `HKLM\SOFTWARE\MullionContract`

func registryContracts() map[string]contract {
	return map[string]contract{
		"values of all types are read as they were written":          values,
		"keys are made and deleted one by one":                       keysOneByOne,
		"a key outside of HKLM is an error":                          foreignKey,
		"a value can be set again with another type":                 retypedValue,
		"an error about a value does not tell what is in it":         secretValue,
		"a value that is not there, nor its key, is not there":       missingValue,
		"the name of a key or a value is the same in any case of it": foldedKey,
	}
}

// key makes the test's key, which goes with the test.
func (c *check) key() {
	c.must(c.Host.Registry.MakeKey(c.ctx(), testKey))
	c.t.Cleanup(func() { _ = c.Host.Registry.DeleteKey(c.t.Context(), testKey) })
}

func text(value string) state.RegistryData {
	return state.RegistryData{Type: state.RegistryString, Text: value}
}

// beforeZeros are bytes with zeros behind them in memory, which are none of theirs.
func beforeZeros(data ...byte) []byte { return append(make([]byte, 0, len(data)+8), data...) }

func values(c *check) {
	c.key()
	for name, want := range map[string]state.RegistryData{
		"":            text("the default"),
		"string":      text("ä€𝄞"),
		"empty":       text(""),
		"expand":      {Type: state.RegistryExpand, Text: `%SystemRoot%`},
		"multi":       {Type: state.RegistryMultiString, Texts: []string{"one", "two"}},
		"none":        {Type: state.RegistryMultiString},
		"dword":       {Type: state.RegistryDWord, Number: 1<<32 - 1},
		"qword":       {Type: state.RegistryQWord, Number: 1<<64 - 1},
		"binary":      {Type: state.RegistryBinary, Bytes: []byte{0, 1, 255}},
		"no bytes":    {Type: state.RegistryBinary},
		"none type":   {Type: state.RegistryOther, Number: 0, Bytes: []byte{1}},
		"no end":      {Type: state.RegistryOther, Number: 1, Bytes: beforeZeros('x', 0)},
		"no ends":     {Type: state.RegistryOther, Number: 7, Bytes: beforeZeros('x', 0, 0, 0, 'y', 0)},
		"half a text": {Type: state.RegistryOther, Number: 1, Bytes: beforeZeros('x')},
		"an odd text": {Type: state.RegistryOther, Number: 2, Bytes: beforeZeros('x', 0, 'y')},
		"few bytes":   {Type: state.RegistryOther, Number: 4, Bytes: []byte{1, 2, 3}},
		"resource":    {Type: state.RegistryOther, Number: 8, Bytes: []byte("anything")},
		"empty text":  {Type: state.RegistryMultiString, Texts: []string{"one", "", "two"}},
		"with:colon":  text("a colon"),
		`with\slash`:  text("a backslash"),
	} {
		c.must(c.Host.Registry.SetValue(c.ctx(), testKey, name, want))
		got, err := c.Host.Registry.Value(c.ctx(), testKey, name)
		c.must(err)
		if !got.Equal(want) {
			c.wrong("%s: got %+v, want %+v", name, got, want)
		}
		c.is("deleting the key with a value", c.Host.Registry.DeleteKey(c.ctx(), testKey), host.ErrNotEmpty)
		for range 2 {
			c.must(c.Host.Registry.DeleteValue(c.ctx(), testKey, name))
		}
		_, err = c.Host.Registry.Value(c.ctx(), testKey, name)
		c.is(name+" afterwards", err, fs.ErrNotExist)
	}
	for range 2 {
		c.must(c.Host.Registry.DeleteKey(c.ctx(), testKey))
	}
}

func (c *check) hasKey(key string, want bool) {
	has, err := c.Host.Registry.HasKey(c.ctx(), key)
	c.must(err)
	c.equal("has "+key, want, has)
}

func keysOneByOne(c *check) {
	const inner = testKey + `\Inner`
	c.hasKey("HKLM", true)
	c.hasKey(testKey, false)
	c.is("without the one above", c.Host.Registry.MakeKey(c.ctx(), inner), fs.ErrNotExist)
	c.hasKey(testKey, false)
	c.key()
	for range 2 {
		c.must(c.Host.Registry.MakeKey(c.ctx(), inner))
	}
	c.hasKey(inner, true)
	c.is("deleting the outer one", c.Host.Registry.DeleteKey(c.ctx(), testKey), host.ErrNotEmpty)
	for range 2 {
		c.must(c.Host.Registry.DeleteKey(c.ctx(), inner))
	}
	c.must(c.Host.Registry.DeleteKey(c.ctx(), testKey))
	c.hasKey(testKey, false)
}

func foreignKey(c *check) {
	registry := c.Host.Registry
	for _, key := range []string{`SOFTWARE\MullionContract`, `HKCU\SOFTWARE`, `MullionContract`, ``} {
		_, value := registry.Value(c.ctx(), key, "x")
		_, has := registry.HasKey(c.ctx(), key)
		for what, err := range map[string]error{
			"Value": value, "HasKey": has, "SetValue": registry.SetValue(c.ctx(), key, "x", text("x")),
			"DeleteValue": registry.DeleteValue(c.ctx(), key, "x"), "MakeKey": registry.MakeKey(c.ctx(), key),
			"DeleteKey": registry.DeleteKey(c.ctx(), key),
		} {
			c.is(what+" of "+key, err, nil)
		}
	}
}

func retypedValue(c *check) {
	c.key()
	for _, want := range []state.RegistryData{text("1"), {Type: state.RegistryDWord, Number: 1}, text("2")} {
		c.must(c.Host.Registry.SetValue(c.ctx(), testKey, "x", want))
		got, err := c.Host.Registry.Value(c.ctx(), testKey, "x")
		c.must(err)
		if !got.Equal(want) {
			c.wrong("got %+v, want %+v", got, want)
		}
	}
	c.must(c.Host.Registry.DeleteValue(c.ctx(), testKey, "x"))
}

func secretValue(c *check) {
	const secret = "s3cr3t"
	for what, err := range map[string]error{
		"no key":  c.Host.Registry.SetValue(c.ctx(), testKey, "x", text(secret)),
		"no type": c.Host.Registry.SetValue(c.ctx(), `HKLM\SOFTWARE`, "x", state.RegistryData{Type: "none", Text: secret}),
	} {
		if err == nil || strings.Contains(err.Error(), secret) {
			c.wrong("%s: %v", what, err)
		}
	}
}

func missingValue(c *check) {
	_, err := c.Host.Registry.Value(c.ctx(), testKey, "x")
	c.is("reading it", err, fs.ErrNotExist)
	c.is("setting it", c.Host.Registry.SetValue(c.ctx(), testKey, "x", text("x")), fs.ErrNotExist)
	c.must(c.Host.Registry.DeleteValue(c.ctx(), testKey, "x"))
	c.must(c.Host.Registry.DeleteKey(c.ctx(), testKey))
}

func foldedKey(c *check) {
	c.key()
	c.must(c.Host.Registry.SetValue(c.ctx(), testKey, "Name", text("x")))
	got, err := c.Host.Registry.Value(c.ctx(), strings.ToLower(testKey), "NAME")
	c.must(err)
	c.equal("value", "x", got.Text)
	c.hasKey(strings.ToUpper(testKey), true)
	c.must(c.Host.Registry.DeleteValue(c.ctx(), strings.ToUpper(testKey), "name"))
	_, err = c.Host.Registry.Value(c.ctx(), testKey, "Name")
	c.is("afterwards", err, fs.ErrNotExist)
}
