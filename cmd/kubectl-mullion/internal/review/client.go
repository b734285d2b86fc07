// Package review asks a cluster's policy server.
package review

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
)

// patience bounds one review with everything in it. A server that is busy says so and when to come back, and
// client-go comes back then, up to ten times.
const patience = 2 * time.Minute

// resource is what the server calls reviews.
const resource = "placementreviews"

// Client asks for reviews. It is safe for concurrent use.
type Client struct {
	cluster *cluster.Cluster
	rest    rest.Interface
}

// NewClient makes a client of the cluster's policy server.
func NewClient(c *cluster.Cluster) (*Client, error) {
	scheme, err := scheme()
	if err != nil {
		return nil, err
	}
	config := c.Config()
	config.APIPath = "/apis"
	config.GroupVersion = &placementv1alpha1.SchemeGroupVersion
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	client, err := rest.RESTClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("making a client of the policy server: %w", err)
	}
	return &Client{c, client}, nil
}

// scheme knows reviews, and what API servers answer instead.
func scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	if err := placementv1alpha1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("registering API types: %w", err)
	}
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	return scheme, nil
}

// Create asks for one review, in the namespace of its metadata. The error says what to do about it.
func (c *Client) Create(ctx context.Context, question *placementv1alpha1.PlacementReview) (*placementv1alpha1.PlacementReview, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer := &placementv1alpha1.PlacementReview{}
	err := c.rest.Post().Namespace(question.Namespace).Resource(resource).Body(question).Do(ctx).Into(answer)
	if err != nil {
		return nil, c.cluster.Explain(cluster.Attempt{
			Verb:      "create",
			Resource:  schema.GroupResource{Group: placementv1alpha1.GroupName, Resource: resource},
			Namespace: question.Namespace,
		}, err)
	}
	// Neither does a server have to say, nor client-go keep, what kind of object this is.
	answer.SetGroupVersionKind(placementv1alpha1.SchemeGroupVersion.WithKind("PlacementReview"))
	return answer, nil
}
