package reference

import (
	"errors"
	"strings"

	"github.com/opencontainers/go-digest"
)

var (
	errEmpty     = errors.New("it is empty")
	errSpace     = errors.New("it contains white space")
	errScheme    = errors.New("it must not start with a URL scheme such as https://")
	errUppercase = errors.New("a repository name must be lower case")
	errAlgorithm = errors.New("only sha256 digests are supported")
)

// explain replaces the parser's general "invalid reference format" by the commonest mistakes, where one
// of them is what happened.
func explain(raw string, err error) error {
	switch {
	case raw == "":
		return errEmpty
	case strings.ContainsAny(raw, " \t\r\n"):
		return errSpace
	case strings.Contains(raw, "://"):
		return errScheme
	case hasUpperCaseName(raw):
		return errUppercase
	case errors.Is(err, digest.ErrDigestUnsupported):
		return errAlgorithm
	default:
		return err
	}
}

// hasUpperCaseName tells whether the reference's name, leaving out its host, tag and digest, has upper
// case letters. Hosts and tags may.
func hasUpperCaseName(raw string) bool {
	name, _, _ := strings.Cut(raw, "@")
	if slash := strings.LastIndexByte(name, '/'); strings.LastIndexByte(name, ':') > slash {
		name = name[:strings.LastIndexByte(name, ':')]
	}
	if host, path, ok := strings.Cut(name, "/"); ok && strings.ContainsAny(host, ".:") {
		name = path
	}
	return strings.ToLower(name) != name
}
