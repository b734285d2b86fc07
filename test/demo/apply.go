package demo

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// answer is what the API server says to whoever creates a workload.
type answer struct {
	denial   string // Empty where it is admitted.
	warnings []string
	took     time.Duration
}

// create creates a workload as kubectl does and returns what is said about it. An error is that nothing was.
func (s *stage) create(ctx context.Context, workload scene) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	heard := &warnings{}
	config := s.cluster.RESTConfig()
	config.WarningHandlerWithContext = heard
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return answer{}, fmt.Errorf("making a client: %w", err)
	}
	resource, _ := meta.UnsafeGuessKindToResource(workload.object.GroupVersionKind()) // Right for all kinds of the story.

	started := time.Now()
	_, err = client.Resource(resource).Namespace(namespace).Create(ctx, workload.object, metav1.CreateOptions{})
	said := answer{took: time.Since(started), warnings: heard.texts()}
	var status apierrors.APIStatus
	switch {
	case errors.As(err, &status):
		said.denial = withoutPreamble(status.Status().Message)
	case err != nil:
		return answer{}, fmt.Errorf("creating workload %s: %w", workload.Workload, err)
	}
	return said, nil
}

// withoutPreamble leaves what our webhook said of what the API server makes of it.
func withoutPreamble(message string) string {
	return regexp.MustCompile(`^admission webhook "[a-z.]+\.mullion\.dev" denied the request: `).ReplaceAllString(message, "")
}

// warnings collects the warnings of the API server's answers.
type warnings struct {
	mu   sync.Mutex
	list []string
}

var _ rest.WarningHandlerWithContext = &warnings{}

// HandleWarningHeaderWithContext takes one warning.
func (w *warnings) HandleWarningHeaderWithContext(_ context.Context, code int, _, text string) {
	const miscellaneous = 299 // The only code that Kubernetes uses.
	if code != miscellaneous || text == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, text)
}

func (w *warnings) texts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.list
}
