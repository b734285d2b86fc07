package ssh

import (
	"fmt"
	"sync/atomic"
	"time"
)

// keepAlive ends the connection of a host that has gone without a word: nothing arrives for Options.DeadPeer, give or
// take a tick, though the host was asked to say something. It is not enough that the time has passed: this process may
// have been stopped for as long. Whatever arrives is a sign of life, so a link that is only slow, and busy with a
// transfer before which the answer has to wait, is not given up.
func (c *Conn) keepAlive() {
	dead := c.options.DeadPeer
	ticker := time.NewTicker(dead / 10)
	defer ticker.Stop()
	var asked time.Time // Zero while no answer is due.
	var answered atomic.Bool
	for {
		select {
		case <-c.ended:
			return
		case <-ticker.C:
		}
		silence := c.wire.silence()
		switch {
		case asked.IsZero() && silence >= dead*3/10:
			asked = time.Now()
			answered.Store(false)
			c.running.Go(func() {
				// The answer is that the request is not known, which is as good as any.
				_, _, _ = c.client.SendRequest("keepalive@openssh.com", true, nil)
				answered.Store(true)
			})
		case asked.IsZero():
		case answered.Load():
			asked = time.Time{}
		case silence >= dead*9/10 && time.Since(asked) >= dead/2:
			c.end(fmt.Errorf("nothing has arrived from the host for %v, though it was asked", silence.Round(time.Millisecond)))
			return
		}
	}
}
