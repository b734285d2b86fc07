package policystatus

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/impact/census"
	"github.com/mullion-dev/mullion/pkg/impact/inventory"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// counted is a count with one build's dependents.
func counted(t *testing.T, d *impact.Dependent) *census.Count {
	t.Helper()
	build, err := policy.ParseBuild(build2022)
	if err != nil {
		t.Fatal(err)
	}
	return &census.Count{Dependents: map[impact.Dependency]*impact.Dependent{{Policy: "a", Build: build}: d}}
}

// deployments are n workloads.
func deployments(n int) []*impact.Workload {
	workloads := make([]*impact.Workload, n)
	for i := range workloads {
		workloads[i] = &impact.Workload{Namespace: "team", Owner: impact.Owner{Kind: "Deployment", Name: fmt.Sprintf("web-%d", i)}}
	}
	return workloads
}

func TestWorkloadsOfABuild(t *testing.T) {
	for sentence, c := range map[string]struct {
		count   *census.Count
		want    *v1alpha1.BuildWorkloads
		summary string
	}{
		"what is not counted is not shown": {nil, nil, ""},
		"nor what is not counted yet":      {&census.Count{}, nil, ""},
		"a build without pods has zeros":   {counted(t, &impact.Dependent{}), &v1alpha1.BuildWorkloads{}, ""},
		"stranded workloads are named": {
			counted(t, &impact.Dependent{Pods: 9, Stranded: 3, Unknown: 1, Workloads: deployments(2), Images: []string{"one"}}),
			&v1alpha1.BuildWorkloads{Pods: 9, StrandedPods: 3, UnknownPods: 1, Stranded: []string{"team/Deployment/web-0", "team/Deployment/web-1"}},
			"10.0.20348 (3/9)",
		},
		"of many the first are named, and the rest counted": {
			counted(t, &impact.Dependent{Pods: 9, Stranded: 8, Workloads: deployments(8)}),
			&v1alpha1.BuildWorkloads{Pods: 9, StrandedPods: 8, MoreStranded: 3, Stranded: []string{
				"team/Deployment/web-0", "team/Deployment/web-1", "team/Deployment/web-2", "team/Deployment/web-3", "team/Deployment/web-4",
			}},
			"10.0.20348 (8/9)",
		},
		"an owner with several templates is one": {
			counted(t, &impact.Dependent{Pods: 2, Stranded: 2, Workloads: append(deployments(1), deployments(1)...)}),
			&v1alpha1.BuildWorkloads{Pods: 2, StrandedPods: 2, Stranded: []string{"team/Deployment/web-0"}},
			"10.0.20348 (2/2)",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			p := newPolicy("a")
			given := cluster(p, nil, nil)
			given.Workloads = c.count
			status := Compute(p, given, time.Unix(1_000_000, 0))
			if diff := cmp.Diff(c.want, status.Builds[0].Workloads); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if status.StrandedSummary != c.summary {
				t.Errorf("summary %q, want %q", status.StrandedSummary, c.summary)
			}
		})
	}
}

func TestWhetherWorkloadsAreCounted(t *testing.T) {
	forbidden := errors.New("listing pods: pods is forbidden")
	last := time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)
	for sentence, c := range map[string]struct {
		count *census.Count
		want  outcome
	}{
		"not yet": {&census.Count{}, outcome{"Unknown", "NotCountedYet", "The workloads are being counted."}},
		"they are": {
			counted(t, &impact.Dependent{Pods: 3}), outcome{"True", "Counted", "The workloads have been counted."},
		},
		"images are not known": {
			counted(t, &impact.Dependent{Pods: 3, Unknown: 2, Images: []string{"one", "two"}}),
			outcome{"True", "ImagesUnresolved", `Of 2 pods it cannot be told whether they would be stranded, because 2 images could not be inspected, such as "one".`},
		},
		"they could never be": {
			&census.Count{Problem: &census.Problem{Err: forbidden}},
			outcome{"False", "CountingFailed", "The workloads could not be counted yet: listing pods: pods is forbidden."},
		},
		"they could be once": {
			&census.Count{Problem: &census.Problem{Err: forbidden, Last: last}},
			outcome{"False", "CountingFailed", "The workloads are those of 2026-11-21T23:00:00Z and could not be counted since: listing pods: pods is forbidden."},
		},
		"there are too many": {
			&census.Count{Problem: &census.Problem{Err: &inventory.TooManyError{Max: 7}, Last: last}},
			outcome{"False", "CountingFailed", "The workloads are not counted: there are more than 7 workloads that differ."},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			p := newPolicy("a")
			given := cluster(p, nil, nil)
			given.Workloads = c.count
			status := Compute(p, given, time.Unix(1_000_000, 0))
			got := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionWorkloadsCounted)
			if got == nil {
				t.Fatal("there is no such condition")
			}
			if diff := cmp.Diff(c.want, outcome{got.Status, got.Reason, got.Message}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if ready := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady); ready.Reason == got.Reason {
				t.Error("the policy's being in force depends on it")
			}
		})
	}
}

func TestAPolicyHasNoSuchConditionWhereWorkloadsAreNotCounted(t *testing.T) {
	p := newPolicy("a")
	if c := meta.FindStatusCondition(Compute(p, cluster(p, nil, nil), time.Now()).Conditions, v1alpha1.ConditionWorkloadsCounted); c != nil {
		t.Errorf("%+v", c)
	}
}
