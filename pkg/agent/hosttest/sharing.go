package hosttest

import (
	"io"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func sharingContracts() map[string]contract {
	return map[string]contract{
		"a program that runs can be renamed, and neither replaced nor deleted": runningProgram,
		"a program that runs cannot be appended to": func(c *check) {
			const name = "mullion-appended"
			c.running(name)
			file, err := c.Host.Files.Append(c.ctx(), c.Directory.Join(name+".exe"))
			if err == nil {
				c.must(file.Close())
			}
			c.is("Append", err, host.ErrInUse)
			c.must(c.Host.Services.Stop(c.ctx(), name))
		},
		"a file that another process has open can be read, and nothing else": func(c *check) {
			path := c.Directory.Join("open")
			c.write(path, "content")
			release := c.HoldFile(path)
			c.inUse(path)
			c.equal("content", "content", c.read(path))
			release()
			c.must(c.Host.Files.Remove(c.ctx(), path))
		},
		"a file that is being written can be read, and nothing else": func(c *check) {
			path := c.Directory.Join("open")
			file, err := c.Host.Files.Create(c.ctx(), path, false)
			c.must(err)
			_, err = io.WriteString(file, "content")
			c.must(err)
			c.inUse(path)
			c.equal("content", "content", c.read(path))
			c.must(file.Close(), c.Host.Files.Remove(c.ctx(), path))
		},
		"a file that is being appended to can be read, and nothing else": func(c *check) {
			path := c.Directory.Join("journal")
			file, err := c.Host.Files.Append(c.ctx(), path)
			c.must(err)
			c.inUse(path)
			c.must(file.Close(), c.Host.Files.Remove(c.ctx(), path))
		},
		"a file that is being read can make way for another": readFile,
	}
}

// inUse tries everything that is forbidden with a file that is open.
func (c *check) inUse(path winpath.Path) {
	files := c.Host.Files
	next := c.Directory.Join("next")
	c.write(next, "next")
	_, creating := files.Create(c.ctx(), path, false)
	_, appending := files.Append(c.ctx(), path)
	for what, err := range map[string]error{
		"Create": creating, "Append": appending, "Remove": files.Remove(c.ctx(), path),
		"Rename":      files.Rename(c.ctx(), path, c.Directory.Join("elsewhere")),
		"Rename over": files.Rename(c.ctx(), next, path),
	} {
		c.is(what, err, host.ErrInUse)
	}
}

func runningProgram(c *check) {
	const name = "mullion-running"
	files, running, next := c.Host.Files, c.Directory.Join("running.exe"), c.Directory.Join("next.exe")
	c.service(name, running, c.Program(running, name))
	c.must(c.Host.Services.Start(c.ctx(), name))
	c.write(next, "the next version")
	_, creating := files.Create(c.ctx(), running, false)
	for what, err := range map[string]error{
		"Create": creating, "Rename over": files.Rename(c.ctx(), next, running), "Remove": files.Remove(c.ctx(), running),
	} {
		c.is(what, err, host.ErrInUse)
	}
	aside := c.Directory.Join("running.exe.old")
	c.must(files.Rename(c.ctx(), running, aside), files.Rename(c.ctx(), next, running))
	c.is("deleting it under its new name", files.Remove(c.ctx(), aside), host.ErrInUse)
	// Stop returns when the process has ended, so that there is nothing to wait for.
	c.must(c.Host.Services.Stop(c.ctx(), name), files.Remove(c.ctx(), aside))
}

func readFile(c *check) {
	path := c.Directory.Join("file")
	c.write(path, "old")
	c.write(c.Directory.Join("new"), "new")
	reading, err := c.Host.Files.Open(c.ctx(), path)
	c.must(err)
	c.must(
		c.Host.Files.Rename(c.ctx(), path, c.Directory.Join("aside")), c.Host.Files.Rename(c.ctx(), c.Directory.Join("new"), path))
	content, err := io.ReadAll(reading)
	c.must(err, reading.Close())
	c.equal("content that was being read", "old", string(content))
	c.equal("content of its successor", "new", c.read(path))
}
