package program

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestABenchmarkEndsWithWhatBecameOfIt(t *testing.T) {
	measure := func(_ context.Context, flags *flag.FlagSet, args []string, out io.Writer) error {
		rounds := flags.Int("rounds", 1, "how often")
		if err := flags.Parse(args); err != nil {
			return err
		}
		if *rounds < 1 {
			return errors.New("rounds must be positive")
		}
		_, err := fmt.Fprintf(out, "%d rounds\n", *rounds)
		return err
	}
	for name, test := range map[string]struct {
		args        []string
		code        int
		out, errOut string
	}{
		"what was measured is printed": {args: []string{"-rounds=3"}, out: "3 rounds\n"},
		"an error is printed once, with the program's name": {
			args: []string{"-rounds=0"}, code: 1, errOut: "turns: rounds must be positive\n",
		},
		"asking for help is no error": {args: []string{"-h"}, errOut: "Usage of turns:"},
		"a flag that does not exist is named": {
			args: []string{"-round"}, code: 1, errOut: "flag provided but not defined: -round",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			if code := exitCode(t.Context(), "turns", measure, test.args, &out, &errOut); code != test.code {
				t.Errorf("it ended with %d, want %d", code, test.code)
			}
			if out.String() != test.out {
				t.Errorf("printed is %q, want %q", out.String(), test.out)
			}
			if !strings.HasPrefix(errOut.String(), test.errOut) || test.errOut == "" && errOut.Len() > 0 {
				t.Errorf("told is %q, want it to begin with %q", errOut.String(), test.errOut)
			}
		})
	}
}
