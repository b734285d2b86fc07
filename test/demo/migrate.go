package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/demo/terminal"
	"github.com/mullion-dev/mullion/test/registry"
)

// migrationTime bounds each part of the migration.
const migrationTime = 5 * time.Minute

// The migration's workload, and its images: the second has a build more.
const (
	shop      = "shop"
	billing   = "billing"
	billing10 = "team/billing:1.0"
	billing11 = "team/billing:1.1"
	shopFile  = "story/shop.yaml"
)

// leaving is the host whose build is retired.
const leaving = "ws2019"

// migrate retires Windows Server 2019, and takes the host of that build across.
func (d *demonstration) migrate(ctx context.Context) error {
	if !d.stage.hasHosts() {
		return nil
	}
	for _, act := range []func(context.Context) error{d.openShop, d.retire, d.free, d.upgrade, d.lookBack} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return nil
}

// act begins a part of the story.
func (d *demonstration) act(title, idea string) {
	d.term.Print("\n" + d.term.Paint(terminal.Bold, title) + "\n" + d.term.Paint(terminal.Dim, terminal.Wrap(idea, d.term.Width(), "")))
}

// openShop takes the workloads away, and deploys one that matters.
func (d *demonstration) openShop(ctx context.Context) error {
	s := d.stage
	d.act("A migration, without an outage",
		"The workloads so far are taken away. A shop is opened: one of its deployments has an image of Windows Server 2019.")
	d.term.Print("\n")
	return d.term.Do(ctx, terminal.Step{Doing: "Opening a shop"}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, migrationTime)
		defer cancel()
		if _, err := s.cluster.Kubectl(ctx, nil, "delete", "namespace", namespace); err != nil {
			return "", err
		}
		if err := s.pushBilling(ctx, billing10, "10.0.17763.6293"); err != nil {
			return "", err
		}
		file, err := story.ReadFile(shopFile)
		if err != nil {
			return "", fmt.Errorf("reading the story: %w", err)
		}
		file = bytes.ReplaceAll(file, []byte(registryPlaceholder), []byte(s.registry.Host()+"/"))
		if _, err := s.cluster.Kubectl(ctx, bytes.NewReader(file), "apply", "-f", "-"); err != nil {
			return "", err
		}
		return "The shop is open: billing runs on " + leaving + ", where else could it", s.untilShopRuns(ctx)
	})
}

// pushBilling pushes the image of the deployment, for some builds.
func (s *stage) pushBilling(ctx context.Context, name string, versions ...string) error {
	index, err := registry.WindowsIndex(versions...)
	if err != nil {
		return fmt.Errorf("making image %s: %w", name, err)
	}
	_, err = s.registry.Push(ctx, name, index)
	return err
}

// untilShopRuns waits until every pod of the shop runs.
func (s *stage) untilShopRuns(ctx context.Context) error {
	return s.until(ctx, "the shop runs", func(ctx context.Context) (bool, error) {
		running, pods, err := s.shopPods(ctx)
		return err == nil && len(pods) > 0 && running == len(pods), err
	})
}

// shopPods are the pods of the shop that are to stay, and how many of them are Ready.
func (s *stage) shopPods(ctx context.Context) (running int, pods []corev1.Pod, err error) {
	all, err := s.client.CoreV1().Pods(shop).List(ctx, metav1.ListOptions{})
	if err != nil {
		return 0, nil, fmt.Errorf("listing the pods of the shop: %w", err)
	}
	for i := range all.Items {
		pod := &all.Items[i]
		if pod.DeletionTimestamp != nil {
			continue
		}
		pods = append(pods, *pod)
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				running++
			}
		}
	}
	return running, pods, nil
}

// retire changes one word in the policy.
func (d *demonstration) retire(ctx context.Context) error {
	d.act("One word in the policy: Windows Server 2019 is Retired",
		"Its host is to leave. But before a host leaves, every pod on it is asked where else it could run, by the function that admits pods.")
	const patch = `[{"op":"replace","path":"/spec/builds/2/state","value":"Retired"}]`
	if err := d.run(ctx, "patch", "wbp", "default", "--type=json", "-p", patch); err != nil {
		return err
	}
	err := d.waitForHost(ctx, "Waiting for what the node manager says", func(host *v1alpha1.WindowsHost) (string, bool) {
		return "The host stays, and says why", strings.Contains(host.Status.Message, billing) && strings.Contains(host.Status.Message, billing10)
	})
	if err != nil {
		return err
	}
	return d.showPlugin(ctx, 1, "plan", hostNamespace+"/"+leaving)
}

// free rebuilds the image for two builds.
func (d *demonstration) free(ctx context.Context) error {
	s := d.stage
	d.act("The image is rebuilt for two builds",
		"billing:1.1 has an entry for Windows Server 2019 and one for 2022. Its pods are made anew, on 2022, and nothing keeps the host any more.")
	if err := s.pushBilling(ctx, billing11, "10.0.17763.6293", "10.0.20348.2700"); err != nil {
		return err
	}
	if err := d.run(ctx, "set", "image", "-n", shop, "deployment/"+billing, billing+"="+s.registry.Reference(billing11)); err != nil {
		return err
	}
	return d.waitForHost(ctx, "Waiting until the host is given back", func(host *v1alpha1.WindowsHost) (string, bool) {
		return "The host was drained and given back as it was, and its node is gone", host.Status.Phase == v1alpha1.HostRetired
	})
}

// upgrade installs another Windows on the host.
func (d *demonstration) upgrade(ctx context.Context) error {
	d.act("Windows is upgraded on the host",
		"By whoever does that: in its place, or by installing it anew. Nobody tells Mullion. It looks, finds a build that the policy offers, and the host joins again.")
	d.term.Print("\n")
	err := d.term.Do(ctx, terminal.Step{Doing: "Upgrading Windows"}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
		return leaving + " has Windows Server 2022 now", d.stage.hosts[0].Upgrade(ctx, build2022)
	})
	if err != nil {
		return err
	}
	return d.waitForHost(ctx, "Waiting until the host is a node again", func(host *v1alpha1.WindowsHost) (string, bool) {
		return "The host is a node of build " + build2022,
			host.Status.Phase == v1alpha1.HostReady && host.Status.Facts != nil && host.Status.Facts.Build == build2022
	})
}

// lookBack shows that all is as the policy wants it, and that nothing was left behind.
func (d *demonstration) lookBack(ctx context.Context) error {
	if err := d.stage.untilPolicyShows(ctx); err != nil {
		return err
	}
	running, pods, err := d.stage.shopPods(ctx)
	if err != nil {
		return err
	}
	if running != len(pods) || running == 0 {
		return fmt.Errorf("%d of %d pods of the shop run", running, len(pods))
	}
	d.act("What is there now", fmt.Sprintf("%d of %d pods of the shop run. Nothing was stranded.", running, len(pods)))
	return errors.Join(
		d.run(ctx, "get", "windowshosts", "-n", hostNamespace),
		d.run(ctx, "get", "pods", "-n", shop, "-o", "custom-columns=POD:.metadata.name,NODE:.spec.nodeName,STATUS:.status.phase"),
		d.run(ctx, "get", "wbp", "-o", "wide"),
	)
}

// untilPolicyShows waits until the policy's status has caught up with the host, which it does within a second.
func (s *stage) untilPolicyShows(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.until(ctx, "the policy shows that all hosts are up to date", func(ctx context.Context) (bool, error) {
		var policy v1alpha1.WindowsBuildPolicy
		if err := s.kinds.Get(ctx, client.ObjectKey{Name: "default"}, &policy); err != nil {
			return false, err
		}
		ready := int32(0)
		for i := range policy.Status.Builds {
			ready += policy.Status.Builds[i].ReadyNodes
		}
		rollout := policy.Status.Rollout
		return rollout != nil && int(rollout.UpToDate) == len(fleet()) && int(ready) == len(fleet()), nil
	})
}

// run shows a command of kubectl, and what it prints.
func (d *demonstration) run(ctx context.Context, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, migrationTime)
	defer cancel()
	output, err := d.stage.cluster.Kubectl(ctx, nil, args...)
	if err != nil {
		return err
	}
	d.term.Print(d.transcript("kubectl "+quotedArgs(args), output))
	return nil
}

// quotedArgs are arguments as one would type them.
func quotedArgs(args []string) string {
	typed := make([]string, len(args))
	for i, arg := range args {
		if typed[i] = arg; strings.ContainsAny(arg, `"[{* `) {
			typed[i] = "'" + arg + "'"
		}
	}
	return strings.Join(typed, " ")
}

// showPlugin shows a command of the plugin, which has to end with an exit code, and what it prints.
func (d *demonstration) showPlugin(ctx context.Context, code int, args ...string) error {
	args = append([]string{"mullion"}, args...)
	output, err := d.stage.plugin(ctx, d.stage.cluster.DataDir(), question{exit: code}, args)
	if err != nil {
		return err
	}
	d.term.Print(d.transcript("kubectl "+strings.Join(args, " "), output))
	return nil
}

// waitForHost waits until the host that leaves is as it has to be, and tells meanwhile what is done with it.
func (d *demonstration) waitForHost(ctx context.Context, doing string, holds func(*v1alpha1.WindowsHost) (string, bool)) error {
	return d.term.Do(ctx, terminal.Step{Doing: doing}, func(ctx context.Context, detail *terminal.Detail) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, migrationTime)
		defer cancel()
		var said, done string
		err := d.stage.until(ctx, "the host is as it has to be", func(ctx context.Context) (bool, error) {
			host, err := d.stage.host(ctx, leaving)
			if err != nil {
				return false, err
			}
			if line := fmt.Sprintf("%s: %s", host.Status.Phase, host.Status.Message); line != said {
				said = line
				_, _ = fmt.Fprintln(detail, line)
			}
			var held bool
			done, held = holds(host)
			return held, nil
		})
		if err != nil {
			err = fmt.Errorf("%w; the host is %s", err, said)
		}
		return done, err
	})
}
