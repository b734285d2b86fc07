package memhost

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// access is who owns a file or directory, and its list.
type access state.AccessState

// set is what becomes of an access when another one is set. An owner that is not named stays; where the level says what is
// to be, Administrators are the owner, unless what is given back was SYSTEM's or Windows' own.
func (a access) set(to state.AccessState) (access, error) {
	owner := "BA"
	var list string
	switch to.Level {
	case state.AccessLevelAdministrators:
		list = administrators().list()
	case state.AccessLevelInherited:
		list = inherited().list()
	case state.AccessLevelOther:
		owner, list = state.OwnerOf(a.SDDL), access(to).list()
	default:
		return a, fmt.Errorf("the level %q cannot be set", to.Level)
	}
	if list == "" {
		return a, fmt.Errorf("%q is no access list", to.SDDL)
	}
	if named := state.OwnerOf(to.SDDL); named != "" && (to.Level == state.AccessLevelOther || state.TrustedOwner(to.SDDL)) {
		owner = named
	}
	return access{Level: to.Level, SDDL: "O:" + owner + list}, nil
}

// list is the part of the descriptor that is the list; empty if it has none.
func (a access) list() string {
	if at := strings.Index(a.SDDL, "D:"); at >= 0 {
		return a.SDDL[at:]
	}
	return ""
}

// inherited is what C:\ProgramData passes on: users may make files there, and whoever makes one may do everything with it.
func inherited() access {
	return access{
		Level: state.AccessLevelInherited,
		SDDL:  "O:BAD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)",
	}
}

func administrators() access {
	return access{Level: state.AccessLevelAdministrators, SDDL: "O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)"}
}
