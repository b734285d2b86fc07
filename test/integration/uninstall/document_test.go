package uninstall_test

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/test/manifests"
)

// document is the commands of the section about uninstalling, by the bold words that stand before them.
type document map[string][]string

// readDocument reads docs/operations.md. Every line of a block of sh is a command.
func readDocument(t *testing.T) document {
	t.Helper()
	root, err := manifests.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## Uninstalling\n")
	if !found {
		t.Fatal("docs/operations.md does not tell about uninstalling")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return parse(section)
}

// title matches the bold words at the begin of a paragraph or of an item of a list.
var title = regexp.MustCompile(`^ *(?:\d+\. )?\*\*([^*]+?)[.,:]?\*\*`)

func parse(section string) document {
	commands, under, inside := document{}, "", false
	for lines := bufio.NewScanner(strings.NewReader(section)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```sh"
		case inside:
			commands[under] = append(commands[under], strings.TrimSpace(comment.ReplaceAllString(line, "")))
		default:
			if found := title.FindStringSubmatch(line); found != nil {
				under = found[1]
			}
		}
	}
	return commands
}

var comment = regexp.MustCompile(` # .*$`)

func TestCommandsAreReadWithTheWordsBeforeThem(t *testing.T) {
	got := parse("1. **Sources.** Text.\n\n   ```sh\n   kubectl a   # why\n   kubectl b\n   ```\n\n   **Gone**, text.\n\n   ```sh\n   c\n   ```\n")
	if strings.Join(got["Sources"], ";") != "kubectl a;kubectl b" || strings.Join(got["Gone"], ";") != "c" || len(got) != 2 {
		t.Errorf("got %q", got)
	}
}
