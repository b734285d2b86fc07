package image_test

import (
	"crypto/x509"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/image"
	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
	testregistry "github.com/mullion-dev/mullion/test/registry"
)

// patience is a budget that is not missed however busy the machine is.
const patience = 20 * time.Second

// startRegistry serves images shaped like Microsoft's.
func startRegistry(t *testing.T, o testregistry.Options) *testregistry.Registry {
	t.Helper()
	r, err := testregistry.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	if err := r.PushCatalog(t.Context(), testregistry.Catalog()); err != nil {
		t.Fatal(err)
	}
	return r
}

// newResolver asks over real connections, by the real clock; patiently, unless the test says otherwise.
func newResolver(t *testing.T, reach registry.Options, o image.Options) *image.Resolver {
	t.Helper()
	client := registry.NewClient(reach)
	o.Client = client
	if o.Budget == 0 {
		o.Budget = patience
	}
	r, err := image.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); client.Close() })
	return r
}

// short lists platforms as "os/arch version [features]".
func short(image *policy.Image) []string {
	var platforms []string
	for _, p := range image.Platforms {
		platforms = append(platforms, strings.TrimSpace(fmt.Sprintf("%s/%s %s %s", p.OS, p.Architecture, p.OSVersion, strings.Join(p.OSFeatures, ","))))
	}
	return platforms
}

func TestImagesOfARealRegistry(t *testing.T) {
	served := startRegistry(t, testregistry.Options{})
	r := newResolver(t, registry.Options{InsecureHosts: []string{served.Host()}}, image.Options{})
	for name, want := range map[string][]string{
		"windows/servercore:ltsc2022":                                      {"windows/amd64 10.0.20348.2700 win32k"},
		"windows/nanoserver:1809":                                          {"windows/amd64 10.0.17763.6293"},
		"windows/servercore/iis:latest":                                    {"windows/amd64 10.0.17763.6293 win32k", "windows/amd64 10.0.20348.2700 win32k"},
		"windows/servercore/iis:windowsservercore-ltsc2022":                {"windows/amd64 10.0.20348.2700 win32k"},
		"dotnet/aspnet:8.0":                                                {"linux/amd64", "linux/arm64", "linux/arm", "windows/amd64 10.0.17763.6293", "windows/amd64 10.0.20348.2700"},
		"library/nginx:1.29":                                               {"linux/amd64", "linux/arm64"},
		"oss/kubernetes/windows-host-process-containers-base-image:v1.0.0": {"windows/amd64"},
		"samples/entry-without-version:1.0":                                {"windows/amd64 10.0.20348.2700"},
		"samples/entry-without-platform:1.0":                               {"linux/amd64", "windows/amd64 10.0.17763.6293"},
		"samples/nested:1.0":                                               {"windows/amd64 10.0.17763.6293", "windows/amd64 10.0.20348.2700"},
	} {
		t.Run(name, func(t *testing.T) {
			reference := served.Reference(name)
			tagged := r.Resolve(t.Context(), reference, nil)
			if tagged.Problem != nil {
				t.Fatal(tagged.Problem.Message)
			}
			if diff := cmp.Diff(want, short(tagged.Image)); diff != "" {
				t.Error(diff)
			}
			// The digest counts, whatever tag stands before it.
			pinned := r.Resolve(t.Context(), reference+"-moved@"+tagged.Image.Digest, nil)
			if pinned.Problem != nil {
				t.Fatal(pinned.Problem.Message)
			}
			if diff := cmp.Diff(tagged.Image.Platforms, pinned.Image.Platforms); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPrivateRegistryOverTLS(t *testing.T) {
	served := startRegistry(t, testregistry.Options{TLS: true, Username: "alice", Password: "hunter2"})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(served.CABundle())
	r := newResolver(t, registry.Options{RootCAs: pool}, image.Options{})
	reference := served.Reference("windows/servercore:ltsc2022")

	anonymous := r.Resolve(t.Context(), reference, nil)
	if anonymous.Problem == nil || anonymous.Problem.Reason != policy.ImageUnauthorized {
		t.Errorf("anonymous: %+v", anonymous)
	}
	config, err := keyring.ParseConfigJSON([]byte(`{"auths":{"` + served.Host() + `/windows":{"username":"alice","password":"hunter2"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Resolve(t.Context(), reference, keyring.New(config)); got.Problem != nil {
		t.Error(got.Problem.Message)
	}
	if got := r.Resolve(t.Context(), reference, nil); got.Image != nil {
		t.Error("facts got with credentials are told to somebody without")
	}
}

func TestARegistryThatMisbehavesGetsAClearAnswerInTime(t *testing.T) {
	for sentence, test := range map[string]struct {
		fault  testregistry.Fault
		reason policy.ImageProblemReason
	}{
		"that is down":                                    {testregistry.Down(), policy.ImageUnreachable},
		"that is slow":                                    {testregistry.Slow(time.Hour), policy.ImageTimeout},
		"that answers 503":                                {testregistry.Status(503), policy.ImageUnreachable},
		"that answers 429":                                {testregistry.Status(429), policy.ImageUnreachable},
		"that redirects to the metadata address":          {testregistry.Redirect("https://169.254.169.254"), policy.ImageForbidden},
		"that redirects there over plain HTTP":            {testregistry.Redirect("http://169.254.169.254"), policy.ImageForbidden},
		"that redirects there in IPv6":                    {testregistry.Redirect("https://[fd00:ec2::254]"), policy.ImageForbidden},
		"that sends a manifest of a gibibyte":             {testregistry.HugeManifest(1 << 30), policy.ImageMalformed},
		"that declares more than it sends":                {testregistry.WrongContentLength(100), policy.ImageUnreachable},
		"that declares less than it sends":                {testregistry.WrongContentLength(-100), policy.ImageMalformed},
		"that sends a cycle of indexes":                   {testregistry.Cycle(), policy.ImageMalformed},
		"that sends schema 1":                             {testregistry.WrongContent("application/vnd.docker.distribution.manifest.v1+json", []byte(`{"schemaVersion":1}`)), policy.ImageMalformed},
		"that sends a web page":                           {testregistry.WrongContent("text/html", []byte("<html>sign in</html>")), policy.ImageMalformed},
		"that sends nothing":                              {testregistry.WrongContent("", nil), policy.ImageMalformed},
		"that breaks when the configuration is asked for": {testregistry.OnPath("/blobs/", testregistry.Status(500)), policy.ImageUnreachable},
	} {
		t.Run(sentence, func(t *testing.T) {
			before := runtime.NumGoroutine()
			t.Run("", func(t *testing.T) {
				// Only the slow registry is to miss the budget.
				budget := patience
				if test.reason == policy.ImageTimeout {
					budget = 100 * time.Millisecond
				}
				served := startRegistry(t, testregistry.Options{})
				r := newResolver(t, registry.Options{InsecureHosts: []string{served.Host()}}, image.Options{Budget: budget})
				restore := served.Inject(test.fault)
				reference := served.Reference("samples/entry-without-version:1.0")
				got := r.Resolve(t.Context(), reference, nil)
				if got.Problem == nil || got.Problem.Reason != test.reason {
					t.Fatalf("got %+v %+v, want %s", got.Image, got.Problem, test.reason)
				}
				if !strings.Contains(got.Problem.Message, served.Host()) {
					t.Errorf("message %q does not name the registry", got.Problem.Message)
				}
				restore()
			})
			for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
				if time.Now().After(deadline) {
					stacks := make([]byte, 1<<20)
					t.Fatalf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
				}
			}
		})
	}
}

func TestTheRegistryIsAskedOnceForATagAndOnlyWhetherItMovedAfterwards(t *testing.T) {
	served := startRegistry(t, testregistry.Options{})
	r := newResolver(t, registry.Options{InsecureHosts: []string{served.Host()}},
		image.Options{Lifetimes: image.Lifetimes{Tag: time.Nanosecond, Stale: time.Nanosecond}})
	reference := served.Reference("windows/servercore:ltsc2022")
	for range 3 {
		if got := r.Resolve(t.Context(), reference, nil); got.Problem != nil {
			t.Fatal(got.Problem.Message)
		}
	}
	gets, heads := served.RequestsByMethod("GET", "/manifests/"), served.RequestsByMethod("HEAD", "/manifests/")
	if gets != 1 || heads != 2 {
		t.Errorf("%d manifests were fetched and %d times it was asked which is current, want 1 and 2", gets, heads)
	}
}
