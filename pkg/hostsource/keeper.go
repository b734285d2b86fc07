package hostsource

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Keeper makes, changes and deletes the WindowsHosts of one source. It may be used by many goroutines at once.
type Keeper struct {
	// Client reads WindowsHosts, which may come from a cache, and writes them.
	Client client.Client
	// Source is the value of mullion.dev/source, and Namespace where the hosts are.
	Source, Namespace string
}

// Owns tells that a WindowsHost was made by this source, and is this source's to change.
func (k *Keeper) Owns(host *v1alpha1.WindowsHost) bool {
	return host.Namespace == k.Namespace && host.Labels[v1alpha1.LabelHostSource] == k.Source
}

// All reads every WindowsHost of the cluster, whosoever: another may have the address of one of ours.
func (k *Keeper) All(ctx context.Context) ([]v1alpha1.WindowsHost, error) {
	var hosts v1alpha1.WindowsHostList
	if err := k.Client.List(ctx, &hosts); err != nil {
		return nil, fmt.Errorf("listing WindowsHosts: %w", err)
	}
	return hosts.Items, nil
}

// Apply makes a WindowsHost what the source wants, and tells whether anything had to be written. Live is the object as it
// is, nil where there is none; it must be one that the source owns.
//
// What exists is changed only if it is still the same object. Where there was none nothing is forced: one that somebody
// else has made in the meantime is a conflict, and found at the next look.
func (k *Keeper) Apply(ctx context.Context, want Host, live *v1alpha1.WindowsHost) (written bool, err error) {
	content, err := want.content(k.Source, k.Namespace)
	if err != nil {
		return false, err
	}
	options := []client.ApplyOption{client.FieldOwner("mullion-source-" + k.Source)}
	attempt := "making"
	if live != nil {
		if want.appliedTo(live, content) {
			return false, nil
		}
		attempt = "changing"
		content.SetUID(live.UID)
		options = append(options, client.ForceOwnership)
	}
	if err := k.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(content), options...); err != nil {
		return false, fmt.Errorf("%s WindowsHost %s: %w", attempt, want.Name, err)
	}
	return true, nil
}

// Remove deletes exactly the object that was looked at. Its finalizer gives the host back. It tells whether that was to be
// asked for still.
func (k *Keeper) Remove(ctx context.Context, live *v1alpha1.WindowsHost) (asked bool, err error) {
	if live.DeletionTimestamp != nil {
		return false, nil
	}
	err = k.Client.Delete(ctx, live, client.Preconditions{UID: &live.UID})
	if err := client.IgnoreNotFound(err); err != nil {
		return false, fmt.Errorf("deleting WindowsHost %s: %w", live.Name, err)
	}
	return err == nil, nil
}

// LetGo is Remove for a host whose machine is gone or going: nobody is to log in to it any more.
func (k *Keeper) LetGo(ctx context.Context, live *v1alpha1.WindowsHost) (asked bool, err error) {
	if live.Annotations[v1alpha1.AnnotationOrphan] != "true" {
		patch := fmt.Appendf(nil, `{"metadata":{"uid":%q,"annotations":{%q:"true"}}}`, live.UID, v1alpha1.AnnotationOrphan)
		err := k.Client.Patch(ctx, live.DeepCopy(), client.RawPatch(types.MergePatchType, patch))
		if client.IgnoreNotFound(err) != nil {
			return false, fmt.Errorf("letting go of WindowsHost %s: %w", live.Name, err)
		}
	}
	return k.Remove(ctx, live)
}
