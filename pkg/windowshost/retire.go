package windowshost

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// retire decides how a host leaves whose build is to go.
type retire struct{ options Options }

func (retire) name() v1alpha1.HostStep { return v1alpha1.StepPlan }

func (s retire) do(_ context.Context, p *pass) (verdict, error) {
	p.host.Status.Plan = nil
	message := fmt.Sprintf("WindowsBuildPolicy %s retires build %s.", p.found.Policy.Name, p.facts.Build)
	if !p.touched() {
		p.say(v1alpha1.HostConditionUpToDate, metav1.ConditionTrue, v1alpha1.ReasonBuildRetired, message)
		return wait(v1alpha1.HostRetired, v1alpha1.ReasonBuildRetired,
			message+" It joins again as soon as it has another build.", s.options.ResyncReady), nil
	}
	p.say(v1alpha1.HostConditionUpToDate, metav1.ConditionFalse, v1alpha1.ReasonBuildRetired, message)
	p.need = v1alpha1.DisruptionRetire
	if p.replaceable() {
		p.need = v1alpha1.DisruptionReplace
	}
	if p.host.Spec.Paused {
		return wait(v1alpha1.HostWaiting, v1alpha1.ReasonPaused, "It is paused. "+message, leftAlone), nil
	}
	return proceed(), nil
}

// retired ends the pass in which the host was given back. The next one, and every one after it, looks at its build.
type retired struct{}

func (retired) name() v1alpha1.HostStep { return v1alpha1.StepRelease }

func (retired) do(context.Context, *pass) (verdict, error) {
	return wait(v1alpha1.HostRetired, v1alpha1.ReasonBuildRetired, "It was given back, since its build is retired.", soon), nil
}
