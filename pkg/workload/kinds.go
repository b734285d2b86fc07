package workload

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// templatePaths says where each kind that stands for pods keeps its pod template. They are the kinds that
// Pod Security admission knows; a pod is its own template.
//
// Source: k8s.io/pod-security-admission/admission, DefaultPodSpecExtractor.
//
//nolint:gochecknoglobals // a table that is only read
var templatePaths = map[schema.GroupKind]string{
	{Group: "", Kind: "Pod"}:                   "",
	{Group: "", Kind: "PodTemplate"}:           "template",
	{Group: "", Kind: "ReplicationController"}: "spec.template",
	{Group: "apps", Kind: "DaemonSet"}:         "spec.template",
	{Group: "apps", Kind: "Deployment"}:        "spec.template",
	{Group: "apps", Kind: "ReplicaSet"}:        "spec.template",
	{Group: "apps", Kind: "StatefulSet"}:       "spec.template",
	{Group: "batch", Kind: "CronJob"}:          "spec.jobTemplate.spec.template",
	{Group: "batch", Kind: "Job"}:              "spec.template",
}

// TemplatePath is the field path of the pod template in objects of a kind, such as "spec.template"; it is
// empty for a pod. The second result is false for a kind that makes no pods.
func TemplatePath(kind schema.GroupKind) (string, bool) {
	path, ok := templatePaths[kind]
	return path, ok
}

// Object is a pod, or an object that makes pods.
type Object struct {
	// Kind is the object's own kind.
	Kind schema.GroupKind
	// Metadata is the object's own metadata; that of its pods is in Template.
	Metadata Metadata
	// Template is the pod, or what the object's pods are made from. It is never nil.
	Template *Pod
	// Path is where Template stands within the object, as [TemplatePath] gives it.
	Path string
}

// Field is the path within the object of a field of its template, given as the path within a pod:
// spec.nodeSelector of a Deployment is spec.template.spec.nodeSelector.
func (o *Object) Field(path string) string {
	if o.Path == "" {
		return path
	}
	return o.Path + "." + path
}

// UnknownKindError refuses an object that is no pod and makes none.
type UnknownKindError struct {
	Kind schema.GroupKind
}

func (e *UnknownKindError) Error() string {
	return fmt.Sprintf("objects of kind %s make no pods", e.Kind)
}
