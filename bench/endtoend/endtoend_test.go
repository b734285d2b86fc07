package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/bench/internal/paired"
	"github.com/mullion-dev/mullion/bench/internal/reviewserver"
	"github.com/mullion-dev/mullion/test/registry"
)

// TestMain lets this test be the program that starts itself again to serve.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-serve" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestTheNoopWebhookServesUntilItIsStopped(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	child, err := reviewserver.Start(ctx, "-serve")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(child.URL(), "https://127.0.0.1:") || len(child.Certificate()) == 0 || child.PID() == os.Getpid() {
		t.Errorf("got %s, a certificate of %d bytes, process %d", child.URL(), len(child.Certificate()), child.PID())
	}
	if err := child.Stop(); err != nil {
		t.Error(err)
	}
}

func TestTheCapturedPodIsSentAsAClientMay(t *testing.T) {
	images, err := registry.Start(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer images.Close()
	pod, err := capturedPod(images)
	if err != nil {
		t.Fatal(err)
	}
	if pod.Namespace != "" || pod.ManagedFields != nil || pod.OwnerReferences != nil {
		t.Errorf("it has what only its captor could have: %+v", pod.ObjectMeta)
	}
	catalog := map[string]bool{}
	for _, fixture := range registry.Catalog() {
		catalog[images.Reference(fixture.Name)] = true
	}
	for _, c := range pod.Spec.Containers {
		if !catalog[c.Image] {
			t.Errorf("container %s: the registry has no %s", c.Name, c.Image)
		}
	}
}

func TestContendersAreComparedRoundByRound(t *testing.T) {
	// In the second round the machine was ten times as slow.
	contender := func(name string, p50 float64) *running {
		r := &running{p50: []float64{p50, 10 * p50, p50}, apiServerCPU: []float64{p50 / 2}, webhookCPU: []float64{1}}
		r.contender.name = name
		r.took = r.p50
		return r
	}
	results := summarize([]*running{contender(nothing, 100), contender(inProcess, 200), contender("mullion", 150)})
	last := results[2]
	got := []paired.Quartiles{last.toNothing, last.toPolicy}
	want := []paired.Quartiles{{Low: 1.5, Median: 1.5, High: 1.5}, {Low: 0.75, Median: 0.75, High: 0.75}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if last.p50 != 150 || last.p99 != 1500 || last.apiServerCPU != 75 || last.webhookCPU != 1 {
		t.Errorf("got %+v", last)
	}
}

func TestTheTableHasARowForEachContender(t *testing.T) {
	var results []result
	for _, c := range contenders() {
		results = append(results, result{contender: c})
	}
	var table bytes.Buffer
	if err := printTable(&table, plan{}, 1, results); err != nil {
		t.Fatal(err)
	}
	for _, c := range contenders() {
		if !strings.Contains(table.String(), c.title+"\n") {
			t.Errorf("no %q in\n%s", c.title, &table)
		}
	}
}

func TestPlansThatMeasureNothingAreRefused(t *testing.T) {
	for name, p := range map[string]plan{
		"no rounds":         {turn: time.Second, inFlight: []int{1}},
		"no time":           {rounds: 1, inFlight: []int{1}},
		"nothing in flight": {rounds: 1, turn: time.Second, inFlight: []int{1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			if p.validate() == nil {
				t.Error("accepted")
			}
		})
	}
}
