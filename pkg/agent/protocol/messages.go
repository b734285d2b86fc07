package protocol

import (
	"errors"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Command is what the agent is asked to do.
type Command string

// The commands. None but apply and remove changes anything.
const (
	CommandFacts  Command = "facts"
	CommandPlan   Command = "plan"
	CommandApply  Command = "apply"
	CommandVerify Command = "verify"
	CommandRemove Command = "remove"
	// CommandDigest finds the digest of a file that was brought to the host, so that it need not be read back.
	CommandDigest Command = "digest"
)

// Request is what is asked.
type Request struct {
	Schema  string  `json:"schema"`
	Command Command `json:"command"`
	// Desired is needed to plan and to apply. To verify without it is to compare with what was applied last.
	Desired *state.Desired `json:"desired,omitzero"`
	// Saved asks to apply what was applied last, if it is the desired state with that SHA-256, see state.DesiredDigest.
	// It stands in for Desired, which is the most of what goes over the wire for a host that is as it shall be.
	Saved string `json:"saved,omitzero"`
	// Owner limits removal to a host that this owner manages; empty removes whoever manages it.
	Owner string `json:"owner,omitzero"`
	// Path is the file to find the digest of: content, or a version of the agent, whole or as far as it was sent.
	Path winpath.Path `json:"path,omitzero"`
	// Now is the manager's clock; zero if it does not want it compared.
	Now time.Time `json:"now,omitzero"`
}

// DecodeRequest reads a request strictly and validates it.
func DecodeRequest(raw []byte) (*Request, error) {
	request := new(Request)
	if err := state.Decode(raw, request); err != nil {
		return nil, fmt.Errorf("decoding request: %w", err)
	}
	if err := request.validate(); err != nil {
		return nil, fmt.Errorf("request is invalid: %w", err)
	}
	return request, nil
}

func (r *Request) validate() error {
	if err := state.CheckSchema(r.Schema); err != nil {
		return err
	}
	if r.Saved != "" && (r.Command != CommandApply || r.Desired != nil) {
		return errors.New("what was saved is for apply, in place of a desired state")
	}
	switch r.Command {
	case CommandPlan, CommandApply:
		if r.Desired == nil && r.Saved == "" {
			return fmt.Errorf("to %s needs a desired state", r.Command)
		}
	case CommandFacts, CommandRemove, CommandDigest:
		if r.Desired != nil {
			return fmt.Errorf("to %s goes without a desired state", r.Command)
		}
	case CommandVerify:
	default:
		return fmt.Errorf("unknown command %q", r.Command)
	}
	if (r.Path != "") != (r.Command == CommandDigest) {
		return errors.New("a path is for finding a digest, which needs one")
	}
	if r.Owner != "" && r.Command != CommandRemove {
		return errors.New("an owner of its own is for removal")
	}
	if r.Desired == nil {
		return nil
	}
	return r.Desired.Validate()
}

// Outcome is how a request ended.
type Outcome string

// The outcomes.
const (
	// OutcomeDone: it was done; after apply, the host is as desired.
	OutcomeDone Outcome = "Done"
	// OutcomeDrifted: verify, or plan, has found something to do. If all of that is a reboot, it is RebootRequired.
	OutcomeDrifted Outcome = "Drifted"
	// OutcomeRebootRequired: what could be done was done, by this apply or before; the rest takes a boot of the host, and
	// then another apply.
	OutcomeRebootRequired Outcome = "RebootRequired"
	// OutcomeRefused: something is in the way, see the plan's refusals. Nothing was changed.
	OutcomeRefused Outcome = "Refused"
	// OutcomeContentMissing: see the plan's missing contents. Nothing was changed.
	OutcomeContentMissing Outcome = "ContentMissing"
	// OutcomeNotSaved: what was applied last is not what the request asks for by its digest. Nothing was changed.
	OutcomeNotSaved Outcome = "NotSaved"
	// OutcomeLocked: another process changes the host.
	OutcomeLocked Outcome = "Locked"
	// OutcomeInvalid: the request is at fault.
	OutcomeInvalid Outcome = "Invalid"
	// OutcomeFailed: an action failed, see the error. Asking again goes on from there.
	OutcomeFailed Outcome = "Failed"
)

// Exit codes of the agent. Numbers below 10 are left to the runtime and to shells, and 126 upward to SSH and signals.
const (
	ExitDone           = 0
	ExitDrifted        = 10
	ExitRebootRequired = 11
	ExitRefused        = 12
	ExitContentMissing = 13
	ExitLocked         = 14
	ExitInvalid        = 15
	ExitFailed         = 16
	ExitNotSaved       = 17
)

// ExitCode is the number of an outcome.
func (o Outcome) ExitCode() int {
	switch o {
	case OutcomeDone:
		return ExitDone
	case OutcomeDrifted:
		return ExitDrifted
	case OutcomeRebootRequired:
		return ExitRebootRequired
	case OutcomeRefused:
		return ExitRefused
	case OutcomeContentMissing:
		return ExitContentMissing
	case OutcomeNotSaved:
		return ExitNotSaved
	case OutcomeLocked:
		return ExitLocked
	case OutcomeInvalid:
		return ExitInvalid
	default:
		return ExitFailed
	}
}

// Message is a line of output. Exactly one field is set, and the result is in the last one.
type Message struct {
	Progress *Progress `json:"progress,omitzero"`
	Result   *Result   `json:"result,omitzero"`
}

// Progress is what happens while a host is changed.
type Progress struct {
	// Plan comes once, first.
	Plan   *state.Plan   `json:"plan,omitzero"`
	Action *state.Action `json:"action,omitzero"`
	// Done tells that the action is done, rather than about to be.
	Done   bool   `json:"done,omitzero"`
	Number int    `json:"number,omitzero"`
	Total  int    `json:"total,omitzero"`
	Note   string `json:"note,omitzero"`
}

// Result is how it ended.
type Result struct {
	Schema  string       `json:"schema"`
	Command Command      `json:"command,omitzero"`
	Outcome Outcome      `json:"outcome"`
	Facts   *state.Facts `json:"facts,omitzero"`
	// Plan is what was planned, or is left to do.
	Plan *state.Plan `json:"plan,omitzero"`
	// SHA256 is the digest of the file that was asked for, in hexadecimal digits.
	SHA256 string `json:"sha256,omitzero"`
	// Done is how many actions were done.
	Done int `json:"done,omitzero"`
	// Failed is the resource at which it stopped.
	Failed *state.ID `json:"failed,omitzero"`
	Error  string    `json:"error,omitzero"`
	// RebootRequired are the reasons, a sentence each, for which the host has to boot before it is as desired: because of
	// what was done now, or since the last boot. It says so whatever the outcome is.
	RebootRequired []string `json:"rebootRequired,omitzero"`
	// Restart tells that the agent's own service has to be restarted, by ending it.
	Restart bool `json:"restart,omitzero"`
}

// DecodeMessage reads a line of output strictly, and none that would take up many times its size.
func DecodeMessage(line []byte) (*Message, error) {
	if err := checkValues(line); err != nil {
		return nil, fmt.Errorf("decoding the agent's output: %w", err)
	}
	message := new(Message)
	if err := state.Decode(line, message); err != nil {
		return nil, fmt.Errorf("decoding the agent's output: %w", err)
	}
	if (message.Progress == nil) == (message.Result == nil) {
		return nil, errors.New("decoding the agent's output: a line is either progress or a result")
	}
	if message.Result != nil {
		return message, state.CheckSchema(message.Result.Schema)
	}
	return message, nil
}
