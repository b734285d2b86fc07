package hostaccess

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// recorder keeps the key that one host has shown first in its status.
type recorder struct {
	reader client.Reader
	status client.SubResourceWriter
	name   types.NamespacedName
	uid    types.UID
}

var _ hostkey.Recorder = (*recorder)(nil)

// Recorded is the key in the status of the host as it is now.
func (r *recorder) Recorded(ctx context.Context, _ string) (hostkey.Pin, bool, error) {
	host, err := r.live(ctx)
	if err != nil || host.Status.HostKey == "" {
		return hostkey.Pin{}, false, err
	}
	pin, err := hostkey.ParsePin(host.Status.HostKey)
	if err != nil {
		return hostkey.Pin{}, false, fmt.Errorf("status.hostKey: %w", err)
	}
	return pin, true, nil
}

// Record writes the key, unless another one was recorded meanwhile: then it stays, and that is an error.
func (r *recorder) Record(ctx context.Context, _ string, pin hostkey.Pin) error {
	return retry.RetryOnConflict(retry.DefaultRetry, func() error {
		host, err := r.live(ctx)
		if err != nil {
			return err
		}
		switch host.Status.HostKey {
		case pin.String():
			return nil
		case "":
		default:
			return fmt.Errorf("meanwhile %s was recorded as the first one of WindowsHost %s", host.Status.HostKey, r.name)
		}
		before := host.DeepCopy()
		host.Status.HostKey = pin.String()
		patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
		if err := r.status.Patch(ctx, host, patch); err != nil {
			return fmt.Errorf("writing status.hostKey of WindowsHost %s: %w", r.name, err)
		}
		return nil
	})
}

// live is the host as the API server has it. One that was made anew under the same name is another host.
func (r *recorder) live(ctx context.Context) (*v1alpha1.WindowsHost, error) {
	var host v1alpha1.WindowsHost
	if err := r.reader.Get(ctx, r.name, &host); err != nil {
		return nil, fmt.Errorf("reading WindowsHost %s: %w", r.name, err)
	}
	if host.UID != r.uid {
		return nil, fmt.Errorf("WindowsHost %s was deleted and made anew meanwhile", r.name)
	}
	return &host, nil
}
