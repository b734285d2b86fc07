package whatif

import (
	"fmt"
	"strings"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/assumption"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Compile puts assumptions, which come from [Flags.Assumptions], into the words of package policy, for a decision
// that is made here rather than by the policy server, and from the same words.
func Compile(assume *placementv1alpha1.Assumptions) (*policy.Assumption, error) {
	compiled, errs := assumption.Compile(assume, nil)
	for _, err := range errs {
		if field, _, _ := strings.Cut(err.Field, "."); field == "policy" {
			return nil, fmt.Errorf("--if-policy: %w", errs.ToAggregate())
		}
	}
	if err := errs.ToAggregate(); err != nil {
		return nil, fmt.Errorf("what the flags suppose makes no sense: %w", err)
	}
	return compiled, nil
}
