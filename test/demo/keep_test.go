package demo

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestWhatIsSuggestedToGoOnWithIsThere(t *testing.T) {
	scenes, err := readScenes("registry.test")
	if err != nil {
		t.Fatal(err)
	}
	file := regexp.MustCompile(`/workloads/([a-z0-9-]+)\.yaml`)
	for _, hosts := range []bool{true, false} {
		text := suggestions(hosts, "/workloads")
		files := file.FindAllStringSubmatch(text, -1)
		if len(files) == 0 {
			t.Errorf("no workload is suggested in:\n%s", text)
		}
		for _, named := range files {
			if !slices.ContainsFunc(scenes, func(s scene) bool { return s.Workload == named[1] }) {
				t.Errorf("there is no workload %s", named[1])
			}
		}
		// The migration deletes the namespace, and retires a build.
		if gone := strings.Contains(text, "-n "+namespace) || strings.Contains(text, "Retired"); gone == hosts {
			t.Errorf("with hosts %t it is suggested:\n%s", hosts, text)
		}
	}
}
