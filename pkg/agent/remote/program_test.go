package remote

import (
	"context"
	"fmt"
	"io/fs"
	"testing"
	"testing/synctest"

	"github.com/mullion-dev/mullion/pkg/agent/programs"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// keeper is a host that refuses to remove directories, some times or always.
type keeper struct {
	Conn
	refusals    int
	directories map[string]bool
}

func (k *keeper) Remove(context.Context, string) error { return nil }

func (k *keeper) RemoveDirectory(_ context.Context, path string) error {
	if !k.directories[path] {
		return fs.ErrNotExist
	}
	if k.refusals > 0 {
		k.refusals--
		return fmt.Errorf("%w: something is in it", ssh.ErrRefused)
	}
	delete(k.directories, path)
	return nil
}

func TestTheAgentsDirectoriesGoAsSoonAsTheyAreEmpty(t *testing.T) {
	program, err := NewProgram([]byte("MZ"))
	if err != nil {
		t.Fatal(err)
	}
	for sentence, test := range map[string]struct{ refusals, left int }{
		"they are empty at once":                       {0, 0},
		"a process that ends has the program open":     {3, 0},
		"an administrator has put something into them": {1000, 2},
	} {
		t.Run(sentence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := &keeper{refusals: test.refusals, directories: map[string]bool{
					programs.Root.String(): true, programs.Directory(program.digest()).String(): true,
				}}
				if err := program.remove(t.Context(), host); err != nil {
					t.Error(err)
				}
				if len(host.directories) != test.left {
					t.Errorf("left are %v", host.directories)
				}
			})
		})
	}
}
