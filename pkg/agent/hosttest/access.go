package hosttest

import (
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func accessContracts() map[string]contract {
	const (
		other = "D:P(A;;FA;;;SY)(A;;FR;;;WD)"
		users = "O:BU"
	)
	return map[string]contract{
		"a file or directory has the access of its directory unless it is restricted": func(c *check) {
			file, directory := c.Directory.Join("file"), c.Directory.Join("directory")
			c.write(file, "")
			c.must(c.Host.Files.MakeDirectory(c.ctx(), directory))
			c.access(file, state.AccessLevelInherited)
			c.access(directory, state.AccessLevelInherited)
		},
		"a restricted file is for administrators, also where another one was": func(c *check) {
			path := c.Directory.Join("file")
			c.write(path, "open to all")
			file, err := c.Host.Files.Create(c.ctx(), path, true)
			c.must(err)
			c.must(file.Close())
			c.access(path, state.AccessLevelAdministrators)
			c.write(path, "open to all again")
			c.access(path, state.AccessLevelInherited)
		},
		"a journal is for administrators": func(c *check) {
			file, err := c.Host.Files.Append(c.ctx(), c.Directory.Join("journal"))
			c.must(err)
			c.must(file.Close())
			c.access(c.Directory.Join("journal"), state.AccessLevelAdministrators)
		},
		"access is read as it was set": func(c *check) {
			file, directory := c.Directory.Join("file"), c.Directory.Join("directory")
			c.write(file, "")
			c.must(c.Host.Files.MakeDirectory(c.ctx(), directory))
			for _, path := range []winpath.Path{file, directory} {
				for _, set := range []state.AccessState{
					{Level: state.AccessLevelAdministrators}, {Level: state.AccessLevelOther, SDDL: other}, {Level: state.AccessLevelInherited},
				} {
					c.must(c.Host.Files.SetAccess(c.ctx(), path, set))
					c.access(path, set.Level)
				}
			}
		},
		"access that was set is not claimed to be another": func(c *check) {
			path := c.Directory.Join("file")
			c.write(path, "content")
			for _, set := range []state.AccessState{
				{Level: state.AccessLevelAdministrators}, {Level: state.AccessLevelOther, SDDL: other}, {Level: state.AccessLevelInherited},
			} {
				c.must(c.Host.Files.SetAccess(c.ctx(), path, set))
				got, err := c.Host.Files.Access(c.ctx(), path)
				c.must(err)
				if got.Level != set.Level && got.Level != state.AccessLevelUnknown {
					c.wrong("set to %s, it is said to be %+v", set.Level, got)
				}
			}
		},
		"what is made belongs to administrators, whoever is logged in": func(c *check) {
			file, directory, journal := c.Directory.Join("file"), c.Directory.Join("directory"), c.Directory.Join("journal")
			c.write(file, "")
			c.must(c.Host.Files.MakeDirectory(c.ctx(), directory))
			appended, err := c.Host.Files.Append(c.ctx(), journal)
			c.must(err)
			c.must(appended.Close())
			for _, path := range []winpath.Path{file, directory, journal} {
				c.owner(path, "BA")
			}
		},
		"what somebody else owns is not for administrators, whatever its list says": func(c *check) {
			file, directory := c.Directory.Join("file"), c.Directory.Join("directory")
			c.write(file, "")
			c.must(c.Host.Files.MakeDirectory(c.ctx(), directory))
			for path, list := range map[winpath.Path]string{
				file: "D:P(A;;FA;;;SY)(A;;FA;;;BA)", directory: "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)",
			} {
				c.must(c.Host.Files.SetAccess(c.ctx(), path, state.AccessState{Level: state.AccessLevelOther, SDDL: users + list}))
				c.access(path, state.AccessLevelOther)
				c.must(c.Host.Files.SetAccess(c.ctx(), path, state.AccessState{Level: state.AccessLevelAdministrators}))
				c.access(path, state.AccessLevelAdministrators)
				c.owner(path, "BA")
			}
		},
		"who owned something owns it again when its access is given back": func(c *check) {
			path := c.Directory.Join("file")
			c.write(path, "")
			c.must(c.Host.Files.SetAccess(c.ctx(), path, state.AccessState{Level: state.AccessLevelOther, SDDL: users + other}))
			before, err := c.Host.Files.Access(c.ctx(), path)
			c.must(err, c.Host.Files.SetAccess(c.ctx(), path, state.AccessState{Level: state.AccessLevelAdministrators}))
			c.must(c.Host.Files.SetAccess(c.ctx(), path, before))
			c.owner(path, "BU")
			c.access(path, state.AccessLevelOther)
		},
		"access that is not known cannot be set": func(c *check) {
			path := c.Directory.Join("file")
			c.write(path, "")
			for _, set := range []state.AccessState{
				{Level: state.AccessLevelUnknown}, {}, {Level: state.AccessLevelOther}, {Level: state.AccessLevelOther, SDDL: "nonsense"},
			} {
				c.is(string(set.Level)+" "+set.SDDL, c.Host.Files.SetAccess(c.ctx(), path, set), nil)
			}
		},
		"access goes with a file that is renamed": func(c *check) {
			path := c.Directory.Join("file")
			c.write(path, "")
			c.must(
				c.Host.Files.SetAccess(c.ctx(), path, state.AccessState{Level: state.AccessLevelAdministrators}),
				c.Host.Files.Rename(c.ctx(), path, c.Directory.Join("renamed")))
			c.access(c.Directory.Join("renamed"), state.AccessLevelAdministrators)
		},
	}
}

func (c *check) access(path winpath.Path, want state.AccessLevel) {
	got, err := c.Host.Files.Access(c.ctx(), path)
	c.must(err)
	if got.Level != want || got.SDDL == "" {
		c.wrong("access of %s is %+v, and not of level %s", path, got, want)
	}
}

func (c *check) owner(path winpath.Path, want string) {
	got, err := c.Host.Files.Access(c.ctx(), path)
	c.must(err)
	if owner := state.OwnerOf(got.SDDL); owner != want {
		c.wrong("the owner of %s is %q, want %s", path, owner, want)
	}
}
