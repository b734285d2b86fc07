package windowshost

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/hostaccess"
	"github.com/mullion-dev/mullion/pkg/ssh/key"
)

func TestAHostThatIsOutOfReachIsNamedAndTriedAgainLessAndLess(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := s.host("win-a")
	h.Close()
	var pauses []time.Duration
	for range 8 {
		result, err := s.pass(h)
		if err != nil {
			t.Fatal(err)
		}
		pauses = append(pauses, result.RequeueAfter)
	}
	if !slices.IsSorted(pauses) || pauses[0] != firstRetry || pauses[7] != lastRetry {
		t.Errorf("it is tried again after %v", pauses)
	}
	host := s.get(h)
	expectPhase(t, host, v1alpha1.HostFailed)
	expectCondition(t, host, v1alpha1.HostConditionReachable, "False Unreachable")
	expectCondition(t, host, v1alpha1.HostConditionReady, "False Unreachable")
	if e := host.Status.LastError; e.Attempts != 8 || e.Step != v1alpha1.StepConnect || !e.Time.Equal(&host.Status.LastError.Time) {
		t.Errorf("last error: %+v", e)
	}
	if warnings := s.warnings(); len(warnings) != 1 {
		t.Errorf("it was told more than once: %v", warnings)
	}
}

func TestANodeThatServesIsReadyThoughItsHostCannotBeReached(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	h.Close()
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostReady)
	expectCondition(t, host, v1alpha1.HostConditionReady, "True AsDesired")
	expectCondition(t, host, v1alpha1.HostConditionDegraded, "True Unreachable")
	expectCondition(t, host, v1alpha1.HostConditionReachable, "False Unreachable")
	if want := "Node win-a is Ready, but needs somebody: "; !strings.HasPrefix(host.Status.Message, want) {
		t.Errorf("want %q, got %q", want, host.Status.Message)
	}
}

func TestANodeThatServesIsReadyThoughNobodyCanSayWhoseTurnItIs(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.turns.err = errors.New("asking what would become of the pods: the registry is away")
	s.changeConfig(setVersion("v1.37.3"))
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostReady)
	expectCondition(t, host, v1alpha1.HostConditionReady, "True AsDesired")
	expectCondition(t, host, v1alpha1.HostConditionDegraded, "True Internal")
	expectCondition(t, host, v1alpha1.HostConditionUpToDate, "False Outdated")
	expectMessage(t, host, "the registry is away")
	if e := host.Status.LastError; e == nil || e.Step != v1alpha1.StepClaim {
		t.Errorf("last error: %+v", e)
	}
	s.turns.err = nil
	s.untilReadyAt(h, 2)
}

func TestWhyAHostIsNotLetIntoIsSaidInAWord(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		change     func(*scene, *fakeHost, *v1alpha1.WindowsHost)
		reason     string
		conditions map[string]string
		advice     string
	}{
		"another host key": {
			change: func(s *scene, _ *fakeHost, host *v1alpha1.WindowsHost) {
				host.Spec.HostKeys.Fingerprints = []string{fingerprintOf(s.host("other"))}
			},
			reason:     v1alpha1.ReasonHostKeyMismatch,
			conditions: map[string]string{v1alpha1.HostConditionHostKeyVerified: "False HostKeyMismatch"},
			advice:     "add it to spec.hostKeys.fingerprints.",
		},
		"no grounds to believe it": {
			change:     func(_ *scene, _ *fakeHost, host *v1alpha1.WindowsHost) { host.Spec.HostKeys.Fingerprints = nil },
			reason:     v1alpha1.ReasonHostKeyUnknown,
			conditions: map[string]string{v1alpha1.HostConditionHostKeyVerified: "False HostKeyUnknown"},
			advice:     "add it to spec.hostKeys.fingerprints.",
		},
		"a key that it does not take": {
			change: func(s *scene, _ *fakeHost, host *v1alpha1.WindowsHost) {
				s.host("other")
				host.Spec.KeySecret.Name = "key-other"
			},
			reason:     v1alpha1.ReasonNotAuthorized,
			conditions: map[string]string{v1alpha1.HostConditionReachable: "False NotAuthorized"},
			advice:     "into Secret windows/key-other.",
		},
		"no Secret": {
			change:     func(_ *scene, _ *fakeHost, host *v1alpha1.WindowsHost) { host.Spec.KeySecret.Name = "missing" },
			reason:     v1alpha1.ReasonKeySecretInvalid,
			conditions: map[string]string{v1alpha1.HostConditionReachable: "False KeySecretInvalid"},
			advice:     "private-key.pem.",
		},
		"a name that nobody knows": {
			change: func(_ *scene, _ *fakeHost, host *v1alpha1.WindowsHost) { host.Spec.Address = "no-such-host.invalid" },
			reason: v1alpha1.ReasonNameNotResolved,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newScene(t)
			h := s.host("win-a")
			s.changeHost(h, func(host *v1alpha1.WindowsHost) { test.change(s, h, host) })
			host := s.passed(h)
			if host.Status.LastError == nil || host.Status.LastError.Reason != test.reason {
				t.Errorf("last error: %+v", host.Status.LastError)
			}
			for kind, want := range test.conditions {
				expectCondition(t, host, kind, want)
			}
			if !strings.HasSuffix(host.Status.Message, test.advice) {
				t.Errorf("it is not told %q: %s", test.advice, host.Status.Message)
			}
		})
	}
}

func TestAKeyThatWasTrustedOnFirstUseIsKept(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := s.host("win-a", func(host *v1alpha1.WindowsHost) {
		host.Spec.HostKeys = v1alpha1.HostKeyTrust{TrustOnFirstUse: true}
	})
	host := s.untilPhase(h, v1alpha1.HostReady)
	if host.Status.HostKey == "" {
		t.Error("it is not recorded")
	}
	expectCondition(t, host, v1alpha1.HostConditionHostKeyVerified, "True TrustedOnFirstUse")
}

func TestWhatKeepsAHostFromBeingANodeIsSaid(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		change func(*scene, *fakeHost)
		phase  v1alpha1.HostPhase
		reason string
		words  []string
	}{
		"the host refuses": {
			change: func(_ *scene, h *fakeHost) { h.Machine.SetFacts(func(f *state.Facts) { f.Language = "de-DE" }) },
			phase:  v1alpha1.HostFailed, reason: v1alpha1.ReasonRefused, words: []string{"de-DE"},
		},
		"the configuration cannot be fulfilled": {
			change: func(s *scene, _ *fakeHost) { s.changeConfig(setVersion("v1.39.0")) },
			phase:  v1alpha1.HostFailed, reason: v1alpha1.ReasonNodeConfigInvalid, words: []string{"upgrade the control plane first"},
		},
		"there is no configuration": {
			change: func(s *scene, _ *fakeHost) {
				s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].NodeConfigRef.Name = "missing" })
			},
			phase: v1alpha1.HostFailed, reason: v1alpha1.ReasonNoNodeConfig, words: []string{`"missing"`},
		},
		"no policy lists its build": {
			change: func(s *scene, _ *fakeHost) {
				s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].Build = "10.0.17763" })
			},
			phase: v1alpha1.HostWaiting, reason: v1alpha1.ReasonNoPolicy, words: []string{"10.0.20348"},
		},
		"the bundle cannot be had": {
			change: func(s *scene, _ *fakeHost) { s.bundles.err = errors.New("the registry is away") },
			phase:  v1alpha1.HostFailed, reason: v1alpha1.ReasonBundleUnavailable, words: []string{"the registry is away"},
		},
		"the cluster is not known": {
			change: func(s *scene, _ *fakeHost) { s.cluster.err = errors.New("no API server answers") },
			phase:  v1alpha1.HostFailed, reason: v1alpha1.ReasonClusterUnknown, words: []string{"no API server answers"},
		},
		"turns cannot be asked for": {
			change: func(s *scene, _ *fakeHost) { s.turns.err = errors.New("the cache is not filled") },
			phase:  v1alpha1.HostFailed, reason: v1alpha1.ReasonInternal, words: []string{"the cache is not filled"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newScene(t)
			h := s.host("win-a")
			test.change(s, h)
			host := s.passed(h)
			expectPhase(t, host, test.phase)
			expectMessage(t, host, test.words...)
			expectCondition(t, host, v1alpha1.HostConditionReady, "False "+test.reason)
			if h.Machine.Running("kubelet") || host.Status.Applied != nil {
				t.Error("it was changed all the same")
			}
		})
	}
}

func TestABundleThatIsBeingFetchedIsWaitedForAndNobodyIsAlarmed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	pending := fmt.Errorf("%w: it is large", ErrBundlePending)
	s.bundles.err = pending
	h := s.host("win-a")
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostPreparing)
	expectMessage(t, host, "Waits for node bundle")
	s.bundles.err = nil
	s.untilPhase(h, v1alpha1.HostReady)

	s.bundles.err = pending // As after a restart.
	host = s.passed(h)
	expectPhase(t, host, v1alpha1.HostReady)
	expectCondition(t, host, v1alpha1.HostConditionDegraded, "False AsDesired")
	if warnings := s.warnings(); len(warnings) > 0 || host.Status.LastError != nil {
		t.Errorf("%v, %+v", warnings, host.Status.LastError)
	}
}

func TestANodeThatNoPolicyWantsAnyMoreIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changePolicy(func(p *v1alpha1.WindowsBuildPolicy) { p.Spec.Builds[0].Build = "10.0.17763" })
	host := s.passed(h)
	expectPhase(t, host, v1alpha1.HostReady)
	expectCondition(t, host, v1alpha1.HostConditionDegraded, "True NoPolicy")
	expectCondition(t, host, v1alpha1.HostConditionUpToDate, "Unknown NoPolicy")
	if s.node(h.node) == nil || !h.Machine.Running("kubelet") {
		t.Error("it was touched")
	}
}

func TestAnErrorIsOverWhenItsStepHasSucceeded(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := s.host("win-a")
	s.bundles.err = errors.New("the registry is away")
	s.passed(h)
	s.bundles.err = nil
	if host := s.passed(h); host.Status.LastError != nil {
		t.Errorf("it still shows %+v", host.Status.LastError)
	}
}

func TestTheStatusSaysWhichRequestToLookItHasAnswered(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	s.changeHost(h, func(host *v1alpha1.WindowsHost) {
		host.Annotations = map[string]string{v1alpha1.AnnotationReconcile: "42"}
	})
	if host := s.passed(h); host.Status.ObservedReconcile != "42" {
		t.Errorf("it has answered %q", host.Status.ObservedReconcile)
	}
}

func TestAnObjectThatIsGoneReturnsItsTurn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.turns.given = map[types.NamespacedName]bool{{Namespace: namespace, Name: "gone"}: true}
	if _, err := s.pass(&fakeHost{key: types.NamespacedName{Namespace: namespace, Name: "gone"}}); err != nil {
		t.Fatal(err)
	}
	if len(s.turns.given) > 0 {
		t.Error("the turn is still taken")
	}
}

const administratorsKeys = `C:\ProgramData\ssh\administrators_authorized_keys`

func TestANewKeyReachesTheHostByTheOldOne(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	other := s.host("other")
	change(s, &corev1.Secret{}, types.NamespacedName{Namespace: namespace, Name: "key-win-a"}, func(secret *corev1.Secret) {
		secret.Data["old.retiring.pem"] = secret.Data["private-key.pem"]
		secret.Data["private-key.pem"] = other.PrivateKey
	})
	s.until(h, "open to the new key", func(*v1alpha1.WindowsHost) bool {
		content, _ := h.Machine.ReadFile(administratorsKeys)
		return strings.Count(content, "ssh-ed25519") == 2
	})
}

func TestAHostThatIsOutOfReachAndKnowsNoOtherKeyIsNamed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	login := s.get(h).Status.Login
	other := s.host("other")
	change(s, &corev1.Secret{}, types.NamespacedName{Namespace: namespace, Name: "key-win-a"}, func(secret *corev1.Secret) {
		secret.Data["old.retiring.pem"] = secret.Data["private-key.pem"]
		secret.Data["private-key.pem"] = other.PrivateKey
	})
	h.Close()
	host := s.passed(h)
	expectCondition(t, host, v1alpha1.HostConditionDegraded, "True Unreachable")
	expectMessage(t, host, "retiring key "+login, "leave that in the Secret until the host is back")
}

func TestAKeyOfTheInstallationIsGoneOnceItsSuccessorHasLoggedIn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	h := ready(s)
	first := s.host("first").PrivateKey
	signer, err := key.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	const theirs = "ssh-rsa AAAAB3Nz jane@example.com\n"
	installed, _ := h.Machine.ReadFile(administratorsKeys)
	h.Machine.WriteFile(administratorsKeys, theirs+installed+hostaccess.AuthorizedKey(signer)+" by the installer\n")
	change(s, &corev1.Secret{}, types.NamespacedName{Namespace: namespace, Name: "key-win-a"}, func(secret *corev1.Secret) {
		secret.Data["first.retiring.pem"] = first
	})
	s.until(h, "closed to the first key", func(*v1alpha1.WindowsHost) bool {
		content, _ := h.Machine.ReadFile(administratorsKeys)
		return !strings.Contains(content, "by the installer")
	})
	if content, _ := h.Machine.ReadFile(administratorsKeys); !strings.Contains(content, theirs) || strings.Count(content, "ssh-ed25519") != 1 {
		t.Errorf("left are %q", content)
	}
}

// warnings are the events that are.
func (s *scene) warnings() []string {
	return slices.DeleteFunc(s.events.all(), func(e string) bool { return !strings.HasPrefix(e, "Warning") })
}
