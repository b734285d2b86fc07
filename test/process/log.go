package process

import (
	"io"
	"os"
)

// LogPath is the file that collects the output of all runs.
func (p *Process) LogPath() string { return p.command.Log }

// LogTail is the end of the log, where a program that gave up says why.
func (p *Process) LogTail() string {
	const limit = 2000 // bytes
	log, err := os.Open(p.command.Log)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = log.Close() }()
	if info, err := log.Stat(); err == nil && info.Size() > limit {
		if _, err := log.Seek(-limit, io.SeekEnd); err != nil {
			return err.Error()
		}
	}
	tail, err := io.ReadAll(log)
	if err != nil {
		return err.Error()
	}
	return string(tail)
}
