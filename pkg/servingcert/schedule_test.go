package servingcert

import (
	"math/rand/v2"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

// FuzzSchedule runs replicas, the injector and two API servers that learn of caBundles late in whatever
// order the bytes say, with the Secret deleted and overwritten, replicas restarted and the injector switched
// off in between, over several lives of a CA. After every single step each API server calls each replica that
// is ready. No call may fail, and at the end everything must be at rest again.
func FuzzSchedule(f *testing.F) {
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 0))
		steps := make([]byte, 200)
		for i := range steps {
			steps[i] = byte(random.Uint32())
		}
		f.Add(steps)
	}
	f.Fuzz(func(t *testing.T, steps []byte) {
		s := newSchedule(t)
		for i, b := range steps[:min(len(steps), 1000)] {
			s.step(b)
			if s.check(); t.Failed() {
				t.Fatalf("in step %d, %#x", i, b)
			}
		}
		s.finish()
	})
}

// What a schedule may do at most, so that what the package promises is possible: a replica waits for trust
// no longer than a quarter of a leaf's life.
const (
	maxJump   = 8 * time.Hour
	maxOutage = 12 * time.Hour
	quiet     = 2 * day // between two bursts of damage to the Secret
	burst     = 3
)

type schedule struct {
	*cluster
	replicas   []*Source
	apiServers [2]apiServer

	outageUntil time.Time
	damages     int
	damagedAt   time.Time
	verified    map[verification]bool
}

// apiServer knows the caBundles as they were when it last looked, at most DefaultSettleDelay ago.
type apiServer struct {
	bundles  []authority.Bundle
	lookedAt time.Time
}

// verification is a check that need not be made twice: of one leaf against what one API server knows.
type verification struct {
	leaf *leaf
	pems string
}

func newSchedule(t *testing.T) *schedule {
	s := &schedule{cluster: newCluster(t), verified: map[verification]bool{}}
	s.caLifetime = 3 * leafLifetime
	s.replicas = []*Source{s.replica(), s.replica(), s.replica()}
	s.cluster.settle(s.replicas...)
	s.look(0)
	s.look(1)
	s.damagedAt = s.clock.Now()
	return s
}

func (s *schedule) step(b byte) {
	which := int(b >> 4)
	switch b & 0xf {
	case 0, 1, 2, 3:
		s.sync(s.replicas[which%len(s.replicas)])
	case 4, 5:
		s.injectIfUp()
	case 6:
		s.look(which % len(s.apiServers))
	case 7, 8:
		s.tick(time.Duration(which+1) * time.Second)
	case 9, 10, 11, 12:
		s.jump(maxJump * time.Duration(which+1) / 16)
	case 13:
		s.restart(which % len(s.replicas))
	case 14:
		s.damage(which)
	case 15:
		if s.clock.Now().After(s.outageUntil.Add(quiet)) {
			s.outageUntil = s.clock.Now().Add(maxOutage * time.Duration(which+1) / 16)
		}
	}
}

// sync runs one pass; losing a race is part of life.
func (s *schedule) sync(replica *Source) {
	if err := replica.sync(s.t.Context()); err != nil {
		s.t.Errorf("at %s: %v", s.clock.Now(), err)
	}
}

func (s *schedule) injectIfUp() {
	if !s.clock.Now().Before(s.outageUntil) {
		s.inject()
	}
}

func (s *schedule) look(i int) {
	s.apiServers[i] = apiServer{bundles: s.bundles(), lookedAt: s.clock.Now()}
}

// tick lets a short time pass, in which an API server that has not looked for too long does.
func (s *schedule) tick(d time.Duration) {
	s.clock.Step(d)
	for i, a := range s.apiServers {
		if s.clock.Since(a.lookedAt) >= DefaultSettleDelay {
			s.look(i)
		}
	}
}

// jump lets hours pass, after which everybody has had a turn.
func (s *schedule) jump(d time.Duration) {
	s.tick(d)
	for _, r := range s.replicas {
		s.check()
		s.sync(r)
	}
	s.check()
	s.injectIfUp()
}

// restart replaces a replica if another one is ready; else a disruption budget would not have it.
func (s *schedule) restart(i int) {
	for j, other := range s.replicas {
		if j != i && other.Ready(nil) == nil {
			s.replicas[i] = s.replica()
			return
		}
	}
}

func (s *schedule) damage(which int) {
	if s.clock.Since(s.damagedAt) > quiet {
		s.damages, s.damagedAt = 0, s.clock.Now()
	}
	if s.damages >= burst {
		return
	}
	s.damages++
	switch which % 3 {
	case 0:
		s.deleteSecret()
	case 1:
		s.overwrite(map[string][]byte{corev1.TLSPrivateKeyKey: []byte("garbage")})
	case 2:
		s.overwrite(map[string][]byte{corev1.TLSCertKey: nil, corev1.TLSPrivateKeyKey: nil, "ca.crt": nil})
	}
}

func (s *schedule) check() {
	for i, a := range s.apiServers {
		pems := ""
		for _, b := range a.bundles {
			pems += string(b.PEM())
		}
		for j, r := range s.replicas {
			if r.Ready(nil) != nil {
				continue
			}
			id := verification{r.serving.Load(), pems}
			if s.verified[id] && s.clock.Now().Before(id.leaf.certificate.Leaf.NotAfter) {
				continue
			}
			if err := call(r, a.bundles, s.clock.Now()); err != nil {
				s.t.Errorf("at %s API server %d calls replica %d: %v", s.clock.Now(), i, j, err)
			}
			s.verified[id] = true
		}
	}
}

// finish ends all disturbances: everything must come to rest, with no CA trusted that is not needed.
func (s *schedule) finish() {
	s.outageUntil = s.clock.Now()
	s.cluster.settle(s.replicas...)
	s.mustBeTrusted(s.replicas...)
	// Renewals that fall due meanwhile may be anywhere, so only the number of CAs is certain.
	for range int((leafLifetime+2*maxJump)/maxJump) + 1 {
		s.jump(maxJump)
	}
	s.cluster.settle(s.replicas...)
	s.mustBeTrusted(s.replicas...)
	for i, b := range s.bundles() {
		if !b.Contains(s.state().Signing.Certificate) {
			s.t.Errorf("endpoint %d does not trust the signing CA", i)
		}
		if len(b) > 2 {
			s.t.Errorf("endpoint %d still trusts %d CAs", i, len(b))
		}
	}
}
