package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestMain lets this test be the plugin, which is started again for every turn.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asProgram {
		os.Exit(bePlugin(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func TestEveryScenarioIsMeasured(t *testing.T) {
	scenarios := []scenario{{manifests: 3, format: "text"}, {manifests: 11, format: "sarif", oneFile: true}}
	results, err := measure(t.Context(), scenarios, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != len(scenarios) {
		t.Fatalf("want %d results, got %d", len(scenarios), len(results))
	}
	for i, r := range results {
		if r.scenario != scenarios[i] || r.elapsed <= 0 || r.worst < r.elapsed || r.cpu <= 0 {
			t.Errorf("implausible: %+v", r)
		}
	}
	var table bytes.Buffer
	if err := printTable(&table, results); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(table.String(), "one file") || !strings.Contains(table.String(), "sarif") {
		t.Errorf("it is not all there:\n%s", &table)
	}
}

func TestAWrongAnswerIsNotMeasured(t *testing.T) {
	files, err := write(t.TempDir(), 2, false)
	if err != nil {
		t.Fatal(err)
	}
	c := &contender{scenario: scenario{manifests: 3, format: "text"}, stage: files}
	if err := c.check(t.Context()); err == nil {
		t.Error("it is")
	}
}
