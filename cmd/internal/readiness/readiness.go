// Package readiness says why a program is not ready. The answer to a probe withholds the reason, because anybody may
// ask; the log does not.
package readiness

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// Add makes a program ready when every check passes, and healthy as long as it answers: nothing that the checks look
// at gets better by a restart.
func Add(mgr manager.Manager, log logr.Logger, checks map[string]healthz.Checker) error {
	for name, check := range checks {
		if err := mgr.AddReadyzCheck(name, logged(log.WithValues("check", name), check)); err != nil {
			return fmt.Errorf("adding readiness check %s: %w", name, err)
		}
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("adding liveness check: %w", err)
	}
	return nil
}

// logged writes one line whenever the answer of a check changes, its reason included.
func logged(log logr.Logger, check healthz.Checker) healthz.Checker {
	var mu sync.Mutex
	last := "not asked"
	return func(req *http.Request) error {
		err := check(req)
		answer := ""
		if err != nil {
			answer = err.Error()
		}
		mu.Lock()
		defer mu.Unlock()
		switch {
		case answer == last:
		case err != nil:
			log.Info("not ready", "why", answer)
		default:
			log.Info("ready")
		}
		last = answer
		return err
	}
}
