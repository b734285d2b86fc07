package demo

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/test/demo/terminal"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestTheTableAndTheTextsReadAsTheyShould(t *testing.T) {
	outcomes := []outcome{
		{
			workload: "only-os-name", verdict: placed, bound: 1,
			builds: []string{"10.0.20348"}, classes: []string{"windows-10.0.20348"}, nodes: []string{"ws2022-1"},
		},
		{
			workload: "several", verdict: placed, bound: 3,
			builds:  []string{"10.0.20348", "10.0.26100"},
			classes: []string{"windows-10.0.20348", "windows-10.0.26100"}, nodes: []string{"ws2022-1", "ws2025-1"},
		},
		{
			workload: "new-release", verdict: placed, bound: 1,
			builds: []string{"10.0.29000"}, classes: []string{"windows-10.0.29000"}, nodes: []string{"ws-next"},
		},
		{workload: "plain-linux", verdict: untouched, bound: 1, nodes: []string{"linux-1"}},
		{
			workload: "old", verdict: warned, bound: 1, idea: "What is old is still placed.",
			builds: []string{"10.0.17763"}, classes: []string{"windows-10.0.17763"}, nodes: []string{"ws2019-1"},
			texts: []string{"the pod is placed on a build that is deprecated.", "a second warning."},
		},
		{
			workload: "sidecar", verdict: refused, idea: "A sidecar for Linux.",
			texts: []string{`spec.containers[1].image: container "proxy" of this Windows pod has an image without a Windows ` +
				`variant: "library/nginx:1.29" is built for linux/amd64 only. To fix it, give container "proxy" a Windows image.`},
		},
		{workload: "waiting", verdict: placed, idea: "Nobody takes it.", waiting: "0/6 nodes are available."},
	}
	releases := map[string]string{
		"10.0.17763": "Windows Server 2019", "10.0.20348": "Windows Server 2022", "10.0.26100": "Windows Server 2025",
	}
	var out strings.Builder
	term := terminal.New(&out)
	golden(t, "testdata/render.txt", renderTable(term, outcomes, releases)+renderTexts(term, outcomes))
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestNamesOfReleasesAreLeftOutWhereThereIsNoRoom(t *testing.T) {
	releases := map[string]string{"10.0.20348": "Windows Server 2022"}
	for sentence, test := range map[string]struct {
		builds []string
		room   bool
		want   string
	}{
		"with room":    {[]string{"10.0.20348"}, true, "20348 Windows Server 2022"},
		"without room": {[]string{"10.0.20348"}, false, "20348"},
		"several":      {[]string{"10.0.20348", "10.0.26100"}, true, "20348, 26100"},
		"an unknown":   {[]string{"10.0.29000"}, true, "29000"},
		"none":         {nil, true, ""},
	} {
		if got := describeBuilds(test.builds, releases, test.room); got != test.want {
			t.Errorf("%s: %q, want %q", sentence, got, test.want)
		}
	}
}
