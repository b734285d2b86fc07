package hostagent

import (
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/test/winhost"
)

func TestAHostBehindASlowLinkIsConfiguredAndGivenBack(t *testing.T) {
	h := start(t, winhost.Options{})
	before := h.snapshot()
	n := newNode(t, "v1")
	h.bring(n)
	h.SlowLink(32<<10, 150*time.Millisecond)
	h.expect(protocol.OutcomeDone, protocol.CommandApply, n.desired)
	h.expect(protocol.OutcomeDone, protocol.CommandVerify, nil)
	h.expect(protocol.OutcomeDone, protocol.CommandRemove, nil)
	h.SlowLink(0, 0)
	h.same(before)
}

// TestAnApplyOfAHostThatIsUnpluggedIsFinishedByItOrByTheNextOne is unlike a connection that breaks: nobody tells the host
// that nobody listens any more.
func TestAnApplyOfAHostThatIsUnpluggedIsFinishedByItOrByTheNextOne(t *testing.T) {
	h := start(t, winhost.Options{})
	n := newNode(t, "v1")
	h.bring(n)
	h.cut(9, n.desired, func(disconnect func()) {
		h.Unplug()
		disconnect()
	})
	h.Plug()
	h.bring(n)
	h.expectSoon(protocol.OutcomeDone, protocol.CommandApply, n.desired)
	h.expect(protocol.OutcomeDone, protocol.CommandVerify, nil)
}
