package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/paired"
	"github.com/mullion-dev/mullion/pkg/lint"
)

// scenario is one way in which lint is run.
type scenario struct {
	manifests int
	oneFile   bool
	format    string
}

func cases() []scenario {
	return []scenario{
		{manifests: 5, format: "text"},
		{manifests: 50, format: "text"},
		{manifests: target, format: "text"},
		{manifests: target, format: "text", oneFile: true},
		{manifests: target, format: "sarif"},
		{manifests: 5000, format: "text"},
	}
}

// target is the number of manifests for which the project promises a time.
const target = 500

// result is what one scenario costs: medians over the rounds, and the worst.
type result struct {
	scenario
	elapsed, worst, cpu time.Duration
}

// contender is a scenario with its files and what was measured of it.
type contender struct {
	scenario
	stage        *stage
	elapsed, cpu []float64 // In seconds.
}

func measure(ctx context.Context, scenarios []scenario, rounds int) (results []result, err error) {
	directory, err := os.MkdirTemp("", "mullion-bench-lint-")
	if err != nil {
		return nil, fmt.Errorf("making a place for manifests: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	contenders := make([]*contender, len(scenarios))
	for i, s := range scenarios {
		files, err := write(filepath.Join(directory, strconv.Itoa(i)), s.manifests, s.oneFile)
		if err != nil {
			return nil, err
		}
		contenders[i] = &contender{scenario: s, stage: files}
		if err := contenders[i].check(ctx); err != nil {
			return nil, err
		}
	}
	if err := paired.Rounds(ctx, rounds, len(contenders), func(i int) error { return contenders[i].turn(ctx) }); err != nil {
		return nil, err
	}
	for _, c := range contenders {
		results = append(results, result{
			scenario: c.scenario,
			elapsed:  seconds(c.elapsed, 0.5), worst: seconds(c.elapsed, 1), cpu: seconds(c.cpu, 0.5),
		})
	}
	return results, nil
}

func seconds(values []float64, share float64) time.Duration {
	return time.Duration(paired.Quantile(values, share) * float64(time.Second))
}

// command runs this program again as the plugin.
func (c *contender) command(ctx context.Context, format string) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	return exec.CommandContext(ctx, program, asProgram, "lint", "-f", c.stage.manifests, //nolint:gosec // The program is this one.
		"--policy", c.stage.policy, "--offline-images", c.stage.images, "-o", format), nil
}

// check makes sure that the answer is right before it is measured how fast it is.
func (c *contender) check(ctx context.Context) error {
	command, err := c.command(ctx, "json")
	if err != nil {
		return err
	}
	output, err := command.Output()
	if err := onlyFindings(err); err != nil {
		return err
	}
	var report lint.Report
	if err := json.Unmarshal(output, &report); err != nil {
		return fmt.Errorf("reading the report: %w", err)
	}
	refused := (c.manifests + refusedEvery - 1) / refusedEvery
	if got := report.Count(lint.Refused); got != refused || report.Count(lint.Placed) != c.manifests-refused {
		return fmt.Errorf("of %d manifests %d were refused, and it should be %d", c.manifests, got, refused)
	}
	return nil
}

// onlyFindings takes the exit code for findings, which every run has, for success.
func onlyFindings(err error) error {
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed) && failed.ExitCode() == 1:
		return nil
	case err == nil:
		return errors.New("linting: nothing was refused")
	default:
		return fmt.Errorf("linting: %w", err)
	}
}

// turn runs the program once.
func (c *contender) turn(ctx context.Context) error {
	command, err := c.command(ctx, c.format)
	if err != nil {
		return err
	}
	command.Stdout = new(bytes.Buffer)
	start := time.Now()
	err = command.Run()
	elapsed := time.Since(start)
	if err := onlyFindings(err); err != nil {
		return err
	}
	state := command.ProcessState
	c.elapsed = append(c.elapsed, elapsed.Seconds())
	c.cpu = append(c.cpu, (state.UserTime() + state.SystemTime()).Seconds())
	return nil
}
