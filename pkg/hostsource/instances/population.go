package instances

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
)

// population is every WindowsHost of the cluster, as the list has to see them.
type population struct {
	// ours are those that were made of the list.
	ours []*v1alpha1.WindowsHost
	// byName are ours by name, and others everybody else's by what may be an entry's address: theirs, or the name that
	// an entry's WindowsHost would have.
	byName map[string]*v1alpha1.WindowsHost
	others map[string][]*v1alpha1.WindowsHost
}

func populationOf(hosts []v1alpha1.WindowsHost, keeper *hostsource.Keeper) population {
	p := population{byName: map[string]*v1alpha1.WindowsHost{}, others: map[string][]*v1alpha1.WindowsHost{}}
	for i := range hosts {
		host := &hosts[i]
		if keeper.Owns(host) {
			p.ours = append(p.ours, host)
			p.byName[host.Name] = host
			continue
		}
		address := strings.ToLower(host.Spec.Address)
		p.others[address] = append(p.others[address], host)
		if host.Namespace == keeper.Namespace && host.Name != address {
			p.others[host.Name] = append(p.others[host.Name], host)
		}
	}
	return p
}

// named is the WindowsHost of an entry; nil where there is none.
func (p population) named(address string) *v1alpha1.WindowsHost { return p.byName[address] }

// conflicts are the hosts of others that have the name or the address of an entry. They are left as they are.
func (p population) conflicts(address string) []Problem {
	var problems []Problem
	for _, host := range p.others[address] {
		maker := "made by an administrator"
		if source := host.Labels[v1alpha1.LabelHostSource]; source != "" {
			maker = "made by the source " + source
		}
		has := "name"
		if hostsource.SameAddress(host, address) {
			has = "address"
		} else if host.Name != address {
			continue // Another SSH server at the address.
		}
		err := fmt.Errorf("WindowsHost %s/%s, %s, has this %s already", host.Namespace, host.Name, maker, has)
		problems = append(problems, Problem{address, address, err})
	}
	return problems
}
