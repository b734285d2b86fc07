package winpath

import "strings"

// CommandLine joins a program and its arguments so that the program sees exactly these arguments, by the rules of
// Microsoft's "Parsing C++ command-line arguments", which programs written in Go follow too. The program is always
// quoted: the service control manager would otherwise try C:\Program before C:\Program Files\x.exe.
func CommandLine(program Path, arguments []string) string {
	var line strings.Builder
	line.WriteString(`"` + string(program) + `"`)
	for _, argument := range arguments {
		line.WriteByte(' ')
		line.WriteString(quote(argument))
	}
	return line.String()
}

// quote quotes an argument if it has to be. Backslashes are doubled only before a quotation mark; elsewhere they
// stand for themselves.
func quote(argument string) string {
	if argument != "" && !strings.ContainsAny(argument, " \t\n\v\"") {
		return argument
	}
	var quoted strings.Builder
	quoted.WriteByte('"')
	backslashes := 0
	for _, c := range []byte(argument) {
		if c == '"' {
			quoted.WriteString(strings.Repeat(`\`, backslashes+1))
		}
		backslashes = countBackslashes(backslashes, c)
		quoted.WriteByte(c)
	}
	quoted.WriteString(strings.Repeat(`\`, backslashes))
	quoted.WriteByte('"')
	return quoted.String()
}

func countBackslashes(before int, c byte) int {
	if c == '\\' {
		return before + 1
	}
	return 0
}
