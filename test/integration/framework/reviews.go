package framework

import (
	"context"
	"encoding/json"
	"errors"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/test/localcluster"
)

// GivenUser is somebody with a ClusterRole in the scene's namespace; with none where the role is empty.
func (s *Scene) GivenUser(name, role string) *localcluster.Identity {
	s.T.Helper()
	name += "-" + s.Namespace
	user, err := s.Cluster.User(name)
	if err != nil {
		s.T.Fatal(err)
	}
	if role == "" {
		return user
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
	}
	if _, err := s.Kube.RbacV1().RoleBindings(s.Namespace).Create(s.T.Context(), binding, metav1.CreateOptions{}); err != nil {
		s.T.Fatal(err)
	}
	return user
}

// Review is a review of an object in the scene's namespace.
func (s *Scene) Review(object runtime.Object) *placementv1alpha1.PlacementReview {
	s.T.Helper()
	raw, err := json.Marshal(object)
	if err != nil {
		s.T.Fatal(err)
	}
	asked := &placementv1alpha1.PlacementReview{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace}}
	asked.Spec.Object.Raw = raw
	return asked
}

// PodToReview is a pod as somebody would write it down.
func (s *Scene) PodToReview(references ...string) *corev1.Pod {
	pod := s.Pod(references...)
	pod.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
	return pod
}

// Ask has somebody create a review.
func (s *Scene) Ask(user *localcluster.Identity, asked *placementv1alpha1.PlacementReview) (*placementv1alpha1.PlacementReview, error) {
	s.T.Helper()
	scheme := runtime.NewScheme()
	if err := placementv1alpha1.AddToScheme(scheme); err != nil {
		s.T.Fatal(err)
	}
	config := user.RESTConfig()
	config.APIPath, config.GroupVersion = "/apis", &placementv1alpha1.SchemeGroupVersion
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	asking, err := rest.RESTClientFor(config)
	if err != nil {
		s.T.Fatal(err)
	}
	asked = asked.DeepCopy()
	asked.SetGroupVersionKind(placementv1alpha1.SchemeGroupVersion.WithKind("PlacementReview"))
	answered := &placementv1alpha1.PlacementReview{}
	return answered, asking.Post().Namespace(asked.Namespace).Resource("placementreviews").Body(asked).Do(s.T.Context()).Into(answered)
}

// ExpectAnswer has somebody create a review that must be answered. Who was given a right a moment ago may have to
// wait until it is known.
func (s *Scene) ExpectAnswer(user *localcluster.Identity, asked *placementv1alpha1.PlacementReview) *placementv1alpha1.PlacementReviewStatus {
	s.T.Helper()
	var answered *placementv1alpha1.PlacementReview
	s.Eventually("the review is answered", func(context.Context) (holds bool, err error) {
		answered, err = s.Ask(user, asked)
		return err == nil, err
	})
	return &answered.Status
}

// ExpectInvalid has somebody create a review that must be refused for the field and with a text.
func (s *Scene) ExpectInvalid(user *localcluster.Identity, asked *placementv1alpha1.PlacementReview, fragments ...string) {
	s.T.Helper()
	_, err := s.Ask(user, asked)
	if !apierrors.IsInvalid(err) {
		s.T.Fatalf("got %v: want the review to be invalid", err)
	}
	ExpectText(s, err.Error(), fragments...)
}

// WaitForPolicyAPI waits until the API server finds the policy API available.
func (s *Scene) WaitForPolicyAPI() {
	s.T.Helper()
	s.Eventually("the policy API is available", func(ctx context.Context) (bool, error) {
		out, err := s.Cluster.Kubectl(ctx, nil, "get", "apiservice", "v1alpha1.placement.mullion.dev",
			"-o", `jsonpath={.status.conditions[?(@.type=="Available")]}`)
		if err != nil {
			return false, err
		}
		var available struct{ Status, Reason, Message string }
		if err := json.Unmarshal([]byte(out), &available); err != nil {
			return false, err
		}
		if available.Status != "True" {
			return false, errors.New(available.Reason + ": " + available.Message)
		}
		return true, nil
	})
}
