package images

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/lint"
	"github.com/mullion-dev/mullion/pkg/manifest"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// hosts are the builds on which images may run. They are asked as for a pod with one container, so that the answer is
// the one that such a pod gets.
type hosts struct {
	snapshot *policy.Snapshot
}

// hosts are the builds of the policy that the user names, or of every release of Windows Server.
func (o *options) hosts() (*hosts, error) {
	written := everyRelease()
	if o.policy != "" {
		var err error
		if written, err = o.readPolicy(); err != nil {
			return nil, err
		}
	}
	compiled, err := policy.Compile(aboutHosts(written))
	if err != nil {
		return nil, fmt.Errorf("--policy: %s: %w", o.policy, err)
	}
	return &hosts{policy.NewSnapshot(policy.NewPolicies([]*policy.Policy{compiled}), nil, nil)}, nil
}

// everyRelease is a policy that offers everything.
func everyRelease() *v1alpha1.WindowsBuildPolicy {
	offering := &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: "releases"}}
	for _, release := range policy.Releases() {
		offering.Spec.Builds = append(offering.Spec.Builds, v1alpha1.BuildRule{Build: release.Build().String()})
	}
	return offering
}

// readPolicy reads the one policy of a file.
func (o *options) readPolicy() (*v1alpha1.WindowsBuildPolicy, error) {
	set := manifest.Read([]string{o.policy}, o.streams.In)
	policies, problems := lint.DecodePolicies(set)
	var errs []error
	for _, problem := range append(problems, set.Problems...) {
		errs = append(errs, problem)
	}
	switch {
	case len(errs) > 0:
		return nil, fmt.Errorf("--policy: %w", errors.Join(errs...))
	case len(policies) != 1:
		return nil, fmt.Errorf("--policy: %s has %d policies, and one is needed", o.policy, len(policies))
	}
	return policies[0], nil
}

// aboutHosts is what a policy says of hosts and the images that run on them. For whom it is, and what it does to the
// pods, does not matter to an image.
func aboutHosts(written *v1alpha1.WindowsBuildPolicy) *v1alpha1.WindowsBuildPolicy {
	reduced := &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: written.Name}}
	reduced.Spec.Compatibility = written.Spec.Compatibility
	for _, rule := range written.Spec.Builds {
		reduced.Spec.Builds = append(reduced.Spec.Builds, v1alpha1.BuildRule{Build: rule.Build, Isolation: rule.Isolation})
	}
	return reduced
}

// runsOn are the builds on which an image runs, in the order of the policy; none for one that is not known.
func (h *hosts) runsOn(reference string, result policy.ImageResult) ([]string, error) {
	if result.Image == nil {
		return nil, nil
	}
	pod := &workload.Pod{Spec: workload.PodSpec{
		OS:         &corev1.PodOS{Name: corev1.Windows},
		Containers: []workload.Container{{Name: "image", Image: reference}},
	}}
	decision, err := policy.Evaluate(&policy.Request{Pod: pod}, &policy.Facts{
		Snapshot: h.snapshot, Images: map[string]policy.ImageResult{reference: result},
	})
	if err != nil {
		return nil, fmt.Errorf("finding the builds for %s: %w", reference, err)
	}
	var builds []string
	for i := range decision.Candidates {
		if candidate := &decision.Candidates[i]; candidate.Reason != policy.ReasonImageIncompatible {
			builds = append(builds, candidate.Build.String())
		}
	}
	return builds, nil
}
