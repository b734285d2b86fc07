package rollout

import (
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// What holds where a policy does not say. The schema has the same defaults, which the API server fills in only where
// the policy has a rollout at all.
const (
	defaultCanary        = 1
	defaultCanarySoak    = 5 * time.Minute
	defaultFailureBudget = 1
)

// settings are those of a policy, checked.
type settings struct {
	maxUnavailable intstr.IntOrString
	canary         int
	canarySoak     time.Duration
	failureBudget  int
	paused         bool
	windows        windows
	// problem says what is wrong with the policy's settings. Nothing begins by settings that may mean something else,
	// but what does not depend on them.
	problem error
}

func readSettings(policy *v1alpha1.RolloutPolicy) *settings {
	s := &settings{
		maxUnavailable: intstr.FromInt32(1),
		canary:         defaultCanary,
		canarySoak:     defaultCanarySoak,
		failureBudget:  defaultFailureBudget,
		paused:         policy.Paused,
	}
	if policy.Canary != nil {
		s.canary = int(*policy.Canary)
	}
	if policy.CanarySoak != nil {
		s.canarySoak = policy.CanarySoak.Duration
	}
	if policy.FailureBudget != nil {
		s.failureBudget = int(*policy.FailureBudget)
	}
	var errs []error
	if policy.MaxUnavailable != nil {
		if _, err := scaled(*policy.MaxUnavailable, 100); err != nil {
			errs = append(errs, fmt.Errorf("spec.rollout.maxUnavailable: %w", err))
		} else {
			s.maxUnavailable = *policy.MaxUnavailable
		}
	}
	for i := range policy.MaintenanceWindows {
		w, err := readWindow(&policy.MaintenanceWindows[i])
		if err != nil {
			errs = append(errs, fmt.Errorf("spec.rollout.maintenanceWindows[%d].%w", i, err))
			continue
		}
		s.windows = append(s.windows, w)
	}
	s.problem = errors.Join(errs...)
	return s
}

// limit is how many of a number of hosts may be out of service at once: no less than one, or nothing would ever
// be changed.
func (s *settings) limit(hosts int) int {
	limit, err := scaled(s.maxUnavailable, hosts)
	if err != nil {
		return 1 // It was checked when it was read.
	}
	return max(limit, 1)
}

func scaled(value intstr.IntOrString, of int) (int, error) {
	const roundUp = false
	return intstr.GetScaledValueFromIntOrPercent(&value, of, roundUp)
}
