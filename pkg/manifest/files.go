package manifest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// extensions are those that kubectl reads from a directory.
func extensions() []string { return []string{".json", ".yaml", ".yml"} }

// expand lists the files that a path stands for, in the order of their names: the path itself, or the manifests of a
// directory and of everything below it. Hidden files and directories, such as .git, are left out, and links to
// directories are not followed. What cannot be listed is a problem, and does not keep the rest from being listed.
func expand(path string) (files []string, problems []*Problem) {
	if path == Stdin {
		return []string{Stdin}, nil
	}
	fail := func(at string, err error) {
		problems = append(problems, &Problem{File: filepath.Clean(at), Message: reason(err)})
	}
	info, err := os.Stat(path)
	if err != nil {
		fail(path, err)
		return nil, problems
	}
	path = filepath.Clean(path)
	if !info.IsDir() {
		return []string{path}, nil
	}
	root := path + string(filepath.Separator)                                           // Even a link is followed if it was named.
	_ = filepath.WalkDir(root, func(found string, entry fs.DirEntry, err error) error { // It never fails: problems are collected.
		if err != nil {
			fail(found, err)
			return nil
		}
		if found != root && strings.HasPrefix(entry.Name(), ".") {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.IsDir() && slices.Contains(extensions(), strings.ToLower(filepath.Ext(found))) {
			files = append(files, filepath.Clean(found))
		}
		return nil
	})
	return files, problems
}
