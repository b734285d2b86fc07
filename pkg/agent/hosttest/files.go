package hosttest

import (
	"io"
	"io/fs"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func fileContracts() map[string]contract {
	return map[string]contract{
		"a file that is not there is not there, whatever is done with it": missingFile,
		"a file is read as it was written, whatever it was before":        replacedFile,
		"appending goes on at the end":                                    appended,
		"a file is the same in any case of its name":                      foldedName,
		"a path may be longer than 260 characters":                        longPath,
		"a file is described as it is listed":                             describedFile,
		"renaming replaces a file in one step":                            renamed,
		"a name can change its case":                                      renamedCase,
		"a file does not become a directory, nor the other way round":     mixedUp,
		"a file that was closed cannot be written":                        closedFile,
	}
}

func missingFile(c *check) {
	missing, files := c.Directory.Join("missing"), c.Host.Files
	_, stat := files.Stat(c.ctx(), missing)
	_, list := files.List(c.ctx(), missing)
	_, open := files.Open(c.ctx(), missing)
	_, access := files.Access(c.ctx(), missing)
	_, create := files.Create(c.ctx(), missing.Join("below"), false)
	_, appending := files.Append(c.ctx(), missing.Join("below"))
	c.write(c.Directory.Join("there"), "")
	for what, err := range map[string]error{
		"Stat": stat, "List": list, "Open": open, "Access": access, "Create below it": create, "Append below it": appending,
		"SetAccess":           files.SetAccess(c.ctx(), missing, state.AccessState{Level: state.AccessLevelInherited}),
		"Rename":              files.Rename(c.ctx(), missing, c.Directory.Join("x")),
		"Rename to below it":  files.Rename(c.ctx(), c.Directory.Join("there"), missing.Join("below")),
		"Remove":              files.Remove(c.ctx(), missing),
		"MakeDirectory below": files.MakeDirectory(c.ctx(), missing.Join("below")),
	} {
		c.is(what, err, fs.ErrNotExist)
	}
}

func replacedFile(c *check) {
	path := c.Directory.Join("file")
	for _, content := range []string{"long content", "short", "", "line\r\nline\n\x00\xff"} {
		c.write(path, content)
		c.equal("content", content, c.read(path))
	}
}

func appended(c *check) {
	path := c.Directory.Join("journal")
	for _, line := range []string{"one\n", "two\n"} {
		file, err := c.Host.Files.Append(c.ctx(), path)
		c.must(err)
		_, err = io.WriteString(file, line)
		c.must(err, file.Sync(), file.Close())
	}
	c.equal("content", "one\ntwo\n", c.read(path))
}

func foldedName(c *check) {
	c.write(c.Directory.Join("File"), "content")
	c.equal("content", "content", c.read(c.Directory.Join("FILE")))
	info, err := c.Host.Files.Stat(c.ctx(), c.Directory.Join("fILE"))
	c.must(err)
	c.equal("name, which is that of the path", "fILE", info.Name)
	c.must(c.Host.Files.Remove(c.ctx(), c.Directory.Join("file")))
	_, err = c.Host.Files.Stat(c.ctx(), c.Directory.Join("File"))
	c.is("afterwards", err, fs.ErrNotExist)
}

func longPath(c *check) {
	path := c.Directory
	for range 4 {
		path = path.Join(strings.Repeat("x", 100))
		c.must(c.Host.Files.MakeDirectory(c.ctx(), path))
	}
	c.write(path.Join("file"), "deep")
	c.must(c.Host.Files.Rename(c.ctx(), path.Join("file"), path.Join("renamed")))
	c.equal("content", "deep", c.read(path.Join("renamed")))
}

func describedFile(c *check) {
	c.write(c.Directory.Join("File"), "12345")
	c.must(c.Host.Files.MakeDirectory(c.ctx(), c.Directory.Join("Directory")))
	infos, err := c.Host.Files.List(c.ctx(), c.Directory)
	c.must(err)
	got := map[string]host.FileInfo{}
	for _, info := range infos {
		stat, err := c.Host.Files.Stat(c.ctx(), c.Directory.Join(info.Name))
		c.must(err)
		c.equal(info.Name+" listed and described", info, stat)
		if info.Modified.IsZero() {
			c.wrong("%s has no time", info.Name)
		}
		got[info.Name] = host.FileInfo{Type: info.Type, Size: info.Size}
	}
	c.equal("directory", map[string]host.FileInfo{
		"File": {Type: state.PathFile, Size: 5}, "Directory": {Type: state.PathDirectory},
	}, got)
}

func renamed(c *check) {
	c.write(c.Directory.Join("new"), "new")
	c.write(c.Directory.Join("old"), "old")
	c.must(c.Host.Files.Rename(c.ctx(), c.Directory.Join("new"), c.Directory.Join("OLD")))
	c.equal("content", "new", c.read(c.Directory.Join("old")))
	infos, err := c.Host.Files.List(c.ctx(), c.Directory)
	c.must(err)
	if len(infos) != 1 {
		c.wrong("there are %v", infos)
	}
}

func renamedCase(c *check) {
	c.write(c.Directory.Join("file"), "content")
	c.must(c.Host.Files.Rename(c.ctx(), c.Directory.Join("file"), c.Directory.Join("File")))
	infos, err := c.Host.Files.List(c.ctx(), c.Directory)
	c.must(err)
	if len(infos) != 1 || infos[0].Name != "File" {
		c.wrong("there are %v", infos)
	}
	c.equal("content", "content", c.read(c.Directory.Join("FILE")))
}

func mixedUp(c *check) {
	file, directory, files := c.Directory.Join("file"), c.Directory.Join("directory"), c.Host.Files
	c.write(file, "content")
	c.must(files.MakeDirectory(c.ctx(), directory))
	_, create := files.Create(c.ctx(), directory, false)
	_, appending := files.Append(c.ctx(), directory)
	_, open := files.Open(c.ctx(), directory)
	_, list := files.List(c.ctx(), file)
	_, below := files.Create(c.ctx(), file.Join("below"), false)
	for what, err := range map[string]error{
		"Create": create, "Append": appending, "Open": open, "List": list, "Create below a file": below,
		"Rename": files.Rename(c.ctx(), file, directory),
	} {
		c.is(what, err, nil)
	}
	c.is("MakeDirectory", files.MakeDirectory(c.ctx(), file), fs.ErrExist)
	c.is("MakeDirectory below a file", files.MakeDirectory(c.ctx(), file.Join("below")), fs.ErrNotExist)
	c.equal("content", "content", c.read(file))
}

func closedFile(c *check) {
	file, err := c.Host.Files.Create(c.ctx(), c.Directory.Join("file"), false)
	c.must(err)
	c.must(file.Close())
	_, err = io.WriteString(file, "late")
	c.is("writing", err, nil)
	c.is("flushing", file.Sync(), nil)
	c.equal("content", "", c.read(c.Directory.Join("file")))
}
