package protocol_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestALineTakesUpLittleMoreThanItsSize(t *testing.T) {
	// What may be decoded takes up about 70 MB in the making; without a limit one such line has made 1.4 GB.
	const enough = 200 << 20
	for sentence, around := range map[string]string{
		"a plan with millions of actions":    `{"progress":{"plan":{"schema":"x","actions":[@]}}}`,
		"a host with millions of networks":   `{"result":{"schema":"x","outcome":"Done","facts":{"networks":[@]}}}`,
		"a line that is broken at its end":   `{"progress":{"plan":{"schema":"x","actions":[@]}}`,
		"a list where there should be none":  `[@]`,
		"values beside what nobody asks for": `{"unknown":[@]}`,
	} {
		t.Run(sentence, func(t *testing.T) {
			const value = "{},"
			values := strings.Repeat(value, (state.MaxDocument-1024)/len(value)) + "{}"
			line := []byte(strings.Replace(around, "@", values, 1))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			message, err := protocol.DecodeMessage(line)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Errorf("got %+v", message)
			}
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > enough {
				t.Errorf("%d bytes have taken up %d", len(line), allocated)
			}
		})
	}
}

func TestAPlanForAsManyResourcesAsThereMayBeIsDecoded(t *testing.T) {
	plan := &state.Plan{Schema: state.Schema}
	for range 2 * state.MaxResources {
		plan.Actions = append(plan.Actions, state.Action{
			Verb: state.VerbUpdate, ID: state.ID{Kind: state.KindFile, Name: `C:\k\kubelet.exe`}, Reason: "It differs.",
			Changes: []state.Change{{Field: "sha256", From: "a", To: "b"}, {Field: "access", From: "c", To: "d"}}, Disruptive: true,
		})
	}
	line, err := state.Encode(protocol.Message{Progress: &protocol.Progress{Plan: plan}})
	if err != nil {
		t.Fatal(err)
	}
	message, err := protocol.DecodeMessage(line)
	if err != nil || len(message.Progress.Plan.Actions) != len(plan.Actions) {
		t.Errorf("got %v", err)
	}
}
