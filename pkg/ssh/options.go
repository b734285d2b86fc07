package ssh

import "time"

// Options bound what a pool does. Zero values are replaced by the defaults.
type Options struct {
	// Connect is how long it may take until one is logged in. 15 s by default.
	Connect time.Duration
	// Command is how long a command may take that does not say so itself. 10 min by default.
	Command time.Duration
	// SlowestRate is how many bytes a second a transfer moves at least; together with Settle it makes the deadline of
	// a transfer that does not say so itself. 128 KiB by default.
	SlowestRate int64
	// Settle is how long a transfer may take besides. 1 min by default.
	Settle time.Duration
	// DeadPeer is for how long nothing may arrive from a host, though it was asked. 30 s by default.
	DeadPeer time.Duration
	// Idle is how long a connection is kept that nobody uses, which holds about 100 KiB. 1 min by default.
	Idle time.Duration
	// Concurrency is how many calls of Do there may be at once, for all hosts together. 64 by default.
	Concurrency int
	// HostConcurrency is how many of them may be for one target. The server of OpenSSH allows 10 sessions in one
	// connection. 4 by default.
	HostConcurrency int
}

func (o Options) withDefaults() Options {
	setDefault(&o.Connect, 15*time.Second)
	setDefault(&o.Command, 10*time.Minute)
	setDefault(&o.SlowestRate, 128<<10)
	setDefault(&o.Settle, time.Minute)
	setDefault(&o.DeadPeer, 30*time.Second)
	setDefault(&o.Idle, time.Minute)
	setDefault(&o.Concurrency, 64)
	setDefault(&o.HostConcurrency, 4)
	return o
}

func setDefault[T int | int64 | time.Duration](value *T, otherwise T) {
	if *value <= 0 {
		*value = otherwise
	}
}

// transfer is how long moving so many bytes may take.
func (o Options) transfer(bytes int64) time.Duration {
	return o.Settle + time.Duration(bytes/o.SlowestRate)*time.Second
}
