package app

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
)

// announcer writes to the event log what a pass has found, once: a host that stays as it is would fill the log.
type announcer struct {
	log  EventLog
	last string
}

// longestEvent is below the 31,839 characters that an event holds.
const longestEvent = 16 << 10

func (a *announcer) announce(status Status) error {
	var text strings.Builder
	switch status.Outcome {
	case protocol.OutcomeLocked:
		return nil // Whoever changes the host reports himself.
	case protocol.OutcomeDone:
		if len(status.Found) == 0 {
			text.WriteString("The host is as desired.")
			break
		}
		fmt.Fprintf(&text, "The host was not as desired and has been repaired, by %d actions.", status.Done)
	case protocol.OutcomeRebootRequired:
		text.WriteString("The host is not as desired before it has been rebooted.")
	case protocol.OutcomeRefused:
		text.WriteString("The host is not as desired, and cannot be made so as things are.")
	case protocol.OutcomeContentMissing:
		text.WriteString("The host is not as desired, and what it lacks has to come from the node manager.")
	default:
		text.WriteString("The host could not be compared or repaired.")
	}
	for _, found := range status.Found {
		text.WriteString("\n- " + found)
	}
	if status.Error != "" {
		text.WriteString("\n" + status.Error)
	}
	event := text.String()
	if len(event) > longestEvent {
		event = strings.ToValidUTF8(event[:longestEvent], "") + "…"
	}
	if event == a.last {
		return nil
	}
	a.last = event
	switch status.Outcome {
	case protocol.OutcomeDone:
		if len(status.Found) > 0 {
			return a.log.Warning(event)
		}
		return a.log.Info(event)
	case protocol.OutcomeRebootRequired, protocol.OutcomeContentMissing:
		return a.log.Warning(event)
	default:
		return a.log.Error(event)
	}
}
