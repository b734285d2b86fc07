package machines

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// discovered are the resources of each group and version; what is missing is not served.
type discovered map[string][]string

func (d discovered) ServerResourcesForGroupVersionWithContext(_ context.Context, groupVersion string) (*metav1.APIResourceList, error) {
	names, served := d[groupVersion]
	if !served {
		return nil, apierrors.NewNotFound(schema.GroupResource{}, "")
	}
	if names == nil {
		return nil, errors.New("connection refused")
	}
	list := &metav1.APIResourceList{}
	for _, name := range names {
		list.APIResources = append(list.APIResources, metav1.APIResource{Name: name})
	}
	return list, nil
}

func TestTheNewestVersionThatIsServedIsFollowed(t *testing.T) {
	for sentence, c := range map[string]struct {
		api  discovered
		want string
		err  bool
	}{
		"none":              {discovered{}, "", false},
		"the old one":       {discovered{"example.com/v1": {"machines"}}, "v1", false},
		"both":              {discovered{"example.com/v1": {"machines"}, "example.com/v2": {"clusters", "machines"}}, "v2", false},
		"a group without":   {discovered{"example.com/v2": {"clusters"}}, "", false},
		"one does not tell": {discovered{"example.com/v2": nil, "example.com/v1": {"machines"}}, "", true},
	} {
		t.Run(sentence, func(t *testing.T) {
			api := testAPI()
			got, err := api.served(t.Context(), c.api)
			if got != c.want || (err != nil) != c.err {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestMachinesAreFollowedWhileTheirAPIIsServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var happened []string
		answers := []struct {
			version string
			err     error
		}{
			{"", nil}, {"v1", nil}, {"", errors.New("no answer")}, {"v1", nil}, {"v2", nil}, {"v2", nil}, {"", nil}, {"v1", nil},
		}
		asked, runs := 0, 0
		ctx, cancel := context.WithCancel(t.Context())
		s := &supervisor{
			versions: func(context.Context) (string, error) {
				if asked == len(answers) {
					cancel()
					return "v1", nil
				}
				answer := answers[asked]
				asked++
				return answer.version, answer.err
			},
			run: func(ctx context.Context, version string) error {
				runs++
				happened = append(happened, version)
				if version == "v2" && runs == 2 {
					return errors.New("the cache did not start")
				}
				<-ctx.Done()
				happened = append(happened, version+" ended")
				return nil
			},
			interval: time.Minute,
			log:      logr.Discard(),
		}
		if err := s.Start(ctx); err != nil {
			t.Error(err)
		}
		want := []string{"v1", "v1 ended", "v2", "v2", "v2 ended", "v1", "v1 ended"}
		if diff := cmp.Diff(want, happened); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestOneReplicaFollowsMachines(t *testing.T) {
	if !(&supervisor{}).NeedLeaderElection() {
		t.Error("every replica does")
	}
}
