package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/demo/terminal"
)

// conclude shows what became of the workloads, what their authors were told, and how the policy stands.
func (d *demonstration) conclude(ctx context.Context, outcomes []outcome) error {
	releases, err := d.stage.releases(ctx)
	if err != nil {
		return err
	}
	status, err := d.stage.cluster.Kubectl(ctx, nil, "get", "wbp")
	if err != nil {
		return err
	}
	d.term.Print("\n" + renderTable(d.term, outcomes, releases))
	d.term.Print(renderTexts(d.term, outcomes))
	d.term.Print(d.transcript("kubectl get wbp", status))
	if err := d.ask(ctx); err != nil {
		return err
	}
	d.term.Print("\n" + d.term.Paint(terminal.Dim, terminal.Wrap(d.timing(), d.term.Width(), "  ")))
	return nil
}

// releases are the names of the builds, as the status of the policy tells them.
func (s *stage) releases(ctx context.Context) (map[string]string, error) {
	out, err := s.cluster.Kubectl(ctx, nil, "get", "wbp", "-o", "json")
	if err != nil {
		return nil, err
	}
	var policies v1alpha1.WindowsBuildPolicyList
	if err := json.Unmarshal([]byte(out), &policies); err != nil {
		return nil, fmt.Errorf("decoding the policies: %w", err)
	}
	releases := map[string]string{}
	for i := range policies.Items {
		for _, build := range policies.Items[i].Status.Builds {
			releases[build.Build] = build.Release
		}
	}
	return releases, nil
}

// timing is the one line about time.
func (d *demonstration) timing() string {
	took := slices.Sorted(slices.Values(d.admitting))
	return fmt.Sprintf("%d workloads were answered, half of them within %s and all within %s, as their author waits for it. From the start of etcd to this line it took %s.",
		len(took), rounded(took[len(took)/2]), rounded(took[len(took)-1]), time.Since(d.started).Round(100*time.Millisecond))
}

func rounded(d time.Duration) time.Duration {
	return d.Round(time.Millisecond)
}
