package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
)

// question is what is asked about the pod instead of creating it.
type question struct {
	body []byte
	post func(ctx context.Context, body []byte) ([]byte, error)
	// placed tells whether an answer places the pod.
	placed func(answer []byte) (bool, error)
}

// ask asks and does not look at the answer.
func (q *question) ask(ctx context.Context) error {
	_, err := q.post(ctx, q.body)
	return err
}

var errNotPlaced = errors.New("the answer does not place the pod")

// check asks and fails unless the answer places the pod.
func (q *question) check(ctx context.Context) error {
	answer, err := q.post(ctx, q.body)
	if err != nil {
		return err
	}
	placed, err := q.placed(answer)
	if err == nil && !placed {
		err = errNotPlaced
	}
	return err
}

// questionOf is what a contender asks; nil for one that has the pod created.
func (a *arena) questionOf(c contender) (*question, error) {
	pod, err := json.Marshal(withKind(a.pod))
	if err != nil {
		return nil, fmt.Errorf("encoding the pod: %w", err)
	}
	switch c.asks {
	case asksPolicyAPI:
		return a.placementReview(pod, c.namespace())
	case asksWebhook:
		return a.admissionReview(pod, c.namespace())
	default:
		return nil, nil //nolint:nilnil // There is nothing to ask.
	}
}

func withKind(pod *corev1.Pod) *corev1.Pod {
	pod = pod.DeepCopy()
	pod.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
	return pod
}

// placementReview asks the policy API through the API server.
func (a *arena) placementReview(pod []byte, namespace string) (*question, error) {
	review := &placementv1alpha1.PlacementReview{
		TypeMeta: metav1.TypeMeta{APIVersion: placementv1alpha1.SchemeGroupVersion.String(), Kind: "PlacementReview"},
		Spec:     placementv1alpha1.PlacementReviewSpec{Object: runtime.RawExtension{Raw: pod}},
	}
	body, err := json.Marshal(review)
	if err != nil {
		return nil, fmt.Errorf("encoding the placement review: %w", err)
	}
	client, err := kubernetes.NewForConfig(a.Config())
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	path := "/apis/" + placementv1alpha1.SchemeGroupVersion.String() + "/namespaces/" + namespace + "/placementreviews"
	return &question{
		body: body,
		post: func(ctx context.Context, body []byte) ([]byte, error) {
			return client.Discovery().RESTClient().Post().AbsPath(path).SetHeader("Content-Type", "application/json").Body(body).DoRaw(ctx)
		},
		placed: func(answer []byte) (bool, error) {
			var answered placementv1alpha1.PlacementReview
			err := json.Unmarshal(answer, &answered)
			return answered.Status.Allowed && len(answered.Status.Patch) > 0, err
		},
	}, nil
}

// admissionReview asks the webhook itself, as an API server does.
func (a *arena) admissionReview(pod []byte, namespace string) (*question, error) {
	body, err := json.Marshal(&admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID: "bench", Kind: metav1.GroupVersionKind{Version: "v1", Kind: "Pod"}, Namespace: namespace,
			Operation: admissionv1.Create, Object: runtime.RawExtension{Raw: pod},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("encoding the admission review: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // Our own process, on this machine.
	}}
	url := "https://" + a.Webhook().ServingAddress() + "/mutate-pods"
	return &question{
		body: body,
		post: func(ctx context.Context, body []byte) ([]byte, error) { return post(ctx, client, url, body) },
		placed: func(answer []byte) (bool, error) {
			var answered admissionv1.AdmissionReview
			err := json.Unmarshal(answer, &answered)
			return answered.Response != nil && len(answered.Response.Patch) > 0, err
		},
	}, nil
}

func post(ctx context.Context, client *http.Client, url string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("asking %s: %s: %s", url, response.Status, answer)
	}
	return answer, err
}
