package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// auditPolicy has the API server record what the node manager asks for. A watch is recorded when it ends.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: ["RequestReceived", "ResponseStarted"]
rules:
- level: Metadata
  users: ["system:serviceaccount:mullion-system:mullion-nodemanager"]
- level: None
`

// trail is the API server's record of what the node manager has asked for.
type trail struct {
	folder string
	// seen is how much of the log was read.
	seen int64
}

func newTrail() (*trail, error) {
	folder, err := os.MkdirTemp("", "bench-fleet-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the audit log: %w", err)
	}
	t := &trail{folder: folder}
	if err := os.WriteFile(t.policy(), []byte(auditPolicy), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("writing the audit policy: %w", err), t.remove())
	}
	return t, nil
}

func (t *trail) policy() string { return filepath.Join(t.folder, "policy.yaml") }

func (t *trail) log() string { return filepath.Join(t.folder, "audit.log") }

func (t *trail) remove() error { return os.RemoveAll(t.folder) }

// args are the API server's, by which it keeps the record, in one file however long it gets.
func (t *trail) args() []string {
	return []string{
		"--audit-policy-file=" + t.policy(), "--audit-log-path=" + t.log(), "--audit-log-mode=blocking", "--audit-log-maxsize=100000",
	}
}

// requests counts what was asked for since it was called last, by verb and resource.
func (t *trail) requests() (map[string]int, error) {
	file, err := os.Open(t.log())
	if err != nil {
		return nil, fmt.Errorf("opening the audit log: %w", err)
	}
	defer func() { _ = file.Close() }()
	if _, err := file.Seek(t.seen, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1] // The rest is being written.
	t.seen += int64(len(whole))
	return countRequests(whole)
}

// countRequests counts events of audit.k8s.io/v1, of which each is a line of JSON.
func countRequests(log []byte) (map[string]int, error) {
	counts := map[string]int{}
	for line := range bytes.Lines(log) {
		var event struct {
			Verb      string `json:"verb"`
			ObjectRef struct {
				Resource    string `json:"resource"`
				Subresource string `json:"subresource"`
			} `json:"objectRef"`
			RequestURI string `json:"requestURI"`
		}
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, fmt.Errorf("reading an audit event: %w", err)
		}
		resource := event.ObjectRef.Resource
		if event.ObjectRef.Subresource != "" {
			resource += "/" + event.ObjectRef.Subresource
		}
		if resource == "" {
			resource = event.RequestURI
		}
		counts[event.Verb+" "+resource]++
	}
	return counts, nil
}
