package plan

import (
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

func TestWhatIsWrongIsSaid(t *testing.T) {
	for sentence, c := range map[string]struct {
		args []string
		want string
	}{
		"no host of that name":           {[]string{"win-9"}, `there is no WindowsHost "win-9" in any namespace`},
		"no host of that name there":     {[]string{"edge/win-1"}, "there is no WindowsHost edge/win-1"},
		"several hosts of that name":     {[]string{"twin"}, `there are several WindowsHosts "twin"; say which: edge/twin, mullion-system/twin`},
		"no name":                        {[]string{"edge/"}, `"edge/" is neither HOST nor NAMESPACE/HOST`},
		"no namespace":                   {[]string{"/win-1"}, `"/win-1" is neither`},
		"too many slashes":               {[]string{"a/b/c"}, `"a/b/c" is neither`},
		"two hosts":                      {[]string{"win-1", "win-2"}, "accepts at most 1 arg"},
		"a refresh of everything":        {[]string{"--refresh"}, "--refresh: name the host"},
		"no time":                        {[]string{"win-1", "--refresh", "--timeout", "0s"}, "--timeout: "},
		"a format that there is not":     {[]string{"-o", "xml"}, `unknown output format "xml"`},
		"a kubeconfig that is not there": {[]string{"--kubeconfig", "none"}, "--kubeconfig"},
	} {
		t.Run(sentence, func(t *testing.T) {
			serve(t, append(scene(), newHost("edge", "twin", "10.0.0.1", ""), newHost("mullion-system", "twin", "10.0.0.2", ""))...)
			got := run(t.Context(), c.args...)
			if got.code != exit.Failure || !strings.Contains(got.err.Error(), c.want) || got.out != "" {
				t.Errorf("exit code %d, %q: %v, want %q", got.code, got.out, got.err, c.want)
			}
		})
	}
}

func TestWhatTheClusterRefusesIsExplained(t *testing.T) {
	forbid := func(w http.ResponseWriter, _ *http.Request) {
		commandtest.Refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden, `User "jane" may not`)
	}
	const group = "/apis/mullion.dev/v1alpha1"
	for sentence, c := range map[string]struct {
		handle map[string]http.HandlerFunc
		args   []string
		want   string
	}{
		"hosts may not be listed": {
			map[string]http.HandlerFunc{"GET " + group + "/windowshosts": forbid}, nil,
			"kubectl create clusterrole mullion-list-windowshosts --verb=list --resource=windowshosts.mullion.dev",
		},
		"a host may not be read": {
			map[string]http.HandlerFunc{"GET " + group + "/namespaces/edge/windowshosts/a": forbid}, []string{"edge/a"},
			"you may not get windowshosts.mullion.dev in namespace edge",
		},
		"Mullion is not installed":                         {nil, nil, "knows no WindowsHosts: Mullion is not installed"},
		"Mullion is not installed, and one is asked about": {nil, []string{"edge/a"}, "knows no WindowsHosts: Mullion is not installed"},
	} {
		t.Run(sentence, func(t *testing.T) {
			server := commandtest.NewAPI(t)
			commandtest.Kubeconfig(t, server.URL)
			for pattern, handler := range c.handle {
				server.Handle(pattern, handler)
			}
			if got := run(t.Context(), c.args...); got.code != exit.Failure || !strings.Contains(got.err.Error(), c.want) {
				t.Errorf("exit code %d: %v, want %q", got.code, got.err, c.want)
			}
		})
	}
}

func TestWhoMayNotAskForALookIsToldWhatTheHostIsLike(t *testing.T) {
	server := serve(t, scene()...)
	server.Handle("PATCH /apis/mullion.dev/v1alpha1/namespaces/edge/windowshosts/win-4", func(w http.ResponseWriter, _ *http.Request) {
		commandtest.Refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden, `User "jane" may not`)
	})
	got := run(t.Context(), "win-4", "--refresh")
	if got.code != exit.Failure || !strings.Contains(got.err.Error(), "you may not patch windowshosts.mullion.dev in namespace edge") {
		t.Errorf("exit code %d: %v", got.code, got.err)
	}
	if !strings.Contains(got.out, "edge/win-4 (win-4.example.com) is Ready") {
		t.Errorf("what is known is not shown:\n%s", got.out)
	}
}

func TestHostsAreCompletedByNameAndByNamespace(t *testing.T) {
	server := commandtest.NewAPI(t)
	commandtest.Kubeconfig(t, server.URL)
	server.ServeCollection(t, "/apis/mullion.dev/v1alpha1", "windowshosts", "PartialObjectMetadataList", scene()...)
	for word, want := range map[string]string{
		"win-":   "win-1\nwin-2\nwin-3\nwin-4\nwin-5\n:4\n",
		"edge/w": "edge/win-4\nedge/win-5\n:4\n",
	} {
		if got := run(t.Context(), "__complete", word); got.err != nil || got.out != want {
			t.Errorf("%s: %q: %v", word, got.out, got.err)
		}
	}
}
