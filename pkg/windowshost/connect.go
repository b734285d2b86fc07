package windowshost

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// askTimeout is how long a host may take to answer a question, with the time for the agent to be brought there first.
const askTimeout = 3 * time.Minute

// connect logs in and asks for facts.
type connect struct {
	api      client.Reader
	machines Machines
	access   Access
	options  Options
}

func (connect) name() v1alpha1.HostStep { return v1alpha1.StepConnect }

func (s connect) do(ctx context.Context, p *pass) (verdict, error) {
	target, err := s.access.Target(ctx, p.host)
	if err != nil {
		return proceed(), sayInvalid(p, err)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	p.machine = s.machines.Machine(target)
	facts, login, err := p.machine.Facts(ctx)
	if err := s.adopt(ctx, p); err != nil {
		return proceed(), err
	}
	if err != nil {
		if keys, unread := s.access.Keys(ctx, p.host); unread == nil {
			err = advised(err, p.host, keys)
		}
		return s.failed(p, err)
	}
	p.facts = bounded(facts)
	p.host.Status.Facts = hostFacts(p.facts)
	p.host.Status.HostKey, p.host.Status.Login = login.HostKey, login.Key
	p.say(v1alpha1.HostConditionReachable, metav1.ConditionTrue, v1alpha1.ReasonLoggedIn,
		fmt.Sprintf("Logged in as %s with the key %s.", p.host.Spec.User, login.Key))
	sayVerified(p, login.HostKey)
	keys, err := s.access.Keys(ctx, p.host)
	if err != nil {
		return proceed(), err
	}
	p.keys, p.retired = keys.AuthorizedKeys(login.Key), keys.RetiredKeys(login.Key)
	p.loginHash = loginHash(keys, login.Key)
	return proceed(), nil
}

// adopt takes over what trust on first use has written into the status meanwhile, so that this pass can write, too.
func (s connect) adopt(ctx context.Context, p *pass) error {
	if p.host.Status.HostKey != "" || !p.host.Spec.HostKeys.TrustOnFirstUse {
		return nil
	}
	var live v1alpha1.WindowsHost
	if err := s.api.Get(ctx, p.key(), &live); err != nil {
		return fmt.Errorf("reading WindowsHost %s: %w", p.key(), err)
	}
	if live.Status.HostKey == "" || live.Generation != p.host.Generation || live.UID != p.host.UID {
		return nil // Nothing was recorded; or more has changed than that, which the next pass looks at.
	}
	p.written.Status.HostKey, p.host.Status.HostKey = live.Status.HostKey, live.Status.HostKey
	p.written.ResourceVersion, p.host.ResourceVersion = live.ResourceVersion, live.ResourceVersion
	return nil
}

func sayVerified(p *pass, key string) {
	trust := &p.host.Spec.HostKeys
	if len(trust.Fingerprints)+len(trust.Authorities) > 0 {
		p.say(v1alpha1.HostConditionHostKeyVerified, metav1.ConditionTrue, v1alpha1.ReasonHostKeyPinned,
			fmt.Sprintf("The host has proven to have the key %s, which is one that it should have.", key))
		return
	}
	p.say(v1alpha1.HostConditionHostKeyVerified, metav1.ConditionTrue, v1alpha1.ReasonHostKeyRecorded,
		fmt.Sprintf("The host has the key %s, which was trusted on first use.", key))
}

// sayInvalid says that the host cannot be logged in to, if that is because of what it is to be logged in with.
func sayInvalid(p *pass, err error) error {
	if reason := reasonOf(err); reason != v1alpha1.ReasonInternal {
		p.say(v1alpha1.HostConditionReachable, metav1.ConditionFalse, reason, sentence(err.Error()))
	}
	return err
}

// failed says why there was no answer. A host that was asked to restart may be away for a while.
func (s connect) failed(p *pass, err error) (verdict, error) {
	var (
		mismatch     *hostkey.MismatchError
		unknown      *hostkey.UnknownError
		unauthorized *ssh.AuthenticationError
	)
	p.say(v1alpha1.HostConditionReachable, metav1.ConditionFalse, reasonOf(err), sentence(err.Error()))
	switch {
	case errors.As(err, &mismatch), errors.As(err, &unknown):
		p.say(v1alpha1.HostConditionHostKeyVerified, metav1.ConditionFalse, reasonOf(err), sentence(err.Error()))
	case errors.As(err, &unauthorized):
	case unreachable(err) && p.restarting():
		asked := p.host.Status.Reboots.Time.Time
		if !p.overdue(asked, s.options.RebootTimeout) {
			return wait(v1alpha1.HostRebooting, v1alpha1.ReasonRebootPending,
				fmt.Sprintf("It was asked to restart at %s and is not back yet.", clockTime(asked)), lookAgain), nil
		}
		return proceed(), because(v1alpha1.ReasonUnreachable,
			fmt.Errorf("it was asked to restart at %s and has not come back: %w", clockTime(asked), err))
	}
	return proceed(), err
}

// restarting tells whether the host was asked to restart and was not seen since.
func (p *pass) restarting() bool {
	return p.host.Status.Reboots != nil && p.host.Status.Reboots.LastBootID != ""
}

// clockTime is a time as a sentence has it.
func clockTime(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }

// hostFacts are the facts that the status shows. What changes all the time is rounded: each change is a write.
func hostFacts(facts *state.Facts) *v1alpha1.HostFacts {
	const gigabyte = 1 << 30
	shown := &v1alpha1.HostFacts{
		Build: facts.Build, Revision: int64(facts.UBR), Edition: facts.Edition, InstallationType: facts.InstallationType,
		Language: facts.Language, Hostname: facts.Hostname, MemoryBytes: facts.MemoryBytes, BootID: facts.BootID,
		AgentVersion: facts.AgentVersion, PendingReboot: facts.PendingReboot, Addresses: addresses(facts),
	}
	for _, disk := range facts.Disks {
		if disk.Drive.Equal(`C:\`) {
			shown.FreeDiskBytes = disk.FreeBytes / gigabyte * gigabyte
		}
	}
	return shown
}
