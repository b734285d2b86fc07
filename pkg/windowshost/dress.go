package windowshost

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostaccess"
)

// fieldOwner is the manager of the labels and annotations that are set on nodes.
const fieldOwner = client.FieldOwner("mullion-windowshost")

// Labels that nodes have in clusters with the Windows Machine Config Operator.
const (
	labelWorker = "node-role.kubernetes.io/worker"
	labelOSID   = "node.openshift.io/os_id"
)

// dress gives the node the labels, annotations and taints that are ours to give, and takes off those that are no longer
// wanted. What others have set stays.
func (s join) dress(ctx context.Context, p *pass) error {
	labels, annotations := p.nodeLabels(), p.nodeAnnotations(s.options.Version)
	if !includes(p.node.Labels, labels) || !includes(p.node.Annotations, annotations) {
		node := corev1ac.Node(p.node.Name).WithUID(p.node.UID).WithLabels(labels).WithAnnotations(annotations)
		if err := s.client.Apply(ctx, node, fieldOwner, client.ForceOwnership); err != nil {
			return fmt.Errorf("labelling node %s: %w", p.node.Name, err)
		}
	}
	return s.taint(ctx, p)
}

// nodeLabels are those that the kubelet may not set itself, and those of the Windows Machine Config Operator.
func (p *pass) nodeLabels() map[string]string {
	labels := map[string]string{labelWorker: "", labelOSID: "Windows"}
	if p.host.Spec.Machine == nil {
		labels[v1alpha1.LabelBYOH] = "true"
	}
	maps.Copy(labels, p.result.ManagedLabels)
	return labels
}

func (p *pass) nodeAnnotations(version string) map[string]string {
	annotations := map[string]string{
		v1alpha1.AnnotationHost:       p.key().String(),
		v1alpha1.AnnotationNodeLabels: strings.Join(slices.Sorted(maps.Keys(p.nodeLabels())), ","),
	}
	if version != "" {
		annotations[v1alpha1.AnnotationOperatorVersion] = version
		annotations[v1alpha1.AnnotationOperatorDesiredVersion] = version
	}
	if p.loginHash != "" {
		annotations[v1alpha1.AnnotationPublicKeyHash] = p.loginHash
	}
	return annotations
}

// includes tells whether everything that is wanted is there. What is no longer wanted shows in the list of labels, which
// is an annotation.
func includes(there, wanted map[string]string) bool {
	for key, value := range wanted {
		if is, found := there[key]; !found || is != value {
			return false
		}
	}
	return true
}

// taint gives the node the taints of its configuration. The kubelet does so only when it registers; taints are one list
// of which every controller has some, so that they are merged into what is there, and refused if that has changed.
func (s join) taint(ctx context.Context, p *pass) error {
	wanted := p.goal.config.Spec.Taints
	list := taintList(wanted)
	taints := mergedTaints(p.node.Spec.Taints, strings.Split(p.node.Annotations[v1alpha1.AnnotationNodeTaints], ","), wanted)
	if p.node.Annotations[v1alpha1.AnnotationNodeTaints] == list && sameTaints(p.node.Spec.Taints, taints) {
		return nil
	}
	live, err := getNode(ctx, s.api, p.node.Name)
	if err != nil || live == nil {
		return err
	}
	changed := live.DeepCopy()
	changed.Spec.Taints = mergedTaints(live.Spec.Taints, strings.Split(live.Annotations[v1alpha1.AnnotationNodeTaints], ","), wanted)
	if changed.Annotations == nil {
		changed.Annotations = map[string]string{}
	}
	changed.Annotations[v1alpha1.AnnotationNodeTaints] = list
	patch := client.MergeFromWithOptions(live, client.MergeFromWithOptimisticLock{})
	if err := s.client.Patch(ctx, changed, patch); err != nil {
		return fmt.Errorf("tainting node %s: %w", p.node.Name, err)
	}
	return nil
}

// mergedTaints are the taints that are there, without those of ours that are no longer wanted, with those that are.
func mergedTaints(there []corev1.Taint, ours []string, wanted []corev1.Taint) []corev1.Taint {
	var merged []corev1.Taint
	for _, taint := range there {
		replaced := slices.ContainsFunc(wanted, func(w corev1.Taint) bool { return w.MatchTaint(&taint) })
		if !replaced && !slices.Contains(ours, taint.ToString()) {
			merged = append(merged, taint)
		}
	}
	for _, taint := range wanted {
		// Since when it is there is for others to say.
		if i := slices.IndexFunc(there, func(t corev1.Taint) bool { return t.MatchTaint(&taint) && t.Value == taint.Value }); i >= 0 {
			taint = there[i]
		}
		merged = append(merged, taint)
	}
	return merged
}

func sameTaints(a, b []corev1.Taint) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(taint corev1.Taint) bool {
		return !slices.ContainsFunc(b, func(t corev1.Taint) bool { return t.MatchTaint(&taint) && t.Value == taint.Value })
	})
}

// taintList are taints as an annotation has them: key=value:effect, sorted.
func taintList(taints []corev1.Taint) string {
	texts := make([]string, len(taints))
	for i := range taints {
		texts[i] = taints[i].ToString()
	}
	slices.Sort(texts)
	return strings.Join(texts, ",")
}

// loginHash is what the annotation of nodes has for the key by which the host was logged in to.
func loginHash(keys *hostaccess.Keys, login string) string {
	for _, signer := range keys.Signers() {
		if ssh.FingerprintSHA256(signer.PublicKey()) == login {
			return hostaccess.PublicKeyHash(signer)
		}
	}
	return ""
}
