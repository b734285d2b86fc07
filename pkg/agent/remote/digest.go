package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// digest has the agent find the digest of a file that was brought to the host. It was the agent that asked for the file,
// so it is there; and it is trusted with the whole host, so it is trusted with this.
func (a *Agent) digest(ctx context.Context, conn Conn, path string) (sum [sha256.Size]byte, err error) {
	parsed, err := winpath.Parse(path)
	if err != nil {
		return sum, err
	}
	result, err := a.exchange(ctx, conn, protocol.Request{Command: protocol.CommandDigest, Path: parsed}, askTimeout)
	if err != nil {
		return sum, err
	}
	if result.Outcome != protocol.OutcomeDone {
		return sum, fmt.Errorf("the agent finds no digest: %s", result.Error)
	}
	digest, err := hex.DecodeString(result.SHA256)
	if err != nil || len(digest) != len(sum) {
		return sum, fmt.Errorf("the agent answers %q, which is no SHA-256", result.SHA256)
	}
	copy(sum[:], digest)
	return sum, nil
}
