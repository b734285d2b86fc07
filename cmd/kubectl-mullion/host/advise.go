package host

import (
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// advise adds to an error of a connection what to look at. Other errors stay as they are.
func advise(err error) error {
	advice := advice(err)
	if err == nil || advice == "" {
		return err
	}
	return fmt.Errorf("%w\n%s", err, advice)
}

func advice(err error) string {
	var (
		unreachable  *ssh.UnreachableError
		login        *ssh.AuthenticationError
		mismatch     *hostkey.MismatchError
		unknown      *hostkey.UnknownError
		disconnected *ssh.DisconnectedError
		timeout      *ssh.TimeoutError
		command      *ssh.CommandError
		corrupted    *ssh.CorruptedError
	)
	switch {
	case errors.As(err, &mismatch):
		return "Nothing was sent. Compare the fingerprints with those on the host's own console:\n" +
			"  ssh-keygen -lf C:\\ProgramData\\ssh\\ssh_host_ed25519_key.pub\n" +
			"Only if the host was installed anew, give the new one with --host-key, or delete the host's line in the\n" +
			"file of --trusted-hosts."
	case errors.As(err, &unknown):
		return "Nothing was sent. Compare the fingerprint with that on the host's own console:\n" +
			"  ssh-keygen -lf C:\\ProgramData\\ssh\\ssh_host_ed25519_key.pub\n" +
			"If it is the same, give it with --host-key."
	case errors.As(err, &login):
		return "Check that the public key of --key is on the host: for members of Administrators in\n" +
			"C:\\ProgramData\\ssh\\administrators_authorized_keys, which only SYSTEM and Administrators may have access to,\n" +
			"or OpenSSH ignores it. Check --user, too: who logs in has to be a member of Administrators."
	case errors.As(err, &unreachable):
		return "Check the address and the port, that the host is on, that the service sshd runs there, and that its\n" +
			"firewall lets TCP port 22 in."
	case errors.As(err, &disconnected):
		return "What was going on may be half-done. Do the same again: it goes on from what the host is by then."
	case errors.As(err, &timeout):
		return "The host, or the network to it, is too slow or hangs. Do the same again: it goes on from what the host\n" +
			"is by then."
	case errors.As(err, &corrupted):
		return "Do the same again. If it stays like this, look for what changes files on the way, or on the host."
	case errors.As(err, &command):
		return "The agent could not run, or crashed. Check whether a virus scanner or an application control policy on the\n" +
			"host keeps it from running."
	default:
		return ""
	}
}
