package manifest

import (
	"runtime"
	"sync"
)

// source is a document and the file that it is from.
type source struct {
	file     string
	document chunk
}

// Parse reads the objects of one file's content. The file's name is for messages only.
func Parse(file string, data []byte) *Set {
	set := &Set{}
	set.parse(set.open(file, data))
	return set
}

// open takes a file's content apart.
func (s *Set) open(file string, data []byte) []source {
	text, err := toUTF8(data)
	if err != nil {
		s.fail(file, 0, err.Error())
		return nil
	}
	var sources []source
	for _, document := range split(text) {
		sources = append(sources, source{file, document})
	}
	return sources
}

// parse adds what is in documents, in their order. Several are parsed at once: that is most of the work of whoever
// reads manifests.
func (s *Set) parse(sources []source) {
	parsed := make([]Set, len(sources))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(sources)) {
		workers.Go(func() {
			for i := range next {
				parsed[i].addDocument(sources[i].file, sources[i].document)
			}
		})
	}
	for i := range sources {
		next <- i
	}
	close(next)
	workers.Wait()
	for i := range parsed {
		s.add(&parsed[i])
	}
}
