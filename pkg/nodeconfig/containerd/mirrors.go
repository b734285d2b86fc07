package containerd

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Registry is a registry that has mirrors: a directory below containerd's config_path.
type Registry struct {
	// Directory is the directory's name.
	Directory string
	Files     []RegistryFile
}

// RegistryFile is a file of a registry's directory: hosts.toml, or certificates that it names.
type RegistryFile struct {
	Name    string
	Content []byte
}

// Mirrors renders what containerd has to know of mirrors, one directory for each registry, sorted by name. The order
// of the list does not matter: mirrors of repositories are tried before those of their whole registry.
//
// containerd chooses the directory by the registry's host alone; see
// https://github.com/containerd/containerd/blob/main/docs/hosts.md. It sends every mirror the whole name of the
// repository, below the path of the mirror's API. Hence, for a source with a repository,
//   - the mirror's path has to end with that repository: what is before it becomes the path of its API;
//   - the mirror is asked for every repository of the registry. That costs a request, and cannot mislead as long as
//     it is asked by digest. To let it say what tags mean, or to cut the registry off, would change what happens to
//     images that nobody mentioned: these are refused.
func Mirrors(specs []v1alpha1.RegistryMirror, fld *field.Path) ([]Registry, field.ErrorList) {
	var problems field.ErrorList
	hosts := map[string][]mirror{}
	for i := range specs {
		parsed, wrong := parseMirror(&specs[i], fld.Index(i))
		if wrong != nil {
			problems = append(problems, wrong...)
			continue
		}
		hosts[parsed.host] = append(hosts[parsed.host], parsed)
	}
	if problems != nil {
		return nil, problems
	}
	var registries []Registry
	for host, mirrors := range hosts {
		slices.SortFunc(mirrors, func(a, b mirror) int {
			return cmp.Or(cmp.Compare(len(b.repository), len(a.repository)), cmp.Compare(a.repository, b.repository))
		})
		files, wrong := hostsFile(mirrors)
		problems = append(problems, wrong...)
		registries = append(registries, Registry{Directory: hostDirectory(host), Files: files})
	}
	if problems != nil {
		return nil, problems
	}
	slices.SortFunc(registries, func(a, b Registry) int { return cmp.Compare(a.Directory, b.Directory) })
	return registries, nil
}

// mirror is a source and its endpoints.
type mirror struct {
	host, repository string
	endpoints        []endpoint
	tags             bool
	only             bool // Nothing but the mirrors is asked.
}

// endpoint is where containerd asks.
type endpoint struct {
	url       string
	override  bool // The URL has the path of the API, which containerd would otherwise append.
	tags      bool
	authority string
	field     *field.Path
}

// location is a host, and repositories in it. The API has the same pattern; a configuration may also come from a
// file that no API server has seen.
var location = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[a-z0-9][-a-z0-9._]*)*$`)

func parseMirror(spec *v1alpha1.RegistryMirror, fld *field.Path) (mirror, field.ErrorList) {
	if !location.MatchString(spec.Source) {
		return mirror{}, field.ErrorList{field.Invalid(fld.Child("source"), spec.Source, "is not a registry, such as quay.io, nor repositories in it, such as quay.io/team")}
	}
	host, repository, _ := strings.Cut(spec.Source, "/")
	parsed := mirror{
		host:       strings.ToLower(host),
		repository: repository,
		tags:       spec.Pull == v1alpha1.MirrorPullDigestsAndTags,
		only:       spec.Fallback == v1alpha1.MirrorFallbackNever,
	}
	var problems field.ErrorList
	if repository != "" && parsed.tags {
		problems = append(problems, field.Invalid(fld.Child("pull"), spec.Pull, fmt.Sprintf(
			"containerd cannot limit a mirror to %s: it would also say what the tags of every other repository of %s mean; use Digests, or the source %s", spec.Source, host, host)))
	}
	if repository != "" && parsed.only {
		problems = append(problems, field.Invalid(fld.Child("fallback"), spec.Fallback, fmt.Sprintf(
			"containerd cannot limit a mirror to %s: every other repository of %s would be cut off; use Source, or the source %s", spec.Source, host, host)))
	}
	if len(spec.Mirrors) == 0 {
		problems = append(problems, field.Required(fld.Child("mirrors"), "a source needs a mirror"))
	}
	for i := range spec.Mirrors {
		at, wrong := parseEndpoint(&spec.Mirrors[i], repository, fld.Child("mirrors").Index(i))
		if wrong != nil {
			problems = append(problems, wrong)
			continue
		}
		at.tags = parsed.tags
		parsed.endpoints = append(parsed.endpoints, at)
	}
	return parsed, problems
}

func parseEndpoint(spec *v1alpha1.MirrorEndpoint, repository string, fld *field.Path) (endpoint, *field.Error) {
	fld = fld.Child("location")
	if !location.MatchString(spec.Location) {
		return endpoint{}, field.Invalid(fld, spec.Location, "is not a host, nor a path on it, such as mirror.example.com/cache")
	}
	host, path, _ := strings.Cut(spec.Location, "/")
	prefix := path
	if repository != "" {
		before, found := strings.CutSuffix("/"+path, "/"+repository)
		if !found {
			return endpoint{}, field.Invalid(fld, spec.Location, fmt.Sprintf(
				"has to end with /%s: containerd appends the whole repository to the mirror's address and cannot rename it", repository))
		}
		prefix = strings.TrimPrefix(before, "/")
	}
	scheme := "https"
	if spec.Insecure {
		scheme = "http"
	}
	at := endpoint{url: scheme + "://" + host, authority: spec.CertificateAuthority, field: fld}
	if prefix != "" {
		at.url += "/v2/" + prefix
		at.override = true
	}
	return at, nil
}

// hostDirectory is how containerd names the directory of a registry: a colon cannot be in the name of a file.
func hostDirectory(host string) string {
	name, port, found := strings.Cut(host, ":")
	if !found {
		return host
	}
	return name + "_" + port + "_"
}
