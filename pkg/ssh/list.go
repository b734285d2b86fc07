package ssh

import (
	"errors"
	"io"
	"io/fs"
	"sync/atomic"

	"github.com/pkg/sftp"
)

// maxListing is how much a server may send to list a directory, in bytes: those of some thousand files. What is kept of it
// takes up to twenty times that.
const maxListing = 1 << 20

var errListing = errors.New("the directory has more in it than anybody would look through")

// inbound is what a server sends in one SFTP session. How much it may send can be limited for a while; with one byte more
// the session is over.
type inbound struct {
	io.Reader
	limited atomic.Bool
	room    atomic.Int64
}

func (i *inbound) Read(buffer []byte) (int, error) {
	n, err := i.Reader.Read(buffer)
	if i.limited.Load() && i.room.Add(int64(-n)) < 0 {
		return 0, errListing
	}
	return n, err
}

// limit lets so many bytes through from now on, until lift.
func (i *inbound) limit(bytes int64) {
	i.room.Store(bytes)
	i.limited.Store(true)
}

func (i *inbound) lift() { i.limited.Store(false) }

// list is what is in a directory. The library asks for more as long as the server has more, and keeps all of it: a host
// that has been taken over could go on until this process has no memory left.
func list(client *sftp.Client, sent *inbound, directory string) ([]fs.FileInfo, error) {
	sent.limit(maxListing)
	defer sent.lift()
	return client.ReadDir(directory)
}
