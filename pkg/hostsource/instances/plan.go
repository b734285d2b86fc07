package instances

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
)

// change is a WindowsHost that shall be as the list wants it.
type change struct {
	want hostsource.Host
	live *v1alpha1.WindowsHost // Nil where there is none.
}

// plan is what follows from a list.
type plan struct {
	apply  []change
	remove []*v1alpha1.WindowsHost
	// held are the hosts that would be removed, had that been confirmed.
	held     []*v1alpha1.WindowsHost
	problems []Problem
	// used is how many entries have a WindowsHost as they want it.
	used int
}

// planFor compares the list, nil where there is none, with the WindowsHosts that there are. It is pure.
func planFor(list *corev1.ConfigMap, known KnownHosts, hosts population) plan {
	var p plan
	listed := map[string]bool{}
	if there(list) {
		var entries []Entry
		entries, p.problems = Parse(list.Data)
		for i := range p.problems {
			if address := p.problems[i].Address; address != "" {
				entries = append(entries, Entry{Address: address})
			}
		}
		for _, entry := range entries {
			listed[entry.Address] = true
			p.add(list, entry, known, hosts)
		}
	}
	var unlisted []*v1alpha1.WindowsHost
	for _, host := range hosts.ours {
		if host.DeletionTimestamp == nil && !listed[host.Name] {
			unlisted = append(unlisted, host)
		}
	}
	for _, host := range unlisted {
		if mayRemove(list, host, len(unlisted)) {
			p.remove = append(p.remove, host)
		} else {
			p.held = append(p.held, host)
		}
	}
	return p
}

// add finds out what an entry wants. One without a user could not be read: the host that it had keeps the user.
func (p *plan) add(list *corev1.ConfigMap, entry Entry, known KnownHosts, hosts population) {
	live := hosts.named(entry.Address)
	conflicts := hosts.conflicts(entry.Address)
	p.problems = append(p.problems, conflicts...)
	switch {
	case live == nil && (len(conflicts) > 0 || entry.User == ""):
		return
	case live != nil && live.DeletionTimestamp != nil:
		return // It is made anew once it is gone.
	case entry.User == "":
		entry.User = live.Spec.User
	}
	p.apply = append(p.apply, change{want: hostFor(list, entry, known), live: live})
}

// hostFor is what a list says of one host.
func hostFor(list *corev1.ConfigMap, entry Entry, known KnownHosts) hostsource.Host {
	host := hostsource.Host{
		Name:     entry.Address,
		Address:  entry.Address,
		User:     entry.User,
		HostKeys: known.Trust(entry.Address),
	}
	if len(host.HostKeys.Fingerprints)+len(host.HostKeys.Authorities) == 0 {
		host.HostKeys.TrustOnFirstUse = list.Annotations[v1alpha1.AnnotationTrustOnFirstUse] == "true"
	}
	if confirmation, confirmed := list.Annotations[v1alpha1.AnnotationConfirmRemoval]; confirmed {
		host.Annotations = map[string]string{v1alpha1.AnnotationConfirmRemoval: confirmation}
	}
	return host
}

// mayRemove tells whether a host that is not listed may go, which is one of so many. The last entry of a list may be
// deleted like any other.
func mayRemove(list *corev1.ConfigMap, host *v1alpha1.WindowsHost, unlisted int) bool {
	if there(list) && (len(list.Data) > 0 || unlisted == 1) {
		return true
	}
	annotations := host.Annotations
	if list != nil {
		annotations = list.Annotations
	}
	_, confirmed := annotations[v1alpha1.AnnotationConfirmRemoval]
	return confirmed
}

func there(list *corev1.ConfigMap) bool { return list != nil && list.DeletionTimestamp == nil }
