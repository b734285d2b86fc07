package explain

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

var _ = flag.Bool("update", false, "write the golden files anew")

// result is what a run came to.
type result struct {
	err         error
	code        int
	out, errOut string
}

// run runs the subcommand.
func run(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	return runWith(t.Context(), stdin, args...)
}

func runWith(ctx context.Context, stdin string, args ...string) result {
	streams, in, out, errOut := genericiooptions.NewTestIOStreams()
	in.WriteString(stdin)
	cmd := NewCommand(streams)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetOut(out)
	cmd.SetArgs(append([]string{}, args...)) // Never nil, which would stand for those of the test.
	err := cmd.ExecuteContext(ctx)
	return result{err, exit.Code(err), out.String(), errOut.String()}
}

// api is a server whose policy server answers as if it had the catalog's policy and nodes.
func api(t *testing.T) *commandtest.API {
	t.Helper()
	server := commandtest.NewAPI(t)
	commandtest.Kubeconfig(t, server.URL)
	server.Answer(judge)
	server.Serve("/apis/mullion.dev/v1alpha1/windowsbuildpolicies", &metav1.PartialObjectMetadataList{
		TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadataList"},
		Items:    []metav1.PartialObjectMetadata{{ObjectMeta: metav1.ObjectMeta{Name: "windows"}}},
	})
	return server
}

func TestWhatIsShownOfAnAnswer(t *testing.T) {
	for sentence, c := range map[string]struct {
		golden string
		args   []string
		code   int
	}{
		"allowed":                             {"allowed.txt", []string{"-f", "testdata/allowed.yaml"}, 0},
		"allowed, with everything":            {"allowed-wide.txt", []string{"-f", "testdata/allowed.yaml", "-o", "wide"}, 0},
		"allowed, with the patch":             {"allowed-patch.txt", []string{"-f", "testdata/allowed.yaml", "--show-patch"}, 0},
		"allowed, as a review":                {"allowed.json", []string{"-f", "testdata/allowed.yaml", "-o", "json"}, 0},
		"refused, with the line":              {"refused.txt", []string{"-f", "testdata/refused.yaml"}, 1},
		"refused, as a review":                {"refused.yaml.txt", []string{"-f", "testdata/refused.yaml", "-o", "yaml"}, 1},
		"several objects":                     {"several.txt", []string{"-f", "testdata/several.yaml"}, 1},
		"several objects, as a list":          {"several.json", []string{"-f", "testdata/several.yaml", "-o", "json"}, 1},
		"one field of a review":               {"field.txt", []string{"-f", "testdata/several.yaml", "-o", "jsonpath={.items[*].status.build}"}, 1},
		"the names of reviews":                {"name.txt", []string{"-f", "testdata/several.yaml", "-o", "name"}, 1},
		"a cluster that is not so":            {"supposed.txt", []string{"-f", "testdata/allowed.yaml", "--retire", "10.0.20348"}, 0},
		"all files of directories":            {"directory.txt", []string{"-f", "testdata/tree"}, 0},
		"several files":                       {"files.txt", []string{"-f", "testdata/allowed.yaml,testdata/refused.yaml"}, 1},
		"a namespace that no policy concerns": {"unruled.txt", []string{"-n", "lobby", "-f", "testdata/tree"}, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			api(t)
			got := run(t, "", c.args...)
			if got.code != c.code {
				t.Errorf("exit code %d, want %d: %v", got.code, c.code, got.err)
			}
			commandtest.Golden(t, c.golden, got.out)
		})
	}
}

func TestTheStandardInputIsReadToo(t *testing.T) {
	api(t)
	manifests, err := os.ReadFile("testdata/allowed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, string(manifests), "-f", "-")
	if want := run(t, "", "-f", "testdata/allowed.yaml"); got.code != 0 || got.out != want.out {
		t.Errorf("exit code %d, %v, %s", got.code, got.err, cmp.Diff(want.out, got.out))
	}
}

func TestWhatMakesNoPodsIsSkippedWithANote(t *testing.T) {
	api(t)
	got := run(t, "", "-f", "testdata/several.yaml")
	if want := "note: testdata/several.yaml:1: ConfigMap shop/settings skipped: it is no pod and makes none"; !strings.HasPrefix(got.errOut, want) {
		t.Errorf("error output %q, want %q", got.errOut, want)
	}
}

func TestWhatIsSupposedIsAsked(t *testing.T) {
	server := api(t)
	got := run(t, "", "-f", "testdata/allowed.yaml", "--if-upgraded", "17763=20348", "--if-node", "10.0.26100=3",
		"--if-state", "10.0.26100=retired", "--without-node", "gone")
	if got.err != nil {
		t.Fatal(got.err)
	}
	want := &placementv1alpha1.Assumptions{
		States:       []placementv1alpha1.AssumedState{{Build: "10.0.26100", State: "Retired"}},
		Upgrades:     []placementv1alpha1.BuildUpgrade{{From: "10.0.17763", To: "10.0.20348"}},
		Nodes:        []placementv1alpha1.AssumedNodes{{Build: "10.0.26100", Count: 3}},
		RemovedNodes: []string{"gone"},
	}
	if diff := cmp.Diff(want, server.Reviews()[0].Spec.Assume); diff != "" {
		t.Errorf("assumptions (-want +got):\n%s", diff)
	}
}

// deployment is a Deployment of the cluster.
func deployment(image string) map[string]any {
	return map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": map[string]any{"name": "web", "namespace": "shop", "managedFields": []any{map[string]any{"manager": "kubectl"}}},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
			"containers": []any{map[string]any{"name": "web", "image": image}},
		}}},
		"status": map[string]any{"replicas": 2},
	}
}

func TestObjectsOfTheClusterAreFetched(t *testing.T) {
	server := api(t)
	server.Serve("/apis/apps/v1/namespaces/shop/deployments/web", deployment(core2022))
	server.Serve("/api/v1/namespaces/shop/services/web", &corev1.Service{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop"},
	})
	controller := true
	server.Serve("/api/v1/namespaces/shop/pods/web-1", &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: "web-1", Namespace: "shop", OwnerReferences: []metav1.OwnerReference{
			{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "web-5d9", Controller: &controller},
		}},
		Spec: corev1.PodSpec{NodeName: "node-2022-1", Containers: []corev1.Container{{Name: "web", Image: core2022}}},
	})
	got := run(t, "", "deploy/web", "po/web-1", "svc/web")
	if got.err != nil {
		t.Fatal(got.err)
	}
	commandtest.Golden(t, "live.txt", got.out)
	if want := "note: Service web skipped: it is no pod"; !strings.HasPrefix(got.errOut, want) {
		t.Errorf("error output %q, want %q", got.errOut, want)
	}
	for _, review := range server.Reviews() {
		if raw := string(review.Spec.Object.Raw); strings.Contains(raw, "managedFields") || strings.Contains(raw, "status") {
			t.Errorf("more was sent than concerns the question: %s", raw)
		}
	}
}

func TestABusyServerIsAskedAgainWhenItSays(t *testing.T) {
	server := commandtest.NewAPI(t)
	var asked atomic.Int32
	server.Handle(commandtest.ReviewPath, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			commandtest.Refuse(w, http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests, "there is too much to do")
			return
		}
		commandtest.Write(w, http.StatusCreated, &placementv1alpha1.PlacementReview{
			Status: placementv1alpha1.PlacementReviewStatus{Allowed: true},
		})
	})
	got := run(t, "", "-s", server.URL, "-f", "testdata/allowed.yaml")
	if got.code != 0 || asked.Load() != 2 {
		t.Errorf("exit code %d after %d requests: %v", got.code, asked.Load(), got.err)
	}
}

func TestARunThatIsInterruptedShowsWhatIsKnown(t *testing.T) {
	server := commandtest.NewAPI(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var asked atomic.Int32
	server.Handle(commandtest.ReviewPath, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > concurrency { // So an earlier answer has been taken in.
			interrupt()
			commandtest.Stall(w, r)
			return
		}
		commandtest.Write(w, http.StatusCreated, &placementv1alpha1.PlacementReview{
			Status: placementv1alpha1.PlacementReviewStatus{Allowed: true},
		})
	})
	var pods strings.Builder
	for i := range 2 * concurrency {
		fmt.Fprintf(&pods, "apiVersion: v1\nkind: Pod\nmetadata: {name: web-%d, namespace: shop}\nspec: {containers: [{name: web, image: web}]}\n---\n", i)
	}
	got := runWith(ctx, pods.String(), "-s", server.URL, "-f", "-")
	if got.code != exit.Failure || !errors.Is(got.err, cluster.ErrInterrupted) || !strings.Contains(got.out, ": allowed") {
		t.Errorf("exit code %d: %v\n%s", got.code, got.err, got.out)
	}
}

func TestObjectsAreCompleted(t *testing.T) {
	server := api(t)
	server.Serve("/apis/apps/v1/namespaces/shop/deployments", &metav1.PartialObjectMetadataList{
		TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadataList"},
		Items: []metav1.PartialObjectMetadata{
			{ObjectMeta: metav1.ObjectMeta{Name: "web"}}, {ObjectMeta: metav1.ObjectMeta{Name: "api"}},
		},
	})
	for word, want := range map[string]string{
		"dep":          "deploy/\ndeployment/\n",
		"deploy/w":     "deploy/web\n",
		"deployments/": "deployments/api\ndeployments/web\n",
		"svc/":         "",
	} {
		got := run(t, "", "__complete", word)
		if offered, _, _ := strings.Cut(got.out, ":"); offered != want {
			t.Errorf("%s: %q, want %q", word, offered, want)
		}
	}
}

func TestFilesAreNamedOrObjectsButNotBoth(t *testing.T) {
	commandtest.Isolate(t)
	for _, args := range [][]string{{}, {"deploy/web", "-f", "web.yaml"}} {
		if got := run(t, "", args...); got.code != exit.Failure || !strings.Contains(got.err.Error(), "name either files with -f, or objects") {
			t.Errorf("%q: exit code %d: %v", args, got.code, got.err)
		}
	}
}

func TestWhatCannotBeReadDoesNotStopTheOthers(t *testing.T) {
	api(t)
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("kind: Pod\nmetadata:\n  name: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, "", "-f", broken, "-f", "testdata/allowed.yaml", "-f", "testdata/none.yaml")
	if got.code != exit.Failure || !strings.Contains(got.out, "Deployment shop/web: allowed") {
		t.Errorf("exit code %d, %q", got.code, got.out)
	}
	for _, want := range []string{broken + ":", "testdata/none.yaml: "} {
		if !strings.Contains(got.err.Error(), want) {
			t.Errorf("%q, want %q", got.err, want)
		}
	}
}

func TestTheHelpIsAsReviewed(t *testing.T) {
	commandtest.Isolate(t)
	commandtest.Golden(t, "help.txt", strings.ReplaceAll(run(t, "", "--help").out, os.Getenv("KUBECACHEDIR"), "~/.kube/cache"))
}

func TestColourIsForTerminalsAndMarksTheChoice(t *testing.T) {
	var out strings.Builder
	status := judge(&placementv1alpha1.PlacementReview{})
	p := &printer{out: &out, palette: terminal.Colours()}
	if err := p.print([]answer{{question{name: "web", namespace: "shop"}, &placementv1alpha1.PlacementReview{Status: status}}}); err != nil {
		t.Fatal(err)
	}
	if chosen := "\x1b[32m*     10.0.20348"; !strings.Contains(out.String(), chosen) {
		t.Errorf("no %q in %q", chosen, out.String())
	}
}
