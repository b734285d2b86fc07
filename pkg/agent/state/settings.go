package state

// Variable is a machine environment variable: either a value, or entries of a list that others have entries in too.
// Running services do not see a change before they are started again, and those of the system account not before a
// reboot: a service that needs a variable should have it in its own environment.
type Variable struct {
	Name string `json:"name"`
	// Value is the whole variable.
	Value *string `json:"value,omitzero"`
	// Entries have to be in the list, as PATH is one. We own these and no others.
	Entries []string `json:"entries,omitzero"`
	// Separator is between entries: a semicolon if it is empty, or a comma, as in NO_PROXY.
	Separator string `json:"separator,omitzero"`
	// Secret keeps the value out of plans, results and logs.
	Secret bool `json:"secret,omitzero"`
	After  []ID `json:"after,omitzero"`
}

// EnvironmentValue is a machine environment variable as it is stored.
type EnvironmentValue struct {
	Text string `json:"text"`
	// Expand tells that other variables are expanded in it (REG_EXPAND_SZ), as in PATH.
	Expand bool `json:"expand,omitzero"`
}

// RegistryValue is a value of a key in the registry.
type RegistryValue struct {
	// Key starts with HKLM\. Keys above it that are missing are made, and deleted with the value if they are empty.
	Key string `json:"key"`
	// Name is empty for the default value of the key.
	Name string       `json:"name,omitzero"`
	Data RegistryData `json:"data"`
	// Secret keeps the data out of plans, results and logs.
	Secret bool `json:"secret,omitzero"`
	After  []ID `json:"after,omitzero"`
}

// RegistryType is the type of a value.
type RegistryType string

// The types that can be set.
const (
	RegistryString      RegistryType = "string"       // REG_SZ, in Text
	RegistryExpand      RegistryType = "expandString" // REG_EXPAND_SZ, in Text
	RegistryMultiString RegistryType = "multiString"  // REG_MULTI_SZ, in Texts
	RegistryDWord       RegistryType = "dword"        // REG_DWORD, in Number
	RegistryQWord       RegistryType = "qword"        // REG_QWORD, in Number
	RegistryBinary      RegistryType = "binary"       // REG_BINARY, in Bytes
)

// RegistryOther is any other type, by the number that Windows has for it in Number, or a value that is not what its type
// says. It is read and given back as it is in Bytes, and cannot be desired.
const RegistryOther RegistryType = "other"

// RegistryData is the typed content of a value. Only the fields that belong to the type are set.
type RegistryData struct {
	Type   RegistryType `json:"type"`
	Text   string       `json:"text,omitzero"`
	Texts  []string     `json:"texts,omitzero"`
	Number uint64       `json:"number,omitzero"`
	// Bytes are base64 in JSON.
	Bytes []byte `json:"bytes,omitzero"`
}

// FeatureState is how far a feature is.
type FeatureState string

// The states of a feature. A pending one becomes what it is on its way to with the next boot.
const (
	FeatureAbsent         FeatureState = "absent"
	FeatureDisabled       FeatureState = "disabled"
	FeatureDisablePending FeatureState = "disablePending"
	FeatureEnablePending  FeatureState = "enablePending"
	FeatureEnabled        FeatureState = "enabled"
)
