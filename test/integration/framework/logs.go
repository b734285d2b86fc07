package framework

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Logging is a program, or a component of the control plane.
type Logging interface {
	Name() string
	LogPath() string
}

// LogLines are the lines of a log that contain a text, in whatever case.
func LogLines(program Logging, text string) ([]string, error) {
	log, err := os.Open(program.LogPath())
	if err != nil {
		return nil, fmt.Errorf("reading the log of %s: %w", program.Name(), err)
	}
	defer func() { _ = log.Close() }()

	var found []string
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20) // A line may hold a stack.
	for lines.Scan() {
		if strings.Contains(strings.ToLower(lines.Text()), strings.ToLower(text)) {
			found = append(found, lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the log of %s: %w", program.Name(), err)
	}
	return found, nil
}

// programLogs is an error that holds the ends of what the programs have logged, for when they do not start: the
// files go with the cluster.
func (s *Suite) programLogs() error {
	if s.Cluster == nil {
		return nil
	}
	paths, err := filepath.Glob(filepath.Join(s.Cluster.DataDir(), "*-[0-9].log"))
	if err != nil {
		return err
	}
	var all error
	for _, path := range paths {
		const limit = 4000            // bytes
		log, err := os.ReadFile(path) //nolint:gosec // A log of a program that the suite started.
		if err != nil {
			return err
		}
		all = errors.Join(all, fmt.Errorf("the end of %s:\n%s", filepath.Base(path), log[max(0, len(log)-limit):]))
	}
	return all
}
