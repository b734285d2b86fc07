package registry

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// header is the first line of every file.
const header = "WINE REGISTRY Version 2\n"

// parse collects the values of one key. Names of keys are compared without regard to case.
func parse(content, key string) (Values, bool, error) {
	rest, ok := strings.CutPrefix(content, header)
	if !ok {
		return nil, false, fmt.Errorf("it does not begin with %q", strings.TrimSpace(header))
	}
	values, found, inside := Values{}, false, false
	for line := range logicalLines(rest) {
		switch {
		case strings.HasPrefix(line, "["):
			name, _, err := unescape(line[1:], ']')
			if err != nil {
				return nil, false, fmt.Errorf("key %.100s: %w", line, err)
			}
			inside = strings.EqualFold(name, key)
			found = found || inside
		case inside && (strings.HasPrefix(line, `"`) || strings.HasPrefix(line, "@=")):
			if err := parseValue(line, values); err != nil {
				return nil, false, fmt.Errorf("value %.100s: %w", line, err)
			}
		}
	}
	return values, found, nil
}

// logicalLines joins a line that ends with a backslash with the next.
func logicalLines(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		joined := ""
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\n")
			if begun, continues := strings.CutSuffix(line, `\`); continues {
				joined += strings.TrimSpace(begun)
				continue
			}
			if joined != "" {
				line = joined + strings.TrimSpace(line)
			}
			joined = ""
			if !yield(line) {
				return
			}
		}
	}
}

func parseValue(line string, values Values) error {
	name, data := "", strings.TrimPrefix(line, "@")
	if strings.HasPrefix(line, `"`) {
		var err error
		if name, data, err = unescape(line[1:], '"'); err != nil {
			return err
		}
	}
	data, ok := strings.CutPrefix(data, "=")
	if !ok {
		return errors.New("it has no equals sign")
	}
	value, err := parseData(data)
	if err != nil {
		return err
	}
	values[name] = value
	return nil
}

func parseData(data string) (any, error) {
	kind, quoted, isText := strings.Cut(data, `"`)
	if isText && (kind == "" || strings.HasPrefix(kind, "str(")) {
		text, _, err := unescape(quoted, '"')
		if err != nil {
			return nil, err
		}
		if kind == "str(7):" {
			return listOf(text), nil
		}
		return text, nil
	}
	kind, digits, _ := strings.Cut(data, ":")
	if kind == "dword" {
		number, err := strconv.ParseUint(digits, 16, 32)
		return uint32(number), err
	}
	if strings.HasPrefix(kind, "hex") {
		return hex.DecodeString(strings.ReplaceAll(digits, ",", ""))
	}
	return nil, fmt.Errorf("its type %q is not known", kind)
}

func listOf(text string) []string {
	text = strings.TrimRight(text, "\x00")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\x00")
}

// unescape reads to an end that is not escaped, and returns what is behind it.
func unescape(text string, end byte) (unescaped, rest string, err error) {
	var units []uint16
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == end {
			return string(utf16.Decode(units)), text[i+1:], nil
		}
		if c != '\\' {
			units = append(units, uint16(c))
			continue
		}
		unit, size, err := unescapeOne(text[i+1:])
		if err != nil {
			return "", "", err
		}
		units = append(units, unit)
		i += size
	}
	return "", "", fmt.Errorf("it has no %q at its end", end)
}

// unescapeOne reads what follows a backslash.
func unescapeOne(text string) (unit uint16, size int, err error) {
	if text == "" {
		return 0, 0, errors.New("a backslash at its end escapes nothing")
	}
	switch c := text[0]; {
	case c == 'x':
		digits := 1
		for digits < len(text) && digits <= 4 && strings.IndexByte("0123456789abcdefABCDEF", text[digits]) >= 0 {
			digits++
		}
		number, err := strconv.ParseUint(text[1:digits], 16, 16)
		return uint16(number), digits, err
	case c >= '0' && c <= '7':
		digits := 0
		for digits < len(text) && digits < 3 && text[digits] >= '0' && text[digits] <= '7' {
			digits++
		}
		number, err := strconv.ParseUint(text[:digits], 8, 16)
		return uint16(number), digits, err
	default:
		if i := strings.IndexByte("abefnrtv", c); i >= 0 {
			return uint16("\a\b\x1b\f\n\r\t\v"[i]), 1, nil
		}
		return uint16(c), 1, nil
	}
}

func utf16Of(r rune) []uint16 { return utf16.Encode([]rune{r}) }
