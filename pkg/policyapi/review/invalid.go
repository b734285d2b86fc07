package review

import (
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// InvalidError tells that a question makes no sense, with everything that is wrong with it.
type InvalidError struct {
	Errors field.ErrorList
}

func (e *InvalidError) Error() string { return e.Errors.ToAggregate().Error() }

// invalid is an error about a value that is better not repeated, since it is large or has been named already.
func invalid(path *field.Path, detail string) *field.Error {
	return field.Invalid(path, field.OmitValueType{}, detail)
}
