package apply

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// RefusedError is a host on which the plan cannot be carried out as things are.
type RefusedError struct {
	Findings []state.Finding
}

func (e *RefusedError) Error() string {
	var messages []string
	for _, finding := range e.Findings {
		messages = append(messages, finding.Message)
	}
	return strings.Join(messages, " ")
}

// MissingError is content that has to be uploaded first.
type MissingError struct {
	Contents []state.Content
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%d contents have to be uploaded first, the first one is sha256:%s",
		len(e.Contents), e.Contents[0].SHA256)
}

// ActionError is an action that failed. What comes after it was not tried.
type ActionError struct {
	Action state.Action
	Err    error
}

func (e *ActionError) Error() string {
	return fmt.Sprintf("to %s %s: %v", e.Action.Verb, e.Action.ID, e.Err)
}

func (e *ActionError) Unwrap() error { return e.Err }

func refuse(planned state.Plan) error {
	switch {
	case len(planned.Refusals) > 0:
		return &RefusedError{Findings: planned.Refusals}
	case len(planned.Missing) > 0:
		return &MissingError{Contents: planned.Missing}
	}
	return nil
}

func anotherOwner(is, wanted string) error {
	return &RefusedError{Findings: []state.Finding{{
		Code:    state.FindingOwnedByAnother,
		Message: fmt.Sprintf("The host is managed by %s, not by %s. Remove it there.", is, wanted),
	}}}
}
