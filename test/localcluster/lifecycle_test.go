package localcluster_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

// crashVariable makes the test binary a program that starts a cluster and waits to be killed.
const crashVariable = "LOCALCLUSTER_TEST_CRASH"

// startAndHang prints the data directory and the process ids, a line each, and waits for ever.
func startAndHang() {
	cluster, err := localcluster.Start(context.Background(), localcluster.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, cluster.DataDir())
	for _, component := range cluster.Components() {
		fmt.Fprintln(os.Stdout, component.PID())
	}
	select {}
}

func TestNothingIsLeftAfterStop(t *testing.T) {
	ctx := testContext(t)
	cluster, err := localcluster.Start(ctx, localcluster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, component := range cluster.Components() {
		pids = append(pids, component.PID())
	}
	if err := cluster.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("process %d is still alive", pid)
		}
	}
	if _, err := os.Stat(cluster.DataDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("data directory %s is still there: %v", cluster.DataDir(), err)
	}
	if err := cluster.Stop(); err != nil {
		t.Errorf("stopping twice: %v", err)
	}
	if err := cluster.APIServer.Start(ctx); err == nil {
		t.Error("a component of a stopped cluster has started")
	}
}

func TestNothingIsLeftAfterTheStarterWasKilled(t *testing.T) {
	ctx := testContext(t)
	child := exec.CommandContext(ctx, os.Args[0])
	child.Env = append(os.Environ(), crashVariable+"=1")
	child.Stderr = os.Stderr
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	dir := lines.Text()
	var pids []int
	for range shared.Components() {
		lines.Scan()
		pid, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("reading the process ids of a cluster: %v, %v", err, lines.Err())
		}
		pids = append(pids, pid)
	}

	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // It was killed.
	for _, pid := range pids {
		eventually(ctx, t, fmt.Sprintf("process %d has ended", pid), func(context.Context) (bool, error) { return !alive(pid), nil })
	}

	next, err := localcluster.Start(ctx, localcluster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := next.Stop(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("data directory %s is still there after the next start: %v", dir, err)
	}
	if _, err := os.Stat(shared.DataDir()); err != nil {
		t.Errorf("the data directory of a running cluster is gone: %v", err)
	}
}

// alive tells whether a process exists and has not ended: a zombie waits for a parent that may not come.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

func TestRestartingComponentsLosesNothing(t *testing.T) {
	ctx := testContext(t)
	client := adminClient(t, shared)
	namespace := newNamespace(ctx, t, client)
	addNodes(ctx, t, hollow.NodeSpec{Name: "survivor", Build: "10.0.20348", Labels: map[string]string{"test": "restart"}})

	restarts := map[string]func(*localcluster.Component) error{
		"stopped": func(c *localcluster.Component) error { return c.Restart(ctx) },
		"killed": func(c *localcluster.Component) error {
			c.Kill()
			return c.Start(ctx)
		},
	}
	for _, component := range shared.Components() {
		for how, restart := range restarts {
			name := how + "-" + component.Name()
			marker := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
			if _, err := client.CoreV1().ConfigMaps(namespace).Create(ctx, marker, metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			before := component.PID()
			if err := restart(component); err != nil {
				t.Fatal(err)
			}
			if component.PID() == before {
				t.Errorf("%s is the same process after having been %s", component.Name(), how)
			}
			if err := shared.APIServer.WaitReady(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := client.CoreV1().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{}); err != nil {
				t.Errorf("after %s was %s: %v", component.Name(), how, err)
			}
		}
	}

	createPod(ctx, t, client, namespace, newPod("after", map[string]string{"test": "restart"}))
	waitForPod(ctx, t, client, namespace, "after", "runs", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning })
}

func TestAComponentThatCannotStartSaysWhy(t *testing.T) {
	_, err := localcluster.Start(testContext(t), localcluster.Options{SchedulerArgs: []string{"--no-such-flag"}})
	if err == nil {
		t.Fatal("started with a flag that does not exist")
	}
	for _, want := range []string{"kube-scheduler", "no-such-flag"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not mention %s: %v", want, err)
		}
	}
}
