package framework

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Offering is a policy's specification that offers builds, in this order of preference.
func Offering(builds ...string) v1alpha1.WindowsBuildPolicySpec {
	var spec v1alpha1.WindowsBuildPolicySpec
	for _, build := range builds {
		spec.Builds = append(spec.Builds, v1alpha1.BuildRule{Build: build})
	}
	return spec
}

// GivenBuilds puts a policy in force that offers builds to the scene's pods.
func (s *Scene) GivenBuilds(builds ...string) *v1alpha1.WindowsBuildPolicy {
	s.T.Helper()
	return s.GivenPolicy(Offering(builds...))
}

// GivenPolicy puts a policy in force until the test ends. Unless it selects namespaces itself it is for those
// of the scene only. Its name is the scene's namespace.
func (s *Scene) GivenPolicy(spec v1alpha1.WindowsBuildPolicySpec) *v1alpha1.WindowsBuildPolicy {
	s.T.Helper()
	return s.GivenPolicyNamed(s.Namespace, spec)
}

// GivenPolicyNamed is GivenPolicy for a second policy.
func (s *Scene) GivenPolicyNamed(name string, spec v1alpha1.WindowsBuildPolicySpec) *v1alpha1.WindowsBuildPolicy {
	s.T.Helper()
	if spec.NamespaceSelector == nil {
		spec.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: s.Namespace}}
	}
	created := &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec}
	if err := s.Client.Create(s.T.Context(), created); err != nil {
		s.T.Fatalf("creating a policy: %v", err)
	}
	s.T.Cleanup(func() { s.deletePolicy(context.Background(), created) })
	s.WaitInForce()
	s.waitForClasses(created)
	return created
}

// ChangePolicy updates a policy and waits until the webhook has seen the change.
func (s *Scene) ChangePolicy(name string, change func(*v1alpha1.WindowsBuildPolicySpec)) {
	s.T.Helper()
	s.Eventually("the policy is updated", func(ctx context.Context) (bool, error) {
		current := &v1alpha1.WindowsBuildPolicy{}
		if err := s.Client.Get(ctx, client.ObjectKey{Name: name}, current); err != nil {
			return false, err
		}
		change(&current.Spec)
		err := s.Client.Update(ctx, current)
		return err == nil, err
	})
	// Events of one kind arrive in order: who has counted a later policy has seen the change.
	marker := &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace + "-marker"}, Spec: Offering(Build2022)}
	marker.Spec.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"nobody": "has-this"}}
	if err := s.Client.Create(s.T.Context(), marker); err != nil {
		s.T.Fatalf("creating a policy: %v", err)
	}
	s.WaitInForce()
	s.deletePolicy(s.T.Context(), marker)
}

// DeletePolicy deletes a policy and waits until the webhook has seen that.
func (s *Scene) DeletePolicy(p *v1alpha1.WindowsBuildPolicy) {
	s.T.Helper()
	s.deletePolicy(s.T.Context(), p)
}

func (s *Scene) deletePolicy(ctx context.Context, p *v1alpha1.WindowsBuildPolicy) {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	if err := client.IgnoreNotFound(s.Client.Delete(ctx, p)); err != nil {
		s.T.Errorf("deleting policy %s: %v", p.Name, err)
		return
	}
	if err := poll(ctx, s.inForce); err != nil {
		s.T.Error(err)
	}
}

// WaitInForce waits until every webhook that runs has as many policies in force as there are.
func (s *Scene) WaitInForce() {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), Patience)
	defer cancel()
	if err := poll(ctx, s.inForce); err != nil {
		s.T.Fatal(err)
	}
}

func (s *Suite) inForce(ctx context.Context) error {
	var policies v1alpha1.WindowsBuildPolicyList
	if err := s.Client.List(ctx, &policies); err != nil {
		return fmt.Errorf("listing policies: %w", err)
	}
	return s.webhooksShow(ctx, "mullion_clusterstate_policies", len(policies.Items))
}

// webhooksShow fails unless a gauge of every webhook that runs has the value.
func (s *Suite) webhooksShow(ctx context.Context, gauge string, want int) error {
	for _, webhook := range s.Mullion.Webhooks {
		if webhook.PID() == 0 {
			continue
		}
		got, err := webhook.Metric(ctx, gauge, nil)
		if err != nil {
			return err
		}
		if int(got) != want {
			return fmt.Errorf("waiting until %s shows %s %d: it shows %v", webhook.Name(), gauge, want, got)
		}
	}
	return nil
}

// waitForClasses waits until the RuntimeClasses of a policy's builds exist: a pod that names one that does not
// is refused by the API server.
func (s *Scene) waitForClasses(p *v1alpha1.WindowsBuildPolicy) {
	s.T.Helper()
	compiled, err := policy.Compile(p)
	if err != nil {
		s.T.Fatalf("compiling the policy: %v", err)
	}
	for i := range compiled.Builds {
		name := compiled.Builds[i].RuntimeClass
		s.Eventually("RuntimeClass "+name+" is made", func(ctx context.Context) (bool, error) {
			_, err := s.Kube.NodeV1().RuntimeClasses().Get(ctx, name, metav1.GetOptions{})
			return err == nil, err
		})
	}
}
