package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"

	"github.com/mullion-dev/mullion/bench"
)

// TestMain lets this test be the program that measure starts again for each contender.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-serve" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestARunMeasuresEveryContender(t *testing.T) {
	results, err := measure(t.Context(), plan{rounds: 2, turn: 20 * time.Millisecond, concurrency: 2, profiles: t.TempDir()}, contenders())
	if err != nil {
		t.Fatal(err)
	}
	if want := len(contenders()); len(results) != want {
		t.Fatalf("want %d results, got %d", want, len(results))
	}
	for _, r := range results {
		if r.Reviews == 0 || r.CPU <= 0 || r.Ratio <= 0 || r.P50 <= 0 || r.P99 < r.P50 || r.MaxResidentMiB <= 0 {
			t.Errorf("implausible: %+v", r)
		}
		if r.Name == yardstick && r.Ratio != 1 {
			t.Errorf("the yardstick measures itself as %v", r.Ratio)
		}
	}

	var table, machine bytes.Buffer
	if err := printTable(&table, plan{}, results); err != nil {
		t.Fatal(err)
	}
	if err := printJSON(&machine, results); err != nil {
		t.Fatal(err)
	}
	var read []result
	if err := json.Unmarshal(machine.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if !strings.Contains(table.String(), r.Title) || read[i] != r {
			t.Errorf("%s is missing from the table or the JSON:\n%s%s", r.Name, &table, &machine)
		}
	}
}

// What is compared must do the same work.
func TestTheDefaulterMakesTheEditsThatWeMake(t *testing.T) {
	handler, err := defaulter()
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(bench.PodCreate))
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)

	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(answer.Body.Bytes(), &review); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{`"/spec/nodeSelector"`, `"/spec/runtimeClassName"`, `"/spec/tolerations/2"`} {
		if !bytes.Contains(review.Response.Patch, []byte(path)) {
			t.Errorf("no edit at %s in %s", path, review.Response.Patch)
		}
	}
}
