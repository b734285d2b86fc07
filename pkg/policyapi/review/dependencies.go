package review

import (
	"context"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Cluster is what reviews know of the cluster: the very one that admission knows.
type Cluster = placement.Cluster

// Images tells what is behind image references, from the cache that admission uses.
type Images interface {
	// Ask returns an answer for every reference, by the reference, before the context ends. Where anonymous is
	// false registries are asked with the credentials that the pod will have, those of its service account
	// included; otherwise without any, and what others learnt with credentials is not told.
	Ask(ctx context.Context, pod *workload.Pod, references []string, anonymous bool) map[string]ImageAnswer
}

// ImageAnswer is what a registry said of an image, or why that is not known.
type ImageAnswer struct {
	policy.ImageResult
	// Credentials says where the credentials came from.
	Credentials placementv1alpha1.CredentialSource
}

// Scope tells which namespaces are shown to admission.
type Scope interface {
	// Excluded says why the objects of a namespace are not, in a clause such as "it has the label …"; empty
	// where they are.
	Excluded(namespace string, labels map[string]string) string
}

// Caller is whoever asks for a review.
type Caller interface {
	// MayReadSecrets tells whether the caller may read every Secret of a namespace.
	MayReadSecrets(ctx context.Context, namespace string) (bool, error)
}
