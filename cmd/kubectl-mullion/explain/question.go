package explain

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// question is one object to ask about.
type question struct {
	kind            schema.GroupVersionKind
	namespace, name string
	// object is the object in JSON.
	object []byte
	// place tells where a field of the object stands, such as web.yaml:12; nil where the object is in no file.
	place func(field string) string
	// notes are what to tell beside the answer.
	notes []string
}

// String names the object for a person.
func (q *question) String() string { return fmt.Sprintf("%s %s/%s", q.kind.Kind, q.namespace, q.name) }

// makesPods tells whether there is anything to ask about objects of a kind.
func makesPods(kind schema.GroupVersionKind) bool {
	_, ok := workload.TemplatePath(kind.GroupKind())
	return ok
}

// questions are the objects that the user names, as far as they could be read. The error joins what could not.
func (o *options) questions(ctx context.Context, target *cluster.Cluster, args []string) ([]question, error) {
	if len(o.files) > 0 {
		return o.fromFiles(target)
	}
	return o.fromCluster(ctx, target, args)
}

// skip tells the user that an object is passed over.
func (o *options) skip(what, why string) {
	_, _ = fmt.Fprintf(o.streams.ErrOut, "note: %s skipped: %s\n", what, why)
}

// noPods is why an object is skipped.
const noPods = "it is no pod and makes none that this plugin knows"

// distinct joins errors, each sentence once: what is wrong with the cluster is wrong for every object.
func distinct(errs ...error) error {
	var all []error
	seen := map[string]bool{}
	for _, joined := range errs {
		for _, err := range split(joined) {
			if !seen[err.Error()] {
				seen[err.Error()] = true
				all = append(all, err)
			}
		}
	}
	return errors.Join(all...)
}

// split takes joined errors apart.
func split(err error) []error {
	if err == nil {
		return nil
	}
	var several interface{ Unwrap() []error }
	if !errors.As(err, &several) {
		return []error{err}
	}
	return several.Unwrap()
}
