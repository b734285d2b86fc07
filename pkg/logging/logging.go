// Package logging makes the one logger of a program from its flags.
//
// Everything a program logs, its libraries' messages included, goes through it: one structured line per
// event, as JSON for machines or as key=value text for people.
package logging

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/go-logr/logr"
	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

// Formats of log lines.
const (
	FormatJSON = "json"
	FormatText = "text"
)

// Options are what a user can set about logging.
type Options struct {
	// Level is the least severe level that is logged: debug, info, warn or error.
	Level string
	// Format is [FormatJSON] or [FormatText].
	Format string
}

// NewOptions are the options of a program in production.
func NewOptions() *Options {
	return &Options{Level: "info", Format: FormatJSON}
}

// AddFlags adds the flags that set the options.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Level, "log-level", o.Level, "Least severe level that is logged: debug, info, warn or error.")
	flags.StringVar(&o.Format, "log-format", o.Format, "Format of log lines: json or text.")
}

// Validate checks the options. The error names the flag at fault.
func (o *Options) Validate() error {
	_, err := o.New(io.Discard)
	return err
}

func (o *Options) level() (slog.Level, error) {
	switch strings.ToLower(o.Level) {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	default:
		return 0, fmt.Errorf("--log-level: %q is none of debug, info, warn and error", o.Level)
	}
}

// New makes a logger that writes to w, which must be safe for concurrent use if the logger is used so; an
// *os.File is. The error names the flag at fault.
func (o *Options) New(w io.Writer) (logr.Logger, error) {
	level, err := o.level()
	if err != nil {
		return logr.Discard(), err
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: nameLevel}
	switch o.Format {
	case FormatJSON:
		return logr.FromSlogHandler(slog.NewJSONHandler(w, options)), nil
	case FormatText:
		return logr.FromSlogHandler(slog.NewTextHandler(w, options)), nil
	default:
		return logr.Discard(), fmt.Errorf("--log-format: %q is neither json nor text", o.Format)
	}
}

// nameLevel calls each of logr's finer verbosities debug, which slog would call "DEBUG+3" and the like.
func nameLevel(groups []string, attr slog.Attr) slog.Attr {
	if level, ok := attr.Value.Any().(slog.Level); ok && len(groups) == 0 && attr.Key == slog.LevelKey && level < slog.LevelInfo {
		attr.Value = slog.AnyValue(slog.LevelDebug)
	}
	return attr
}

// Install makes the libraries of a program log through the logger. It changes their global state, so it is
// for main programs only, once, before anything else runs.
func Install(log logr.Logger) {
	ctrl.SetLogger(log)
	klog.SetLogger(log)
	// This also takes what package log is told, such as net/http's errors of TLS handshakes.
	slog.SetDefault(slog.New(logr.ToSlogHandler(log)))
}
