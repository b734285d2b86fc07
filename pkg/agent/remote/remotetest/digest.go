package remotetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// digest runs the agent on a machine that has nothing but what was uploaded, as it is at this moment: parts of files, too.
func (h *Host) digest(ctx context.Context, applier apply.Applier, process *sshtest.Process) int {
	entries, err := os.ReadDir(filepath.Dir(h.local(applier.Store.ContentPath("x"))))
	if err != nil && !os.IsNotExist(err) {
		fmt.Fprintln(process.Stderr, err)
		return protocol.ExitFailed
	}
	uploads := memhost.New()
	for _, entry := range entries {
		path := applier.Store.ContentPath(entry.Name())
		content, err := os.ReadFile(h.local(path))
		if err != nil {
			fmt.Fprintln(process.Stderr, err)
			return protocol.ExitFailed
		}
		uploads.WriteFile(path, string(content))
	}
	applier.Host = uploads.Host()
	return protocol.Serve(context.WithoutCancel(ctx), applier, process.Stdin, process.Stdout)
}
