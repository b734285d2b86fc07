package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// WindowsBuildPolicy says which Windows builds a cluster offers to which pods, and how those pods are
// brought onto nodes of these builds.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=wbp,categories=mullion
// +kubebuilder:printcolumn:name="Mode",type=string,JSONPath=`.spec.mode`
// +kubebuilder:printcolumn:name="Priority",type=integer,JSONPath=`.spec.priority`
// +kubebuilder:printcolumn:name="Builds",type=string,JSONPath=`.status.summary`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Rollout",type=string,JSONPath=`.status.rollout.summary`,priority=1
// +kubebuilder:printcolumn:name="Stranded",type=string,JSONPath=`.status.strandedSummary`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type WindowsBuildPolicy struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the administrator wants.
	// +required
	Spec WindowsBuildPolicySpec `json:"spec"`

	// status is what the cluster shows of it.
	// +optional
	Status WindowsBuildPolicyStatus `json:"status,omitempty"`
}

// WindowsBuildPolicyList is a list of WindowsBuildPolicy.
//
// +kubebuilder:object:root=true
type WindowsBuildPolicyList struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard list's metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// items are the policies.
	Items []WindowsBuildPolicy `json:"items"`
}

// WindowsBuildPolicySpec is the one model by which pods are placed and hosts are kept.
//
// +kubebuilder:validation:XValidation:rule="self.builds.all(b, !has(b.runtimeClass) || !has(b.runtimeClass.name) || self.builds.exists_one(o, has(o.runtimeClass) && has(o.runtimeClass.name) && o.runtimeClass.name == b.runtimeClass.name))",message="builds[].runtimeClass.name must be unique: a RuntimeClass selects the nodes of one build",fieldPath=".builds"
type WindowsBuildPolicySpec struct {
	// mode is what happens to a pod that matches. Enforce places it, or refuses it where no build fits.
	// Warn places it, and admits with a warning what Enforce would refuse. Audit changes and refuses
	// nothing: what it would have done is in the audit log and in the metrics.
	// +kubebuilder:default=Enforce
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// priority decides between several policies that match one pod: the highest wins, then the first by name.
	// +kubebuilder:default=0
	// +optional
	Priority int32 `json:"priority,omitempty"`

	// namespaceSelector selects the namespaces whose pods this policy is for. Empty selects all.
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && size(e.values) > 0 : e.operator in ['Exists', 'DoesNotExist'] && (!has(e.values) || size(e.values) == 0))",message="matchExpressions take the operators In and NotIn with values, Exists and DoesNotExist without"
	// +optional
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`

	// objectSelector selects the pods that this policy is for, by the pods' own labels. Empty selects all.
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && size(e.values) > 0 : e.operator in ['Exists', 'DoesNotExist'] && (!has(e.values) || size(e.values) == 0))",message="matchExpressions take the operators In and NotIn with values, Exists and DoesNotExist without"
	// +optional
	ObjectSelector *metav1.LabelSelector `json:"objectSelector,omitempty"`

	// builds are the Windows builds on which a pod may run, in order of preference.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=build
	// +required
	Builds []BuildRule `json:"builds"`

	// whenNoReadyNode says what happens to a pod whose fitting builds have no Ready node just now. Admit
	// places it with a warning, since a node may be booting or a pool may be scaled to zero. Deny refuses it.
	// +kubebuilder:default=Admit
	// +optional
	WhenNoReadyNode NoReadyNodeAction `json:"whenNoReadyNode,omitempty"`

	// tolerations says which tolerations a placed pod is given.
	// +optional
	Tolerations TolerationPolicy `json:"tolerations,omitempty,omitzero"`

	// images says how image references are judged.
	// +optional
	Images ImagePolicy `json:"images,omitempty,omitzero"`

	// inference says what may be concluded from images about pods that do not name an operating system.
	// +optional
	Inference InferencePolicy `json:"inference,omitempty,omitzero"`

	// daemonSets says what happens to DaemonSets.
	// +optional
	DaemonSets DaemonSetPolicy `json:"daemonSets,omitempty,omitzero"`

	// compatibility replaces, for the host builds it lists, the built-in table of the image builds that run
	// there with process isolation.
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=hostBuild
	// +optional
	Compatibility []CompatibilityRule `json:"compatibility,omitempty"`

	// rollout says how the hosts of these builds are brought to what the policy wants. It concerns the builds that have a
	// nodeConfigRef.
	// +optional
	Rollout RolloutPolicy `json:"rollout,omitempty,omitzero"`
}

// Mode is what happens to a pod that matches a policy.
//
// +kubebuilder:validation:Enum=Enforce;Warn;Audit
type Mode string

const (
	// ModeEnforce places pods and refuses those that no build fits.
	ModeEnforce Mode = "Enforce"
	// ModeWarn places pods and turns refusals into warnings.
	ModeWarn Mode = "Warn"
	// ModeAudit changes nothing and leaves audit annotations and metrics.
	ModeAudit Mode = "Audit"
)

// NoReadyNodeAction is what happens to a pod whose fitting builds have no Ready node.
//
// +kubebuilder:validation:Enum=Admit;Deny
type NoReadyNodeAction string

const (
	// NoReadyNodeAdmit places the pod and warns.
	NoReadyNodeAdmit NoReadyNodeAction = "Admit"
	// NoReadyNodeDeny refuses the pod.
	NoReadyNodeDeny NoReadyNodeAction = "Deny"
)

// TolerationPolicy says which tolerations a placed pod is given.
//
// +kubebuilder:validation:XValidation:rule="!has(self.source) || self.source != 'Explicit' || has(self.items)",message="source Explicit needs items",fieldPath=".items",reason=FieldValueRequired
type TolerationPolicy struct {
	// source is where tolerations come from. Nodes derives them from the taints by which the build's live
	// nodes are kept for Windows pods, such as os=windows:NoSchedule; other taints, such as one that reserves
	// a node for a team, are never tolerated on a pod's behalf. Explicit uses the items only.
	// +kubebuilder:default=Nodes
	// +optional
	Source TolerationSource `json:"source,omitempty"`

	// items are tolerations given to every placed pod, beside those derived from nodes.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Items []corev1.Toleration `json:"items,omitempty"`
}

// TolerationSource is where a placed pod's tolerations come from.
//
// +kubebuilder:validation:Enum=Nodes;Explicit
type TolerationSource string

const (
	// TolerationsFromNodes derives tolerations from the taints of live nodes.
	TolerationsFromNodes TolerationSource = "Nodes"
	// TolerationsExplicit uses the tolerations that the policy lists, and no others.
	TolerationsExplicit TolerationSource = "Explicit"
)

// InferencePolicy says what may be concluded from images about pods that do not name an operating system.
// It takes effect where the webhook is sent such pods; see the component manifests/components/inference.
type InferencePolicy struct {
	// windowsPods says what happens to a pod all of whose images are Windows-only. Infer sets spec.os.name
	// and places it. Ignore leaves it alone.
	// +kubebuilder:default=Ignore
	// +optional
	WindowsPods WindowsInference `json:"windowsPods,omitempty"`

	// linuxPods says what happens to a pod with a Linux-only image that nothing keeps off Windows nodes.
	// Pin selects Linux nodes for it. Ignore leaves it alone.
	// +kubebuilder:default=Ignore
	// +optional
	LinuxPods LinuxInference `json:"linuxPods,omitempty"`
}

// WindowsInference is what happens to a pod that is provably Windows-only without saying so.
//
// +kubebuilder:validation:Enum=Ignore;Infer
type WindowsInference string

const (
	// WindowsInferenceIgnore leaves such a pod alone.
	WindowsInferenceIgnore WindowsInference = "Ignore"
	// WindowsInferenceInfer makes it a Windows pod.
	WindowsInferenceInfer WindowsInference = "Infer"
)

// LinuxInference is what happens to a pod that is provably Linux-only without saying so.
//
// +kubebuilder:validation:Enum=Ignore;Pin
type LinuxInference string

const (
	// LinuxInferenceIgnore leaves such a pod alone.
	LinuxInferenceIgnore LinuxInference = "Ignore"
	// LinuxInferencePin selects Linux nodes for it.
	LinuxInferencePin LinuxInference = "Pin"
)

// DaemonSetPolicy says what happens to DaemonSets.
type DaemonSetPolicy struct {
	// templates says what happens to the pod template of a Windows DaemonSet. Warn leaves it as it is and
	// says what is missing. Mutate gives it the node selector, the affinity to every build that fits, and
	// the tolerations, because the DaemonSet controller chooses nodes by the template, not by the pods.
	// +kubebuilder:default=Warn
	// +optional
	Templates DaemonSetTemplateAction `json:"templates,omitempty"`
}

// DaemonSetTemplateAction is what happens to the pod template of a Windows DaemonSet.
//
// +kubebuilder:validation:Enum=Warn;Mutate
type DaemonSetTemplateAction string

const (
	// DaemonSetTemplateWarn says what is missing and changes nothing.
	DaemonSetTemplateWarn DaemonSetTemplateAction = "Warn"
	// DaemonSetTemplateMutate places the template.
	DaemonSetTemplateMutate DaemonSetTemplateAction = "Mutate"
)
