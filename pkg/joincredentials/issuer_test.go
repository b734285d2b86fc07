package joincredentials_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/joincredentials"
)

// start is a whole second, as expirations are.
func start() time.Time { return time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) }

// world is a cluster with an issuer.
type world struct {
	*joincredentials.Issuer
	client client.WithWatch
	clock  *clocktesting.FakePassiveClock
	// broken, if not nil, is what writes fail with.
	broken error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: clocktesting.NewFakePassiveClock(start())}
	w.client = fake.NewClientBuilder().
		WithIndex(&corev1.Secret{}, "type", func(o client.Object) []string { return []string{string(o.(*corev1.Secret).Type)} }).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.CreateOption) error {
				if w.broken != nil {
					return w.broken
				}
				return c.Create(ctx, o, options...)
			},
			Delete: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.DeleteOption) error {
				if w.broken != nil {
					return w.broken
				}
				return c.Delete(ctx, o, options...)
			},
		}).Build()
	w.Issuer = &joincredentials.Issuer{Reader: w.client, Writer: w.client, Clock: w.clock}
	return w
}

func newHost(name string) *v1alpha1.WindowsHost {
	return &v1alpha1.WindowsHost{ObjectMeta: metav1.ObjectMeta{Namespace: "hosts", Name: name, UID: types.UID("uid-of-" + name)}}
}

func (w *world) issue(t *testing.T, host *v1alpha1.WindowsHost, node string) joincredentials.Token {
	t.Helper()
	token, err := w.Issue(t.Context(), host, node)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (w *world) secrets(t *testing.T) []corev1.Secret {
	t.Helper()
	var all corev1.SecretList
	if err := w.client.List(t.Context(), &all, client.InNamespace("kube-system")); err != nil {
		t.Fatal(err)
	}
	return all.Items
}

func TestATokenAuthenticatesAndDoesNothingElse(t *testing.T) {
	w := newWorld(t)
	token := w.issue(t, newHost("win-1"), "node-1")
	id, secret, _ := strings.Cut(token.Value, ".")
	want := corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "kube-system", Name: "bootstrap-token-" + id, ResourceVersion: "1",
			Labels:      map[string]string{"app.kubernetes.io/managed-by": "mullion", "mullion.dev/host-uid": "uid-of-win-1"},
			Annotations: map[string]string{"mullion.dev/host": "hosts/win-1", "mullion.dev/node": "node-1"},
		},
		Type: "bootstrap.kubernetes.io/token",
		Data: map[string][]byte{
			"token-id": []byte(id), "token-secret": []byte(secret), "expiration": []byte("2026-11-22T04:00:00Z"),
			"usage-bootstrap-authentication": []byte("true"), "auth-extra-groups": []byte("system:bootstrappers:mullion"),
			"description": []byte("Lets WindowsHost hosts/win-1 join as the node node-1."),
		},
	}
	if diff := cmp.Diff([]corev1.Secret{want}, w.secrets(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if token.User != "system:bootstrap:"+id || !token.Expires.Equal(start().Add(time.Hour)) || len(id) != 6 || len(secret) != 16 {
		t.Errorf("got %v of %d and %d characters", token, len(id), len(secret))
	}
}

func TestAHostKeepsItsTokenAsLongAsThatLasts(t *testing.T) {
	for sentence, c := range map[string]struct {
		after time.Duration
		node  string
		same  bool
	}{
		"asked again at once":                            {0, "node-1", true},
		"asked again while enough":                       {40 * time.Minute, "node-1", true},
		"not when it ends soon":                          {41 * time.Minute, "node-1", false},
		"not when it has ended":                          {2 * time.Hour, "node-1", false},
		"not for another node":                           {0, "node-2", false},
		"asked again where the clock was a little ahead": {-20 * time.Minute, "node-1", true},
		"not where it was ahead by days":                 {-48 * time.Hour, "node-1", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			w, host := newWorld(t), newHost("win-1")
			first := w.issue(t, host, "node-1")
			w.clock.SetTime(start().Add(c.after))
			second := w.issue(t, host, c.node)
			if same := first == second; same != c.same {
				t.Errorf("%v, then %v", first, second)
			}
			if all := w.secrets(t); len(all) != 1 {
				t.Errorf("there are %d tokens", len(all))
			}
		})
	}
}

// A process that dies between making a token and noting its user has left nothing but the Secret.
func TestATokenWhoseUserWasNeverNotedIsFoundAgain(t *testing.T) {
	w, host := newWorld(t), newHost("win-1")
	first := w.issue(t, host, "node-1")
	another := &joincredentials.Issuer{Reader: w.client, Writer: w.client, Clock: w.clock}
	again, err := another.Issue(t.Context(), host, "node-1")
	if err != nil || again != first {
		t.Errorf("%v, then %v, %v", first, again, err)
	}
}

func TestOfTwoTokensTheOneThatTheHostMayHaveStays(t *testing.T) {
	for sentence, c := range map[string]struct{ noted bool }{
		"the one whose user was noted":       {true},
		"and where none was, the longer one": {false},
	} {
		t.Run(sentence, func(t *testing.T) {
			w, host := newWorld(t), newHost("win-1")
			older := w.issue(t, host, "node-1")
			hidden := w.secrets(t)[0].DeepCopy() // As a replica sees it that reads before the other has written.
			if err := w.client.Delete(t.Context(), hidden); err != nil {
				t.Fatal(err)
			}
			w.clock.SetTime(start().Add(time.Minute))
			newer := w.issue(t, host, "node-1")
			hidden.ResourceVersion = ""
			if err := w.client.Create(t.Context(), hidden); err != nil {
				t.Fatal(err)
			}
			want := newer
			if c.noted {
				want = older
				host.Status.Node = &v1alpha1.HostNode{Name: "node-1", BootstrapUser: older.User}
			}
			if got := w.issue(t, host, "node-1"); got != want {
				t.Errorf("got %v of %v and %v", got, older, newer)
			}
			if all := w.secrets(t); len(all) != 1 || all[0].Name != "bootstrap-token-"+strings.TrimPrefix(want.User, "system:bootstrap:") {
				t.Errorf("left are %d", len(all))
			}
		})
	}
}

func TestATokenThatSomebodyHasChangedIsReplaced(t *testing.T) {
	for sentence, change := range map[string]func(*corev1.Secret){
		"a further group":    func(s *corev1.Secret) { s.Data["auth-extra-groups"] = []byte("system:bootstrappers:admins") },
		"no end":             func(s *corev1.Secret) { delete(s.Data, "expiration") },
		"a shorter secret":   func(s *corev1.Secret) { s.Data["token-secret"] = []byte("guess") },
		"another id":         func(s *corev1.Secret) { s.Data["token-id"] = []byte("abcdef") },
		"not to be used":     func(s *corev1.Secret) { delete(s.Data, "usage-bootstrap-authentication") },
		"for another's node": func(s *corev1.Secret) { s.Annotations["mullion.dev/node"] = "node-9" },
	} {
		t.Run(sentence, func(t *testing.T) {
			w, host := newWorld(t), newHost("win-1")
			before := w.issue(t, host, "node-1")
			changed := &w.secrets(t)[0]
			change(changed)
			if err := w.client.Update(t.Context(), changed); err != nil {
				t.Fatal(err)
			}
			if after := w.issue(t, host, "node-1"); after == before || len(w.secrets(t)) != 1 {
				t.Errorf("%v is still used", after)
			}
		})
	}
}

func TestRevokingEndsTheTokensOfOneHost(t *testing.T) {
	w := newWorld(t)
	first, second := newHost("win-1"), newHost("win-2")
	w.issue(t, first, "node-1")
	kept := w.issue(t, second, "node-2")
	for range 2 { // The second time there is nothing to do.
		if err := w.Revoke(t.Context(), first); err != nil {
			t.Fatal(err)
		}
	}
	if all := w.secrets(t); len(all) != 1 || all[0].Labels["mullion.dev/host-uid"] != "uid-of-win-2" {
		t.Errorf("left are %d", len(all))
	}
	if got := w.issue(t, second, "node-2"); got != kept {
		t.Errorf("%v has become %v", kept, got)
	}
}

func TestTokensThatHaveEndedAreSwept(t *testing.T) {
	w := newWorld(t)
	w.issue(t, newHost("gone"), "node-1")
	foreign := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "bootstrap-token-07401b"},
		Type:       corev1.SecretTypeBootstrapToken,
		Data:       map[string][]byte{"token-id": []byte("07401b"), "expiration": []byte("2020-01-01T00:00:00Z")},
	}
	if err := w.client.Create(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	w.clock.SetTime(start().Add(30 * time.Minute))
	w.issue(t, newHost("there"), "node-2")
	for _, step := range []struct {
		after time.Duration
		left  int
	}{{59 * time.Minute, 3}, {60 * time.Minute, 2}, {24 * time.Hour, 1}} {
		w.clock.SetTime(start().Add(step.after))
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all := w.secrets(t); len(all) != step.left {
			t.Errorf("after %v there are %d, want %d", step.after, len(all), step.left)
		}
	}
	if all := w.secrets(t); all[0].Name != foreign.Name {
		t.Error("somebody else's token was deleted")
	}
}

func TestATokenThatAClockFarAheadHasMadeIsSwept(t *testing.T) {
	w := newWorld(t)
	w.clock.SetTime(start().Add(48 * time.Hour))
	w.issue(t, newHost("ahead"), "node-1")
	w.clock.SetTime(start())
	w.issue(t, newHost("there"), "node-2")
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all := w.secrets(t); len(all) != 1 || all[0].Annotations[v1alpha1.AnnotationHost] != "hosts/there" {
		t.Errorf("there are %d tokens", len(all))
	}
}

func TestNoErrorAndNothingPrintedHasASecret(t *testing.T) {
	w, host := newWorld(t), newHost("win-1")
	token := w.issue(t, host, "node-1")
	_, secret, _ := strings.Cut(token.Value, ".")
	encoded, err := json.Marshal(token)
	if err != nil {
		t.Fatal(err)
	}
	printed := []string{fmt.Sprint(token), fmt.Sprintf("%+v %#v %s", token, token, token), string(encoded)}
	w.broken = errors.New("the API server is away")
	for _, attempt := range []func() error{
		func() error { return w.Revoke(t.Context(), host) },
		func() error { _, err := w.Issue(t.Context(), newHost("win-2"), "node-2"); return err },
		func() error { _, err := w.Issue(t.Context(), host, "node-9"); return err },
	} {
		err := attempt()
		if !errors.Is(err, w.broken) {
			t.Fatalf("got %v", err)
		}
		printed = append(printed, err.Error())
	}
	w.clock.SetTime(start().Add(time.Hour))
	if err := w.Sweep(t.Context()); !errors.Is(err, w.broken) {
		t.Errorf("got %v", err)
	}
	for _, text := range printed {
		if strings.Contains(text, secret) {
			t.Errorf("%q has the secret", text)
		}
	}
	if want := "token of " + token.User + " until 2026-11-22T04:00:00Z"; printed[0] != want {
		t.Errorf("got %q, want %q", printed[0], want)
	}
}

func TestTheSweeperEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	w.issue(t, newHost("gone"), "node-1")
	w.clock.SetTime(start().Add(time.Hour))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sweeper := &joincredentials.Sweeper{Issuer: w.Issuer}
	if err := sweeper.Start(ctx); err != nil || !sweeper.NeedLeaderElection() {
		t.Errorf("got %v", err)
	}
	if all := w.secrets(t); len(all) != 0 {
		t.Error("it does not begin with sweeping")
	}
}
