package policyapi

import (
	"cmp"
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
)

// GroupVersionKind is the kind of the resource, which two versions of the scheme have.
func (*storage) GroupVersionKind(schema.GroupVersion) schema.GroupVersionKind {
	return placementv1alpha1.SchemeGroupVersion.WithKind(kind)
}

// ConvertToTable is a review in one row, for clients that print what they get.
func (*storage) ConvertToTable(_ context.Context, object, options runtime.Object) (*metav1.Table, error) {
	answered, ok := object.(*placementv1alpha1.PlacementReview)
	if !ok {
		return nil, fmt.Errorf("making a table of a %T: not a %s", object, kind)
	}
	table := &metav1.Table{Rows: []metav1.TableRow{{Cells: row(answered), Object: runtime.RawExtension{Object: answered}}}}
	if wanted, ok := options.(*metav1.TableOptions); !ok || !wanted.NoHeaders {
		table.ColumnDefinitions = []metav1.TableColumnDefinition{
			{Name: "Name", Type: "string", Format: "name", Description: "The name of the review, or of its object."},
			{Name: "Allowed", Type: "boolean", Description: "Whether admission would let the pods in."},
			{Name: "Build", Type: "string", Description: "The Windows build that the pods would be placed on."},
			{Name: "Policy", Type: "string", Description: "The policy in force, and its mode."},
			{Name: "Message", Type: "string", Description: "Why no build fits."},
			{Name: "RuntimeClass", Type: "string", Priority: 1, Description: "The RuntimeClass that the pods would be in."},
		}
	}
	return table, nil
}

func row(answered *placementv1alpha1.PlacementReview) []any {
	status := &answered.Status
	policyAndMode, message := "none", ""
	if status.Policy != "" {
		policyAndMode = status.Policy + " (" + status.Mode + ")"
	}
	if status.Denial != nil {
		message = status.Denial.Message
	}
	return []any{
		answered.Name, status.Allowed, cmp.Or(status.Build, "none"), policyAndMode, message, cmp.Or(status.RuntimeClass, "none"),
	}
}
