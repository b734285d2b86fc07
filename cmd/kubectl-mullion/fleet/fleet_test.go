package fleet

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

var _ = flag.Bool("update", false, "write the golden files anew")

// result is what a run came to.
type result struct {
	err         error
	code        int
	out, errOut string
}

// run runs the subcommand.
func run(ctx context.Context, args ...string) result {
	streams, _, out, errOut := genericiooptions.NewTestIOStreams()
	cmd := NewCommand(streams)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetOut(out)
	cmd.SetArgs(append([]string{}, args...)) // Never nil, which would stand for those of the test.
	err := cmd.ExecuteContext(ctx)
	return result{err, exit.Code(err), out.String(), errOut.String()}
}

func TestWhatIsShownOfAFleet(t *testing.T) {
	retire := []string{"--retire", ws2019}
	for sentence, c := range map[string]struct {
		golden string
		args   []string
		code   int
	}{
		"the fleet as it is":                 {"overview.txt", nil, 0},
		"the fleet, with everything":         {"overview-wide.txt", []string{"-o", "wide"}, 0},
		"the fleet, for a program":           {"overview.json", []string{"-o", "json"}, 0},
		"the fleet of one namespace":         {"overview-shop.txt", []string{"-n", "shop"}, 0},
		"who would be stranded":              {"retire.txt", retire, 1},
		"who would be, with everything":      {"retire-wide.txt", append(retire, "-o", "wide"), 1},
		"who would be, for a program":        {"retire.yaml", append(retire, "-o", "yaml"), 1},
		"who would be, one field":            {"retire-field.txt", append(retire, "-o", "jsonpath={.impact.stranded[*].owner}"), 1},
		"who would be, of one namespace":     {"retire-shop.txt", append(retire, "-n", "shop"), 1},
		"an upgrade":                         {"upgrade.txt", []string{"--if-upgraded", ws2019 + "=" + ws2022}, 1},
		"another policy":                     {"policy.txt", []string{"--if-policy", "testdata/policy.yaml", "-n", "shop"}, 1},
		"facts of a file":                    {"offline.txt", append(retire, "--offline-images", "testdata/images.yaml"), 1},
		"a change that strands nothing more": {"nothing.txt", []string{"--if-state", ws2022 + "=Deprecated", "-n", "shop"}, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			shop().serve(t)
			got := run(t.Context(), c.args...)
			if got.code != c.code {
				t.Errorf("exit code %d, want %d: %v", got.code, c.code, got.err)
			}
			if got.errOut != "" {
				t.Errorf("error output that is no terminal: %q", got.errOut)
			}
			commandtest.Golden(t, c.golden, got.out)
		})
	}
}

func TestABuildThatNobodyHasHeardOfIsNotAnsweredWithGoodNewsAlone(t *testing.T) {
	shop().serve(t)
	got := run(t.Context(), "--retire", "14393", "-n", "shop")
	if want := "Note: No policy lists 10.0.14393: to suppose a state of it changes nothing.\n"; got.code != exit.OK || !strings.Contains(got.out, want) {
		t.Errorf("exit code %d, %v, without %q in:\n%s", got.code, got.err, want, got.out)
	}
}

func TestEveryImageIsAskedAboutOnce(t *testing.T) {
	server := shop().serve(t)
	got := run(t.Context(), "--retire", ws2019)
	if got.code != exit.Findings {
		t.Fatal(got.err)
	}
	asked := map[string]int{}
	for _, review := range server.Reviews() {
		for _, reference := range references(string(review.Spec.Object.Raw)) {
			asked[reference]++
		}
		if !strings.Contains(string(review.Spec.Object.Raw), `"kind":"PodTemplate"`) {
			t.Errorf("the secrets of the service account do not count in %s", review.Spec.Object.Raw)
		}
	}
	if len(asked) != 4 {
		t.Errorf("asked about %v", asked)
	}
	for reference, times := range asked {
		if times != 1 {
			t.Errorf("%s: asked %d times", reference, times)
		}
	}
}

func TestWithFactsOfAFileThePolicyServerIsNotAsked(t *testing.T) {
	server := shop().serve(t)
	run(t.Context(), "--retire", ws2019, "--offline-images", "testdata/images.yaml")
	if n := len(server.Reviews()); n > 0 {
		t.Errorf("%d reviews", n)
	}
}

func TestAnEmptyClusterIsShownAsSuch(t *testing.T) {
	(&scene{}).serve(t)
	got := run(t.Context())
	if got.code != exit.OK {
		t.Errorf("exit code %d: %v", got.code, got.err)
	}
	commandtest.Golden(t, "empty.txt", got.out)
	got = run(t.Context(), "--retire", ws2019)
	if want := "has no WindowsBuildPolicy in force"; got.code != exit.Failure || !strings.Contains(got.err.Error(), want) {
		t.Errorf("exit code %d: %v, want %q", got.code, got.err, want)
	}
}

func TestWhatIsSupposedHasToMakeSense(t *testing.T) {
	for sentence, c := range map[string]struct {
		args []string
		want string
	}{
		"no build":                  {[]string{"--retire", "ltsc2019"}, "--retire: "},
		"half an upgrade":           {[]string{"--if-upgraded", ws2019}, "say from which build to which"},
		"an unknown state":          {[]string{"--if-state", ws2019 + "=Gone"}, "the state is one of"},
		"no number":                 {[]string{"--if-node", ws2019 + "=many"}, "a whole number"},
		"one build twice":           {[]string{"--retire", ws2019, "--if-state", ws2019 + "=Active"}, "is named twice"},
		"a node that is not there":  {[]string{"--without-node", "gone"}, `there is no Windows node "gone"`},
		"a file that is not there":  {[]string{"--if-policy", "testdata/none.yaml"}, "testdata/none.yaml"},
		"a file without a policy":   {[]string{"--if-policy", "testdata/images.yaml"}, "has no WindowsBuildPolicy"},
		"facts that are none":       {[]string{"--retire", ws2019, "--offline-images", "testdata/policy.yaml"}, "--offline-images: "},
		"a format that is unknown":  {[]string{"-o", "name"}, `unknown output format "name"`},
		"a policy that is no good":  {[]string{"--if-policy", "testdata/wrong.yaml"}, "testdata/wrong.yaml:2: "},
		"a policy of unknown words": {[]string{"--if-policy", "testdata/invalid.yaml"}, "--if-policy: "},
	} {
		t.Run(sentence, func(t *testing.T) {
			shop().serve(t)
			if got := run(t.Context(), c.args...); got.code != exit.Failure || !strings.Contains(got.err.Error(), c.want) {
				t.Errorf("exit code %d: %v, want %q", got.code, got.err, c.want)
			}
		})
	}
}

func TestAPolicyServerThatRefusesEndsTheAsking(t *testing.T) {
	s := shop()
	server := s.serve(t)
	refusing := commandtest.NewAPI(t)
	var asked atomic.Int32
	refusing.Handle(commandtest.ReviewPath, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		commandtest.Refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden, "jane may not")
	})
	refusing.Handle("/", server.Config.Handler.ServeHTTP)
	got := run(t.Context(), "-s", refusing.URL, "--retire", ws2019)
	var forbidden *cluster.ForbiddenError
	if got.code != exit.Failure || !errors.As(got.err, &forbidden) || got.out != "" {
		t.Errorf("exit code %d: %v, %q", got.code, got.err, got.out)
	}
}

func TestABusyPolicyServerIsAskedAgainWhenItSays(t *testing.T) {
	server := shop().serve(t)
	busy := commandtest.NewAPI(t)
	var refused atomic.Bool
	busy.Handle(commandtest.ReviewPath, func(w http.ResponseWriter, r *http.Request) {
		if refused.CompareAndSwap(false, true) {
			w.Header().Set("Retry-After", "1")
			commandtest.Refuse(w, http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests, "there is too much to do")
			return
		}
		server.Config.Handler.ServeHTTP(w, r)
	})
	busy.Handle("/", server.Config.Handler.ServeHTTP)
	got := run(t.Context(), "-s", busy.URL, "--retire", ws2019)
	want := run(t.Context(), "-s", server.URL, "--retire", ws2019)
	if !refused.Load() || got.code != exit.Findings || got.out != want.out {
		t.Errorf("exit code %d: %v\n%s", got.code, got.err, got.out)
	}
}

func TestAnInterruptShowsWhatIsKnownSoFar(t *testing.T) {
	s := &scene{namespaces: []string{"shop"}}
	s.addNode("node-2019", ws2019, true)
	s.addNode("node-2022", ws2022, true)
	s.addPolicy("windows", ws2022, ws2019)
	for i := range 2 * concurrency {
		s.addWorkload("shop", fmt.Sprintf("app-%d", i), fmt.Sprintf("registry.example.com/app-%d:ltsc2019", i), "node-2019", 1)
	}
	server := s.serve(t)
	slow := commandtest.NewAPI(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var asked atomic.Int32
	slow.Handle(commandtest.ReviewPath, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > concurrency { // So an earlier answer has been taken in.
			interrupt()
			commandtest.Stall(w, r)
			return
		}
		server.Config.Handler.ServeHTTP(w, r)
	})
	slow.Handle("/", server.Config.Handler.ServeHTTP)
	got := run(ctx, "-s", slow.URL, "--retire", ws2019)
	if got.code != exit.Failure || !errors.Is(got.err, cluster.ErrInterrupted) {
		t.Errorf("exit code %d: %v", got.code, got.err)
	}
	for _, want := range []string{"\nStranded:\n", "\nNot known, ", "what was known when it was interrupted"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("no %q in\n%s", want, got.out)
		}
	}
}

func TestASlowRegistryIsAskedAboutAgain(t *testing.T) {
	var asked int
	server := reviewerFunc(func() *placementv1alpha1.PlacementReview {
		asked++
		facts := placementv1alpha1.ImageFacts{Reference: "app", Problem: &placementv1alpha1.ImageProblem{Reason: "Timeout"}}
		if asked == 2 {
			facts = placementv1alpha1.ImageFacts{Reference: "app", Digest: "sha256:0"}
		}
		return &placementv1alpha1.PlacementReview{Status: placementv1alpha1.PlacementReviewStatus{Images: []placementv1alpha1.ImageFacts{facts}}}
	})
	facts := (&fromServer{server: server}).Facts(t.Context(), podOf("shop"), []string{"app"}, false)
	if asked != 2 || facts["app"].Image == nil {
		t.Errorf("asked %d times: %+v", asked, facts)
	}
}

func TestAnAnswerThatSaysNothingOfAnImageIsAProblem(t *testing.T) {
	server := reviewerFunc(func() *placementv1alpha1.PlacementReview { return &placementv1alpha1.PlacementReview{} })
	facts := (&fromServer{server: server}).Facts(t.Context(), podOf("shop"), []string{"app"}, false)
	if facts["app"].Problem == nil {
		t.Errorf("%+v", facts)
	}
}

func TestBuildsAreCompleted(t *testing.T) {
	shop().serve(t)
	for flag, want := range map[string]string{
		"--retire":       ws2019 + "\n" + ws2022 + "\n",
		"--if-upgraded":  ws2019 + "=\n" + ws2022 + "=\n",
		"--without-node": "node-2019\nnode-2022-a\nnode-2022-b\n",
	} {
		if got, _, _ := strings.Cut(run(t.Context(), "__complete", flag, "").out, ":"); got != want {
			t.Errorf("%s: %q, want %q", flag, got, want)
		}
	}
	for word, want := range map[string]string{
		ws2019 + "=": ws2019 + "=" + ws2022 + "\n" + ws2019 + "=" + ws2025 + "\n",
		ws2025 + "=": "",
	} {
		if got, _, _ := strings.Cut(run(t.Context(), "__complete", "--if-upgraded", word).out, ":"); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func TestTheHelpIsAsReviewed(t *testing.T) {
	commandtest.Isolate(t)
	commandtest.Golden(t, "help.txt", strings.ReplaceAll(run(t.Context(), "--help").out, os.Getenv("KUBECACHEDIR"), "~/.kube/cache"))
}
