package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/host/target"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// agentFile is the name of the agent's executable, as a release has it.
const agentFile = "mullion-agent.exe"

// connection are the flags of every subcommand.
type connection struct {
	target *target.Flags
	agent  string
	now    func() time.Time
}

func newConnection(now func() time.Time) *connection {
	return &connection{target: target.NewFlags(), now: now}
}

func (c *connection) addFlags(cmd *cobra.Command) {
	c.target.Add(cmd.Flags())
	cmd.Flags().StringVar(&c.agent, "agent", "", "File with the agent for hosts (default: "+agentFile+" beside this program).")
}

// session is a host, a way there, and the agent for it.
type session struct {
	agent    *remote.Agent
	pool     *ssh.Pool
	target   *ssh.Target
	progress *progress
}

// open reads what the flags name. Nothing is sent before somebody asks something.
func (c *connection) open(streams genericiooptions.IOStreams, contents remote.Contents) (*session, error) {
	program, err := c.program()
	if err != nil {
		return nil, err
	}
	to, err := c.target.Target(func(sentence string) { fmt.Fprintf(streams.ErrOut, "note: %s\n", sentence) })
	if err != nil {
		return nil, err
	}
	s := &session{pool: ssh.NewPool(ssh.Options{}), target: to, progress: newProgress(streams.ErrOut)}
	s.agent = &remote.Agent{Program: program, Contents: contents, Now: c.now, Progress: s.progress.tell}
	return s, nil
}

func (c *connection) program() (*remote.Program, error) {
	file := c.agent
	if file == "" {
		executable, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("looking for the agent: %w; name its file with --agent", err)
		}
		file = filepath.Join(filepath.Dir(executable), agentFile)
	}
	content, err := os.ReadFile(file) //nolint:gosec // The user names it.
	if err != nil && c.agent == "" {
		return nil, fmt.Errorf("looking for the agent: %w; name its file with --agent", err)
	}
	if err != nil {
		return nil, fmt.Errorf("--agent: %w", err)
	}
	program, err := remote.NewProgram(content)
	if err != nil {
		return nil, fmt.Errorf("--agent: %s: %w", file, err)
	}
	return program, nil
}

func (s *session) close() {
	s.progress.close()
	s.pool.Close()
}

// do has something done with a connection to the host, and puts an error into words for whoever is at the keyboard.
func (s *session) do(ctx context.Context, work func(context.Context, *ssh.Conn) error) error {
	err := s.pool.Do(ctx, s.target, work)
	s.progress.close()
	return advise(err)
}

func (s *session) facts(ctx context.Context) (facts *state.Facts, err error) {
	err = s.do(ctx, func(ctx context.Context, conn *ssh.Conn) error {
		facts, err = s.agent.Facts(ctx, conn)
		return err
	})
	return facts, err
}

// ask makes one request of the agent.
func (s *session) ask(ctx context.Context, request func(context.Context, *ssh.Conn) (*protocol.Result, error)) (result *protocol.Result, err error) {
	err = s.do(ctx, func(ctx context.Context, conn *ssh.Conn) error {
		result, err = request(ctx, conn)
		return err
	})
	return result, err
}

// unanswered is the error of a result that is no answer, or nil.
func unanswered(result *protocol.Result) error {
	switch result.Outcome {
	case protocol.OutcomeLocked:
		return fmt.Errorf("somebody else is changing the host: %s; wait, and try again", result.Error)
	case protocol.OutcomeContentMissing:
		return errors.New("content that was brought to the host is not there any more; is something cleaning up C:\\ProgramData\\mullion, such as a virus scanner?")
	case protocol.OutcomeInvalid:
		return fmt.Errorf("the agent refuses the request: %s", result.Error)
	case protocol.OutcomeFailed:
		if result.Failed != nil {
			return fmt.Errorf("%s: %s; %d actions were done before, and applying again goes on from there", result.Failed, result.Error, result.Done)
		}
		return errors.New(result.Error)
	default:
		return nil
	}
}
