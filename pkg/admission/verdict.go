package admission

// Verdict is how a request ended, for metrics.
type Verdict string

const (
	// VerdictAllowed: let pass as it was.
	VerdictAllowed Verdict = "allowed"
	// VerdictPatched: let pass with changes.
	VerdictPatched Verdict = "patched"
	// VerdictDenied: refused by the Reviewer.
	VerdictDenied Verdict = "denied"
	// VerdictFailed: the Reviewer could not evaluate the request.
	VerdictFailed Verdict = "failed"
	// VerdictPanicked: the Reviewer panicked.
	VerdictPanicked Verdict = "panicked"
	// VerdictBadRequest: the request was not one that an API server should send.
	VerdictBadRequest Verdict = "bad_request"
	// VerdictOverloaded: turned away because too many requests were in flight.
	VerdictOverloaded Verdict = "overloaded"
	// VerdictCanceled: the API server stopped waiting.
	VerdictCanceled Verdict = "canceled"
)
