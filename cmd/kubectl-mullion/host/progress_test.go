package host

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// happenings are an upload in two steps, a note, and an action.
func happenings() []remote.Event {
	action := &state.Action{Verb: state.VerbStart, ID: state.ID{Kind: state.KindService, Name: "web"}}
	return []remote.Event{
		{Upload: &remote.Upload{What: "the agent", Done: 1 << 20, Size: 4 << 20}},
		{Upload: &remote.Upload{What: "the agent", Done: 4 << 20, Size: 4 << 20}},
		{Progress: &protocol.Progress{Note: "Something stays."}},
		{Progress: &protocol.Progress{Action: action, Number: 1, Total: 2}},
		{Progress: &protocol.Progress{Action: action, Number: 1, Total: 2, Done: true}},
	}
}

func TestWhereNobodyWatchesThereIsALineForEachThingThatIsDone(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	p.say("fetching")
	for _, event := range happenings() {
		p.tell(event)
	}
	p.close()
	const want = "fetching\nuploaded the agent (4.0 MiB)\nSomething stays.\n[1 of 2] start service/web\n"
	if out.String() != want {
		t.Errorf("want\n%s\ngot\n%s", want, &out)
	}
}

func TestOnATerminalOneLineMovesAndIsGoneAtTheEnd(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out, moving: true}
	p.say("fetching")
	for _, event := range happenings() {
		p.tell(event)
	}
	p.close()
	written := out.String()
	mentions(t, written, "\ruploading the agent: 25 % of 4.0 MiB\x1b[K", "\r\x1b[KSomething stays.\n", "\r[1 of 2] start service/web\x1b[K")
	if !strings.HasSuffix(written, "\r\x1b[K") || strings.Count(written, "\n") != 1 {
		t.Errorf("something is left: %q", written)
	}
}

func TestSizesAreInUnitsThatFit(t *testing.T) {
	for bytes, want := range map[int64]string{7: "7 bytes", 3 << 9: "1.5 KiB", 5 << 19: "2.5 MiB", 3 << 30: "3.0 GiB"} {
		if got := size(bytes); got != want {
			t.Errorf("%d: %s, want %s", bytes, got, want)
		}
	}
}
