package explain

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/pkg/manifest"
)

// fromFiles reads the objects of the files that the user names.
func (o *options) fromFiles(target *cluster.Cluster) ([]question, error) {
	set := manifest.Read(o.files, o.streams.In)
	var errs []error
	for _, problem := range set.Problems {
		errs = append(errs, problem)
	}
	for _, skipped := range set.Skipped {
		_, _ = fmt.Fprintf(o.streams.ErrOut, "note: %s\n", skipped)
	}
	var questions []question
	for _, object := range set.Objects {
		switch {
		case !makesPods(object.Kind):
			o.skip(fmt.Sprintf("%s:%d: %s", object.File, object.Line, object), noPods)
			continue
		case target.NamespaceGiven && object.Namespace != "" && object.Namespace != target.Namespace:
			errs = append(errs, fmt.Errorf("%s:%d: %s is not in the namespace %s that --namespace says",
				object.File, object.LineOf("metadata.namespace"), object, target.Namespace))
			continue
		}
		questions = append(questions, question{
			kind:      object.Kind,
			namespace: cmp.Or(object.Namespace, target.Namespace),
			name:      cmp.Or(object.Name, "(without a name)"),
			object:    object.JSON,
			place:     func(field string) string { return fmt.Sprintf("%s:%d", object.File, object.LineOf(field)) },
		})
	}
	if len(set.Objects) == 0 && len(errs) == 0 {
		return nil, errors.New("there are no objects in the files")
	}
	return questions, errors.Join(errs...)
}
