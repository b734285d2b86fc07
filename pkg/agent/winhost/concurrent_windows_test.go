package winhost

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Whoever looks at a host while another changes it must not take the change of something else for one of dependencies.
func TestAServiceDependsOnTheSameWhileItIsConfigured(t *testing.T) {
	const name, on = "mullion-test-dependent", "mullion-test-dependency"
	config := func(service string, dependsOn ...string) state.ServiceConfig {
		return state.ServiceConfig{DisplayName: service, CommandLine: self(t), Start: state.StartManual, DependsOn: dependsOn}
	}
	for sentence, created := range map[string]state.ServiceConfig{
		"it was created so":    config(name, on),
		"it was configured so": config(name),
	} {
		t.Run(sentence, func(t *testing.T) {
			for _, made := range []state.ServiceConfig{config(on), created} {
				if err := (services{}).Create(t.Context(), made.DisplayName, made); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = services{}.Delete(context.Background(), made.DisplayName) })
			}
			if err := (services{}).Configure(t.Context(), name, config(name, on)); err != nil {
				t.Fatal(err)
			}
			const writers = 2
			wrote := make(chan error, writers)
			for range writers {
				go func() { wrote <- describeAgainAndAgain(t.Context(), name, config(name, on)) }()
			}
			for left := writers; left > 0; {
				select {
				case err := <-wrote:
					if err != nil {
						t.Error(err)
					}
					left--
				default:
					if is, err := (services{}).Service(t.Context(), name); err != nil || !slices.Equal(is.Config.DependsOn, []string{on}) {
						t.Fatalf("it depends on %q, error %v", is.Config.DependsOn, err)
					}
				}
			}
		})
	}
}

// describeAgainAndAgain gives a service one description after the other.
func describeAgainAndAgain(ctx context.Context, name string, config state.ServiceConfig) error {
	for i := range 40 {
		config.Description = strconv.Itoa(i)
		if err := (services{}).Configure(ctx, name, config); err != nil {
			return err
		}
	}
	return nil
}
