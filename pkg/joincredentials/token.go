package joincredentials

import (
	"fmt"
	"time"

	bootstrapapi "k8s.io/cluster-bootstrap/token/api"
)

// Token is what a host proves itself with until its node has a certificate.
type Token struct {
	// Value is the token itself. It is secret.
	Value string `json:"-"`
	// User is as whom the token makes the host known to the API server, such as system:bootstrap:07401b.
	User string
	// Expires is when it ends by itself.
	Expires time.Time
}

// String leaves out what is secret, so that a token that is printed by mistake shows nothing.
func (t Token) String() string {
	return fmt.Sprintf("token of %s until %s", t.User, t.Expires.UTC().Format(time.RFC3339))
}

// GoString does the same for %#v.
func (t Token) GoString() string { return t.String() }

// userOf is the user of the token with that id.
func userOf(id string) string { return bootstrapapi.BootstrapUserPrefix + id }
