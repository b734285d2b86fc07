package logging_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/mullion-dev/mullion/pkg/logging"
)

func TestInvalidOptionsNameTheFlagAtFault(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"an unknown level":                   {[]string{"--log-level=loud"}, `--log-level: "loud" is none of debug, info, warn and error`},
		"an empty level":                     {[]string{"--log-level="}, `--log-level: "" is none of debug, info, warn and error`},
		"an unknown format":                  {[]string{"--log-format=xml"}, `--log-format: "xml" is neither json nor text`},
		"the defaults are valid":             {nil, ""},
		"levels are read in either case":     {[]string{"--log-level=WARN"}, ""},
		"every flag can be set to its other": {[]string{"--log-level=debug", "--log-format=text"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			options := logging.NewOptions()
			flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
			options.AddFlags(flags)
			if err := flags.Parse(test.args); err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := options.Validate(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if _, err := options.New(&bytes.Buffer{}); (err != nil) != (test.want != "") {
				t.Errorf("New and Validate disagree: %v", err)
			}
		})
	}
}

func TestLinesAreStructured(t *testing.T) {
	var out bytes.Buffer
	log, err := logging.NewOptions().New(&out)
	if err != nil {
		t.Fatal(err)
	}
	log.WithName("tracker").Error(errors.New("no such build"), "policy left out", "policy", "general")

	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%q is not one JSON object: %v", out.String(), err)
	}
	for key, want := range map[string]string{
		"level": "ERROR", "msg": "policy left out", "policy": "general", "err": "no such build", "logger": "tracker",
	} {
		if line[key] != want {
			t.Errorf("%s is %v, want %q", key, line[key], want)
		}
	}
}

func TestVerbosityFollowsTheLevel(t *testing.T) {
	for level, want := range map[string]string{
		"debug": "DEBUG DEBUG INFO ERROR",
		"info":  "INFO ERROR",
		"warn":  "ERROR",
		"error": "ERROR",
	} {
		t.Run(level, func(t *testing.T) {
			var out bytes.Buffer
			options := &logging.Options{Level: level, Format: logging.FormatText}
			log, err := options.New(&out)
			if err != nil {
				t.Fatal(err)
			}
			log.V(4).Info("details")
			log.V(1).Info("step")
			log.Info("change")
			log.Error(nil, "fault")

			var levels []string
			for field := range strings.FieldsSeq(out.String()) {
				if value, ok := strings.CutPrefix(field, "level="); ok {
					levels = append(levels, value)
				}
			}
			if got := strings.Join(levels, " "); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
