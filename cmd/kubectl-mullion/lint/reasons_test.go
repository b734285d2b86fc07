package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestEveryReasonIsDescribed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../../pkg/policy/reasons.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		reason, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		known++
		if description := describeReason(policy.Reason(reason)); description == reason && reason != string(policy.ReasonFits) {
			t.Errorf("%s is not described", reason)
		}
		return true
	})
	if known < 10 {
		t.Errorf("only %d reasons were found", known)
	}
}
