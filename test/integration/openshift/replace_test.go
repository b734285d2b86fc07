package openshift

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// patience bounds what takes a minute at most on a machine that has nothing else to do.
const patience = 5 * time.Minute

func TestMachinesBecomeNodesAndAreReplacedOneByOne(t *testing.T) {
	s := newScene(t, v1alpha1.RolloutPolicy{
		Strategy: v1alpha1.RolloutReplace, MaxUnavailable: new(intstr.FromInt(1)), Canary: new(int32(0)),
	})
	first, second := s.provision("worker-a"), s.provision("worker-b")
	s.untilReady(first, current)
	s.untilReady(second, current)

	config := &v1alpha1.WindowsNodeConfig{ObjectMeta: metav1.ObjectMeta{Name: s.config}}
	patch := fmt.Sprintf(`{"spec":{"kubernetesVersion":%q,"bundle":{"image":%q}}}`, next, bundles[next])
	if err := s.Client.Patch(t.Context(), config, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		t.Fatal(err)
	}
	gone, other := s.untilDeleted(first, second)
	s.untilWaiting(other, gone)
	if found, err := s.exists(t.Context(), other); !found {
		t.Fatalf("the only machine that serves is gone: %v", err)
	}
	s.untilReady(s.provision("worker-c"), next)
	s.untilDeleted(other)
	s.untilReady(s.provision("worker-d"), next)
}

// untilDeleted waits until one of some Machines is deleted, and returns that and the last of the others.
func (s *scene) untilDeleted(all ...*machine) (gone, left *machine) {
	s.T.Helper()
	s.Within(patience, "a Machine is deleted", func(ctx context.Context) (bool, error) {
		gone, left = nil, nil
		for _, m := range all {
			found, err := s.exists(ctx, m)
			switch {
			case err != nil:
				return false, err
			case found:
				left = m
			default:
				gone = m
			}
		}
		return gone != nil, nil
	})
	return gone, left
}

// untilWaiting waits until nothing is left of a machine that was deleted, and another says that it waits for who comes in
// its place.
func (s *scene) untilWaiting(m, gone *machine) {
	s.T.Helper()
	s.Within(patience, m.name+" waits for what comes in the place of "+gone.name, func(ctx context.Context) (bool, error) {
		lost := gone.object()
		if err := s.Client.Get(ctx, client.ObjectKeyFromObject(lost), lost); !apierrors.IsNotFound(err) {
			return false, err
		}
		host := m.object()
		if err := s.Client.Get(ctx, client.ObjectKeyFromObject(host), host); err != nil {
			return false, err
		}
		return strings.Contains(host.Status.Message, gone.object().Name), fmt.Errorf("it says: %s", host.Status.Message)
	})
}

func TestNewMachinesLetTheNodeManagerIn(t *testing.T) {
	s := &scene{Scene: shared.NewScene(t)}
	s.Eventually("there is user data for new machines", func(ctx context.Context) (bool, error) {
		var secret corev1.Secret
		err := s.Client.Get(ctx, client.ObjectKey{Namespace: machineNamespace, Name: "windows-user-data"}, &secret)
		return err == nil && len(secret.Data["userData"]) > 0, err
	})
}
