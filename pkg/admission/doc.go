// Package admission speaks the API server's webhook protocol, admission.k8s.io/v1 AdmissionReview over
// HTTP, for reviewers that neither know nor care that it does.
//
// What the API server makes of an answer decides what is answered when something goes wrong:
//
//   - HTTP 200 with allowed=false is a verdict. It refuses the user's request, whatever the webhook's
//     failurePolicy says, and even if the status in it has code 500. Only a [Reviewer]'s own denial is
//     answered so.
//   - Any HTTP status other than 2xx is a failed call, and so is silence. The webhook's failurePolicy decides:
//     under Ignore the request goes on without us, under Fail it is refused. Everything that is not a verdict is
//     answered so: malformed reviews, errors, panics, too many requests at once. The body is then a
//     metav1.Status, because its message is what the API server shows to the user and writes to its log.
//
// No failure is answered with allowed=true: whether to fail open is the administrator's choice, made once, in
// the webhook configuration. Nor is any answered with a Retry-After header, upon which the API server would
// wait and ask the same process again, on the user's time.
//
// Source: k8s.io/apiserver/pkg/admission/plugin/webhook/{mutating,validating}/dispatcher.go and
// k8s.io/client-go/rest/request.go.
package admission
