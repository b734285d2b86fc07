package manifests_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/test/manifests"
)

// metricsOf are the metrics that the code makes, by name, with their labels. They are found in the source: a page of metrics
// shows only those that have counted something.
func metricsOf(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, folder := range []string{"pkg", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root(t), folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			source := source{t, path, constants(file), all}
			ast.Inspect(file, source.look)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// source is one file, in which metrics are looked for.
type source struct {
	t         *testing.T
	path      string
	constants map[string]string
	found     map[string][]string
}

// look takes up the metrics that a call makes.
func (s source) look(node ast.Node) bool {
	call, ok := node.(*ast.CallExpr)
	if !ok {
		return true
	}
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return true
	}
	if from, ok := function.X.(*ast.Ident); !ok || from.Name != "prometheus" || !strings.HasPrefix(function.Sel.Name, "New") {
		return true
	}
	if function.Sel.Name == "NewDesc" {
		s.found[s.text(call.Args[0])] = s.texts(call.Args[2])
		return true
	}
	options, ok := call.Args[0].(*ast.CompositeLit)
	if !ok || !strings.HasSuffix(function.Sel.Name, "Vec") && !isMetric(function.Sel.Name) {
		return true
	}
	var labels []string
	if strings.HasSuffix(function.Sel.Name, "Vec") {
		labels = s.texts(call.Args[1])
	}
	s.found[s.name(options)] = labels
	return true
}

func isMetric(function string) bool {
	return slices.Contains([]string{
		"NewCounter", "NewCounterFunc", "NewGauge", "NewGaugeFunc", "NewHistogram", "NewSummary", "NewUntypedFunc",
	}, function)
}

// name is what the options of a metric call it.
func (s source) name(options *ast.CompositeLit) string {
	parts := map[string]string{}
	for _, element := range options.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key := pair.Key.(*ast.Ident).Name; slices.Contains([]string{"Namespace", "Subsystem", "Name"}, key) {
				parts[key] = s.text(pair.Value)
			}
		}
	}
	name := parts["Name"]
	for _, part := range []string{parts["Subsystem"], parts["Namespace"]} {
		if part != "" {
			name = part + "_" + name
		}
	}
	return name
}

// text is the value of a literal or of a constant of the file.
func (s source) text(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	case *ast.Ident:
		if text, known := s.constants[e.Name]; known {
			return text
		}
	}
	s.t.Errorf("%s: what a metric is called cannot be told: write names and labels as literals or constants of the file", s.path)
	return ""
}

func (s source) texts(expression ast.Expr) []string {
	list, ok := expression.(*ast.CompositeLit)
	if !ok {
		s.t.Errorf("%s: the labels of a metric cannot be told: write them as literals", s.path)
		return nil
	}
	var texts []string
	for _, element := range list.Elts {
		texts = append(texts, s.text(element))
	}
	return texts
}

// constants are those of a file, and of its functions, that are texts.
func constants(file *ast.File) map[string]string {
	known := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
			for i, name := range spec.Names {
				if literal, ok := spec.Values[i].(*ast.BasicLit); ok && literal.Kind == token.STRING {
					known[name.Name], _ = strconv.Unquote(literal.Value)
				}
			}
		}
		return true
	})
	return known
}

func root(t *testing.T) string {
	t.Helper()
	folder, err := manifests.Root()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// documented is a metric of a table, with its labels.
var documented = regexp.MustCompile("`(mullion_[a-z_]+)(?:\\{([a-z_,]+)\\})?`")

func TestEveryMetricIsInTheTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	table := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| `mullion_") {
			continue
		}
		cell, _, _ := strings.Cut(line[1:], "|")
		for _, found := range documented.FindAllStringSubmatch(cell, -1) {
			table[found[1]] = strings.FieldsFunc(found[2], func(r rune) bool { return r == ',' })
		}
	}
	is := metricsOf(t)
	for name := range is {
		if is[name] == nil {
			is[name] = []string{}
		}
	}
	if diff := cmp.Diff(is, table); diff != "" {
		t.Errorf("metrics and their labels (-made +documented):\n%s", diff)
	}
}
