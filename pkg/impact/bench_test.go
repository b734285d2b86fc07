package impact

import (
	"fmt"
	"runtime"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// benchNodes is the number of Windows nodes, half of each build.
const benchNodes = 500

func benchFleet() []policy.Node {
	nodes := make([]policy.Node, benchNodes)
	for i := range nodes {
		nodes[i] = node(fmt.Sprintf("node-%04d", i), []string{ws2019, ws2022}[i%2])
	}
	return nodes
}

// gather makes a population of pods with as many workloads, the images of which are all different.
func gather(tb testing.TB, pods, workloads int) []*Workload {
	tb.Helper()
	population := NewPopulation(map[string]map[string]string{"team-a": {"team": "a"}})
	for i := range workloads {
		var running Pods
		for k := i; k < pods; k += workloads {
			running.Add(fmt.Sprintf("workload-%05d-6f7c9d8b7-%05d", i, k), fmt.Sprintf("node-%04d", k%benchNodes))
		}
		if err := population.Add(Origin{"team-a", deployment(fmt.Sprintf("workload-%05d", i)), benchTemplate(i), false}, &running); err != nil {
			tb.Fatal(err)
		}
	}
	return population.Workloads()
}

// benchTemplate is as large as templates usually are.
func benchTemplate(i int) *workload.Pod {
	pod := template([]string{fmt.Sprintf("registry.example.com/team-a/workload-%05d:v1.2.3", i), "registry.example.com/sidecar:v1"})
	pod.Metadata.Labels = map[string]string{
		"app.kubernetes.io/name": fmt.Sprintf("workload-%05d", i), "app.kubernetes.io/part-of": "shop", "app.kubernetes.io/managed-by": "Helm",
	}
	pod.Spec.NodeSelector = map[string]string{corev1.LabelOSStable: "windows"}
	pod.Spec.Tolerations = []corev1.Toleration{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}}
	pod.Spec.ServiceAccountName = "default"
	return pod
}

// benchImages are for 2019 and 2022 in turn, and the sidecar for both.
func benchImages(workloads int) map[string]policy.ImageResult {
	known := registry()
	images := map[string]policy.ImageResult{"registry.example.com/sidecar:v1": known["core:all"]}
	for i := range workloads {
		images[benchTemplate(i).Spec.Containers[0].Image] = []policy.ImageResult{known["core:2019"], known["core:all"]}[i%2]
	}
	return images
}

// sizes are the pods and workloads of a usual large cluster, and of the worst case, in which all pods differ.
func sizes() [][2]int {
	return [][2]int{{10_000, 500}, {10_000, 10_000}, {100_000, 5_000}, {100_000, 100_000}}
}

func BenchmarkReport(b *testing.B) {
	for _, size := range sizes() {
		b.Run(fmt.Sprintf("pods=%d/workloads=%d", size[0], size[1]), func(b *testing.B) {
			workloads, images := gather(b, size[0], size[1]), benchImages(size[1])
			now := snapshot(b, benchFleet())
			b.ReportAllocs()
			for b.Loop() {
				comparison := &Comparison{Now: now, Then: assume(b, now, upgraded(b)), Images: images}
				report, err := comparison.Report(workloads)
				if err != nil {
					b.Fatal(err)
				}
				if report.Outcomes[Stranded].Workloads != size[1]/2 {
					b.Fatalf("%+v", report.Outcomes)
				}
			}
		})
	}
}

func BenchmarkDependents(b *testing.B) {
	for _, size := range sizes() {
		b.Run(fmt.Sprintf("pods=%d/workloads=%d", size[0], size[1]), func(b *testing.B) {
			workloads, images := gather(b, size[0], size[1]), benchImages(size[1])
			now := snapshot(b, benchFleet())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Dependents(workloads, now, ByNamespace{"team-a": images}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGather reports what is retained of the pods, beside the time that it takes to gather them.
func BenchmarkGather(b *testing.B) {
	for _, size := range sizes() {
		b.Run(fmt.Sprintf("pods=%d/workloads=%d", size[0], size[1]), func(b *testing.B) {
			var kept []*Workload
			before := heap()
			for b.Loop() {
				kept = gather(b, size[0], size[1])
			}
			b.ReportMetric(float64(heap()-before)/float64(size[0]), "retained-B/pod")
			runtime.KeepAlive(kept)
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // What the first found to be unused by weak pointers only is freed by the second.
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// A bound that is far above what is measured, so that it fails for a pod that is kept whole and not for a slow machine.
func TestWhatIsKeptOfPodsIsSmall(t *testing.T) {
	const pods, workloads, bound = 20_000, 1_000, 300
	before := heap()
	kept := gather(t, pods, workloads)
	perPod := (heap() - before) / pods
	t.Logf("%d bytes are kept of each of %d pods in %d workloads", perPod, pods, workloads)
	if perPod > bound {
		t.Errorf("%d bytes are kept of each pod, more than %d", perPod, bound)
	}
	runtime.KeepAlive(kept)
}
