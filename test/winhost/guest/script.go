package guest

import (
	"slices"
	"time"
)

// Script says what a tool of the host does. The tools are programs that Wine has in name only: its own succeed
// and do nothing, which no test must be built on.
type Script struct {
	Rules []Rule `json:"rules"`
}

// Rule is what a tool does when it is called in a certain way.
type Rule struct {
	// Args are the first arguments of the calls that the rule is for. None are for all calls.
	Args []string `json:"args,omitempty"`
	// Stdout and Stderr are printed as they are.
	Stdout string `json:"stdout,omitempty"`
	Stderr string `json:"stderr,omitempty"`
	// ExitCode ends the tool.
	ExitCode int `json:"exitCode,omitempty"`
	// Delay is how long the tool takes.
	Delay time.Duration `json:"delay,omitempty"`
}

// Call is one call of a tool.
type Call struct {
	Tool     string    `json:"tool"`
	Args     []string  `json:"args"`
	Time     time.Time `json:"time"`
	ExitCode int       `json:"exitCode"`
}

// Find returns the first rule for a call.
func (s Script) Find(args []string) (Rule, bool) {
	for _, rule := range s.Rules {
		if len(args) >= len(rule.Args) && slices.Equal(rule.Args, args[:len(rule.Args)]) {
			return rule, true
		}
	}
	return Rule{}, false
}
