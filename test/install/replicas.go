package install

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/mullion-dev/mullion/test/process"
)

// Names of the programs. Deployments have them too, after a prefix.
const (
	webhookName     = "webhook"
	nodeManagerName = "nodemanager"
)

// replicas say how often a program is run, and how that differs from its Deployment.
type replicas struct {
	name, path string
	count      int // 0 is as many as the Deployment has.
	args       []string
	// caches tells that each replica keeps node bundles.
	caches bool
}

// newReplicas prepares the replicas of a program as its Deployment describes them.
func (i *Installation) newReplicas(ctx context.Context, deployments map[string]shipped, r replicas) ([]*Program, error) {
	deployment, found := deployments["mullion-"+r.name]
	if !found {
		return nil, fmt.Errorf("preparing %s: the manifests have no deployment mullion-%s", r.name, r.name)
	}
	identity, err := i.cluster.ServiceAccount(ctx, deployment.namespace, deployment.serviceAccount)
	if err != nil {
		return nil, err
	}
	if r.count == 0 {
		r.count = deployment.replicas
	}
	var programs []*Program
	for number := 1; number <= r.count; number++ {
		program := &Program{name: r.name + "-" + strconv.Itoa(number)}
		here, err := program.reserve(r.name == webhookName)
		if err != nil {
			program.release()
			return programs, err
		}
		here = append(here, "--kubeconfig="+identity.Kubeconfig())
		if r.caches {
			here = append(here, "--bundle-cache="+filepath.Join(i.cluster.DataDir(), program.name+"-bundles"))
		}
		program.process = i.group.New(process.Command{
			Path: r.path,
			// Of a flag given twice the last one counts, so what is shipped is read all the same.
			Args: slices.Concat(deployment.args, here, r.args),
			Env:  deployment.env,
			Log:  filepath.Join(i.cluster.DataDir(), program.name+".log"),
		})
		programs = append(programs, program)
	}
	return programs, nil
}

// reserve gives the replica ports of its own, and returns the flags that say so.
func (p *Program) reserve(serves bool) (flags []string, err error) {
	ports := map[string]**process.Port{
		"--health-probe-bind-address": &p.health,
		"--metrics-bind-address":      &p.metrics,
	}
	if serves {
		ports["--webhook-bind-address"] = &p.serving
		ports["--policy-api-bind-address"] = &p.policyAPI
	}
	for flag, port := range ports {
		if *port, err = process.ReservePort(); err != nil {
			return nil, fmt.Errorf("preparing %s: %w", p.name, err)
		}
		flags = append(flags, flag+"="+(*port).Address())
	}
	slices.Sort(flags)
	return flags, nil
}
