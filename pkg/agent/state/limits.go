package state

// Limits of what is decoded. They are far above what a host needs and far below what could hurt one.
const (
	// MaxDocument is the size of any document, in bytes.
	MaxDocument = 8 << 20
	// MaxResources is how many resources a desired state has.
	MaxResources = 4096
	// MaxInline is the size of inline content, in bytes; larger content is uploaded.
	MaxInline = 256 << 10
	// MaxText is the length of a name, line or value, in bytes. Windows limits variables to 32,767 characters.
	MaxText = 32767
	// MaxVersions is how many versions are kept besides the current one.
	MaxVersions = 16
)
