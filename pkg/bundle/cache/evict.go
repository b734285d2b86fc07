package cache

import "fmt"

// makeRoom deletes files that no bundle in use needs, the longest unused first, until there is room for as many bytes
// more. The room is not reserved: several downloads at once may exceed the limit by what they are about to write.
func (c *Cache) makeRoom(needed int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	size := c.size()
	for size+needed > c.limit {
		digest, oldest := c.oldestUnused()
		if oldest == nil {
			return fmt.Errorf("there is no room for %d bytes: the cache may have %d, and bundles in use need %d of them",
				needed, c.limit, size)
		}
		if err := ignoreNotExist(c.root.Remove(blobPath(digest))); err != nil {
			return fmt.Errorf("making room: %w", err)
		}
		size -= oldest.size
		delete(c.blobs, digest)
	}
	return nil
}

func (c *Cache) oldestUnused() (digest string, oldest *blob) {
	for candidate, b := range c.blobs {
		if b.present && b.holders == 0 && (oldest == nil || b.used < oldest.used) {
			digest, oldest = candidate, b
		}
	}
	return digest, oldest
}
