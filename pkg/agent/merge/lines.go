package merge

import (
	"bytes"
	"slices"
	"strings"
)

// Text tells whether content is text that lines can be put into: UTF-8, or any code page of Windows, none of which has the
// bytes of a line's end within a character. The rest stays byte by byte as it is. UTF-16 is not: most of it has zeros, and
// what has none begins with its mark.
func Text(content []byte) bool {
	return bytes.IndexByte(content, 0) < 0 &&
		!bytes.HasPrefix(content, []byte("\xff\xfe")) && !bytes.HasPrefix(content, []byte("\xfe\xff"))
}

// Lines are content cut at its line endings, without them.
type Lines struct {
	lines []string
	// ending is that of most lines, and \r\n where there is none.
	ending string
	// endings are those of each line; the last one is empty if the content ends within a line.
	endings []string
}

// Split cuts content into lines.
func Split(content []byte) Lines {
	split := Lines{ending: "\r\n"}
	counts := map[string]int{}
	for line := range strings.Lines(string(content)) {
		text := strings.TrimSuffix(line, "\n")
		if text != line {
			text = strings.TrimSuffix(text, "\r")
		}
		ending := line[len(text):]
		counts[ending]++
		split.lines = append(split.lines, text)
		split.endings = append(split.endings, ending)
	}
	if counts["\n"] > counts["\r\n"] {
		split.ending = "\n"
	}
	return split
}

// Bytes are the content again.
func (l Lines) Bytes() []byte {
	var content bytes.Buffer
	for i, line := range l.lines {
		content.WriteString(line)
		content.WriteString(l.endings[i])
	}
	return content.Bytes()
}

// Missing are the lines of want that are not there.
func (l Lines) Missing(want []string) []string {
	var missing []string
	for _, line := range want {
		if !slices.Contains(l.lines, line) {
			missing = append(missing, line)
		}
	}
	return missing
}

// Where are the lines that a function is true of, each as often as it is there.
func (l Lines) Where(is func(line string) bool) []string {
	var found []string
	for _, line := range l.lines {
		if is(line) {
			found = append(found, line)
		}
	}
	return found
}

// EndsWithin tells whether the last line has no ending.
func (l Lines) EndsWithin() bool {
	return len(l.endings) > 0 && l.endings[len(l.endings)-1] == ""
}

// Add appends lines, with the endings that the others have.
func (l Lines) Add(lines []string) Lines {
	l.lines, l.endings = slices.Clone(l.lines), slices.Clone(l.endings)
	if len(lines) > 0 && l.EndsWithin() {
		l.endings[len(l.endings)-1] = l.ending
	}
	for _, line := range lines {
		l.lines = append(l.lines, line)
		l.endings = append(l.endings, l.ending)
	}
	return l
}

// Remove takes out each of the lines once, from the end, because that is where Add has put them. With unend, the
// last line that is left loses its ending if what came after it was taken out.
func (l Lines) Remove(lines []string, unend bool) Lines {
	l.lines, l.endings = slices.Clone(l.lines), slices.Clone(l.endings)
	for _, line := range slices.Backward(lines) {
		at := lastIndex(l.lines, line)
		if at < 0 {
			continue
		}
		l.lines = slices.Delete(l.lines, at, at+1)
		l.endings = slices.Delete(l.endings, at, at+1)
		if unend && at == len(l.lines) && at > 0 {
			l.endings[at-1] = ""
		}
	}
	// A line that has become an inner one again needs its ending.
	for i := 0; i+1 < len(l.endings); i++ {
		if l.endings[i] == "" {
			l.endings[i] = l.ending
		}
	}
	return l
}

func lastIndex(lines []string, line string) int {
	for i, other := range slices.Backward(lines) {
		if other == line {
			return i
		}
	}
	return -1
}
