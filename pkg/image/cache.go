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
)

// key is what an answer is kept under.
type key struct {
	// image is canonical for answers, and as the pod spells it for views.
	image string
	// credentials are those that match the image for answers, and the whole keyring for views.
	credentials keyring.Fingerprint
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

// contentKey is where facts are kept for every tag and digest of a repository that leads to them: the hash
// of repository and digest, since that is a third of the size of the two.
type contentKey [sha256.Size]byte

func contentKeyOf(image reference.Reference, digest sha256Sum) contentKey {
	return sha256.Sum256(append([]byte(image.Name()+"@"), digest[:]...))
}

// cache remembers answers. Safe for concurrent use.
type cache struct {
	views    *lru.Cache[key, *view]
	images   *lru.Cache[key, *answer]
	problems *lru.Cache[key, *answer]
	contents *lru.Cache[contentKey, *facts]
}

func newCache(maxEntries int) (*cache, error) {
	c := &cache{}
	var err error
	if c.views, err = lru.New[key, *view](min(maxViews, maxEntries)); err != nil {
		return nil, fmt.Errorf("making cache of views: %w", err)
	}
	if c.images, err = lru.New[key, *answer](maxEntries); err != nil {
		return nil, fmt.Errorf("making cache of images: %w", err)
	}
	if c.problems, err = lru.New[key, *answer](min(maxProblems, maxEntries)); err != nil {
		return nil, fmt.Errorf("making cache of problems: %w", err)
	}
	if c.contents, err = lru.New[contentKey, *facts](maxEntries); err != nil {
		return nil, fmt.Errorf("making cache of contents: %w", err)
	}
	return c, nil
}

// get returns what is remembered, however old, or nil. A problem is newer than facts beside it.
func (c *cache) get(k key, now time.Time) *answer {
	if problem, ok := c.problems.Get(k); ok && now.Before(problem.freshUntil) {
		return problem
	}
	image, _ := c.images.Get(k)
	return image
}

// put remembers an answer in place of the last.
func (c *cache) put(k key, a *answer) {
	if a.facts == nil {
		c.images.Remove(k)
		c.problems.Add(k, a)
		return
	}
	c.problems.Remove(k)
	c.images.Add(k, a)
}

// known returns the facts of a digest in a repository, or nil. It must only be asked on behalf of somebody
// to whom the registry has served that digest there.
func (c *cache) known(image reference.Reference, digest string) *facts {
	sum, err := parseSHA256(digest)
	if err != nil {
		return nil
	}
	f, _ := c.contents.Get(contentKeyOf(image, sum))
	return f
}

// share returns the facts that are kept for their digest already, or keeps these.
func (c *cache) share(image reference.Reference, f *facts) *facts {
	k := contentKeyOf(image, f.digest)
	if same, ok := c.contents.Get(k); ok {
		return same
	}
	c.contents.Add(k, f)
	return f
}
