package store_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// saved is a host on which something was applied.
func saved(t *testing.T) (*memhost.Machine, *store.Store, *state.Desired) {
	t.Helper()
	m, s := open(t)
	d := &state.Desired{Schema: state.Schema, Owner: "c"}
	if err := s.SaveDesired(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	session, err := s.Begin(t.Context(), state.Manifest{})
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m, s, d
}

// allow sets an access list.
func allow(t *testing.T, m *memhost.Machine, path winpath.Path, sddl string) {
	t.Helper()
	if !strings.HasPrefix(sddl, "O:") {
		sddl = "O:BA" + sddl
	}
	access := state.AccessState{Level: state.AccessLevelOther, SDDL: sddl}
	if strings.HasSuffix(sddl, "inherited") {
		access = state.AccessState{Level: state.AccessLevelInherited}
	}
	if err := m.Host().Files.SetAccess(t.Context(), path, access); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyWhatNobodyElseCouldHaveWrittenIsBelieved(t *testing.T) {
	const ours = "(A;;FA;;;SY)(A;;FA;;;BA)"
	for sentence, test := range map[string]struct {
		sddl     string
		believed bool
	}{
		"administrators, by their identifiers":                {"D:P(A;;FA;;;S-1-5-18)(A;;FA;;;S-1-5-32-544)", true},
		"what SYSTEM owns":                                    {"O:SYG:SYD:P" + ours, true},
		"what a user owns, with a list of ours":               {"O:S-1-5-21-1-2-3-1001D:P" + ours, false},
		"what a user owns in whom an administrator is hidden": {"O:S-1-5-21-1-2-3-1001G:BAD:P" + ours, false},
		"others may read":                                     {"D:P" + ours + "(A;;FR;;;BU)", true},
		"others may read and execute":                         {"D:AI" + ours + "(A;OICIID;0x1200a9;;;BU)", true},
		"others may list, by single rights":                   {"D:P" + ours + "(A;;CCSWWPLORC;;;WD)", true},
		"others may do nothing":                               {"D:P" + ours + "(D;;FA;;;BU)", true},
		"others may change what comes below":                  {"D:P" + ours + "(A;OICIIO;GA;;;CO)", true},
		"as C:\\ProgramData passes it on":                     {"inherited", false},
		"others may write":                                    {"D:P" + ours + "(A;;FW;;;BU)", false},
		"others may do everything":                            {"D:P" + ours + "(A;OICI;FA;;;WD)", false},
		"others may do everything, generically":               {"D:P" + ours + "(A;;GA;;;AU)", false},
		"others may append":                                   {"D:P" + ours + "(A;;0x100004;;;BU)", false},
		"others may add files, by single rights":              {"D:P" + ours + "(A;CI;DCLCRPCR;;;BU)", false},
		"others may change the list":                          {"D:P" + ours + "(A;;0x1600a9;;;BU)", false},
		"somebody by name may write":                          {"D:P" + ours + "(A;;FRFW;;;S-1-5-21-1-2-3-1001)", false},
		"everybody is let in":                                 {"D:NO_ACCESS_CONTROL", false},
		"an entry that nobody understands":                    {"D:P" + ours + "(A;;FA)", false},
		"a right that nobody understands":                     {"D:P" + ours + "(A;;ZZ;;;BU)", false},
		"a number that is none":                               {"D:P" + ours + "(A;;0xzz;;;BU)", false},
		"half a right":                                        {"D:P" + ours + "(A;;FRF;;;BU)", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			for _, name := range []string{"", "desired.json", "manifest.json"} {
				m, s, _ := saved(t)
				path := store.DefaultRoot
				if name != "" {
					path = path.Join(name)
				}
				allow(t, m, path, test.sddl)
				_, err := s.Desired(t.Context())
				untrusted := (*store.UntrustedError)(nil)
				if errors.As(err, &untrusted) == test.believed || test.believed && err != nil {
					t.Errorf("%s: got error %v", path, err)
				}
				if untrusted != nil && (untrusted.Path != path || !strings.Contains(err.Error(), untrusted.SDDL)) {
					t.Errorf("it does not say of what: %v", err)
				}
			}
		})
	}
}

func TestTheNextApplyOfAManagerMakesWhatIsSavedTrustworthy(t *testing.T) {
	m, s, d := saved(t)
	allow(t, m, store.DefaultRoot.Join("desired.json"), "D:(A;;FA;;;WD)")
	if err := s.SaveDesired(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Desired(t.Context()); err != nil || got.Owner != d.Owner {
		t.Errorf("got %v, error %v", got, err)
	}
}

func TestADirectoryOfOthersIsTakenOnlyWithoutAManifest(t *testing.T) {
	for _, name := range []string{"manifest.json", "journal"} {
		m := memhost.New()
		s := store.New(m.Host().Files, store.DefaultRoot)
		m.WriteFile(store.DefaultRoot.Join("content", "x"), "uploaded before anybody could restrict access")
		if err := s.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		allow(t, m, store.DefaultRoot, "inherited")
		m.WriteFile(store.DefaultRoot.Join(name), `{"schema":"mullion.dev/host/v1","records":[{"id":"directory/C:\\Windows","purge":true}]}`)
		if err := s.Prepare(t.Context()); !errors.As(err, new(*store.UntrustedError)) {
			t.Errorf("%s: got error %v", name, err)
		}
		if access, err := m.Host().Files.Access(t.Context(), store.DefaultRoot); err != nil || access.Level != state.AccessLevelInherited {
			t.Errorf("%s: it was made to look as if it could be believed: %v, error %v", name, access, err)
		}
	}
}

func TestADirectoryThatAUserMadeWithOurListIsTakenAndNothingInItBelieved(t *testing.T) {
	const theirs = "O:S-1-5-21-1-2-3-1001D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
	m, s := open(t)
	allow(t, m, store.DefaultRoot, theirs)
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	access, err := m.Host().Files.Access(t.Context(), store.DefaultRoot)
	if err != nil || access.Level != state.AccessLevelAdministrators || !state.TrustedOwner(access.SDDL) {
		t.Errorf("it is still theirs: %+v, error %v", access, err)
	}
	allow(t, m, store.DefaultRoot, theirs)
	m.WriteFile(store.DefaultRoot.Join("manifest.json"), `{"schema":"mullion.dev/host/v1","records":[{"id":"directory/C:\\Windows","purge":true}]}`)
	if err := s.Prepare(t.Context()); !errors.As(err, new(*store.UntrustedError)) {
		t.Errorf("what they wrote is believed: error %v", err)
	}
}

func TestNothingThatWasSavedIsNoMatterOfTrust(t *testing.T) {
	m := memhost.New()
	s := store.New(m.Host().Files, store.DefaultRoot)
	if _, err := s.Desired(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v", err)
	}
	m.Fail(func(operation, _ string) error {
		if operation == "Access" {
			return errors.New("the disk is broken")
		}
		return nil
	})
	if _, err := s.Desired(t.Context()); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a host that fails: got error %v", err)
	}
}
