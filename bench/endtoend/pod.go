package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/mullion-dev/mullion/bench"
	"github.com/mullion-dev/mullion/test/registry"
)

// capturedPod is the pod of the captured review as a client may send it, with images that the registry has.
func capturedPod(images *registry.Registry) (*corev1.Pod, error) {
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(bench.PodCreate, &review); err != nil {
		return nil, fmt.Errorf("reading the captured review: %w", err)
	}
	pod := &corev1.Pod{}
	if err := json.Unmarshal(review.Request.Object.Raw, pod); err != nil {
		return nil, fmt.Errorf("reading the captured pod: %w", err)
	}
	pod.Namespace = ""        // The request's.
	pod.ManagedFields = nil   // The API server's own.
	pod.OwnerReferences = nil // There is no such ReplicaSet.
	for i := range pod.Spec.Containers {
		image := &pod.Spec.Containers[i].Image
		_, name, _ := strings.Cut(*image, "/")
		*image = images.Reference(name)
	}
	return pod, nil
}

// creator creates pods in a dry run.
type creator struct {
	client rest.Interface
	body   []byte
}

// newCreator makes a client that speaks as the controllers of Kubernetes do, in protobuf over HTTP/2, and encodes the
// pod once.
func newCreator(config *rest.Config, pod *corev1.Pod) (*creator, error) {
	config.ContentType = runtime.ContentTypeProtobuf
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	body, err := runtime.Encode(protobuf.NewSerializer(scheme.Scheme, scheme.Scheme), pod)
	if err != nil {
		return nil, fmt.Errorf("encoding the pod: %w", err)
	}
	return &creator{client: client.CoreV1().RESTClient(), body: body}, nil
}

func (c *creator) request(namespace string) *rest.Request {
	return c.client.Post().Namespace(namespace).Resource("pods").
		VersionedParams(&metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}, scheme.ParameterCodec).
		SetHeader("Content-Type", runtime.ContentTypeProtobuf).
		Body(c.body)
}

// create creates the pod and does not look at it.
func (c *creator) create(ctx context.Context, namespace string) error {
	_, err := c.request(namespace).DoRaw(ctx)
	return err
}

// created returns the pod as it would have been stored.
func (c *creator) created(ctx context.Context, namespace string) (*corev1.Pod, error) {
	pod := &corev1.Pod{}
	return pod, c.request(namespace).Do(ctx).Into(pod)
}
