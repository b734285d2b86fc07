package hosts

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/bundle/cache"
	"github.com/mullion-dev/mullion/pkg/nodebundle"
	"github.com/mullion-dev/mullion/pkg/windowshost"
)

// silent is a registry that does not answer.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestABundleThatIsBeingFetchedIsToldFromOneThatCannotBeHad(t *testing.T) {
	const size = 1 << 20
	kept, err := cache.Open(t.TempDir(), size)
	if err != nil {
		t.Fatal(err)
	}
	clock := clocktesting.NewFakeClock(time.Now())
	found := bundles{nodebundle.New(nodebundle.Options{Cache: kept, Reader: fake.NewFakeClient(), Transport: silent{}, Clock: clock})}
	t.Cleanup(func() {
		found.Close()
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	config := &v1alpha1.WindowsNodeConfig{}
	config.Spec.Bundle.Image = "registry.example.com/node@sha256:" + strings.Repeat("0", 64)
	asked := make(chan error, 1)
	go func() {
		_, err := found.Bundle(t.Context(), config)
		asked <- err
	}()
	if err := whilePatient(clock, asked); !errors.Is(err, windowshost.ErrBundlePending) {
		t.Errorf("a bundle that is being fetched: %v", err)
	}
	config.Spec.Bundle.Image = "registry.example.com/node:latest"
	if _, err := found.Bundle(t.Context(), config); err == nil || errors.Is(err, windowshost.ErrBundlePending) {
		t.Errorf("a bundle without a digest: %v", err)
	}
}

// whilePatient lets time pass until there is an answer.
func whilePatient(clock *clocktesting.FakeClock, asked <-chan error) error {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-asked:
			return err
		case <-ticker.C:
			clock.Step(time.Second)
		}
	}
}
