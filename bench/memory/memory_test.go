package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/bench/internal/usage"
	"github.com/mullion-dev/mullion/pkg/image"
	client "github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestNoTwoImagesHaveADigestInCommon(t *testing.T) {
	r, err := startRegistry()
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	asker := client.NewClient(client.Options{InsecureHosts: []string{r.host()}})
	defer asker.Close()
	resolver, err := image.New(image.Options{Client: asker, Budget: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer resolver.Close()

	const images = 25 // More than two services.
	var references []string
	for i := range images {
		references = append(references, r.reference(i))
	}
	digests := map[string]bool{}
	for reference, result := range resolver.ResolveAll(t.Context(), references, nil) {
		if result.Problem != nil {
			t.Fatalf("%s: %s", reference, result.Problem.Message)
		}
		digests[result.Image.Digest] = true
		for _, platform := range result.Image.Platforms {
			digests[platform.Digest] = true
		}
	}
	if want := images * 4; len(digests) != want {
		t.Errorf("want %d digests, got %d", want, len(digests))
	}
	if r.served.Load() != images {
		t.Errorf("%d manifests were fetched", r.served.Load())
	}
}

func TestPodsNameEveryImageOnce(t *testing.T) {
	r, err := startRegistry()
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	named := map[string]bool{}
	for _, pod := range []*corev1.Pod{podOf(r, 0, 15), podOf(r, 15, 20)} {
		for _, c := range pod.Spec.Containers {
			named[c.Image] = true
		}
	}
	if len(named) != 20 {
		t.Errorf("%d images are named", len(named))
	}
}

func TestNodesAreReadyWindowsNodesOfTheBuildsOnOffer(t *testing.T) {
	for i := range 3 {
		node := policy.FromNode(cloudNode(i))
		if !node.Windows() || !node.Ready || node.Build().IsZero() || len(node.Taints) != 1 {
			t.Errorf("node %d: %+v", i, node)
		}
	}
}

func TestTheTableSaysWhatWasResidentAfterWhat(t *testing.T) {
	var table bytes.Buffer
	err := printTable(&table, []result{{after: "start", liveHeap: 1 << 20, Memory: usage.Memory{Resident: 30 << 20, Anonymous: 10 << 20, Peak: 40 << 20}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(strings.Fields(table.String()), " "); !strings.Contains(got, "30 MiB 10 MiB 40 MiB 1 MiB start") {
		t.Errorf("got %s", got)
	}
}
