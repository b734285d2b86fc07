package powershell

import (
	"fmt"
	"strings"
)

// Statement is one thing to do. Exactly one of its fields is set.
type Statement struct {
	// Call is a program and its arguments.
	Call []string
	// Print is a string that stands for itself.
	Print *string
	// Exit ends the shell.
	Exit *Exit
}

// Exit is the argument of an exit statement.
type Exit struct {
	// Last means the exit code of the last program.
	Last bool
	Code int
}

// Parse reads a command line. Variables of the environment are looked up with getenv. The error is what
// PowerShell, or we, have against the line.
func Parse(line string, getenv func(string) string) ([]Statement, error) {
	tokens, err := scan(line, getenv)
	if err != nil {
		return nil, err
	}
	var statements []Statement
	for len(tokens) > 0 {
		end := 0
		for end < len(tokens) && tokens[end].kind != separator {
			end++
		}
		if end > 0 {
			statement, err := parseStatement(tokens[:end])
			if err != nil {
				return nil, err
			}
			statements = append(statements, statement)
		}
		tokens = tokens[min(end+1, len(tokens)):]
	}
	return statements, nil
}

func parseStatement(tokens []token) (Statement, error) {
	first := tokens[0]
	if first.kind == callOperator {
		if len(tokens) == 1 {
			return Statement{}, fmt.Errorf("missing expression after '&'")
		}
		return parseCall(tokens[1:])
	}
	if first.kind == quoted {
		if len(tokens) > 1 {
			return Statement{}, fmt.Errorf("unexpected token '%s' in expression or statement", tokens[1].text)
		}
		return Statement{Print: &first.text}, nil
	}
	if strings.EqualFold(first.text, "exit") {
		return parseExit(tokens[1:])
	}
	return parseCall(tokens)
}

func parseCall(tokens []token) (Statement, error) {
	var call []string
	for _, t := range tokens {
		if t.kind == callOperator {
			return Statement{}, fmt.Errorf("the ampersand (&) character is not allowed")
		}
		call = append(call, t.text)
	}
	return Statement{Call: call}, nil
}

func parseExit(tokens []token) (Statement, error) {
	if len(tokens) == 0 {
		return Statement{Exit: &Exit{}}, nil
	}
	if len(tokens) == 1 && strings.EqualFold(tokens[0].text, lastExitCode) {
		return Statement{Exit: &Exit{Last: true}}, nil
	}
	var code int
	if _, err := fmt.Sscanf(tokens[0].text, "%d", &code); err != nil || len(tokens) > 1 {
		return Statement{}, fmt.Errorf("this stand-in for PowerShell cannot exit with %q", tokens[0].text)
	}
	return Statement{Exit: &Exit{Code: code}}, nil
}

// CommandLine is how PowerShell 5.1 passes a program its arguments: it quotes those with spaces, and leaves
// double quotes in them as they are, so that the program takes them for its own quoting.
func CommandLine(call []string) string {
	words := make([]string, len(call))
	for i, word := range call {
		if word == "" || strings.ContainsAny(word, " \t") {
			word = `"` + word + `"`
		}
		words[i] = word
	}
	return strings.Join(words, " ")
}
