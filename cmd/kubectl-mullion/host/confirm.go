package host

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// confirm asks a question, and is whether the answer is yes. Where nobody answers, it is no.
func confirm(streams genericiooptions.IOStreams, question string) (bool, error) {
	fmt.Fprintf(streams.ErrOut, "%s [y/N] ", question)
	answer, err := bufio.NewReader(streams.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("reading the answer: %w", err)
	}
	if !strings.HasSuffix(answer, "\n") {
		fmt.Fprintln(streams.ErrOut)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true, nil
	default:
		return false, nil
	}
}
