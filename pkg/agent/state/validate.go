package state

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Validate returns everything that is wrong with the desired state, each with the resource that it is about; nil if
// it can be planned. That it has no cycles is for the plan to find.
func (d *Desired) Validate() error {
	v := validation{seen: map[string]bool{}}
	v.check("schema", CheckSchema(d.Schema))
	v.check("owner", checkName(d.Owner))
	v.check("requirements", d.Requirements.validate())
	if d.Versions != nil {
		v.check("versions", d.Versions.validate())
	}
	if d.Hostname != "" {
		v.check("hostname", CheckHostname(d.Hostname))
		v.seen[HostnameID().Key()] = true
	}
	resources := d.Resources()
	if len(resources) > MaxResources {
		v.check("desired state", fmt.Errorf("has more than %d resources", MaxResources))
		return v.err()
	}
	for _, resource := range resources {
		v.resource(resource)
	}
	for _, resource := range resources {
		v.references(resource)
	}
	v.check("paths", d.validatePaths())
	return v.err()
}

// Resource is one resource of a desired state.
type Resource interface {
	ID() ID
	// Following are the resources that are set before this one by wish; those by necessity are the plan's to know.
	Following() []ID
	validate() error
}

// Resources are all resources but the host's name and the versions, in the order in which they are written.
func (d *Desired) Resources() []Resource {
	var all []Resource
	all = appendAll(all, d.Features)
	all = appendAll(all, d.Directories)
	all = appendAll(all, d.Files)
	all = appendAll(all, d.Variables)
	all = appendAll(all, d.Registry)
	all = appendAll(all, d.Certificates)
	all = appendAll(all, d.Firewall)
	all = appendAll(all, d.Networks)
	all = appendAll(all, d.Routes)
	return appendAll(all, d.Services)
}

func appendAll[R Resource](all []Resource, some []R) []Resource {
	for _, resource := range some {
		all = append(all, resource)
	}
	return all
}

// Following is what the resource is declared to come after.
func (f Feature) Following() []ID { return f.After }

// Following is what the resource is declared to come after.
func (d Directory) Following() []ID { return d.After }

// Following is what the resource is declared to come after.
func (f File) Following() []ID { return f.After }

// Following is what the resource is declared to come after.
func (v Variable) Following() []ID { return v.After }

// Following is what the resource is declared to come after.
func (r RegistryValue) Following() []ID { return r.After }

// Following is what the resource is declared to come after.
func (c Certificate) Following() []ID { return c.After }

// Following is what the resource is declared to come after.
func (r FirewallRule) Following() []ID { return r.After }

// Following is what the resource is declared to come after.
func (s Service) Following() []ID { return s.After }

// maxFindings bounds how much is said about a document that is wrong altogether.
const maxFindings = 20

type validation struct {
	findings []error
	seen     map[string]bool
}

func (v *validation) check(what string, err error) {
	if err != nil && len(v.findings) < maxFindings {
		v.findings = append(v.findings, fmt.Errorf("%s: %w", what, err))
	}
}

func (v *validation) err() error { return errors.Join(v.findings...) }

func (v *validation) resource(r Resource) {
	id := r.ID()
	v.check(id.String(), r.validate())
	if v.seen[id.Key()] {
		v.check(id.String(), errors.New("is declared twice"))
	}
	v.seen[id.Key()] = true
}

func (v *validation) references(r Resource) {
	for _, after := range r.Following() {
		if !v.seen[after.Key()] {
			v.check(r.ID().String(), fmt.Errorf("comes after %s, which is not declared", after))
		}
	}
}

// validatePaths refuses a path that would have to be a file and a directory.
func (d *Desired) validatePaths() error {
	files := map[string]winpath.Path{}
	for _, file := range d.Files {
		files[file.Path.Key()] = file.Path
	}
	for _, directory := range d.Directories {
		if file, both := files[directory.Path.Key()]; both {
			return fmt.Errorf("%s is declared as a file and as a directory", file)
		}
	}
	for _, path := range d.paths() {
		for _, ancestor := range path.Ancestors() {
			if file, inside := files[ancestor.Key()]; inside {
				return fmt.Errorf("%s is declared inside %s, which is declared as a file", path, file)
			}
		}
	}
	return nil
}

func (d *Desired) paths() []winpath.Path {
	var all []winpath.Path
	for _, directory := range d.Directories {
		all = append(all, directory.Path)
	}
	for _, file := range d.Files {
		all = append(all, file.Path)
	}
	return all
}

// checkName checks text that names something: not empty, one line, no control characters, not long.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("is empty")
	case len(name) > 256:
		return errors.New("is longer than 256 bytes")
	}
	return checkLine(name)
}

// checkLine checks text that has to stay on one line.
func checkLine(text string) error {
	if len(text) > MaxText {
		return fmt.Errorf("is longer than %d bytes", MaxText)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' }) {
		return errors.New("has a control character or more than one line")
	}
	return nil
}
