package approver

// For tests outside of the package.
var (
	NodeNames  = nodeNames
	Concerns   = concerns
	ClaimMoves = claimChanged
)

// NodeNameIndex is the index that SetupWithManager makes.
const NodeNameIndex = nodeNameIndex

// RequestsOf lists the requests that a change of a host concerns.
var RequestsOf = (*Reconciler).requestsOf
