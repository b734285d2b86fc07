package supportbundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/supportbundle/redact"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/version"
)

// collector gathers, one thing after the other: nobody waits for this, and the cluster may be in trouble.
type collector struct {
	dynamic   dynamic.Interface
	kube      kubernetes.Interface
	redactor  *redact.Redactor
	archive   *archive
	manifest  Manifest
	namespace string
	logLines  int64
	progress  func(total int) *terminal.Progress
}

// newCollector makes the clients and asks the cluster for its version, so that one that is out of reach is told at once.
func newCollector(ctx context.Context, target *cluster.Cluster, namespace string, o *options) (*collector, error) {
	config := target.Config()
	config.WarningHandler = rest.NoWarnings{} // Old resources are of no interest here.
	c := &collector{
		redactor:  redact.New(),
		namespace: namespace,
		logLines:  o.logLines,
		progress: func(total int) *terminal.Progress {
			return terminal.NewProgress(o.streams.ErrOut, "sorts of objects and logs", total)
		},
	}
	var err error
	if c.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	if c.kube, err = kubernetes.NewForConfig(config); err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	server, err := c.kube.Discovery().ServerVersionWithContext(ctx)
	if err != nil {
		return nil, target.Explain(cluster.Attempt{Verb: "get", Resource: schema.GroupResource{Resource: "version"}}, err)
	}
	c.manifest = Manifest{
		TypeMeta:  metav1.TypeMeta{APIVersion: "cli.mullion.dev/v1alpha1", Kind: "SupportBundle"},
		Created:   metav1.NewTime(o.now().UTC()),
		Plugin:    version.Get().String(),
		Server:    server.String(),
		Namespace: namespace,
	}
	return c, nil
}

// gather adds everything that can be had to the archive. What cannot is noted.
func (c *collector) gather(ctx context.Context) {
	var namespaces, nodes []string
	for _, s := range first() {
		for _, object := range c.objects(ctx, &s) {
			if s.file == "nodes" {
				nodes = append(nodes, object.GetName())
			} else {
				namespaces = append(namespaces, object.GetNamespace())
			}
		}
	}
	slices.Sort(namespaces)
	namespaces = slices.DeleteFunc(slices.Compact(namespaces), func(n string) bool { return n == c.namespace })
	namespaces = append([]string{c.namespace}, namespaces...)
	containers := c.containers(ctx)
	all := others(namespaces, nodes)
	progress := c.progress(len(all) + len(containers))
	defer progress.Close()
	for i := range all {
		c.objects(ctx, &all[i])
		progress.Add(1)
	}
	for i := range containers {
		c.log(ctx, &containers[i])
		progress.Add(1)
	}
}

// finish adds the manifest and ends the archive.
func (c *collector) finish() error {
	text, err := json.MarshalIndent(&c.manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the manifest: %w", err)
	}
	return errors.Join(c.archive.addAnyway("manifest.json", append(text, '\n')), c.archive.close())
}

// add adds a file; where there is no room for it, that is noted.
func (c *collector) add(file File, content []byte) {
	file.Bytes = len(content)
	if err := c.archive.add(file.Path, content); err != nil {
		c.miss(file.Path, err)
		return
	}
	c.manifest.Files = append(c.manifest.Files, file)
}

// miss notes what could not be gathered. Errors may quote what was asked for.
func (c *collector) miss(what string, err error) {
	why, _ := c.redactor.Text(err.Error())
	c.manifest.Missing = append(c.manifest.Missing, Missing{What: what, Why: why})
}
