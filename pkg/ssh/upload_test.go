package ssh

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/sftp"

	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// partOf is the name under which a file is sent.
func (p *payload) partOf(name string) string {
	return name + "." + hex.EncodeToString(p.SHA256[:8]) + ".part"
}

// tamper makes a host that does something at operations with files.
func tamper(t testing.TB, fault func(*server, sshtest.Operation) error) *server {
	t.Helper()
	var s atomic.Pointer[server]
	started := start(t, func(config *sshtest.Config) {
		config.Fault = func(operation sshtest.Operation) error { return fault(s.Load(), operation) }
	})
	s.Store(started)
	return started
}

func TestAFileIsUploadedWithItsDirectories(t *testing.T) {
	for sentence, size := range map[string]int{"an empty one": 0, "a small one": 1000, "a large one": 5<<20 + 17} {
		t.Run(sentence, func(t *testing.T) {
			s := start(t, nil)
			pool := newPool(t, Options{})
			file := newPayload(size)
			file.Path = `C:\k\versions\1\kubelet.exe`
			var progress int64
			file.Progress = func(done int64) { progress = done }
			done, err := upload(t, pool, s.target, file.Upload)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Uploaded{Sent: int64(size)}, done); diff != "" {
				t.Error(diff)
			}
			if !bytes.Equal(s.read(t, "k/versions/1/kubelet.exe"), file.content) {
				t.Error("something else has arrived")
			}
			if names := s.names(t, "k/versions/1"); len(names) != 1 {
				t.Errorf("left behind: %v", names)
			}
			if progress != int64(size) {
				t.Errorf("progress ended at %d of %d", progress, size)
			}
		})
	}
}

func TestAFileThatIsThereIsNotSent(t *testing.T) {
	file := newPayload(3 << 20)
	for sentence, digest := range map[string]func(context.Context, string) ([32]byte, error){
		"by the digest that the host finds": func(_ context.Context, path string) ([32]byte, error) {
			if path != "C:/k/kubelet.exe" {
				t.Errorf("asked about %s", path)
			}
			return file.SHA256, nil
		},
		"by reading it back": nil,
	} {
		t.Run(sentence, func(t *testing.T) {
			s := start(t, nil)
			s.write(t, "k/kubelet.exe", file.content)
			pool := newPool(t, Options{})
			what := file.Upload
			what.Digest = digest
			err := pool.Do(t.Context(), s.target, func(ctx context.Context, c *Conn) error {
				done, err := c.Upload(ctx, what)
				if !done.Skipped || done.Sent > 0 {
					t.Errorf("got %+v", done)
				}
				traffic := c.Traffic()
				if moved := traffic.Sent + traffic.Received; digest != nil && moved > 20_000 {
					t.Errorf("%d bytes went over the wire, login and all", moved)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAFileOfTheSameSizeAndOtherContentIsReplaced(t *testing.T) {
	s := start(t, nil)
	pool := newPool(t, Options{})
	file := newPayload(100_000)
	s.write(t, "k/kubelet.exe", make([]byte, 100_000))
	if _, err := upload(t, pool, s.target, file.Upload); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(s.read(t, "k/kubelet.exe"), file.content) {
		t.Error("it was not replaced")
	}
}

func TestWhoReadsAFileThatIsUploadedSeesItAsItWasOrWhole(t *testing.T) {
	file := newPayload(5 << 20)
	old := []byte("the old kubelet")
	var placed atomic.Bool
	s := tamper(t, func(s *server, operation sshtest.Operation) error {
		if placed.Load() {
			return nil
		}
		placed.Store(operation.Method == "PosixRename")
		if now, err := os.ReadFile(filepath.Join(s.drive, "k/kubelet.exe")); err != nil || !bytes.Equal(now, old) {
			t.Errorf("before the upload is done there are %d bytes, %v", len(now), err)
		}
		return nil
	})
	s.write(t, "k/kubelet.exe", old)
	pool := newPool(t, Options{})
	what := file.Upload
	var verified atomic.Bool
	what.Digest = func(_ context.Context, path string) ([32]byte, error) {
		content, err := os.ReadFile(filepath.Join(s.drive, strings.TrimPrefix(path, "C:/")))
		verified.Store(true)
		return sha256.Sum256(content), err
	}
	if err := pool.Do(t.Context(), s.target, func(ctx context.Context, c *Conn) error {
		_, err := c.Upload(ctx, what)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !verified.Load() || !bytes.Equal(s.read(t, "k/kubelet.exe"), file.content) {
		t.Error("it has not arrived")
	}
}

func TestAnInterruptedUploadGoesOnWhereItStopped(t *testing.T) {
	const size = 12 << 20
	var cut atomic.Bool
	s := tamper(t, func(s *server, operation sshtest.Operation) error {
		if operation.Method == "Write" && operation.Offset >= 9<<20 && cut.CompareAndSwap(false, true) {
			s.Cut()
		}
		return nil
	})
	file := newPayload(size)
	first := newPool(t, Options{})
	_, err := upload(t, first, s.target, file.Upload)
	expect[*DisconnectedError](t, err)
	eventually(t, "the server to have closed the file", func() bool { return s.Open() == 0 })
	if diff := cmp.Diff([]string{file.partOf("kubelet.exe")}, s.names(t, "k")); diff != "" {
		t.Fatal(diff)
	}

	second := newPool(t, Options{}) // As if the process had been started anew.
	done, err := upload(t, second, s.target, file.Upload)
	if err != nil {
		t.Fatal(err)
	}
	if done.Resumed < 6<<20 || done.Sent != size-done.Resumed {
		t.Errorf("got %+v", done)
	}
	if !bytes.Equal(s.read(t, "k/kubelet.exe"), file.content) || len(s.names(t, "k")) != 1 {
		t.Errorf("it is not what was sent, or more is there: %v", s.names(t, "k"))
	}
}

func TestWhatAnInterruptedUploadLeftIsOnlyTrustedIfItIsThatFile(t *testing.T) {
	file := newPayload(8 << 20)
	zerosAtTheEnd := slices.Concat(file.content[:3<<20], make([]byte, 4<<20))
	zerosInTheMiddle := slices.Clone(file.content[:7<<20])
	clear(zerosInTheMiddle[1<<20 : 2<<20])
	for sentence, test := range map[string]struct {
		left []byte
		want Uploaded
	}{
		"a good beginning is gone on from":                                 {file.content[:7<<20], Uploaded{Resumed: 5 << 20, Sent: 3 << 20}},
		"all of it is verified":                                            {file.content, Uploaded{Resumed: 6 << 20, Sent: 2 << 20}},
		"a short beginning is not worth it":                                {file.content[:2<<20], Uploaded{Sent: 8 << 20}},
		"zeros at the end are noticed at once, as a power cut leaves them": {zerosAtTheEnd, Uploaded{Sent: 8 << 20}},
		"a hole is noticed by the digest":                                  {zerosInTheMiddle, Uploaded{Sent: 11 << 20}},
		"too much is none of it":                                           {slices.Concat(file.content, []byte("more")), Uploaded{Sent: 8 << 20}},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := start(t, nil)
			s.write(t, "k/"+file.partOf("kubelet.exe"), test.left)
			pool := newPool(t, Options{})
			done, err := upload(t, pool, s.target, file.Upload)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, done); diff != "" {
				t.Error(diff)
			}
			if !bytes.Equal(s.read(t, "k/kubelet.exe"), file.content) || len(s.names(t, "k")) != 1 {
				t.Errorf("it is not what was sent, or more is there: %v", s.names(t, "k"))
			}
		})
	}
}

func TestAFailedUploadLeavesWhatWasThereAndNothingElse(t *testing.T) {
	file := newPayload(4 << 20)
	full := errors.New("there is not enough space on the disk")
	for sentence, test := range map[string]struct {
		fault  func(sshtest.Operation) error
		digest func(context.Context, string) ([32]byte, error)
		check  func(*testing.T, error)
	}{
		"when the disk is full": {
			fault: func(o sshtest.Operation) error {
				if o.Method == "Write" && o.Offset > 1<<20 {
					return full
				}
				return nil
			},
			check: func(t *testing.T, err error) {
				if !strings.Contains(err.Error(), full.Error()) {
					t.Errorf("got %v", err)
				}
			},
		},
		"when a running program is in the way": {
			fault: func(o sshtest.Operation) error {
				if o.Method == "PosixRename" {
					return sftp.ErrSSHFxPermissionDenied
				}
				return nil
			},
			check: func(t *testing.T, err error) {
				if !errors.Is(err, fs.ErrPermission) {
					t.Errorf("got %v", err)
				}
			},
		},
		"when something else has arrived": {
			digest: func(context.Context, string) ([32]byte, error) { return [32]byte{1}, nil },
			check: func(t *testing.T, err error) {
				if got := as[*CorruptedError](t, err); got.Got != [32]byte{1} || got.Want != file.SHA256 || got.Of != "what has arrived" {
					t.Errorf("got %v", err)
				}
			},
		},
		"when it cannot be verified": {
			digest: func(context.Context, string) ([32]byte, error) { return [32]byte{}, errors.New("no agent") },
			check: func(t *testing.T, err error) {
				if !strings.Contains(err.Error(), "no agent") {
					t.Errorf("got %v", err)
				}
			},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := start(t, func(config *sshtest.Config) { config.Fault = test.fault })
			s.write(t, "k/kubelet.exe", []byte("the old kubelet"))
			pool := newPool(t, Options{})
			what := file.Upload
			what.Digest = test.digest
			_, err := upload(t, pool, s.target, what)
			if err == nil {
				t.Fatal("it is no error")
			}
			test.check(t, err)
			if diff := cmp.Diff([]string{"kubelet.exe"}, s.names(t, "k")); diff != "" || string(s.read(t, "k/kubelet.exe")) != "the old kubelet" {
				t.Errorf("there is another file, or more: %s", diff)
			}
		})
	}
}

func TestACorruptedSourceIsNotSent(t *testing.T) {
	good := newPayload(3 << 20)
	for sentence, test := range map[string]struct {
		change func(*payload)
		want   string
	}{
		"of other content": {func(p *payload) { p.content[1<<20]++ }, "what is to be sent has the SHA-256 "},
		"of another size":  {func(p *payload) { p.content = p.content[:1<<20] }, "it has 1048576 bytes instead of 3145728"},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := start(t, nil)
			pool := newPool(t, Options{})
			bad := newPayload(len(good.content))
			test.change(bad)
			done, err := upload(t, pool, s.target, bad.Upload)
			if err == nil || !strings.Contains(err.Error(), test.want) || done.Sent > 0 {
				t.Errorf("want …%s…, got %v, %+v", test.want, err, done)
			}
		})
	}
}

func TestASlowLinkIsNotADeadOne(t *testing.T) {
	s := start(t, nil)
	pool := newPool(t, Options{DeadPeer: time.Second})
	file := newPayload(1 << 20)
	file.Digest = func(context.Context, string) ([32]byte, error) { return file.SHA256, nil }
	if err := reach(t, pool, s.target); err != nil {
		t.Fatal(err)
	}
	s.Slow(512 << 10) // So it takes twice the time after which a host is given up that says nothing.
	if _, err := upload(t, pool, s.target, file.Upload); err != nil {
		t.Error(err)
	}
}

func TestAnUploadThatTakesTooLongEndsAndCanBeResumed(t *testing.T) {
	file := newPayload(6 << 20)
	stuck := make(chan struct{})
	ctx, end := context.WithCancelCause(t.Context())
	s := start(t, func(config *sshtest.Config) {
		config.Fault = func(o sshtest.Operation) error {
			if o.Method == "Write" && o.Offset == 4<<20 {
				end(context.DeadlineExceeded)
				<-stuck
			}
			return nil
		}
	})
	pool := newPool(t, Options{})
	defer close(stuck)
	err := pool.Do(ctx, s.target, func(ctx context.Context, c *Conn) error {
		_, err := c.Upload(ctx, file.Upload)
		return err
	})
	if got := as[*TimeoutError](t, err); got.Doing != `uploading C:\k\kubelet.exe` {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{file.partOf("kubelet.exe")}, s.names(t, "k")); diff != "" {
		t.Error(diff)
	}
	what := file.Upload
	what.Timeout = 100 * time.Millisecond // The caller's context has no end of its own.
	_, err = upload(t, pool, s.target, what)
	expect[*TimeoutError](t, err)
}

func TestWhatNobodyWillResumeIsRemoved(t *testing.T) {
	s := start(t, nil)
	pool := newPool(t, Options{})
	file := newPayload(1000)
	for name, age := range map[string]time.Duration{
		"kubelet.exe.0123456789abcdef.part": 25 * time.Hour,
		"kubelet.exe.1123456789abcdef.part": time.Hour, // Somebody may be sending it now.
		"kubelet.exe.part":                  25 * time.Hour,
		"another.exe.0123456789abcdef.part": 25 * time.Hour,
	} {
		s.write(t, "k/"+name, nil)
		before := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(s.drive, "k", name), before, before); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := upload(t, pool, s.target, file.Upload); err != nil {
		t.Fatal(err)
	}
	want := []string{"another.exe.0123456789abcdef.part", "kubelet.exe", "kubelet.exe.1123456789abcdef.part", "kubelet.exe.part"}
	if diff := cmp.Diff(want, s.names(t, "k")); diff != "" {
		t.Error(diff)
	}
}

func TestAHostWithoutSFTPIsNoDisconnect(t *testing.T) {
	s := start(t, func(config *sshtest.Config) { config.Drive = "" })
	pool := newPool(t, Options{})
	_, err := upload(t, pool, s.target, newPayload(10).Upload)
	if err == nil || !strings.Contains(err.Error(), "opening SFTP") {
		t.Errorf("got %v", err)
	}
}
