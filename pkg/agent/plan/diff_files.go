package plan

import (
	"fmt"
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/merge"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func diffDirectory(directory state.Directory, observed state.Observed, record state.Record) Difference {
	is := observed.Paths[directory.Path.Key()]
	exists := is.Type == state.PathDirectory
	difference := Difference{Exists: exists}
	if exists {
		difference.addAccess(directory.Access, is.Access, record)
	}
	return difference
}

func diffFile(file state.File, observed state.Observed, record state.Record) Difference {
	is := observed.Paths[file.Path.Key()]
	exists := is.Type == state.PathFile
	difference := Difference{Exists: exists}
	switch {
	case len(file.Lines) > 0:
		missing, surplus := lineChange(file, is.Content, record)
		for _, line := range missing {
			difference.add("line", "", state.Shown(line, file.Secret))
		}
		for _, line := range surplus {
			difference.add("line", state.Shown(line, file.Secret), "")
		}
	case !exists || !sameContent(file, is):
		difference.add("content", showDigest(is.SHA256), showDigest(wantedDigest(file)))
	}
	if exists {
		difference.addAccess(file.Access, is.Access, record)
	}
	return difference
}

func sameContent(file state.File, is state.ObservedPath) bool {
	if file.Inline == nil {
		return file.SHA256 == is.SHA256
	}
	return state.Digest(merge.Rendered(file)) == is.SHA256 ||
		file.Format != state.FormatBytes && is.Content != nil && merge.Same(file.Format, merge.Rendered(file), is.Content)
}

func wantedDigest(file state.File) string {
	if file.Inline == nil {
		return file.SHA256
	}
	return state.Digest(merge.Rendered(file))
}

// showDigest is what is shown of any content, secret or not: plans are read by people.
func showDigest(digest string) string {
	if digest == "" {
		return ""
	}
	return "sha256:" + digest[:min(12, len(digest))]
}

// addAccess compares levels. Where access cannot be told, what we have set before is believed to be set.
func (d *Difference) addAccess(want state.Access, is state.AccessState, record state.Record) {
	switch {
	case want == state.AccessInherited && record.Access != want:
		d.add("access", string(record.Access), "inherited")
	case want == state.AccessInherited:
		return // Whatever others have set is theirs.
	case is.Level == state.AccessLevelUnknown && record.Access == want:
		return
	default:
		d.add("access", string(is.Level), string(want))
	}
}

// lineChange is which lines have to be added to a file, and which have to go: those of ours that are no longer wanted, and
// those that must not be there.
func lineChange(file state.File, content []byte, record state.Record) (missing, surplus []string) {
	lines := merge.Split(content)
	surplus = lines.Where(file.Unwanted)
	for _, line := range record.Entries {
		if !slices.Contains(file.Lines, line) && !file.Unwanted(line) && len(lines.Missing([]string{line})) == 0 {
			surplus = append(surplus, line)
		}
	}
	return lines.Missing(file.Lines), surplus
}

// listChange is the same for the entries of a variable.
func listChange(variable state.Variable, value string, record state.Record) (missing, surplus []string) {
	list := merge.SplitList(value, variable.ListSeparator())
	for _, entry := range record.Entries {
		wanted := slices.ContainsFunc(variable.Entries, func(other string) bool {
			return winpath.Fold(other) == winpath.Fold(entry)
		})
		if !wanted && len(list.Missing([]string{entry})) == 0 {
			surplus = append(surplus, entry)
		}
	}
	return list.Missing(variable.Entries), surplus
}

// reason is a sentence for an action that sets a resource.
func reason(id state.ID, difference Difference) string {
	if !difference.Exists {
		return fmt.Sprintf("The %s is not there.", id.Kind)
	}
	return fmt.Sprintf("The %s is not as desired.", id.Kind)
}
