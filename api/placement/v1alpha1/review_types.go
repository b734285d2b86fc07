package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// PlacementReview asks where the pods of an object would run, and why not elsewhere. It is created and answered
// in one request, and nothing is stored. The answer is the one that admission would give at that moment: it is
// made by the same function from the same facts.
//
// +kubebuilder:object:root=true
type PlacementReview struct {
	metav1.TypeMeta `json:",inline"`
	// metadata names the namespace; nothing else of it is read.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the question.
	// +required
	Spec PlacementReviewSpec `json:"spec"`

	// status is the answer. It is ignored in a request.
	// +optional
	Status PlacementReviewStatus `json:"status,omitempty"`
}

// PlacementReviewSpec is a question about placement.
type PlacementReviewSpec struct {
	// object is the object in question, as it would be applied: a Pod, or anything with a pod template, such as
	// a Deployment, DaemonSet, StatefulSet, Job, CronJob, ReplicaSet, ReplicationController or PodTemplate.
	// Its namespace may be left out; another one than that of the review is refused.
	// +required
	Object runtime.RawExtension `json:"object"`

	// assume is what to suppose of the cluster that is not so. Without it the cluster is taken as it is.
	// +optional
	Assume *Assumptions `json:"assume,omitempty"`
}

// PlacementReviewStatus is the answer to a question about placement.
type PlacementReviewStatus struct {
	// allowed tells that admission would let the pods in.
	Allowed bool `json:"allowed"`

	// windows tells that the pods are for Windows nodes, by their own word or because the policy infers it.
	// Of other pods nothing else is said.
	// +optional
	Windows bool `json:"windows"`

	// policy is the WindowsBuildPolicy in force; empty where none is, and then nothing is refused or changed.
	// +optional
	Policy string `json:"policy,omitempty"`

	// mode is how that policy is carried out: Enforce, Warn or Audit.
	// +optional
	Mode string `json:"mode,omitempty"`

	// build is the Windows build that the pods would be placed on; empty where none fits.
	// +optional
	Build string `json:"build,omitempty"`

	// runtimeClass is the RuntimeClass that the pods would be in.
	// +optional
	RuntimeClass string `json:"runtimeClass,omitempty"`

	// patch is what admission would change, as a JSON patch (RFC 6902). Its paths are within what patchTarget says.
	// +listType=atomic
	// +optional
	Patch []PatchOperation `json:"patch,omitempty"`

	// patchTarget says whether patch is made in the object itself (Object, for a Pod or for a DaemonSet whose
	// policy changes templates) or in each pod that is made from it (Pods).
	// +optional
	PatchTarget PatchTarget `json:"patchTarget,omitempty"`

	// denial says why no build fits. In mode Enforce the pods are refused with it.
	// +optional
	Denial *Finding `json:"denial,omitempty"`

	// warnings are what the user is told although the pods are let in.
	// +listType=atomic
	// +optional
	Warnings []Finding `json:"warnings,omitempty"`

	// candidates are the builds of the policy in its order of preference, each with why it fits or does not.
	// +listType=map
	// +listMapKey=build
	// +optional
	Candidates []Candidate `json:"candidates,omitempty"`

	// images are the facts on which the answer rests, in the order of the containers.
	// +listType=map
	// +listMapKey=reference
	// +optional
	Images []ImageFacts `json:"images,omitempty"`

	// notes are sentences on how the answer was come by, such as that pull secrets were not used because
	// the caller may not read them.
	// +listType=atomic
	// +optional
	Notes []string `json:"notes,omitempty"`
}

// PatchTarget is what a patch applies to.
//
// +enum
type PatchTarget string

const (
	// PatchObject: the object of the review.
	PatchObject PatchTarget = "Object"
	// PatchPods: each pod that is made from the object.
	PatchPods PatchTarget = "Pods"
)

// PatchOperation is one operation of a JSON patch (RFC 6902).
type PatchOperation struct {
	// op is the operation, such as add.
	Op string `json:"op"`
	// path is the JSON pointer of the field.
	Path string `json:"path"`
	// value is the value that the field is given.
	// +optional
	Value *runtime.RawExtension `json:"value,omitempty"`
}

// Finding is one thing that speaks against a placement, or that the user should know.
type Finding struct {
	// reason is the machine-readable class of the finding, stable across releases.
	Reason string `json:"reason"`
	// field is the path of the field at fault within the object; empty where no single field is.
	// +optional
	Field string `json:"field,omitempty"`
	// problem says what is wrong, without a full stop.
	Problem string `json:"problem"`
	// context says what the policy allows and what the nodes offer, where that matters.
	// +optional
	Context string `json:"context,omitempty"`
	// fix is the one change that mends it, as an instruction.
	// +optional
	Fix string `json:"fix,omitempty"`
	// message is all of it as the user of kubectl reads it.
	Message string `json:"message"`
}

// Candidate is one build of the policy, examined for the pods.
type Candidate struct {
	// build is the Windows build, such as 10.0.20348.
	Build string `json:"build"`
	// release is the build's name in words, such as Windows Server 2022; empty where it is not known.
	// +optional
	Release string `json:"release,omitempty"`
	// state is where the policy has the build in its life: Active, Preview, Deprecated or Retired.
	State string `json:"state"`
	// isolation is Process or HyperV.
	Isolation string `json:"isolation"`
	// runtimeClass is the RuntimeClass that pods of this build are given.
	RuntimeClass string `json:"runtimeClass"`
	// nodes is the number of nodes of this build.
	Nodes int32 `json:"nodes"`
	// readyNodes is the number of those that are Ready and schedulable.
	ReadyNodes int32 `json:"readyNodes"`
	// fits tells that the pods could run on this build.
	Fits bool `json:"fits"`
	// ready tells that a node of this build would take a pod now.
	Ready bool `json:"ready"`
	// chosen tells that this is the build the pods would be placed on.
	// +optional
	Chosen bool `json:"chosen,omitempty"`
	// reason is the machine-readable class of the first thing that speaks against the build, or Fits.
	Reason string `json:"reason"`
	// message is that reason in a sentence without a full stop.
	Message string `json:"message"`
}
