package pullsecret

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/reference"
)

// objects serves secrets and counts how often each is read.
type objects[T any] struct {
	get func(ctx context.Context, namespace, name string) (T, error)

	mu    sync.Mutex
	reads int
}

func (o *objects[T]) Get(ctx context.Context, namespace, name string) (T, error) {
	o.mu.Lock()
	o.reads++
	o.mu.Unlock()
	return o.get(ctx, namespace, name)
}

func (o *objects[T]) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.reads
}

func resource() schema.GroupResource { return schema.GroupResource{Resource: "secrets"} }

func jsonSecret(user string) *corev1.Secret {
	return &corev1.Secret{Type: corev1.SecretTypeDockerConfigJson, Data: map[string][]byte{
		corev1.DockerConfigJsonKey: fmt.Appendf(nil, `{"auths":{"r.example.com":{"username":%q,"password":"hunter2"}}}`, user),
	}}
}

// secretNamed serves a secret of the user whose name it has, and every kind of trouble under its name.
func secretNamed(_ context.Context, namespace, name string) (*corev1.Secret, error) {
	switch name {
	case "missing":
		return nil, apierrors.NewNotFound(resource(), name)
	case "forbidden":
		return nil, apierrors.NewForbidden(resource(), name, nil)
	case "failing":
		return nil, apierrors.NewInternalError(fmt.Errorf("etcd is gone"))
	case "opaque":
		return &corev1.Secret{Type: corev1.SecretTypeOpaque, Data: jsonSecret(name).Data}, nil
	case "empty":
		return &corev1.Secret{Type: corev1.SecretTypeDockerConfigJson}, nil
	case "broken":
		return &corev1.Secret{Type: corev1.SecretTypeDockerConfigJson, Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte("hunter2")}}, nil
	case "legacy":
		return &corev1.Secret{Type: corev1.SecretTypeDockercfg, Data: map[string][]byte{
			corev1.DockerConfigKey: []byte(`{"r.example.com":{"username":"legacy","password":"hunter2"}}`),
		}}, nil
	default:
		return jsonSecret(namespace + "-" + name), nil
	}
}

func accountNamed(_ context.Context, _, name string) (*corev1.ServiceAccount, error) {
	if name == "missing" {
		return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "serviceaccounts"}, name)
	}
	return &corev1.ServiceAccount{ImagePullSecrets: []corev1.LocalObjectReference{{Name: "of-" + name}}}, nil
}

type fixture struct {
	*Source
	secrets  *objects[*corev1.Secret]
	accounts *objects[*corev1.ServiceAccount]
	clock    *clocktesting.FakePassiveClock
}

func newFixture(t *testing.T, change ...func(*Options)) *fixture {
	t.Helper()
	f := &fixture{
		secrets:  &objects[*corev1.Secret]{get: secretNamed},
		accounts: &objects[*corev1.ServiceAccount]{get: accountNamed},
		clock:    clocktesting.NewFakePassiveClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)),
	}
	o := Options{Secrets: f.secrets, ServiceAccounts: f.accounts, Clock: f.clock}
	for _, c := range change {
		c(&o)
	}
	source, err := NewSource(o)
	if err != nil {
		t.Fatal(err)
	}
	f.Source = source
	return f
}

func (f *fixture) step(d time.Duration) { f.clock.SetTime(f.clock.Now().Add(d)) }

// users lists whose credentials are on a ring for r.example.com.
func users(t *testing.T, ring *keyring.Keyring) []string {
	t.Helper()
	image, err := reference.Parse("r.example.com/app")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, auth := range ring.Match(image).Credentials {
		names = append(names, auth.Username)
	}
	return names
}

func TestKeyring(t *testing.T) {
	for sentence, test := range map[string]struct {
		secrets []string
		want    []string
		notes   []string
	}{
		"secrets are used in the order in which they are named": {[]string{"b", "a"}, []string{"team-b", "team-a"}, nil},
		"the legacy format is read":                             {[]string{"legacy"}, []string{"legacy"}, nil},
		"no secrets are no credentials":                         {nil, nil, nil},
		"an empty name is nothing":                              {[]string{""}, nil, nil},
		"a missing secret is left out and noted":                {[]string{"missing", "a"}, []string{"team-a"}, []string{"image pull secret team/missing is not used: it does not exist"}},
		"so is one that may not be read":                        {[]string{"forbidden"}, nil, []string{"image pull secret team/forbidden is not used: mullion is not permitted to read it"}},
		"and one that the API server cannot give":               {[]string{"failing"}, nil, []string{"image pull secret team/failing is not used: the API server could not be asked"}},
		"and one of another type":                               {[]string{"opaque"}, nil, []string{`image pull secret team/opaque is not used: its type is "Opaque", not kubernetes.io/dockerconfigjson`}},
		"and one without data":                                  {[]string{"empty"}, nil, []string{"image pull secret team/empty is not used: it has no data under the key of its type"}},
		"and one that cannot be parsed, without quoting it":     {[]string{"broken"}, nil, []string{`image pull secret team/broken is not used: reading docker config: it is no JSON object of registries with "auth", or "username" and "password"`}},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFixture(t)
			for range 2 { // Cached, it is the same.
				ring, notes := f.Keyring(t.Context(), "team", test.secrets)
				if diff := cmp.Diff(test.want, users(t, ring)); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(test.notes, notes); diff != "" {
					t.Error(diff)
				}
			}
			if n := f.secrets.count(); n > len(test.secrets) {
				t.Errorf("%d reads of %d secrets", n, len(test.secrets))
			}
		})
	}
}

func TestATemplateHasItsOwnSecretsOrElseThoseOfItsServiceAccount(t *testing.T) {
	for sentence, test := range map[string]struct {
		account string
		secrets []string
		want    []string
		notes   []string
	}{
		"its own":                           {"builder", []string{"a"}, []string{"team-a"}, nil},
		"its service account's":             {"builder", nil, []string{"team-of-builder"}, nil},
		"the default service account's":     {"", nil, []string{"team-of-default"}, nil},
		"none of a missing service account": {"missing", nil, nil, []string{"service account team/missing is not used: it does not exist"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			ring, notes := newFixture(t).TemplateKeyring(t.Context(), "team", test.account, test.secrets)
			if diff := cmp.Diff(test.want, users(t, ring)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSecretsAreReadAgainAfterAMinuteAndTroubleAfterFiveSeconds(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"a", "missing"} {
		f.Keyring(t.Context(), "team", []string{name})
	}
	f.step(5 * time.Second)
	for _, name := range []string{"a", "missing"} {
		f.Keyring(t.Context(), "team", []string{name})
	}
	if n := f.secrets.count(); n != 3 {
		t.Errorf("%d reads after five seconds, want 3", n)
	}
	f.step(55 * time.Second)
	f.Keyring(t.Context(), "team", []string{"a"})
	if n := f.secrets.count(); n != 4 {
		t.Errorf("%d reads after a minute, want 4", n)
	}
}

func TestARotatedSecretHasAnotherFingerprintWithinAMinute(t *testing.T) {
	f := newFixture(t)
	old, _ := f.Keyring(t.Context(), "team", []string{"a"})
	f.secrets.get = func(context.Context, string, string) (*corev1.Secret, error) { return jsonSecret("rotated"), nil }
	f.step(time.Minute)
	rotated, _ := f.Keyring(t.Context(), "team", []string{"a"})
	if old.Fingerprint() == rotated.Fingerprint() {
		t.Error("the fingerprint is the same")
	}
}

func TestNamespacesDoNotShareSecrets(t *testing.T) {
	f := newFixture(t)
	ours, _ := f.Keyring(t.Context(), "ours", []string{"a"})
	theirs, _ := f.Keyring(t.Context(), "theirs", []string{"a"})
	if diff := cmp.Diff([]string{"ours-a", "theirs-a"}, append(users(t, ours), users(t, theirs)...)); diff != "" {
		t.Error(diff)
	}
}

func TestAHundredPodsShareOneReadOfTheirSecret(t *testing.T) {
	f := newFixture(t)
	release := make(chan struct{})
	f.secrets.get = func(context.Context, string, string) (*corev1.Secret, error) { <-release; return jsonSecret("a"), nil }
	var pods, ready sync.WaitGroup
	for range 100 {
		ready.Add(1)
		pods.Go(func() {
			ready.Done()
			if ring, notes := f.Keyring(t.Context(), "team", []string{"a"}); ring == nil {
				t.Error(notes)
			}
		})
	}
	ready.Wait()
	close(release)
	pods.Wait()
	if n := f.secrets.count(); n != 1 {
		t.Errorf("%d reads, want 1", n)
	}
}

func TestACallerWhoLeavesGetsANoteAndTheReadGoesOn(t *testing.T) {
	f := newFixture(t)
	entered, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	f.secrets.get = func(ctx context.Context, _, _ string) (*corev1.Secret, error) {
		close(entered)
		<-release
		ended <- ctx.Err()
		return jsonSecret("a"), nil
	}
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-entered; leave() }()
	ring, notes := f.Keyring(ctx, "team", []string{"a"})
	if ring != nil || len(notes) != 1 || !strings.Contains(notes[0], "did not answer in time") {
		t.Errorf("got %v and %q", ring, notes)
	}
	close(release)
	if err := <-ended; err != nil {
		t.Errorf("the read ended with its caller: %v", err)
	}
}

func TestAReadEndsWithItsOwnTimeout(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Timeout = time.Millisecond })
	f.secrets.get = func(ctx context.Context, _, _ string) (*corev1.Secret, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	_, notes := f.Keyring(t.Context(), "team", []string{"a"})
	if len(notes) != 1 || !strings.Contains(notes[0], "did not answer in time") {
		t.Errorf("notes %q", notes)
	}
}

func TestNoPodCanHaveAnyNumberOfSecretsRead(t *testing.T) {
	f := newFixture(t)
	names := make([]string, 1000)
	for i := range names {
		names[i] = fmt.Sprint("s", i)
	}
	_, notes := f.Keyring(t.Context(), "team", names)
	if n := f.secrets.count(); n != maxSecrets || len(notes) != 1 {
		t.Errorf("%d reads, notes %q", n, notes)
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.MaxEntries = 3 })
	for i := range 10 {
		f.Keyring(t.Context(), "team", []string{fmt.Sprint("s", i)})
	}
	if n := f.Source.secrets.entries.Len(); n != 3 {
		t.Errorf("%d secrets are kept", n)
	}
}

func TestNewSourceNeedsBothGetters(t *testing.T) {
	if _, err := NewSource(Options{Secrets: &objects[*corev1.Secret]{}}); err == nil {
		t.Error("no error")
	}
}
