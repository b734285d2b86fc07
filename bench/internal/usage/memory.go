package usage

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Memory is what a process has resident, in bytes.
type Memory struct {
	// Resident is all of it: Anonymous is heap and stacks, and the rest is mostly the program itself, of which
	// processes that run the same program share one copy.
	Resident, Anonymous int64
	// Peak is the most that was resident at any time.
	Peak int64
}

// MemoryOf returns what a process of this machine has resident.
func MemoryOf(pid int) (Memory, error) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return Memory{}, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	memory, err := parseStatus(status)
	if err != nil {
		return Memory{}, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	return memory, nil
}

// parseStatus reads lines such as "VmRSS:	   18432 kB", see proc_pid_status(5).
func parseStatus(status []byte) (Memory, error) {
	var memory Memory
	wanted := map[string]*int64{"VmRSS": &memory.Resident, "RssAnon": &memory.Anonymous, "VmHWM": &memory.Peak}
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		into, found := wanted[name]
		if !found {
			continue
		}
		kibibytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return Memory{}, fmt.Errorf("%s is %q: %w", name, value, err)
		}
		*into = kibibytes << 10
		delete(wanted, name)
	}
	if len(wanted) > 0 {
		return Memory{}, fmt.Errorf("%d of its figures are missing", len(wanted))
	}
	return memory, nil
}
