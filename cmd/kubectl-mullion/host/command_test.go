package host

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func TestAHostIsPlannedAppliedBrokenRepairedAndGivenBack(t *testing.T) {
	f := start(t, remotetest.Options{})
	var transcript strings.Builder
	step := func(what string, got outcome) {
		transcript.WriteString(what + "\n" + got.out + got.errOut + "\n")
	}
	step("$ plan", f.execute(t, "", "plan", f.shall()...).expect(t, exit.Findings))
	step("$ apply", f.execute(t, "", "apply", f.shall()...).expect(t, exit.OK))
	step("$ plan", f.execute(t, "", "plan", f.shall()...).expect(t, exit.OK))

	f.Machine.WriteFile(`C:\web\server.conf`, "port: 80\n")
	f.Machine.Crash("web")
	step("$ verify", f.execute(t, "", "verify").expect(t, exit.Findings))
	step("$ apply --yes", f.execute(t, "", "apply", f.shall("--yes")...).expect(t, exit.OK))
	step("$ verify", f.execute(t, "", "verify").expect(t, exit.OK))
	step("$ remove", f.execute(t, "y\n", "remove").expect(t, exit.OK))

	commandtest.Golden(t, "lifecycle.txt", f.anonymous(transcript.String()))
	if diff := cmp.Diff(untouched(), f.Machine.Snapshot()); diff != "" {
		t.Errorf("the host is not as it was (-before +now):\n%s", diff)
	}
}

func TestFactsAreShown(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.Machine.SetFacts(func(facts *state.Facts) {
		facts.Hostname, facts.Domain = "WIN-1", "corp.example.com"
		facts.DefaultRoute = &state.Route{Network: "Ethernet", Gateway: "192.0.2.1"}
		facts.SSHShell = `C:\Windows\System32\cmd.exe`
	})
	f.execute(t, "", "apply", f.shall()...).expect(t, exit.OK)
	f.Machine.SetFacts(func(facts *state.Facts) { facts.PendingReboot = []string{"Windows Update"} })
	commandtest.Golden(t, "facts.txt", f.anonymous(f.execute(t, "", "facts").expect(t, exit.OK).out))
}

func TestDocumentsAreForPrograms(t *testing.T) {
	f := start(t, remotetest.Options{})
	facts, err := decodeJSON[state.Facts](f.execute(t, "", "facts", "-o", "json").expect(t, exit.OK).out)
	if err != nil || facts.Build != "10.0.20348" {
		t.Errorf("facts: %+v, %v", facts, err)
	}
	plan, err := decodeJSON[state.Plan](f.execute(t, "", "plan", f.shall("-o", "json")...).expect(t, exit.Findings).out)
	if err != nil || len(plan.Actions) == 0 || len(plan.Missing) != 1 {
		t.Errorf("plan: %+v, %v", plan, err)
	}
	mentions(t, f.execute(t, "", "plan", f.shall("-o", "yaml")...).expect(t, exit.Findings).out, "schema: mullion.dev/host/v1\n", "- id: service/web\n")
}

func decodeJSON[T any](text string) (into T, err error) {
	return into, json.Unmarshal([]byte(text), &into)
}

func TestWhatInterruptsServicesIsAskedAboutFirst(t *testing.T) {
	for sentence, c := range map[string]struct {
		answer  string
		args    []string
		code    int
		changed bool
	}{
		"yes is yes":                  {"y\n", nil, exit.OK, true},
		"so is the word":              {"Yes\n", nil, exit.OK, true},
		"a flag says so beforehand":   {"", []string{"--yes"}, exit.OK, true},
		"an empty answer is no":       {"\n", nil, exit.Findings, false},
		"nobody who answers is no":    {"", nil, exit.Findings, false},
		"something else is no":        {"what?\n", nil, exit.Findings, false},
		"an answer without a newline": {"y", nil, exit.OK, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := start(t, remotetest.Options{})
			f.execute(t, "", "apply", f.shall()...).expect(t, exit.OK)
			f.write(t, "host.yaml", strings.ReplaceAll(desired, "8080", "9090"))
			got := f.execute(t, c.answer, "apply", f.shall(c.args...)...).expect(t, c.code)
			content, _ := f.Machine.ReadFile(`C:\web\server.conf`)
			if changed := strings.Contains(content, "9090"); changed != c.changed {
				t.Errorf("changed: %t\n%s%s", changed, got.out, got.errOut)
			}
			if !c.changed {
				mentions(t, got.errOut, "interrupt what runs on the host. Go on? [y/N]", "Nothing was changed.")
			}
		})
	}
}

func TestRemovingIsAskedAboutFirst(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.execute(t, "", "apply", f.shall()...).expect(t, exit.OK)
	f.execute(t, "", "remove").expect(t, exit.Findings)
	if !f.Machine.Running("web") {
		t.Error("it was removed all the same")
	}
}

func TestAHostOfAnotherOwnerIsNotGivenBack(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.execute(t, "", "apply", f.shall()...).expect(t, exit.OK)
	got := f.execute(t, "", "remove", "--yes", "--owner", "database-team").expect(t, exit.Findings)
	mentions(t, got.out, "web-team")
	f.execute(t, "", "remove", "--yes", "--owner", "web-team").expect(t, exit.OK)
}

func TestAHostIsRestartedOnlyIfThatIsAllowed(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.Machine.SetFacts(func(facts *state.Facts) { facts.Hostname = "WIN-OLD" })
	f.write(t, "host.yaml", desired+"hostname: win-new\n")
	got := f.execute(t, "", "apply", f.shall("--yes")...).expect(t, exit.Findings)
	mentions(t, got.out, "needs a reboot: apply again after one, or with --reboot.")

	got = f.execute(t, "", "apply", f.shall("--reboot")...).expect(t, exit.Findings)
	mentions(t, got.errOut, "it is restarted. Go on?")
	got = f.execute(t, "", "apply", f.shall("--reboot", "--yes")...).expect(t, exit.OK)
	mentions(t, got.out, "The host is up again: boot boot-2.", "Verified: the host is as desired.")
	mentions(t, f.execute(t, "", "facts").out, "win-new")
}

func TestARestartThatAnEarlierApplyHasLeftIsDone(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.write(t, "host.yaml", "schema: mullion.dev/host/v1\nowner: web-team\nhostname: win-new\n")
	for range 2 {
		got := f.execute(t, "", "apply", f.shall("--yes")...).expect(t, exit.Findings)
		mentions(t, got.out, "needs a reboot")
	}
	mentions(t, f.execute(t, "", "apply", f.shall("--reboot")...).expect(t, exit.Findings).errOut, "it is restarted. Go on?")
	f.execute(t, "", "apply", f.shall("--reboot", "--yes")...).expect(t, exit.OK)
	mentions(t, f.execute(t, "", "facts").out, "Hostname        win-new")
}

func TestWhatIsInTheWayIsToldAndNothingChanged(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.Machine.WriteFile(`C:\other\web.exe`, "another one")
	if err := f.Machine.Install(t.Context(), "web", state.ServiceConfig{
		CommandLine: `"C:\other\web.exe"`, Start: state.StartAutomatic, Account: state.LocalSystem,
	}); err != nil {
		t.Fatal(err)
	}
	before := f.Machine.Snapshot()
	for _, subcommand := range []string{"plan", "apply"} {
		got := f.execute(t, "", subcommand, f.shall()...).expect(t, exit.Findings)
		mentions(t, got.out, "! ", "web")
	}
	if diff := cmp.Diff(before, f.Machine.Snapshot(winpath.Path(`C:\ProgramData\mullion`))); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsLeftOfAHostThatWasGivenBackIsTold(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.Machine.WriteFile(`C:\web\server.conf`, "port: 70\n") // Replaced, and restored.
	f.execute(t, "", "apply", f.shall("--yes")...).expect(t, exit.OK)
	// SFTP shows another disk than the agent has: one with our program still on it, and without the old configuration.
	f.leave(t, "C:/web/server.exe", "MZ, a web server")
	got := f.execute(t, "", "remove", "--yes").expect(t, exit.Findings)
	mentions(t, got.out, `C:\web\server.exe is still there.`, `C:\web\server.conf, which was there before us, is not there.`)
}
