package remote

import (
	"context"
	"time"

	"github.com/mullion-dev/mullion/pkg/ssh"
)

// shutdown is Windows' own program, by its path: what PATH has in front of it is not asked.
const shutdown = `C:\Windows\System32\shutdown.exe`

// Reboot is how a host is restarted, at once and whatever runs on it, and how the agent knows that it was.
func (a *Agent) Reboot() ssh.Reboot {
	return ssh.Reboot{
		Request: func(ctx context.Context, conn *ssh.Conn) error {
			return conn.Run(ctx, ssh.Command{Path: shutdown, Args: []string{"-r", "-f", "-t", "0"}, Timeout: time.Minute})
		},
		BootID: func(ctx context.Context, conn *ssh.Conn) (string, error) {
			facts, err := a.Facts(ctx, conn)
			if err != nil {
				return "", err
			}
			return facts.BootID, nil
		},
	}
}
