package framework

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// ExpectStatus waits until a policy's status, of its present specification, is as a function wants it: the
// function returns what is wrong, or nil.
func (s *Scene) ExpectStatus(policy string, want func(*v1alpha1.WindowsBuildPolicyStatus) error) {
	s.T.Helper()
	s.Eventually("the status of policy "+policy+" is as it should be", func(ctx context.Context) (bool, error) {
		current := &v1alpha1.WindowsBuildPolicy{}
		if err := s.Client.Get(ctx, client.ObjectKey{Name: policy}, current); err != nil {
			return false, err
		}
		if current.Status.ObservedGeneration != current.Generation {
			return false, fmt.Errorf("it is of generation %d, not %d", current.Status.ObservedGeneration, current.Generation)
		}
		err := want(&current.Status)
		return err == nil, err
	})
}

// ExpectCondition waits until a policy has a condition with a status and reason, and returns its message.
func (s *Scene) ExpectCondition(policy, kind string, status metav1.ConditionStatus, reason string) (message string) {
	s.T.Helper()
	s.ExpectStatus(policy, func(got *v1alpha1.WindowsBuildPolicyStatus) error {
		condition := meta.FindStatusCondition(got.Conditions, kind)
		if condition == nil {
			return fmt.Errorf("there is no condition %s", kind)
		}
		message = condition.Message
		if condition.Status != status || condition.Reason != reason {
			return fmt.Errorf("condition %s is %s because of %s (%s), want %s because of %s",
				kind, condition.Status, condition.Reason, condition.Message, status, reason)
		}
		return nil
	})
	return message
}
