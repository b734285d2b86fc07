package ssh

import (
	"context"
	"errors"
	"io/fs"
	"testing"
)

func TestFilesAreReadUpToALimit(t *testing.T) {
	s := start(t, nil)
	s.write(t, "k/status.json", []byte("{}"))
	for sentence, test := range map[string]struct {
		path  string
		limit int64
		want  error
	}{
		"that they have":         {`C:\k\status.json`, 2, nil},
		"that they exceed":       {`C:\k\status.json`, 1, ErrTooLarge},
		"unless they are absent": {`C:\k\nothing.json`, 100, fs.ErrNotExist},
		"by an absolute path":    {`k\status.json`, 100, errRelative},
	} {
		t.Run(sentence, func(t *testing.T) {
			pool := newPool(t, Options{})
			err := pool.Do(t.Context(), s.target, func(ctx context.Context, c *Conn) error {
				content, err := c.ReadFile(ctx, test.path, test.limit)
				if err == nil && string(content) != "{}" || err != nil && content != nil {
					t.Errorf("got %q, %v", content, err)
				}
				return err
			})
			if !errors.Is(err, test.want) {
				t.Errorf("want %v, got %v", test.want, err)
			}
		})
	}
}

func TestFilesAreRemoved(t *testing.T) {
	s := start(t, nil)
	s.write(t, "k/agent.exe", nil)
	pool := newPool(t, Options{})
	remove := func(path string) error {
		return pool.Do(t.Context(), s.target, func(ctx context.Context, c *Conn) error { return c.Remove(ctx, path) })
	}
	if err := remove(`C:\k\agent.exe`); err != nil || len(s.names(t, "k")) > 0 {
		t.Errorf("got %v", err)
	}
	if err := remove(`C:\k\agent.exe`); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := remove(`agent.exe`); !errors.Is(err, errRelative) {
		t.Errorf("got %v", err)
	}
}

func TestADirectoryIsRemovedOnlyAsOneAndWhenItIsEmpty(t *testing.T) {
	s := start(t, nil)
	s.write(t, "k/versions/agent.exe", nil)
	pool := newPool(t, Options{})
	remove := func(path string, how func(*Conn, context.Context, string) error) error {
		return pool.Do(t.Context(), s.target, func(ctx context.Context, c *Conn) error { return how(c, ctx, path) })
	}
	if err := remove(`C:\k\versions`, (*Conn).RemoveDirectory); !errors.Is(err, ErrRefused) {
		t.Errorf("with a file in it: got %v", err)
	}
	if err := remove(`C:\k\versions\agent.exe`, (*Conn).Remove); err != nil {
		t.Errorf("the file: got %v", err)
	}
	if err := remove(`C:\k\versions`, (*Conn).Remove); !errors.Is(err, errIsDirectory) || len(s.names(t, "k")) != 1 {
		t.Errorf("as a file: got %v", err)
	}
	if err := remove(`C:\k\versions`, (*Conn).RemoveDirectory); err != nil || len(s.names(t, "k")) > 0 {
		t.Errorf("when it is empty: got %v", err)
	}
	if err := remove(`C:\k\versions`, (*Conn).RemoveDirectory); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("when it is not there: got %v", err)
	}
}

func TestPathsAreAsSFTPHasThem(t *testing.T) {
	for path, want := range map[string]string{
		`C:\k\kubelet.exe`:       "C:/k/kubelet.exe",
		"C:/k/kubelet.exe":       "C:/k/kubelet.exe",
		"/var/lib/file":          "/var/lib/file",
		`C:\Program Files\a.exe`: "C:/Program Files/a.exe",
		"":                       `path "": the path is not absolute`,
		"C:kubelet.exe":          `path "C:kubelet.exe": the path is not absolute`,
		"CC:/kubelet.exe":        `path "CC:/kubelet.exe": the path is not absolute`,
		"C:/k/":                  `path "C:/k/": it is that of a directory`,
		"C:/k/../a.exe":          `path "C:/k/../a.exe": it has a . or .. in it`,
		"C:/k/..":                `path "C:/k/..": it has a . or .. in it`,
		"C:/k/a.exe:stream":      `path "C:/k/a.exe:stream": it has characters that Windows does not allow in names`,
		"C:/k/a\n.exe":           `path "C:/k/a\n.exe": it has characters that Windows does not allow in names`,
	} {
		t.Run(path, func(t *testing.T) {
			got, err := remotePath(path)
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("want %s, got %s", want, got)
			}
		})
	}
	pool := newPool(t, Options{})
	s := start(t, nil)
	what := newPayload(10).Upload
	what.Path = "kubelet.exe"
	if _, err := upload(t, pool, s.target, what); !errors.Is(err, errRelative) {
		t.Errorf("got %v", err)
	}
}
