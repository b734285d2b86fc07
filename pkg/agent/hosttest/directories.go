package hosttest

import (
	"io/fs"

	"github.com/mullion-dev/mullion/pkg/agent/host"
)

func directoryContracts() map[string]contract {
	return map[string]contract{
		"a directory is made once": func(c *check) {
			path := c.Directory.Join("Directory")
			c.must(c.Host.Files.MakeDirectory(c.ctx(), path))
			c.is("again", c.Host.Files.MakeDirectory(c.ctx(), path), fs.ErrExist)
			c.is("in another case", c.Host.Files.MakeDirectory(c.ctx(), c.Directory.Join("DIRECTORY")), fs.ErrExist)
		},
		"only an empty directory is deleted": func(c *check) {
			path := c.Directory.Join("full")
			c.must(c.Host.Files.MakeDirectory(c.ctx(), path), c.Host.Files.MakeDirectory(c.ctx(), path.Join("inner")))
			c.is("with a directory in it", c.Host.Files.Remove(c.ctx(), path), host.ErrNotEmpty)
			c.must(c.Host.Files.Remove(c.ctx(), path.Join("inner")))
			c.write(path.Join("file"), "content")
			c.is("with a file in it", c.Host.Files.Remove(c.ctx(), path), host.ErrNotEmpty)
			c.equal("content", "content", c.read(path.Join("file")))
			c.must(c.Host.Files.Remove(c.ctx(), path.Join("file")), c.Host.Files.Remove(c.ctx(), path))
			c.is("again", c.Host.Files.Remove(c.ctx(), path), fs.ErrNotExist)
		},
		"an empty directory has nothing in it": func(c *check) {
			infos, err := c.Host.Files.List(c.ctx(), c.Directory)
			c.must(err)
			if len(infos) > 0 {
				c.wrong("there are %v", infos)
			}
		},
	}
}
