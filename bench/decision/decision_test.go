package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestEveryQuestionIsMeasuredInEveryCluster(t *testing.T) {
	sizes := []size{{nodes: 3, policies: 1}, {nodes: 30, policies: 2}}
	results, err := measure(t.Context(), sizes, questions(), 2, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != len(sizes) {
		t.Fatalf("want %d results, got %d", len(sizes), len(results))
	}
	for i, r := range results {
		if r.size != sizes[i] {
			t.Errorf("want %v, got %v", sizes[i], r.size)
		}
		for q, question := range questions() {
			if r.micros[q] <= 0 || r.ratios[q].Median <= 0 {
				t.Errorf("%s in %v: implausible: %v, %v", question.title, r.size, r.micros[q], r.ratios[q])
			}
			if i == 0 && r.ratios[q].Median != 1 {
				t.Errorf("%s: the smallest cluster is %v times itself", question.title, r.ratios[q])
			}
		}
	}

	var table bytes.Buffer
	if err := printTable(&table, questions(), results); err != nil {
		t.Fatal(err)
	}
	for _, question := range questions() {
		if !strings.Contains(table.String(), question.title) {
			t.Errorf("no %q in\n%s", question.title, &table)
		}
	}
}

func TestAQuestionWithAnotherAnswerThanItShouldHaveIsNotMeasured(t *testing.T) {
	wrong := questions()[0]
	wrong.denied = true
	if _, err := measure(t.Context(), []size{{nodes: 3, policies: 1}}, []question{wrong}, 1, 1); err == nil {
		t.Error("it was measured")
	}
}
