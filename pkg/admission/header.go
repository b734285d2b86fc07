package admission

import (
	"mime"
	"net/http"
	"net/url"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const contentType = "application/json"

// checkHeader refuses what is not meant for an admission webhook, before any of its body is read.
func checkHeader(r *http.Request) *failure {
	if r.Method != http.MethodPost {
		return badRequest(http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed,
			"this endpoint takes POST, not %.16q", r.Method)
	}
	sent := r.Header.Get("Content-Type")
	if sent == contentType {
		return nil
	}
	if media, _, err := mime.ParseMediaType(sent); err != nil || media != contentType {
		return badRequest(http.StatusUnsupportedMediaType, metav1.StatusReasonUnsupportedMediaType,
			"this endpoint reads %s, not %.64q", contentType, sent)
	}
	return nil
}

// budget is how long a review may take. The API server says in the query how long it waits, as in
// ?timeout=10s, rounded up to whole seconds. What is no such duration says nothing.
func budget(address *url.URL, longest, margin time.Duration) time.Duration {
	wait := longest
	if address.RawQuery != "" {
		said, err := time.ParseDuration(address.Query().Get("timeout"))
		if err == nil && said > 0 {
			wait = min(said, longest)
		}
	}
	return wait - min(margin, wait/2)
}
