package placement_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/registry"
)

func inMode(mode v1alpha1.Mode, builds ...string) v1alpha1.WindowsBuildPolicySpec {
	spec := framework.Offering(builds...)
	spec.Mode = mode
	return spec
}

func TestWithoutAPolicyNothingIsTouched(t *testing.T) {
	scene := shared.NewScene(t)
	scene.ExpectUntouched(scene.ExpectAdmitted(scene.Pod(shared.Image(core2025))))
	scene.ExpectUntouched(scene.ExpectAdmitted(scene.Pod(shared.Image(nginx))))
	scene.ExpectSilence()
}

func TestWarnPlacesAndTurnsRefusalsIntoWarnings(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenPolicy(inMode(v1alpha1.ModeWarn, ws2022))
	scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), ws2022)
	scene.ExpectSilence()
	scene.ExpectUntouched(scene.ExpectAdmitted(scene.Pod(shared.Image(core2025))))
	scene.ExpectWarned("would be refused", "spec.containers[0].image: ", "To fix it, ")
}

func TestAuditChangesNothingAndLeavesAnnotationsInTheAuditLog(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenPolicy(inMode(v1alpha1.ModeAudit, ws2022))
	fits, unfit := scene.Pod(shared.Image(core2022)), scene.Pod(shared.Image(core2025))
	fits.Name, unfit.Name = "fits", "unfit"
	scene.ExpectUntouched(scene.ExpectAdmitted(fits))
	scene.ExpectUntouched(scene.ExpectAdmitted(unfit))
	scene.ExpectSilence()

	placed := auditAnnotations(t, scene, "fits")
	for key, fragments := range map[string][]string{
		"pods.mutate.mullion.dev/placement": {"would place", ws2022},
		"pods.validate.mullion.dev/policy":  {scene.Namespace + " (Audit)"},
	} {
		framework.ExpectText(scene, placed[key], fragments...)
	}
	refused := auditAnnotations(t, scene, "unfit")
	framework.ExpectText(scene, refused["pods.validate.mullion.dev/denial"], "spec.containers[0].image: ", "To fix it, ")
}

func TestARefusalIsInTheAuditLog(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	pod := scene.Pod(shared.Image(core2025))
	pod.Name = "unfit"
	scene.ExpectRefused(pod)
	framework.ExpectText(scene, auditAnnotations(t, scene, "unfit")["pods.validate.mullion.dev/denial"], "To fix it, ")
}

// auditAnnotations are those of the creation of a pod.
func auditAnnotations(t *testing.T, scene *framework.Scene, name string) map[string]string {
	t.Helper()
	var found *localcluster.AuditEvent
	scene.Eventually("the audit log has the pod "+name, func(context.Context) (bool, error) {
		events, err := shared.Cluster.AuditEvents()
		if err != nil {
			return false, err
		}
		for i := range events {
			object := events[i].ObjectRef
			if events[i].Verb == "create" && object.Namespace == scene.Namespace && object.Name == name {
				found = &events[i]
			}
		}
		return found != nil, fmt.Errorf("there are %d events", len(events))
	})
	return found.Annotations
}

func TestTheStateOfABuildDecidesWhichPodsItTakes(t *testing.T) {
	scene := shared.NewScene(t)
	spec := framework.Offering(ws2025, ws2022, ws2019)
	spec.Builds[0].State = v1alpha1.BuildPreview
	spec.Builds[1].State = v1alpha1.BuildRetired
	spec.Builds[2].State = v1alpha1.BuildDeprecated
	scene.GivenPolicy(spec)

	scene.ExpectPlaced(scene.Pod(shared.Image(core2019)), ws2019)
	scene.ExpectWarned("deprecated")
	scene.ExpectRefused(scene.Pod(shared.Image(core2025)), "preview", v1alpha1.LabelWindowsBuild)
	asking := framework.Asking(scene.Pod(shared.Image(core2025)), v1alpha1.LabelWindowsBuild, ws2025)
	scene.ExpectPlaced(asking, ws2025)
	retired := framework.Asking(scene.Pod(shared.Image(core2022)), v1alpha1.LabelWindowsBuild, ws2022)
	scene.ExpectRefused(retired, "retired")
}

func TestOfSeveralPoliciesPriorityDecidesThenTheName(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenPolicyNamed(scene.Namespace+"-b", framework.Offering(ws2019))
	iis := "windows/servercore/iis:latest"
	scene.ExpectPlaced(scene.Pod(shared.Image(iis)), ws2019)
	scene.GivenPolicyNamed(scene.Namespace+"-a", framework.Offering(ws2022))
	scene.ExpectPlaced(scene.Pod(shared.Image(iis)), ws2022)
	first := framework.Offering(ws2025)
	first.Priority = 1
	policy := scene.GivenPolicyNamed(scene.Namespace+"-c", first)
	scene.ExpectPlaced(scene.Pod(shared.Image(iis)), ws2025)

	// It overlapped with the first of them before the other was there.
	scene.ExpectStatus(scene.Namespace+"-a", func(status *v1alpha1.WindowsBuildPolicyStatus) error {
		c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionOverlapping)
		if c == nil || c.Status != metav1.ConditionTrue || c.Reason != v1alpha1.ReasonOverlapping ||
			!strings.Contains(c.Message, scene.Namespace+"-b") || !strings.Contains(c.Message, scene.Namespace+"-c") {
			return fmt.Errorf("the condition is %+v", c)
		}
		return nil
	})

	scene.DeletePolicy(policy)
	scene.ExpectPlaced(scene.Pod(shared.Image(iis)), ws2022)
}

func TestAPolicyIsForThePodsThatItSelects(t *testing.T) {
	scene := shared.NewScene(t)
	spec := framework.Offering(ws2022)
	spec.ObjectSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"tier": "front"}}
	scene.GivenPolicy(spec)
	scene.ExpectUntouched(scene.ExpectAdmitted(scene.Pod(shared.Image(core2025))))
	scene.ExpectRefused(framework.Asking(scene.Pod(shared.Image(core2025)), "tier", "front"))
}

// A registry that answers slowly keeps a request under way while its policy goes: the answer is one or the
// other, in time, and never a failure.
func TestAPolicyDeletedInTheMiddleOfARequestLeavesAClearAnswer(t *testing.T) {
	scene := shared.NewScene(t)
	policy := scene.GivenBuilds(ws2022)
	slow := scene.FaultyRegistry(registry.Slow(time.Second))
	answer := make(chan error, 1)
	go func() {
		_, err := scene.Create(scene.Pod(slow.Reference(core2025)))
		answer <- err
	}()
	scene.Eventually("the registry is asked", func(context.Context) (bool, error) { return slow.Requests("") > 0, nil })
	scene.DeletePolicy(policy)
	switch err := <-answer; {
	case err == nil: // The policy was gone before the image was known.
	case strings.Contains(err.Error(), `RuntimeClass "windows-`+ws2022+`" not found`):
		// The image was not known in time, so that the pod was placed, and the class went with the policy.
	default:
		scene.ExpectDenial(err)
	}
	scene.ExpectUntouched(scene.ExpectAdmitted(scene.Pod(shared.Image(core2025))))
}

func TestABuildWithoutAReadyNode(t *testing.T) {
	scene := shared.NewScene(t)
	node := shared.Cluster.Nodes.Node(framework.Node2019)
	node.SetReady(false)
	t.Cleanup(func() {
		node.SetReady(true)
		if err := shared.Cluster.Nodes.WaitSchedulable(context.Background(), framework.Node2019); err != nil {
			t.Error(err)
		}
	})
	err := shared.Cluster.Nodes.WaitFor(t.Context(), framework.Node2019, func(n *corev1.Node) bool {
		return len(n.Spec.Taints) > 1 // The node lifecycle controller's.
	})
	if err != nil {
		t.Fatal(err)
	}
	waiting := scene.GivenBuilds(ws2019)
	t.Run("is waited for, with a warning", func(t *testing.T) {
		scene := scene.In(t)
		scene.ExpectEdited(scene.ExpectAdmitted(scene.Pod(shared.Image(core2019))), ws2019)
		scene.ExpectWarned(ws2019, "waits")
	})
	scene.DeletePolicy(waiting)
	denying := framework.Offering(ws2019)
	denying.WhenNoReadyNode = v1alpha1.NoReadyNodeDeny
	scene.GivenPolicy(denying)
	t.Run("refuses pods if the policy says so", func(t *testing.T) {
		scene := scene.In(t)
		scene.ExpectRefused(scene.Pod(shared.Image(core2019)), "refuses pods that would have to wait")
	})
}

func TestABuildWithoutNodesIsOfferedWhereItsNodesAreMadeOnDemand(t *testing.T) {
	scene := shared.NewScene(t)
	spec := framework.Offering("10.0.25398")
	toleration := corev1.Toleration{Key: "pool", Operator: corev1.TolerationOpEqual, Value: "windows-annual", Effect: corev1.TaintEffectNoSchedule}
	spec.Builds[0].ScaleFromZero = &v1alpha1.ScaleFromZero{Tolerations: []corev1.Toleration{toleration}}
	scene.GivenPolicy(spec)
	stored := scene.ExpectAdmitted(scene.Pod(shared.Image(core2022)))
	scene.ExpectEdited(stored, "10.0.25398")
	scene.ExpectSilence()
	for _, given := range stored.Spec.Tolerations {
		if given == toleration {
			return
		}
	}
	t.Errorf("the pod lacks the toleration of the nodes to come: %v", stored.Spec.Tolerations)
}
