package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func mustBuild(t testing.TB, s string) policy.Build {
	t.Helper()
	build, err := policy.ParseBuild(s)
	if err != nil {
		t.Fatal(err)
	}
	return build
}

func TestWhichImageBuildRunsOnWhichHostBuild(t *testing.T) {
	const process, hyperV = v1alpha1.IsolationProcess, v1alpha1.IsolationHyperV
	for sentence, c := range map[string]struct {
		host, image string
		isolation   v1alpha1.Isolation
		runs        bool
	}{
		"2019 runs its own images":                                 {ws2019, ws2019, process, true},
		"2019 runs no older image":                                 {ws2019, "10.0.17134", process, false},
		"2019 runs no newer image":                                 {ws2019, ws2022, process, false},
		"1909 runs no image of 1903 although one number apart":     {"10.0.18363", "10.0.18362", process, false},
		"20H2 runs only its own images":                            {"10.0.19042", "10.0.19041", process, false},
		"2022 runs its own images":                                 {ws2022, ws2022, process, true},
		"2022 runs no image of 2019":                               {ws2022, ws2019, process, false},
		"2022 runs no newer image":                                 {ws2022, ws2025, process, false},
		"23H2 runs images of 2022":                                 {"10.0.25398", ws2022, process, true},
		"23H2 runs its own images":                                 {"10.0.25398", "10.0.25398", process, true},
		"23H2 runs no image of 2019":                               {"10.0.25398", ws2019, process, false},
		"2025 runs images of 2022":                                 {ws2025, ws2022, process, true},
		"2025 runs images of 23H2":                                 {ws2025, "10.0.25398", process, true},
		"2025 runs its own images":                                 {ws2025, ws2025, process, true},
		"2025 runs no image of 2019":                               {ws2025, ws2019, process, false},
		"2025 runs no image newer than itself":                     {ws2025, "10.0.26200", process, false},
		"a build after 2025 reaches down to 2022":                  {"10.0.26200", ws2022, process, true},
		"a build after 2025 runs images of 2025":                   {"10.0.26200", ws2025, process, true},
		"another minor version never runs":                         {ws2022, "10.1.20348", process, false},
		"another major version never runs":                         {ws2022, "11.0.20348", process, false},
		"2025 runs images of 2019 under Hyper-V":                   {ws2025, ws2019, hyperV, true},
		"2022 runs images of 2016 under Hyper-V":                   {ws2022, ws2016, hyperV, true},
		"2022 runs no newer image even under Hyper-V":              {ws2022, ws2025, hyperV, false},
		"another major version never runs, not even under Hyper-V": {ws2022, "6.3.9600", hyperV, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := policy.Compatibility{}.Runs(mustBuild(t, c.host), mustBuild(t, c.image), c.isolation)
			if got != c.runs {
				t.Errorf("image %s on host %s with %s isolation: runs = %v, want %v", c.image, c.host, c.isolation, got, c.runs)
			}
		})
	}
}

func TestAPolicyOverridesTheCompatibilityOfAHost(t *testing.T) {
	compatibility, err := policy.NewCompatibility([]v1alpha1.CompatibilityRule{
		{HostBuild: "10.0.26200", MinImageBuild: ws2025, MaxImageBuild: "10.0.26200"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if compatibility.Runs(mustBuild(t, "10.0.26200"), mustBuild(t, ws2022), v1alpha1.IsolationProcess) {
		t.Error("an image older than the override's oldest runs")
	}
	if !compatibility.Runs(mustBuild(t, "10.0.26200"), mustBuild(t, ws2025), v1alpha1.IsolationProcess) {
		t.Error("the override's oldest image does not run")
	}
	if !compatibility.Runs(mustBuild(t, ws2025), mustBuild(t, ws2022), v1alpha1.IsolationProcess) {
		t.Error("the override of one host changes another")
	}
}

func TestKnownImageBuildsAreThoseWithBaseImages(t *testing.T) {
	for host, want := range map[string][]string{
		ws2019:       {ws2019},
		ws2022:       {ws2022},
		"10.0.25398": {ws2022},
		ws2025:       {ws2022, ws2025},
	} {
		var got []string
		for _, build := range (policy.Compatibility{}).KnownImageBuilds(mustBuild(t, host), v1alpha1.IsolationProcess) {
			got = append(got, build.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("image builds on host %s (-want +got):\n%s", host, diff)
		}
	}
}

func TestParsingVersions(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.20348":                        "10.0.20348.0",
		"10.0.20348.2700":                   "10.0.20348.2700",
		"10.0.17763.1039 (WinBuild.160101)": "10.0.17763.1039",
		" 10.0.17763.1 ":                    "10.0.17763.1",
		"10.0":                              "",
		"10.0.20348.1.2":                    "",
		"10.0.-1":                           "",
		"10.0.99999999999":                  "",
		"windows":                           "",
		"":                                  "",
	} {
		version, err := policy.ParseVersion(text)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q was read as %s", text, version)
		case want != "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && version.String() != want:
			t.Errorf("%q was read as %s, want %s", text, version, want)
		}
	}
	if _, err := policy.ParseBuild("10.0.20348.2700"); err == nil {
		t.Error("a build with a revision was accepted")
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, seed := range []string{"10.0.20348.2700", "10.0.17763", "", "....", "10.0.1 x", "4294967296.0.0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		version, err := policy.ParseVersion(text)
		if err != nil {
			return
		}
		again, err := policy.ParseVersion(version.String())
		if err != nil || again != version {
			t.Errorf("%q was read as %s, which reads as %s (%v)", text, version, again, err)
		}
	})
}
