package supportbundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

const (
	// maxRead is how many bytes of a log are read, and maxLog how many of them, from the end, are kept.
	maxRead = 32 << 20
	maxLog  = 4 << 20
)

// container is one run of a container, whose log is gathered.
type container struct {
	pod, name string
	previous  bool
}

// containers adds the pods of Mullion's namespace, and returns their containers: those that run, and those that ran
// before and have crashed.
func (c *collector) containers(ctx context.Context) []container {
	missed := len(c.manifest.Missing)
	pods := c.objects(ctx, &source{
		file: "pods", resource: corev1.SchemeGroupVersion.WithResource("pods"), namespaces: []string{c.namespace},
	})
	if len(pods) == 0 && len(c.manifest.Missing) == missed {
		c.miss("logs", fmt.Errorf("there are no pods in namespace %s; -n names another in which Mullion is installed", c.namespace))
	}
	var all []container
	for i := range pods {
		pod, err := decodePod(&pods[i])
		if err != nil {
			c.miss("logs of pod "+pods[i].GetName(), err)
			continue
		}
		for _, status := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
			if status.State.Waiting == nil || status.RestartCount > 0 {
				all = append(all, container{pod: pod.Name, name: status.Name})
			}
			if status.LastTerminationState.Terminated != nil {
				all = append(all, container{pod: pod.Name, name: status.Name, previous: true})
			}
		}
	}
	return all
}

func decodePod(object *unstructured.Unstructured) (*corev1.Pod, error) {
	pod := &corev1.Pod{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, pod); err != nil {
		return nil, fmt.Errorf("decoding the pod: %w", err)
	}
	return pod, nil
}

// log adds the end of a log.
func (c *collector) log(ctx context.Context, of *container) {
	file := File{Path: path.Join("logs", of.pod, of.name+".log")}
	if of.previous {
		file.Path = path.Join("logs", of.pod, of.name+".previous.log")
	}
	options := &corev1.PodLogOptions{Container: of.name, Previous: of.previous, TailLines: &c.logLines, Timestamps: true}
	stream, err := c.kube.CoreV1().Pods(c.namespace).GetLogs(of.pod, options).Stream(ctx)
	if err != nil {
		c.miss(file.Path, err)
		return
	}
	content, cut, err := tail(stream)
	if err != nil {
		c.miss(file.Path, fmt.Errorf("reading it to its end: %w", err)) // What came before is worth having.
	}
	if cut {
		file.Cut = fmt.Sprintf("these are the last %d bytes that were read", maxLog)
	}
	text, count := c.redactor.Text(string(content))
	c.manifest.Redactions += count
	c.add(file, []byte(text))
}

// tail is the end of what a stream has, and whether something is missing before it. It closes the stream.
func tail(stream io.ReadCloser) (content []byte, cut bool, err error) {
	content, err = io.ReadAll(io.LimitReader(stream, maxRead))
	err = errors.Join(err, stream.Close())
	if len(content) > maxLog {
		return content[len(content)-maxLog:], true, err
	}
	return content, false, err
}
