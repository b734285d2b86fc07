package usage

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCPUGrowsByWhatTheProcessComputes(t *testing.T) {
	before, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	const work = 20 * time.Millisecond
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		now, err := CPU(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if now-before >= work {
			return
		}
	}
	t.Errorf("%v of CPU time did not pass in half a minute of computing", work)
}

func TestAProcessThatIsNotThereIsAnError(t *testing.T) {
	const none = 1 << 22 // Above the most process ids that Linux can be told to give.
	if _, err := CPU(none); err == nil {
		t.Error("it has CPU time")
	}
	if _, err := MemoryOf(none); err == nil {
		t.Error("it has memory")
	}
}

func TestMemoryOfThisProcessIsPlausible(t *testing.T) {
	m, err := MemoryOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if m.Anonymous <= 0 || m.Resident <= m.Anonymous || m.Peak < m.Resident {
		t.Errorf("implausible: %+v", m)
	}
}

func TestStatusIsReadAsLinuxWritesIt(t *testing.T) {
	got, err := parseStatus([]byte("Name:\twebhook\nVmHWM:\t    4096 kB\nVmRSS:\t    2048 kB\nRssAnon:\t    1024 kB\nThreads:\t7\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Memory{Resident: 2 << 20, Anonymous: 1 << 20, Peak: 4 << 20}, got); diff != "" {
		t.Error(diff)
	}
	for name, status := range map[string]string{
		"a kernel thread has no memory": "Name:\tkthreadd\nThreads:\t1\n",
		"a figure is no number":         "VmHWM:\tmuch\nVmRSS:\t1 kB\nRssAnon:\t1 kB\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parseStatus([]byte(status)); err == nil {
				t.Errorf("read as %+v", got)
			}
		})
	}
}
