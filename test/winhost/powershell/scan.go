package powershell

import (
	"fmt"
	"strings"
)

type kind int

const (
	bare         kind = iota // A word without quotes at its beginning.
	quoted                   // A word that begins with a quote.
	callOperator             // &
	separator                // ; or the end of a line
)

type token struct {
	kind kind
	text string
}

// lastExitCode is the only variable known beside those of the environment. It stays a token of its own.
const lastExitCode = "$LASTEXITCODE"

// scanner goes through a line byte by byte: everything that means something is ASCII.
type scanner struct {
	rest   string
	getenv func(string) string
}

func scan(line string, getenv func(string) string) ([]token, error) {
	s := &scanner{rest: line, getenv: getenv}
	var tokens []token
	for {
		s.rest = strings.TrimLeft(s.rest, " \t\r")
		if s.rest == "" {
			return tokens, nil
		}
		t, err := s.next()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
	}
}

func (s *scanner) next() (token, error) {
	switch s.rest[0] {
	case ';', '\n':
		s.rest = s.rest[1:]
		return token{kind: separator}, nil
	case '&':
		if strings.HasPrefix(s.rest, "&&") {
			return token{}, fmt.Errorf("the token '&&' is not a valid statement separator in this version")
		}
		s.rest = s.rest[1:]
		return token{kind: callOperator, text: "&"}, nil
	case '"', '\'':
		text, err := s.word()
		return token{kind: quoted, text: text}, err
	}
	text, err := s.word()
	return token{kind: bare, text: text}, err
}

// word reads to the next space or operator; parts of it may be quoted.
func (s *scanner) word() (string, error) {
	var word strings.Builder
	for s.rest != "" && !strings.ContainsRune(" \t\r\n;&", rune(s.rest[0])) {
		part, err := s.part()
		if err != nil {
			return "", err
		}
		word.WriteString(part)
	}
	return word.String(), nil
}

func (s *scanner) part() (string, error) {
	c := s.rest[0]
	switch {
	case c == '\'':
		return s.singleQuoted()
	case c == '"':
		return s.doubleQuoted()
	case c == '`':
		return s.escaped()
	case c == '$':
		return s.variable()
	case strings.IndexByte("|<>(){}@#", c) >= 0:
		return "", fmt.Errorf("this stand-in for PowerShell does not know %q", c)
	}
	s.rest = s.rest[1:]
	return string(c), nil
}

// singleQuoted takes everything literally; a doubled quote is one.
func (s *scanner) singleQuoted() (string, error) {
	var text strings.Builder
	for s.rest = s.rest[1:]; ; s.rest = s.rest[1:] {
		before, after, closed := strings.Cut(s.rest, "'")
		if !closed {
			return "", fmt.Errorf("the string is missing the terminator: '")
		}
		text.WriteString(before)
		s.rest = after
		if !strings.HasPrefix(after, "'") {
			return text.String(), nil
		}
		text.WriteByte('\'')
	}
}

// doubleQuoted knows variables, escapes and the doubled quote.
func (s *scanner) doubleQuoted() (string, error) {
	var text strings.Builder
	s.rest = s.rest[1:]
	for s.rest != "" {
		part, err := string(s.rest[0]), error(nil)
		switch {
		case strings.HasPrefix(s.rest, `""`):
			s.rest, part = s.rest[2:], `"`
		case s.rest[0] == '"':
			s.rest = s.rest[1:]
			return text.String(), nil
		case s.rest[0] == '`':
			part, err = s.escaped()
		case s.rest[0] == '$':
			part, err = s.variable()
		default:
			s.rest = s.rest[1:]
		}
		if err != nil {
			return "", err
		}
		text.WriteString(part)
	}
	return "", fmt.Errorf(`the string is missing the terminator: "`)
}

// escaped reads a backtick and what it makes literal, or one of the control characters that have names.
func (s *scanner) escaped() (string, error) {
	if len(s.rest) < 2 {
		return "", fmt.Errorf("the backtick at the end of the line escapes nothing")
	}
	c := s.rest[1]
	s.rest = s.rest[2:]
	if i := strings.IndexByte("ntr0", c); i >= 0 {
		return "\n\t\r\x00"[i : i+1], nil
	}
	return string(c), nil
}

// variable reads $env:NAME or $LASTEXITCODE.
func (s *scanner) variable() (string, error) {
	const environment = "$env:"
	if len(s.rest) >= len(lastExitCode) && strings.EqualFold(s.rest[:len(lastExitCode)], lastExitCode) {
		s.rest = s.rest[len(lastExitCode):]
		return lastExitCode, nil
	}
	if len(s.rest) < len(environment) || !strings.EqualFold(s.rest[:len(environment)], environment) {
		return "", fmt.Errorf("this stand-in for PowerShell does not know the variable at %q", s.rest)
	}
	name := s.rest[len(environment):]
	end := strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if end < 0 {
		end = len(name)
	}
	s.rest = name[end:]
	return s.getenv(name[:end]), nil
}
