package remote_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// counting notes each command that the agent is run with.
func counting(asked *[]string) func(context.Context, *sshtest.Process, remotetest.Run) int {
	return func(ctx context.Context, process *sshtest.Process, next remotetest.Run) int {
		_, command, _ := strings.Cut(process.Line, " ")
		*asked = append(*asked, command)
		return next(ctx, process)
	}
}

// says is an agent that writes something else instead of doing what it is asked.
func says(text string, code int) func(context.Context, *sshtest.Process, remotetest.Run) int {
	return func(_ context.Context, process *sshtest.Process, _ remotetest.Run) int {
		_, _ = io.Copy(io.Discard, process.Stdin)
		_, _ = io.WriteString(process.Stdout, text)
		fmt.Fprint(process.Stderr, "fatal error: out of memory")
		return code
	}
}

func TestWhatAnswersIsTheAgentOrAnError(t *testing.T) {
	const result = `{"result":{"schema":"mullion.dev/host/v1","outcome":"Done"}}` + "\n"
	for sentence, test := range map[string]struct {
		says string
		code int
		want string
	}{
		"an agent that ends in the middle":       {`{"progress":{"note":"so far"}}` + "\n", 2, "it ended without a result: "},
		"and why it did is told":                 {"", 2, "fatal error: out of memory"},
		"an agent that says nothing":             {"", 0, "it ended without a result"},
		"a shell with a greeting":                {"Welcome to Windows!\r\n" + result, 0, "decoding the agent's output"},
		"a line that is cut off":                 {result[:20], 0, "decoding the agent's output"},
		"a line that is neither":                 {"{}\n", 0, "a line is either progress or a result"},
		"an agent that goes on after its result": {result + result, 0, "goes on after its result"},
		"an agent of another release":            {strings.ReplaceAll(result, "/v1", "/v9"), 0, "of the same release"},
		"a line that never ends":                 {strings.Repeat(" ", 17<<20), 0, "running"},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := start(t, remotetest.Options{Intercept: says(test.says, test.code)})
			_, err := f.verify(t)
			if err == nil || !strings.Contains(err.Error(), "asking the agent to verify: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want %q, got %v", test.want, err)
			}
		})
	}
}

func TestAnExitCodeThatAShellChangedDoesNotMatter(t *testing.T) {
	// PowerShell makes 1 of every code.
	f := start(t, remotetest.Options{Intercept: func(ctx context.Context, process *sshtest.Process, next remotetest.Run) int {
		next(ctx, process)
		return 1
	}})
	result, err := f.plan(t, desired())
	outcome(t, protocol.OutcomeDrifted, result, err)
}

func TestAnApplyThatIsCutOffIsFinishedByTheNext(t *testing.T) {
	var f *fixture
	var cut sync.Once
	ended := make(chan struct{}, 4)
	f = start(t, remotetest.Options{Intercept: func(ctx context.Context, process *sshtest.Process, next remotetest.Run) int {
		out := process.Stdout
		process.Stdout = writer(func(line []byte) (int, error) {
			if bytes.Contains(line, []byte(`"number":2`)) { // Of the actions.
				cut.Do(f.Cut)
			}
			return out.Write(line)
		})
		defer func() { ended <- struct{}{} }()
		return next(ctx, process)
	}})
	_, err := f.apply(t, desired())
	if disconnected := (*ssh.DisconnectedError)(nil); !errors.As(err, &disconnected) {
		t.Fatalf("got %v", err)
	}
	<-ended // The request by digest,
	<-ended // the one that asks for content, that for the digest of what was sent,
	<-ended
	<-ended // and the one that was cut off. It has not stopped in the middle of an action.
	result, err := f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	if !f.Machine.Running("kubelet") {
		t.Error("the service does not run")
	}
}

// writer is a function as an io.Writer.
type writer func([]byte) (int, error)

func (w writer) Write(data []byte) (int, error) { return w(data) }

func TestAnUploadThatIsCutOffIsResumed(t *testing.T) {
	var f *fixture
	var cut sync.Once
	f = start(t, remotetest.Options{Change: func(config *sshtest.Config) {
		config.Fault = func(o sshtest.Operation) error {
			if o.Method == "Write" && strings.Contains(o.Path, "content") && o.Offset > int64(len(big)/2) {
				cut.Do(f.Cut)
			}
			return nil
		}
	}})
	if _, err := f.apply(t, desired()); err == nil {
		t.Fatal("the connection was cut, and nobody noticed")
	}
	result, err := f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
}

func TestContentThatNobodyHasIsAnErrorThatNamesIt(t *testing.T) {
	digest := state.Digest([]byte(big))
	for sentence, test := range map[string]struct {
		change func(*fixture)
		check  func(error) bool
	}{
		"it is not among the contents": {
			func(f *fixture) { f.agent.Contents = contents{} }, func(err error) bool { return errors.Is(err, fs.ErrNotExist) },
		},
		"there are no contents": {
			func(f *fixture) { f.agent.Contents = nil }, func(error) bool { return true },
		},
		"it is other content": {
			func(f *fixture) { f.agent.Contents = contents{digest: []byte(strings.ToUpper(big))} },
			func(err error) bool { corrupted := (*ssh.CorruptedError)(nil); return errors.As(err, &corrupted) },
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := start(t, remotetest.Options{})
			test.change(f)
			_, err := f.apply(t, desired())
			if err == nil || !strings.Contains(err.Error(), digest) || !test.check(err) {
				t.Errorf("got %v", err)
			}
			before := machineBefore()
			before["path "+store.DefaultRoot.String()] = "directory administrators" // where content is to be uploaded
			if diff := cmp.Diff(before, f.Machine.Snapshot()); diff != "" {
				t.Errorf("the host has been changed:\n%s", diff)
			}
		})
	}
}

func TestWhatAnAgentLacksHasADigest(t *testing.T) {
	for sentence, missing := range map[string]string{
		"a path":             `[{"sha256":"..\\..\\Windows\\System32\\x","size":1}]`,
		"half a digest":      `[{"sha256":"4f5c1de0","size":1}]`,
		"nothing in the end": `[]`,
	} {
		t.Run(sentence, func(t *testing.T) {
			f := start(t, remotetest.Options{Intercept: says(`{"result":{"schema":"mullion.dev/host/v1","outcome":"ContentMissing",`+
				`"plan":{"schema":"mullion.dev/host/v1","missing":`+missing+`}}}`+"\n", protocol.ExitContentMissing)})
			if _, err := f.apply(t, desired()); err == nil {
				t.Error("it was believed")
			}
		})
	}
}

func TestAnAgentThatDoesNotFindTheDigestIsNotBelieved(t *testing.T) {
	for sentence, test := range map[string]struct{ says, want string }{
		"it fails":                {`"outcome":"Failed","error":"the disk is broken"`, "the agent finds no digest: the disk is broken"},
		"it says nothing":         {`"outcome":"Done"`, "which is no SHA-256"},
		"it says half of it":      {`"outcome":"Done","sha256":"4f5c1de0"`, "which is no SHA-256"},
		"it says what is none":    {`"outcome":"Done","sha256":"` + strings.Repeat("x", 64) + `"`, "which is no SHA-256"},
		"it says another digest":  {`"outcome":"Done","sha256":"` + strings.Repeat("0", 64) + `"`, "what has arrived"},
		"it does not know of any": {`"outcome":"Invalid","error":"unknown command \"digest\""`, "unknown command"},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := start(t, remotetest.Options{Intercept: func(ctx context.Context, process *sshtest.Process, next remotetest.Run) int {
				if !strings.HasSuffix(process.Line, " digest") {
					return next(ctx, process)
				}
				_, _ = fmt.Fprintln(process.Stdout, `{"result":{"schema":"mullion.dev/host/v1",`+test.says+`}}`)
				return protocol.ExitDone
			}})
			if _, err := f.apply(t, desired()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
			if _, there := f.Machine.ReadFile(`C:\k\kubelet.exe`); there {
				t.Error("it was installed")
			}
		})
	}
}

func TestContentThatWasDamagedOnTheHostIsNotUsed(t *testing.T) {
	var f *fixture
	var asked int
	f = start(t, remotetest.Options{Intercept: func(ctx context.Context, process *sshtest.Process, next remotetest.Run) int {
		if asked++; asked == 4 { // After those by digest and without content, the upload, and that of what has arrived.
			f.damage(t, "C:/ProgramData/mullion/content/"+state.Digest([]byte(big)), strings.ToUpper(big))
		}
		return next(ctx, process)
	}})
	result, err := f.apply(t, desired())
	outcome(t, protocol.OutcomeContentMissing, result, err)
	if _, there := f.Machine.ReadFile(`C:\k\kubelet.exe`); there || f.Machine.Running("kubelet") {
		t.Error("the damaged program was installed")
	}
	result, err = f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
}

func TestTwoManagersAtOnceAreOneTooMany(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.Machine.WriteFile(`C:\ProgramData\mullion\theirs`, "The directory of a lock is there.")
	on := f.Machine.Host()
	unlock, err := on.System.Lock(t.Context(), `C:\ProgramData\mullion\lock`, "another manager")
	if err != nil {
		t.Fatal(err)
	}
	result, err := f.apply(t, desired())
	outcome(t, protocol.OutcomeLocked, result, err)
	if !strings.Contains(result.Error, "another manager") {
		t.Errorf("it is not said who: %s", result.Error)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	result, err = f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
}

func TestADiskThatTheAgentDoesNotFitOnIsAnError(t *testing.T) {
	full := errors.New("there is not enough space on the disk")
	f := start(t, remotetest.Options{Change: func(config *sshtest.Config) {
		config.Fault = func(o sshtest.Operation) error {
			if o.Method == "Write" {
				return full
			}
			return nil
		}
	}})
	if _, err := f.plan(t, desired()); err == nil || !strings.Contains(err.Error(), "bringing the agent to the host: ") {
		t.Errorf("got %v", err)
	}
}

func TestAnAgentOfTheWrongSizeIsReplaced(t *testing.T) {
	f := start(t, remotetest.Options{})
	result, err := f.plan(t, desired())
	outcome(t, protocol.OutcomeDrifted, result, err)
	path := strings.ReplaceAll(f.agent.Program.Path(), `\`, "/")
	f.damage(t, path, "MZ, half of it")
	f.events = nil
	result, err = f.plan(t, desired())
	outcome(t, protocol.OutcomeDrifted, result, err)
	if told := f.told(); len(told) == 0 || told[0] != "upload the agent" {
		t.Errorf("told %v", told)
	}
}

func TestACommandThatHangsEndsWithItsContext(t *testing.T) {
	started := make(chan struct{})
	f := start(t, remotetest.Options{Intercept: func(ctx context.Context, _ *sshtest.Process, _ remotetest.Run) int {
		close(started)
		<-ctx.Done()
		return sshtest.NoStatus
	}})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		cancel()
	}()
	err := f.pool.Do(ctx, f.Target(), func(ctx context.Context, conn *ssh.Conn) error {
		_, err := f.agent.Verify(ctx, conn)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
