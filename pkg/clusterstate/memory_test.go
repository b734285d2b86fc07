package clusterstate

import (
	"runtime"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const largeFleet = 10_000

// maxHeapPerFleet is what a tracker and the cache it listens to may hold for ten thousand nodes. The webhook
// as a whole is to stay below 100 MiB, image facts and what the collector leaves lying included.
const maxHeapPerFleet = 10 << 20

// receive is the node as it comes out of the cache: decoded, so that no two nodes share a string, and stripped.
func receive(t testing.TB, i int) any {
	t.Helper()
	wire, err := cloudNode(i).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	decoded := &corev1.Node{}
	if err := decoded.Unmarshal(wire); err != nil {
		t.Fatal(err)
	}
	stripped, err := ForPlacement.strip(decoded)
	if err != nil {
		t.Fatal(err)
	}
	return stripped
}

func TestTenThousandNodesFitIntoMemoryAfterHeartbeats(t *testing.T) {
	before := heap()
	tracker := newTracker(t)
	p := &publisher{tracker: tracker}
	cached := make([]any, largeFleet)
	for i := range cached {
		cached[i] = receive(t, i)
		tracker.putNode(cached[i])
	}
	p.publish(time.Now())
	compiled := heap() - before
	// A heartbeat replaces the object in the cache, which then shares what the tracker has.
	for i := range cached {
		cached[i] = receive(t, i)
		tracker.putNode(cached[i])
	}
	if tracker.nodes.pending() {
		t.Error("a heartbeat was taken for a change")
	}
	after := heap() - before
	t.Logf("heap of %d nodes: %.1f MiB compiled, %.1f MiB after every node's heartbeat",
		largeFleet, mebibytes(compiled), mebibytes(after))
	if after > maxHeapPerFleet {
		t.Errorf("%.1f MiB is more than %.1f MiB", mebibytes(after), mebibytes(maxHeapPerFleet))
	}
	runtime.KeepAlive(cached)
	runtime.KeepAlive(tracker)
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func mebibytes(bytes uint64) float64 { return float64(bytes) / (1 << 20) }

func BenchmarkCompileTenThousandNodes(b *testing.B) {
	tracker := newTracker(b)
	for i := range largeFleet {
		tracker.putNode(receive(b, i))
	}
	now := time.Now()
	p := &publisher{tracker: tracker}
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Hour) // Past any rest after the last compilation.
		tracker.nodes.changed = true
		p.publish(now)
	}
}

func BenchmarkHeartbeat(b *testing.B) {
	tracker := newTracker(b)
	for i := range largeFleet {
		tracker.putNode(receive(b, i))
	}
	heartbeat := receive(b, 0)
	b.ReportAllocs()
	for b.Loop() {
		tracker.putNode(heartbeat)
	}
}

func BenchmarkStripNode(b *testing.B) {
	whole := cloudNode(0)
	b.ReportAllocs()
	for b.Loop() {
		copied := *whole
		if _, err := ForPlacement.strip(&copied); err != nil {
			b.Fatal(err)
		}
	}
}
