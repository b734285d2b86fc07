// Package guest is what the library winhost, on Linux, and the programs that it puts into a Windows host agree
// on: paths, and the files through which they tell each other what to do.
package guest

// Paths on the host.
const (
	// Folder is where the library and the programs leave each other messages.
	Folder = `C:\ProgramData\winhost`
	// ShutdownFile holds a Shutdown that somebody asked for.
	ShutdownFile = Folder + `\shutdown.json`
	// SSHAddressFile says where the SSH server listens: host:port. It is replaced whenever the server starts.
	SSHAddressFile = Folder + `\sshd.address`
	// ScriptFolder holds a Script in NAME.json for every tool that has one.
	ScriptFolder = Folder + `\scripts`
	// CallFolder gets a file for every call of a tool.
	CallFolder = Folder + `\calls`
	// LogFolder is where the programs log to.
	LogFolder = Folder + `\logs`

	// SSHFolder is the data folder of OpenSSH for Windows.
	SSHFolder = `C:\ProgramData\ssh`
	// AuthorizedKeysFile lists the keys of administrators.
	AuthorizedKeysFile = SSHFolder + `\administrators_authorized_keys`
	// HostKeyPattern matches the private host keys.
	HostKeyPattern = SSHFolder + `\ssh_host_*_key`
)
