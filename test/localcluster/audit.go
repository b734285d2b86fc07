package localcluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// auditPolicy records who did what to pods, with the annotations that admission left, but no content.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: ["RequestReceived"]
rules:
- level: Metadata
  verbs: ["create", "update", "patch"]
  resources:
  - group: ""
    resources: ["pods", "pods/ephemeralcontainers"]
- level: None
`

const (
	auditPolicyName = "audit-policy.yaml"
	auditLogName    = "audit.log"
)

// auditArgs are kube-apiserver's flags. A blocking log holds an event before the client has its answer, so a
// test may read it without waiting.
func auditArgs(dir *dataDir) []string {
	return []string{
		"--audit-policy-file=" + dir.join(auditPolicyName),
		"--audit-log-path=" + dir.join(auditLogName),
		"--audit-log-mode=blocking",
	}
}

func writeAuditPolicy(dir *dataDir) error {
	if err := os.WriteFile(dir.join(auditPolicyName), []byte(auditPolicy), 0o600); err != nil {
		return fmt.Errorf("writing the audit policy: %w", err)
	}
	return nil
}

// AuditEvent is the part of an audit.k8s.io/v1 Event that tells what happened to which pod.
type AuditEvent struct {
	Verb string `json:"verb"`
	User struct {
		Username string `json:"username"`
	} `json:"user"`
	ObjectRef struct {
		Resource    string `json:"resource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"` // Empty for a create with generateName.
		Subresource string `json:"subresource"`
	} `json:"objectRef"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	Annotations map[string]string `json:"annotations"`
}

// AuditEvents returns the pod writes so far, oldest first. The cluster must have been started with Audit.
func (c *Cluster) AuditEvents() ([]AuditEvent, error) {
	content, err := os.ReadFile(c.plane.dir.join(auditLogName))
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	return auditEvents(content)
}

// auditEvents reads a log. A line without an end is being written: whoever its event is about has no answer yet.
func auditEvents(log []byte) (events []AuditEvent, err error) {
	for line := range bytes.Lines(log) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var event AuditEvent
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, fmt.Errorf("decoding an audit event: %w", err)
		}
		events = append(events, event)
	}
	return events, nil
}
