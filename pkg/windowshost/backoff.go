package windowshost

import (
	"hash/fnv"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// How long a host that fails is left in peace: doubled with every attempt.
const (
	firstRetry = 5 * time.Second
	lastRetry  = 2 * time.Minute
)

// backoff is how long to wait after so many attempts in a row.
func backoff(attempts int32) time.Duration {
	pause := firstRetry
	for range attempts - 1 {
		if pause *= 2; pause >= lastRetry {
			return lastRetry
		}
	}
	return pause
}

// spread takes up to a tenth off a duration, always the same for the same host, so that hosts which became Ready at once
// are not looked at at once for ever.
func spread(d time.Duration, host types.UID) time.Duration {
	const parts = 1000
	h := fnv.New32a()
	_, _ = h.Write([]byte(host))
	return d - d/10*time.Duration(h.Sum32()%parts)/parts
}
