package fleet

import (
	"context"
	"errors"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

// A rollout meets a pod that its PodDisruptionBudget never lets go. Its host loses power in the middle of its drain, comes
// back, and runs out of time.
func TestAHostWhosePodsMayNotGoIsNamedAndHoldsUpNoOther(t *testing.T) {
	const count = 3
	s := newScene(t, atOnce(2))
	s.given(several(count, "kept")...)
	s.untilReady(count, current)
	pod := s.keepPod("web")
	kept := s.hostOf(pod.Spec.NodeName)

	s.give(next)
	s.untilHost(kept.Name(), "is drained, and says which pod may not go and why", drainSays(metav1.ConditionTrue, pod))
	s.become(kept, scriptedhosts.Down)
	s.untilHost(kept.Name(), "is out of reach", unreachable)
	s.configure(`{"labels":{"` + poolLabel + `":"second"}}`)
	s.until("the others have what is wanted since, and serve", func() bool { return s.pooled("second") == count-1 && s.serving() >= count-1 })
	s.become(kept, scriptedhosts.Healthy)
	s.untilHost(kept.Name(), "is drained again", func(host *v1alpha1.WindowsHost) bool {
		return host.Status.Phase == v1alpha1.HostDraining && drainSays(metav1.ConditionTrue, pod)(host)
	})

	s.rollout(`{"drain":{"timeout":"1s"}}`)
	s.untilHost(kept.Name(), "has given up, and says which pod may not go and why", drainSays(metav1.ConditionFalse, pod))
	s.until("all nodes serve, and that one is as it was", func() bool {
		return s.serving() == count && s.node(kept.Name()).Status.NodeInfo.KubeletVersion == current
	})
}

// drainSays tells whether the condition Draining of a host has a status, and names a pod and the budget of its name.
func drainSays(status metav1.ConditionStatus, pod *corev1.Pod) func(*v1alpha1.WindowsHost) bool {
	return func(host *v1alpha1.WindowsHost) bool {
		condition := meta.FindStatusCondition(host.Status.Conditions, v1alpha1.HostConditionDraining)
		return condition != nil && condition.Status == status && condition.Reason == v1alpha1.ReasonDrainBlocked &&
			strings.Contains(condition.Message, "pod "+pod.Namespace+"/"+pod.Name) &&
			strings.Contains(condition.Message, `PodDisruptionBudget "`+pod.Labels["app"]+`"`)
	}
}

// keepPod has one pod of a Deployment run that a PodDisruptionBudget of the same name does not let go.
func (s *scene) keepPod(name string) *corev1.Pod {
	s.T.Helper()
	labels := map[string]string{"app": name}
	one := intstr.FromInt(1)
	s.create(&policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: name},
		Spec:       policyv1.PodDisruptionBudgetSpec{MinAvailable: &one, Selector: &metav1.LabelSelector{MatchLabels: labels}},
	})
	s.create(&appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: name},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: framework.Windows(s.Image("windows/servercore:ltsc2022")),
			},
		},
	})
	var running *corev1.Pod
	s.Eventually("the pod of "+name+" runs, and its budget has been counted", func(ctx context.Context) (bool, error) {
		pods, err := s.Kube.CoreV1().Pods(s.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + name})
		if err != nil {
			return false, err
		}
		if len(pods.Items) != 1 || pods.Items[0].Status.Phase != corev1.PodRunning {
			return false, errors.New("it does not run")
		}
		running = &pods.Items[0]
		budget, err := s.Kube.PolicyV1().PodDisruptionBudgets(s.Namespace).Get(ctx, name, metav1.GetOptions{})
		return err == nil && budget.Status.CurrentHealthy == 1, err
	})
	return running
}

// hostOf is the host of a node.
func (s *scene) hostOf(node string) *scriptedhosts.Host {
	s.T.Helper()
	for _, h := range s.hosts {
		if h.Name() == node {
			return h
		}
	}
	s.T.Fatalf("%q is the node of no host", node)
	return nil
}
