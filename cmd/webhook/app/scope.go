package app

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/pkg/policyapi/review"
)

// ignoreLabel takes a namespace out of every policy, if its value is true.
const ignoreLabel = "mullion.dev/ignore"

// scope tells which namespaces the shipped webhook configurations show to admission, so that reviews answer alike.
type scope struct {
	// own is the namespace of this program.
	own string
}

var _ review.Scope = scope{}

// Excluded says why a namespace is not shown to admission; empty where it is.
func (s scope) Excluded(namespace string, labels map[string]string) string {
	switch {
	case namespace == metav1.NamespaceSystem:
		return "it is the cluster's own"
	case namespace == s.own:
		return "it is that of Mullion itself"
	case labels[ignoreLabel] == "true":
		return fmt.Sprintf("it has the label %s=true", ignoreLabel)
	default:
		return ""
	}
}
