package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/test/demo/terminal"
)

// question is something that people ask before they apply or change anything.
type question struct {
	// why is who asks, and what for.
	why string
	// args are those of kubectl mullion. A workload's file is named as it is in the story.
	args []string
	// exit is how it has to end: 1 where somebody would be refused or stranded.
	exit int
}

// questions are asked when everything runs.
func questions() []question {
	return []question{
		{
			why:  "A developer asks before applying:",
			args: []string{"explain", "-n", namespace, "-f", "no-common-build.yaml"},
			exit: 1,
		},
		{
			why:  "An administrator asks what an upgrade of the nodes of Windows Server 2019 would do:",
			args: []string{"fleet", "--if-upgraded", "10.0.17763=10.0.20348"},
			exit: 1,
		},
	}
}

// answerTime bounds one question. It is answered within a second.
const answerTime = time.Minute

// ask asks the questions as people do, with kubectl and its plugin, and shows what they see. It fails where a question
// ends otherwise than it has to.
func (d *demonstration) ask(ctx context.Context) error {
	folder, err := d.stage.writeScenes()
	if err != nil {
		return err
	}
	for _, q := range questions() {
		args := append([]string{"mullion"}, q.args...)
		output, err := d.stage.plugin(ctx, folder, q, args)
		if err != nil {
			return err
		}
		d.term.Print("\n" + terminal.Wrap(q.why, d.term.Width(), "  "))
		d.term.Print(strings.TrimPrefix(d.transcript("kubectl "+strings.Join(args, " "), output), "\n"))
	}
	return nil
}

// plugin runs kubectl in a folder, where it finds the plugin, and returns everything that it printed.
func (s *stage) plugin(ctx context.Context, folder string, q question, args []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, s.cluster.KubectlPath(), args...) //nolint:gosec // What we built, with the story's arguments.
	cmd.Dir = folder
	cmd.Env = append(s.cluster.Environ(),
		"PATH="+filepath.Dir(s.programs.Plugin)+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", fmt.Errorf("kubectl %s: %w", strings.Join(args, " "), err)
	}
	if code := cmd.ProcessState.ExitCode(); code != q.exit {
		return "", fmt.Errorf("kubectl %s: exit code %d, not %d:\n%s", strings.Join(args, " "), code, q.exit, &output)
	}
	return output.String(), nil
}

// transcript shows a command and what it printed.
func (d *demonstration) transcript(command, output string) string {
	return "\n  " + d.term.Paint(terminal.Dim, "$ "+command) + "\n" + indent(output)
}
