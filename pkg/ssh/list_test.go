package ssh

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pkg/sftp"
)

// endless is a directory that always has more in it.
type endless struct{ entry fs.FileInfo }

func (e endless) Filelist(*sftp.Request) (sftp.ListerAt, error) { return e, nil }

func (e endless) ListAt(into []fs.FileInfo, _ int64) (int, error) {
	for i := range into {
		into[i] = e.entry
	}
	return len(into), nil
}

// file is an entry of it, which there are many of.
type file string

func (f file) Name() string       { return string(f) }
func (f file) Size() int64        { return 0 }
func (f file) Mode() fs.FileMode  { return 0 }
func (f file) ModTime() time.Time { return time.Time{} }
func (f file) IsDir() bool        { return false }
func (f file) Sys() any           { return nil }

func TestADirectoryWithoutAnEndIsNotReadToIt(t *testing.T) {
	here, there := net.Pipe()
	handlers := sftp.InMemHandler()
	handlers.FileList = endless{file("kubelet.exe")}
	server := sftp.NewRequestServer(there, handlers)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve() // It ends as its client does.
	}()
	sent := &inbound{Reader: here}
	client, err := newClient(sent, here)
	if err != nil {
		t.Fatal(err)
	}
	type listing struct {
		entries []fs.FileInfo
		err     error
	}
	listed := make(chan listing, 1)
	go func() {
		entries, err := list(client, sent, "/C:/k")
		listed <- listing{entries, err}
	}()
	select {
	case got := <-listed:
		if got.err == nil || len(got.entries) > maxListing {
			t.Errorf("got %d entries, %v", len(got.entries), got.err)
		}
	case <-time.After(patience):
		t.Error("it is read on and on")
	}
	_ = client.Close()
	_ = server.Close()
	<-ended
}

func TestWhatWasLeftIsFoundAmongAThousandFiles(t *testing.T) {
	s := start(t, nil)
	pool := newPool(t, Options{})
	for i := range 1000 {
		s.write(t, fmt.Sprintf("k/%064d", i), nil)
	}
	left, before := "k/kubelet.exe.0123456789abcdef.part", time.Now().Add(-2*abandoned)
	s.write(t, left, nil)
	if err := os.Chtimes(filepath.Join(s.drive, left), before, before); err != nil {
		t.Fatal(err)
	}
	if _, err := upload(t, pool, s.target, newPayload(100).Upload); err != nil {
		t.Fatal(err)
	}
	if names := s.names(t, "k"); len(names) != 1001 || slices.Contains(names, path.Base(left)) {
		t.Errorf("there are %d files", len(names))
	}
}
