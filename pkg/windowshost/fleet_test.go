package windowshost

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// fleet is a scene with many hosts, in which workers look at them as a controller's do: by priority, then in order. Each
// look takes the time that its host takes.
type fleet struct {
	*scene
	machines scriptedHosts
	spent    time.Duration
	began    time.Time
}

// fleetWorkers look after a fleet: 64 after 200 hosts.
const fleetWorkers = fleetSize * 64 / 200

func newFleet(t *testing.T, ails func(number int) ailment) *fleet {
	t.Helper()
	f := &fleet{scene: newScene(t), machines: scriptedHosts{}}
	// Who is a duplicate is not what this is about, and a fake client takes long to say so.
	f.client = interceptor.NewClient(f.bare, interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			if _, hosts := list.(*v1alpha1.WindowsHostList); hosts {
				return nil
			}
			return c.List(ctx, list, options...)
		},
	})
	f.drainer.client = f.client
	f.scene.machines = func(Machines) Machines { return f.machines }
	other, err := remotetest.Start(remotetest.Options{Directory: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	f.add(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: keySecret}, Data: map[string][]byte{"private-key.pem": other.PrivateKey},
	})
	for number := range fleetSize {
		f.node(t, number, ails(number))
	}
	f.began = f.clock.Now()
	return f
}

func (f *fleet) add(object client.Object) {
	f.t.Helper()
	if err := f.bare.Create(f.t.Context(), object); err != nil {
		f.t.Fatal(err)
	}
}

// node makes a host that has joined with another configuration than the present one.
func (f *fleet) node(t *testing.T, number int, ails ailment) {
	t.Helper()
	name, address := nameOf(number), fmt.Sprintf("192.0.2.%d", number)
	f.machines[net.JoinHostPort(address, "22")] = &scriptedHost{
		spend: func(d time.Duration) {
			f.spent += d
			f.clock.SetTime(f.clock.Now().Add(d))
		},
		ails: ails,
		facts: state.Facts{
			Build: build2022, Hostname: strings.ToUpper(name), BootID: "1",
			Networks:     []state.Network{{Name: "Ethernet", Addresses: []string{address + "/24"}}},
			DefaultRoute: &state.Route{Network: "Ethernet"},
		},
	}
	f.add(&corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, UID: types.UID("node-" + name),
			Labels: map[string]string{corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: build2022},
		},
		Status: corev1.NodeStatus{
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
			NodeInfo:   corev1.NodeSystemInfo{KubeletVersion: "v1.37.2"},
		},
	})
	f.add(&v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, UID: types.UID("uid-" + name), Generation: 1, Finalizers: []string{v1alpha1.FinalizerHost},
		},
		Spec: v1alpha1.WindowsHostSpec{Address: address, Port: 22, User: "Administrator"},
		Status: v1alpha1.WindowsHostStatus{
			Phase: v1alpha1.HostReady, Node: &v1alpha1.HostNode{Name: name, Joined: true},
			Applied: &v1alpha1.AppliedConfiguration{NodeConfig: configDef, Digest: "old", State: "old", KubernetesVersion: "v1.37.2", Revision: "old"},
		},
	})
}

func nameOf(number int) string { return fmt.Sprintf("win-%03d", number) }

// look is one that is due.
type look struct {
	number   int
	at       time.Time
	priority int
}

// run lets the workers work until every healthy host of the last so many has the configuration, and returns when each had.
func (f *fleet) run(t *testing.T, last int) []time.Duration {
	t.Helper()
	var due []look
	for number := range fleetSize {
		due = append(due, look{number: number, at: f.began})
	}
	workers := slices.Repeat([]time.Time{f.began}, fleetWorkers)
	finished := map[int]time.Duration{}
	for len(finished) < last {
		w := slices.IndexFunc(workers, func(at time.Time) bool { return at.Equal(slices.MinFunc(workers, time.Time.Compare)) })
		next := f.next(due, workers[w])
		began := due[next].at
		if workers[w].After(began) {
			began = workers[w]
		}
		number := due[next].number
		result := f.lookAt(t, number, began)
		workers[w] = began.Add(f.spent)
		due[next].at, due[next].priority = workers[w].Add(result.RequeueAfter), 0
		if result.Priority != nil {
			due[next].priority = *result.Priority
		}
		if _, known := finished[number]; !known && number >= fleetSize-last && f.changed(t, number) {
			finished[number] = workers[w].Sub(f.began)
		}
		if workers[w].Sub(f.began) > time.Hour {
			t.Fatalf("after an hour %d of %d hosts are changed", len(finished), last)
		}
	}
	var times []time.Duration
	for _, at := range finished {
		times = append(times, at)
	}
	slices.Sort(times)
	return times
}

// next is the look that a worker takes that is free at a time: of those that are due the one with the highest priority, then
// the one that is due longest; where none is due, the first that will be.
func (f *fleet) next(due []look, free time.Time) int {
	best := -1
	for i := range due {
		if due[i].at.After(free) {
			continue
		}
		if best < 0 || due[i].priority > due[best].priority ||
			due[i].priority == due[best].priority && due[i].at.Before(due[best].at) {
			best = i
		}
	}
	if best >= 0 {
		return best
	}
	first := 0
	for i := range due {
		if due[i].at.Before(due[first].at) {
			first = i
		}
	}
	return first
}

func (f *fleet) lookAt(t *testing.T, number int, at time.Time) reconcile.Result {
	t.Helper()
	f.clock.SetTime(at)
	f.spent = 0
	result, err := f.reconciler().Reconcile(logr.NewContext(t.Context(), logr.Discard()), f.request(number))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (f *fleet) request(number int) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: nameOf(number)}}
}

func (f *fleet) changed(t *testing.T, number int) bool {
	t.Helper()
	var host v1alpha1.WindowsHost
	if err := f.bare.Get(t.Context(), f.request(number).NamespacedName, &host); err != nil {
		t.Fatal(err)
	}
	return host.Status.Phase == v1alpha1.HostReady && host.Status.Applied.Digest != "old" && host.Status.Disruption == nil
}

func TestBrokenHostsDoNotDelayTheOthers(t *testing.T) {
	t.Parallel()
	const broken = fleetSize / 10
	without := newFleet(t, func(int) ailment { return healthy }).run(t, fleetSize-broken)
	with := newFleet(t, func(number int) ailment {
		if number < broken {
			return []ailment{away, hanging, refusing, failing}[number%4]
		}
		return healthy
	}).run(t, fleetSize-broken)
	for _, part := range []struct {
		name string
		at   int
	}{{"half", len(with) / 2}, {"nine of ten", len(with) * 9 / 10}, {"all", len(with) - 1}} {
		t.Logf("%s of the %d others are done after %v; with none broken after %v", part.name, len(with), with[part.at], without[part.at])
	}
	if last := len(with) - 1; with[last] > without[last] {
		t.Errorf("the last of %d is done after %v, and after %v with none broken", len(with), with[last], without[last])
	}
}
