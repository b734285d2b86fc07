package windowshost

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// configurationDigest names a configuration: the spec, which names the bundle by digest, and what nodes have to know of
// the cluster. Nothing of a host is in it, so hosts that have the same can be compared.
func configurationDigest(config *v1alpha1.WindowsNodeConfig, cluster *nodeconfig.Cluster) (string, error) {
	server := ""
	if cluster.ServerVersion != nil {
		// What is made of it depends on it only where it is refused; an upgrade of the control plane is no change.
		server = fmt.Sprint(cluster.ServerVersion.Major())
	}
	known := *cluster
	known.ServerVersion = nil
	raw, err := json.Marshal(struct {
		Spec    v1alpha1.WindowsNodeConfigSpec
		Cluster nodeconfig.Cluster
		Server  string
	}{config.Spec, known, server})
	if err != nil {
		return "", fmt.Errorf("naming the configuration %s: %w", config.Name, err)
	}
	return state.Digest(raw), nil
}

// labelNodeConfig on a ControllerRevision names the WindowsNodeConfig whose spec it keeps.
const labelNodeConfig = v1alpha1.GroupName + "/node-config"

// revisionDigits is how much of a spec's digest is in the name of its revision.
const revisionDigits = 12

// newRevision keeps the spec of a configuration, so that a host can be taken back to it when the WindowsNodeConfig says
// something else. All hosts of a namespace that have it share it. There is no secret in it, as there is none in the spec.
func newRevision(namespace string, config *v1alpha1.WindowsNodeConfig) (*appsv1.ControllerRevision, error) {
	raw, err := json.Marshal(config.Spec)
	if err != nil {
		return nil, fmt.Errorf("keeping the spec of WindowsNodeConfig %s: %w", config.Name, err)
	}
	const maxName = 63
	prefix := shortenedName(config.Name, maxName-revisionDigits-1)
	return &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: prefix + "-" + state.Digest(raw)[:revisionDigits],
			Labels: map[string]string{
				v1alpha1.LabelManagedBy: v1alpha1.ManagedBy,
				labelNodeConfig:         shortenedName(config.Name, maxName),
			},
			Annotations: map[string]string{labelNodeConfig: config.Name},
		},
		Data:     runtime.RawExtension{Raw: raw},
		Revision: config.Generation,
	}, nil
}

// shortenedName is the beginning of a name, where it is too long, as it may be in a name or a label.
func shortenedName(name string, limit int) string {
	if len(name) > limit {
		name = name[:limit]
	}
	return strings.TrimRight(name, "-.")
}

// keepRevision makes the revision of a configuration unless it is there, and returns its name. It goes with the
// WindowsNodeConfig, if that is still there to own it.
func keepRevision(ctx context.Context, c client.Client, namespace string, config *v1alpha1.WindowsNodeConfig) (string, error) {
	revision, err := newRevision(namespace, config)
	if err != nil {
		return "", err
	}
	if config.UID != "" {
		if err := controllerutil.SetOwnerReference(config, revision, c.Scheme()); err != nil {
			return "", fmt.Errorf("keeping the spec of WindowsNodeConfig %s: %w", config.Name, err)
		}
	}
	if err := c.Create(ctx, revision); err != nil && !apierrors.IsAlreadyExists(err) {
		return "", fmt.Errorf("keeping the spec of WindowsNodeConfig %s as ControllerRevision %s/%s: %w",
			config.Name, namespace, revision.Name, err)
	}
	return revision.Name, nil
}

// readRevision is the configuration that a revision keeps.
func readRevision(ctx context.Context, reader client.Reader, namespace, name string) (*v1alpha1.WindowsNodeConfig, error) {
	var revision appsv1.ControllerRevision
	if err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &revision); err != nil {
		return nil, fmt.Errorf("reading ControllerRevision %s/%s: %w", namespace, name, err)
	}
	config := &v1alpha1.WindowsNodeConfig{ObjectMeta: metav1.ObjectMeta{
		Name: revision.Annotations[labelNodeConfig], Generation: revision.Revision,
	}}
	if err := json.Unmarshal(revision.Data.Raw, &config.Spec); err != nil {
		return nil, fmt.Errorf("reading ControllerRevision %s/%s: %w", namespace, name, err)
	}
	return config, nil
}

// pruneRevisions deletes the revisions of a configuration that no host of the namespace has, or can be taken back to.
func pruneRevisions(ctx context.Context, cache client.Reader, api client.Reader, c client.Writer, host *v1alpha1.WindowsHost, config string) error {
	var hosts v1alpha1.WindowsHostList
	if err := cache.List(ctx, &hosts, client.InNamespace(host.Namespace)); err != nil {
		return fmt.Errorf("listing WindowsHosts: %w", err)
	}
	used := map[string]bool{}
	for i := range hosts.Items {
		if hosts.Items[i].UID != host.UID { // What the cache has of this one is not what is about to be written.
			use(used, &hosts.Items[i])
		}
	}
	use(used, host)
	var revisions appsv1.ControllerRevisionList
	err := api.List(ctx, &revisions, client.InNamespace(host.Namespace), client.MatchingLabels{
		v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, labelNodeConfig: shortenedName(config, 63),
	})
	if err != nil {
		return fmt.Errorf("listing ControllerRevisions: %w", err)
	}
	for i := range revisions.Items {
		revision := &revisions.Items[i]
		if used[revision.Name] || host.Status.Applied != nil && revision.Revision >= host.Status.Applied.NodeConfigGeneration {
			continue // It is in use, or a host may be about to use it.
		}
		if err := c.Delete(ctx, revision); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("deleting ControllerRevision %s/%s: %w", revision.Namespace, revision.Name, err)
		}
	}
	return nil
}

func use(used map[string]bool, host *v1alpha1.WindowsHost) {
	if applied := host.Status.Applied; applied != nil {
		used[applied.Revision], used[applied.Previous] = true, true
	}
}
