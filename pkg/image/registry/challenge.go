package registry

import "strings"

// challenge is one way to sign in that a registry offers in WWW-Authenticate.
type challenge struct {
	// scheme is lower case.
	scheme string
	// parameters have lower-case names.
	parameters map[string]string
}

// parseChallenges reads WWW-Authenticate headers, RFC 9110 section 11.6.1: schemes and their name=value
// parameters, both separated by commas, so that only the "=" tells a parameter from the next scheme. What
// cannot be read ends the list; what came before it counts.
func parseChallenges(headers []string) []challenge {
	var found []challenge
	for _, header := range headers {
		found = append(found, parseChallenge(header)...)
	}
	return found
}

func parseChallenge(header string) []challenge {
	var found []challenge
	rest := header
	for {
		rest = strings.TrimLeft(rest, " \t,")
		var word string
		word, rest = token(rest)
		if word == "" {
			return found
		}
		after := strings.TrimLeft(rest, " \t")
		if !strings.HasPrefix(after, "=") {
			found = append(found, challenge{scheme: strings.ToLower(word), parameters: map[string]string{}})
			continue
		}
		if len(found) == 0 {
			return nil
		}
		var value string
		var ok bool
		value, rest, ok = parameterValue(strings.TrimLeft(after[1:], " \t"))
		if !ok {
			return found
		}
		found[len(found)-1].parameters[strings.ToLower(word)] = value
	}
}

// parameterValue reads a token or a quoted string.
func parameterValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		value, rest = token(s)
		return value, rest, value != ""
	}
	var unquoted strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return unquoted.String(), s[i+1:], true
		case '\\':
			i++
			if i == len(s) {
				return "", "", false
			}
		}
		unquoted.WriteByte(s[i])
	}
	return "", "", false
}

// token cuts off what RFC 9110 section 5.6.2 calls a token.
func token(s string) (word, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}
