package image

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func benchmarkResolver(b *testing.B, o Options) *Resolver {
	b.Helper()
	o.Client = &fakeClient{answer: found}
	r, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(r.Close)
	return r
}

// The webhook's hot path: an image that pods are made of right now.
func BenchmarkResolveWarm(b *testing.B) {
	r := benchmarkResolver(b, Options{})
	r.Resolve(b.Context(), app, nil)
	b.ReportAllocs()
	for b.Loop() {
		if r.Resolve(b.Context(), app, nil).Image == nil {
			b.Fatal("not found")
		}
	}
}

func BenchmarkResolveWarmParallel(b *testing.B) {
	r := benchmarkResolver(b, Options{})
	r.Resolve(b.Context(), app, nil)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r.Resolve(b.Context(), app, nil)
		}
	})
}

func BenchmarkResolveAllOfThreeContainersWarm(b *testing.B) {
	r := benchmarkResolver(b, Options{})
	batch := []string{app, "registry.example.com/sidecar:1", "nginx"}
	r.ResolveAll(b.Context(), batch, nil)
	b.ReportAllocs()
	for b.Loop() {
		r.ResolveAll(b.Context(), batch, nil)
	}
}

// An image whose facts are known but that is asked for rarely: parsed, found, expanded.
func BenchmarkResolveCached(b *testing.B) {
	const images = 20_000 // More than there are views.
	r := benchmarkResolver(b, Options{})
	names := make([]string, images)
	for i := range names {
		names[i] = fmt.Sprintf("registry.example.com/team/app-%d:v1", i)
		r.Resolve(b.Context(), names[i], nil)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Resolve(b.Context(), names[i%images], nil)
	}
}

// heapOf measures what it costs to remember images, from the end of their look-ups on.
func heapOf(tb testing.TB, images, platforms int) (bytes uint64) {
	tb.Helper()
	r, err := New(Options{Client: &fakeClient{}})
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	parsed, err := reference.Parse(app)
	if err != nil {
		tb.Fatal(err)
	}
	before := heapInUse()
	for i := range images {
		raw := fmt.Sprintf("registry.example.com/some-team/some-application-%d:v1.%d", i, i)
		var k key
		binary.BigEndian.PutUint64(k[:], uint64(i))
		a := r.settle(question{image: parsed}, windowsImageOf(raw, platforms), nil, time.Now())
		r.cache.put(k, a)
		r.show(raw, nil, a)
	}
	bytes = heapInUse() - before
	if n := r.cache.images.Len(); n != images {
		tb.Fatalf("%d images are remembered, want %d", n, images)
	}
	runtime.KeepAlive(r)
	return bytes
}

func windowsImageOf(name string, platforms int) *policy.Image {
	image := &policy.Image{Digest: sum(name), Index: platforms > 1}
	for i := range platforms {
		image.Platforms = append(image.Platforms, policy.Platform{
			OS: "windows", Architecture: "amd64", OSVersion: fmt.Sprintf("10.0.20348.%d", i), Digest: sum(fmt.Sprint(name, i)),
		})
	}
	return image
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// Memory for as many images as are remembered by default.
func BenchmarkMemoryOf50000Images(b *testing.B) {
	for _, platforms := range []int{1, 3, 8} {
		b.Run(fmt.Sprintf("platforms=%d", platforms), func(b *testing.B) {
			var bytes uint64
			for b.Loop() {
				bytes = heapOf(b, 50_000, platforms)
			}
			b.ReportMetric(float64(bytes)/(1<<20), "MiB")
			b.ReportMetric(float64(bytes)/50_000, "B/image")
		})
	}
}

func TestFiftyThousandImagesFitInTwentyMebibytes(t *testing.T) {
	if bytes := heapOf(t, 50_000, 3); bytes > 20<<20 {
		t.Errorf("%d MiB", bytes>>20)
	}
}

func TestAWarmAnswerAllocatesNothing(t *testing.T) {
	f := newFixture(t, found)
	r, err := New(Options{Client: f.client})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ring := ringFor(t, "registry.example.com", "a")
	r.Resolve(t.Context(), app, ring)
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { r.Resolve(ctx, app, ring) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
