package windowshost

import "context"

// look is the life of a host: where it is found, whether it goes or stays, and what is done about that.
func (r *Reconciler) look(ctx context.Context, p *pass) ending {
	if !p.host.DeletionTimestamp.IsZero() {
		return r.run(ctx, p, r.removal())
	}
	if e := r.run(ctx, p, r.arrival()); e.stop {
		return e
	}
	if p.found.Leave {
		return r.run(ctx, p, r.retirement())
	}
	return r.run(ctx, p, r.configuration())
}

// arrival is what is done with every host: it changes nothing.
func (r *Reconciler) arrival() []step {
	return []step{
		admit{},
		unique{r.Client},
		resolve{r.Client, r.API},
		connect{r.API, r.Machines, r.Access, r.options()},
		assign{r.Client, yield{r.Client, r.Drainer, r.Turns}},
	}
}

// configuration makes a host a node, or keeps it one.
func (r *Reconciler) configuration() []step {
	return []step{
		aim{r.Client, r.API, r.Bundles, r.Cluster},
		preflight{r.Client, r.API, r.Credentials},
		compare{r.Metrics, r.options()},
		claim{r.Turns, r.Drainer, yield{r.Client, r.Drainer, r.Turns}},
		evacuate{r.Client, r.API, r.Drainer, r.Turns},
		replace{r.Client},
		apply{r.API, r.Client, r.options()},
		reboot{r.Client, r.Metrics, r.options()},
		join{r.Client, r.API, r.Drainer, r.Credentials, r.Metrics, r.options()},
		verify{r.Kubelets, r.Metrics, r.options()},
		release{r.Client, r.API, r.Drainer, r.Turns},
	}
}

// retirement gives back a host whose build is to go, and waits for it to have another.
func (r *Reconciler) retirement() []step {
	return []step{
		retire{r.options()},
		claim{r.Turns, r.Drainer, yield{r.Client, r.Drainer, r.Turns}},
		evacuate{r.Client, r.API, r.Drainer, r.Turns},
		replace{r.Client},
		giveBack{r.Cluster},
		reboot{r.Client, r.Metrics, r.options()},
		forget{r.Client, r.Credentials, r.Turns, r.Metrics},
		retired{},
	}
}

// removal gives back a host whose object was deleted.
func (r *Reconciler) removal() []step {
	return []step{
		letGo{r.Client, r.Credentials, r.Drainer, r.Turns, r.Metrics},
		resolve{r.Client, r.API},
		// One that cannot be reached cannot be given back, and keeps its pods until it can.
		reach{connect{r.API, r.Machines, r.Access, r.options()}, r.Turns, r.Metrics},
		remove{r.Client},
		claim{r.Turns, r.Drainer, yield{r.Client, r.Drainer, r.Turns}},
		evacuate{r.Client, r.API, r.Drainer, r.Turns},
		giveBack{r.Cluster},
		reboot{r.Client, r.Metrics, r.options()},
		forget{r.Client, r.Credentials, r.Turns, r.Metrics},
		dismiss{r.Turns, r.Metrics},
	}
}

func (r *Reconciler) options() Options { return r.Options.withDefaults() }
