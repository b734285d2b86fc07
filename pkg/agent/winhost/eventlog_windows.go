package winhost

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc/eventlog"
)

// EventLog is the log Application. It is safe for concurrent use.
type EventLog struct{ log *eventlog.Log }

// eventID is that of all events: the library of messages that comes with Windows has numbers up to 1000, all of which
// show the text alone.
const eventID = 1

const eventSources = `SYSTEM\CurrentControlSet\Services\EventLog\Application\`

// OpenEventLog makes the source known, unless it is, and opens the log. Without a source that is known, events are
// shown behind a sentence that says so.
func OpenEventLog(source string) (*EventLog, error) {
	if !hasMachineKey(eventSources + source) {
		if err := eventlog.InstallAsEventCreate(source, eventlog.Info|eventlog.Warning|eventlog.Error); err != nil {
			return nil, failed(err, "registering the event source %s", source)
		}
	}
	log, err := eventlog.Open(source)
	if err != nil {
		return nil, failed(err, "opening the event log")
	}
	return &EventLog{log}, nil
}

// RemoveEventSource takes back what OpenEventLog has made known; nil also if there was nothing.
func RemoveEventSource(source string) error {
	err := registry.DeleteKey(registry.LOCAL_MACHINE, eventSources+source)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed(err, "removing the event source %s", source)
	}
	return nil
}

// Info writes what is as it should be.
func (l *EventLog) Info(text string) error { return wrote(l.log.Info(eventID, text)) }

// Warning writes what somebody should look at some time.
func (l *EventLog) Warning(text string) error { return wrote(l.log.Warning(eventID, text)) }

// Error writes what somebody has to do something about.
func (l *EventLog) Error(text string) error { return wrote(l.log.Error(eventID, text)) }

// Close closes the log.
func (l *EventLog) Close() error { return l.log.Close() }

func wrote(err error) error {
	if err != nil {
		return failed(err, "writing to the event log")
	}
	return nil
}
