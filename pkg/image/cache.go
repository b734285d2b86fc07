package image

import (
	"crypto/sha256"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const (
	// maxViews is how many answers are kept ready to be given. They are whole images rather than compact
	// facts, about a kilobyte each.
	maxViews = 2048
	// maxProblems is how many problems are remembered.
	maxProblems = 4096
	// maxContents is how many digests are remembered, whatever leads to them.
	maxContents = 2048
)

// key is what an answer is kept under: half of the hash of the canonical reference and of the fingerprint of the
// credentials that match it, a tenth of the size of the two. To find another pair with the same key takes 2^128 attempts.
type key [16]byte

func keyOf(image reference.Reference, credentials keyring.Fingerprint) key {
	hash := sha256.Sum256(append(credentials[:], image.String()...))
	return key(hash[:len(key{})])
}

// viewKey is what a view is kept under.
type viewKey struct {
	// image is as the pod spells it.
	image string
	// keyring stands for every credential that the pod has, whether or not it matches the image.
	keyring keyring.Fingerprint
}

// answer is what is remembered for a key: facts or a problem. It is immutable.
type answer struct {
	facts   *facts
	problem *policy.ImageProblem
	// stale tells that the registry could not be asked when the facts were last to be renewed.
	stale bool
	// Until freshUntil the answer is given without asking anybody.
	freshUntil time.Time
	// Until staleUntil facts are given while they are renewed. Problems have none.
	staleUntil time.Time
}

// result puts the answer into the words of the one who asked.
func (a *answer) result(spelling string, stale bool) policy.ImageResult {
	if a.facts == nil {
		return policy.ImageResult{Problem: a.problem}
	}
	return policy.ImageResult{Image: a.facts.expand(spelling, stale)}
}

// view is a result that is ready to be given.
type view struct {
	result     policy.ImageResult
	freshUntil time.Time
}

// record is an answer with facts at rest. There are so many that they are kept in one piece, and their times as what has
// passed since the cache was made.
type record struct {
	facts                  facts
	stale                  bool
	freshUntil, staleUntil time.Duration
}

// content is what facts are kept under for every tag and digest of a repository that leads to them.
type content struct{ repository, digest string }

func contentOf(image reference.Reference, digest string) content {
	return content{repository: image.Name(), digest: digest}
}

// cache remembers answers. Safe for concurrent use.
type cache struct {
	// made is when the cache was made.
	made     time.Time
	views    *lru.Cache[viewKey, *view]
	images   *lru.Cache[key, record]
	problems *lru.Cache[key, *answer]
	contents *lru.Cache[content, *facts]
}

func newCache(maxEntries int, now time.Time) (*cache, error) {
	c := &cache{made: now}
	var err error
	if c.views, err = lru.New[viewKey, *view](min(maxViews, maxEntries)); err != nil {
		return nil, fmt.Errorf("making cache of views: %w", err)
	}
	if c.images, err = lru.New[key, record](maxEntries); err != nil {
		return nil, fmt.Errorf("making cache of images: %w", err)
	}
	if c.problems, err = lru.New[key, *answer](min(maxProblems, maxEntries)); err != nil {
		return nil, fmt.Errorf("making cache of problems: %w", err)
	}
	if c.contents, err = lru.New[content, *facts](min(maxContents, maxEntries)); err != nil {
		return nil, fmt.Errorf("making cache of contents: %w", err)
	}
	return c, nil
}

// get returns what is remembered, however old, or nil. A problem is newer than facts beside it.
func (c *cache) get(k key, now time.Time) *answer {
	if problem, ok := c.problems.Get(k); ok && now.Before(problem.freshUntil) {
		return problem
	}
	image, ok := c.images.Get(k)
	if !ok {
		return nil
	}
	return &answer{
		facts:      &image.facts,
		stale:      image.stale,
		freshUntil: c.made.Add(image.freshUntil),
		staleUntil: c.made.Add(image.staleUntil),
	}
}

// put remembers an answer in place of the last.
func (c *cache) put(k key, a *answer) {
	if a.facts == nil {
		c.images.Remove(k)
		c.problems.Add(k, a)
		return
	}
	c.problems.Remove(k)
	c.images.Add(k, record{
		facts:      *a.facts,
		stale:      a.stale,
		freshUntil: a.freshUntil.Sub(c.made),
		staleUntil: a.staleUntil.Sub(c.made),
	})
}

// known returns the facts of a digest in a repository, or nil. It must only be asked on behalf of somebody
// to whom the registry has served that digest there.
func (c *cache) known(image reference.Reference, digest string) *facts {
	f, _ := c.contents.Get(contentOf(image, digest))
	return f
}

// share returns the facts that are kept for their digest already, or keeps these.
func (c *cache) share(image reference.Reference, f *facts) *facts {
	k := contentOf(image, f.digest(0))
	if same, ok := c.contents.Get(k); ok {
		return same
	}
	c.contents.Add(k, f)
	return f
}
