package hosttest

import (
	"errors"
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func lockContracts() map[string]contract {
	return map[string]contract{
		"a lock is one's alone, and leaves nothing": func(c *check) {
			path := c.Directory.Join("lock")
			for range 2 {
				unlock, err := c.Host.System.Lock(c.ctx(), path, "us")
				c.must(err)
				c.locked(path, "us")
				c.must(unlock())
				_, err = c.Host.Files.Stat(c.ctx(), path)
				c.is("what is left", err, fs.ErrNotExist)
			}
			c.must(c.Host.Files.Remove(c.ctx(), c.Directory))
			c.must(c.Host.Files.MakeDirectory(c.ctx(), c.Directory))
		},
		"a lock of another process ends with it": func(c *check) {
			path := c.Directory.Join("lock")
			holder, release := c.HoldLock(path)
			c.locked(path, holder)
			release()
			var unlock func() error
			c.eventually("it is free", func() bool {
				var err error
				unlock, err = c.Host.System.Lock(c.ctx(), path, "us")
				return err == nil
			})
			c.must(unlock())
		},
		"a lock that a loss of power has left is none": func(c *check) {
			path := c.Directory.Join("lock")
			c.write(path, "somebody, long ago\n")
			unlock, err := c.Host.System.Lock(c.ctx(), path, "us")
			c.must(err)
			c.locked(path, "us")
			c.must(unlock())
			_, err = c.Host.Files.Stat(c.ctx(), path)
			c.is("what is left", err, fs.ErrNotExist)
		},
		"locks of two names are two locks": func(c *check) {
			for _, name := range []string{"one", "two"} {
				unlock, err := c.Host.System.Lock(c.ctx(), c.Directory.Join(name), "us")
				c.must(err)
				defer func() { c.must(unlock()) }()
			}
		},
		"a lock needs its directory": func(c *check) {
			_, err := c.Host.System.Lock(c.ctx(), c.Directory.Join("missing", "lock"), "us")
			c.is("without it", err, fs.ErrNotExist)
		},
	}
}

// locked tries to get a lock that somebody has.
func (c *check) locked(path winpath.Path, holder string) {
	_, err := c.Host.System.Lock(c.ctx(), path, "somebody else")
	var locked *host.LockedError
	if !errors.As(err, &locked) || locked.Holder != holder || locked.Path != path {
		c.wrong("the lock of %s: %v", holder, err)
	}
}
