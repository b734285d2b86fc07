package windowshost

import "time"

// Options are bounds of what a [Reconciler] does. Zero values are replaced by the defaults.
type Options struct {
	// Workers is how many hosts are looked at at once. They mostly wait for the network. 64 by default.
	Workers int
	// ResyncReady is how often a host is looked at that is as it should be, to find drift. 10 min by default.
	ResyncReady time.Duration
	// JoinTimeout is how long a host may take from its configuration to a registered node with a serving certificate
	// before that counts as a failure. It is looked at further on. 15 min by default.
	JoinTimeout time.Duration
	// VerifyTimeout is how long a node may take to be Ready after a change, before that counts as a failure and may be
	// rolled back. 10 min by default.
	VerifyTimeout time.Duration
	// RebootTimeout is how long a host may take to restart. 15 min by default: Windows may install updates meanwhile.
	RebootTimeout time.Duration
	// Reboots is how often a host is restarted for one reason before it is left as it is and named. 3 by default.
	Reboots int32
	// Version is that of the node manager, as nodes are annotated with it.
	Version string
}

func (o Options) withDefaults() Options {
	setDefault(&o.Workers, 64)
	setDefault(&o.ResyncReady, 10*time.Minute)
	setDefault(&o.JoinTimeout, 15*time.Minute)
	setDefault(&o.VerifyTimeout, 10*time.Minute)
	setDefault(&o.RebootTimeout, 15*time.Minute)
	setDefault(&o.Reboots, 3)
	return o
}

func setDefault[T int | int32 | time.Duration](value *T, otherwise T) {
	if *value <= 0 {
		*value = otherwise
	}
}
