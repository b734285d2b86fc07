package demo

import (
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryWorkloadOfTheStoryIsExpectedAndSaysWhatItIsAbout(t *testing.T) {
	scenes, err := readScenes("registry.test:5000")
	if err != nil {
		t.Fatal(err)
	}
	files, err := story.ReadDir(workloadsFolder)
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]bool{}
	for _, s := range scenes {
		expected[s.Workload+".yaml"] = true
		if s.idea() == "" {
			t.Errorf("%s has no comment above it", s.Workload)
		}
		if strings.Contains(string(s.file), registryPlaceholder) {
			t.Errorf("%s has a placeholder left", s.Workload)
		}
		if (s.Verdict == warned || s.Verdict == refused) != (s.Says != "") {
			t.Errorf("%s is to be %s, saying %q", s.Workload, s.Verdict, s.Says)
		}
	}
	for _, file := range files {
		if !expected[file.Name()] {
			t.Errorf("nothing is expected of %s", path.Join(workloadsFolder, file.Name()))
		}
	}
}

func TestTheNodeSelectorIsThatOfThePods(t *testing.T) {
	scenes, err := readScenes("registry.test:5000")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]string{
		"only-os-name":  nil,
		"plain-linux":   {"kubernetes.io/os": "linux"},
		"on-every-node": {"kubernetes.io/os": "windows"},
	}
	got := map[string]map[string]string{}
	for i := range scenes {
		if _, asked := want[scenes[i].Workload]; asked {
			got[scenes[i].Workload] = scenes[i].nodeSelector()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("node selectors (-want +got):\n%s", diff)
	}
}

func TestAnOutcomeIsComparedWithWhatIsExpected(t *testing.T) {
	onBuild := outcome{verdict: placed, builds: []string{"10.0.20348"}, bound: 1}
	denied := outcome{verdict: refused, texts: []string{"it has a Linux image"}}
	for sentence, test := range map[string]struct {
		expected expectation
		outcome  outcome
		want     []string
	}{
		"as expected":         {expectation{Verdict: placed, Build: "10.0.20348"}, onBuild, nil},
		"refused as expected": {expectation{Verdict: refused, Says: "Linux"}, denied, nil},
		"another verdict": {
			expectation{Verdict: untouched}, onBuild, []string{"it was placed, not untouched"},
		},
		"another build": {
			expectation{Verdict: placed, Build: "10.0.26100"}, onBuild, []string{`it is on build "10.0.20348", not 10.0.26100`},
		},
		"too few pods": {
			expectation{Verdict: placed, Pods: 3}, onBuild, []string{"1 of its pods are bound, not 3"},
		},
		"other words": {
			expectation{Verdict: refused, Says: "too new"}, denied, []string{`what was said, "it has a Linux image", is not about "too new"`},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.expected.check(test.outcome)); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatTheAPIServerPutsBeforeOurWordsIsLeftOut(t *testing.T) {
	for message, want := range map[string]string{
		`admission webhook "pods.validate.mullion.dev" denied the request: spec: wrong`: "spec: wrong",
		`pods "x" already exists`:                                      `pods "x" already exists`,
		`admission webhook "other.example.com" denied the request: no`: `admission webhook "other.example.com" denied the request: no`,
	} {
		if got := withoutPreamble(message); got != want {
			t.Errorf("%q of %q, want %q", got, message, want)
		}
	}
}
