package localcluster

import "testing"

func TestAnEventThatIsBeingWrittenIsNotReadYet(t *testing.T) {
	events, err := auditEvents([]byte("{\"verb\":\"create\"}\n{\"verb\":\"up"))
	if err != nil || len(events) != 1 || events[0].Verb != "create" {
		t.Errorf("got %+v, %v", events, err)
	}
	if events, err := auditEvents([]byte("{\"verb\":\"up\n")); err == nil {
		t.Errorf("half an event is read as %+v", events)
	}
}
