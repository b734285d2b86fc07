package explain

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/resource"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
)

// fromCluster reads the objects that the user names from the cluster. What it asks ends with the context of the
// cluster's connection.
func (o *options) fromCluster(ctx context.Context, target *cluster.Cluster, args []string) ([]question, error) {
	found := resource.NewBuilder(target.Getter).
		Unstructured().
		NamespaceParam(target.Namespace).DefaultNamespace().
		ResourceTypeOrNameArgs(true, args...).
		ContinueOnError().
		Flatten().
		Do()
	infos, err := found.Infos()
	if ctx.Err() != nil {
		return nil, cluster.ErrInterrupted
	}
	errs := []error{explainAll(target, err)}
	var questions []question
	for _, info := range infos {
		object, ok := info.Object.(*unstructured.Unstructured)
		if !ok {
			errs = append(errs, fmt.Errorf("reading %s: it came as %T", info.ObjectName(), info.Object))
			continue
		}
		if kind := object.GroupVersionKind(); !makesPods(kind) {
			o.skip(fmt.Sprintf("%s %s", kind.Kind, object.GetName()), noPods)
			continue
		}
		q, err := fromLive(object)
		questions, errs = append(questions, q), append(errs, err)
	}
	if len(infos) == 0 && err == nil {
		return nil, fmt.Errorf("there is no %s in namespace %s", strings.Join(args, ", "), target.Namespace)
	}
	return questions, errors.Join(errs...)
}

// fromLive is the question about an object of the cluster, without what only the cluster has written into it.
func fromLive(object *unstructured.Unstructured) (question, error) {
	q := question{kind: object.GroupVersionKind(), namespace: object.GetNamespace(), name: object.GetName(), notes: ofPod(object)}
	object.SetManagedFields(nil)
	unstructured.RemoveNestedField(object.Object, "status")
	var err error
	if q.object, err = json.Marshal(object); err != nil {
		return question{}, fmt.Errorf("encoding %s: %w", &q, err)
	}
	return q, nil
}

// ofPod says what is particular about asking about a pod that exists; nothing of any other object.
func ofPod(object *unstructured.Unstructured) []string {
	if object.GroupVersionKind().GroupKind() != (schema.GroupKind{Kind: "Pod"}) {
		return nil
	}
	where := "The pod exists, bound to no node yet"
	if node, _, _ := unstructured.NestedString(object.Object, "spec", "nodeName"); node != "" {
		where = "The pod exists, on node " + node
	}
	note := where + ": the selectors and the RuntimeClass that it was admitted with rule out every build but its own."
	if owner := metav1.GetControllerOf(object); owner != nil {
		note += fmt.Sprintf(" To ask where it would go if it were made anew: kubectl mullion explain -n %s %s/%s",
			object.GetNamespace(), strings.ToLower(owner.Kind), owner.Name)
	}
	return []string{note}
}

// explainAll explains each error of the resource builder.
func explainAll(target *cluster.Cluster, err error) error {
	if err == nil {
		return nil
	}
	var errs []error
	for _, one := range apart(err) {
		attempt := cluster.Attempt{Verb: "get", Resource: schema.GroupResource{Resource: "objects"}, Namespace: target.Namespace}
		var status apierrors.APIStatus
		if errors.As(one, &status) && status.Status().Details != nil {
			details := status.Status().Details
			attempt.Resource = schema.GroupResource{Group: details.Group, Resource: cmp.Or(details.Kind, attempt.Resource.Resource)}
		}
		errs = append(errs, target.Explain(attempt, one))
	}
	return errors.Join(errs...)
}

// apart takes the builder's aggregate apart.
func apart(err error) []error {
	var aggregate interface{ Errors() []error }
	if errors.As(err, &aggregate) {
		return aggregate.Errors()
	}
	return []error{err}
}
