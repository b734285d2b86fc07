package policyapi

import (
	"net/http"
	"strings"

	"k8s.io/apiserver/pkg/endpoints/filters"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
	genericapiserver "k8s.io/apiserver/pkg/server"
	genericfilters "k8s.io/apiserver/pkg/server/filters"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
)

// chain is what a request passes on its way in, from the last line to the first. It is that of the generic server
// (DefaultBuildHandlerChain) without what this API has no use for: audit, which the API server in front of it does,
// impersonation, which that has resolved, CORS and tracing.
func (s *Server) chain(api http.Handler, c *genericapiserver.Config) http.Handler {
	handler := s.withAdmission(api)
	handler = filters.WithAuthorization(handler, s.authorizer, c.Serializer)
	// Members of system:masters are let through, so that reviews never crowd out the API server's own requests.
	handler = genericfilters.WithMaxInFlightLimit(handler, c.MaxRequestsInFlight, c.MaxMutatingRequestsInFlight, c.LongRunningFunc)
	handler = filters.WithAuthentication(handler, s.authentication, filters.Unauthorized(c.Serializer), nil, s.authentication.headers)
	handler = filters.WithWarningRecorder(handler)
	handler = genericfilters.WithTimeoutForNonLongRunningRequests(handler, c.LongRunningFunc)
	handler = filters.WithRequestDeadline(handler, nil, nil, c.LongRunningFunc, c.Serializer, c.RequestTimeout)
	handler = filters.WithCacheControl(handler)
	handler = filters.WithRequestInfo(handler, c.RequestInfoResolver)
	handler = filters.WithRequestReceivedTimestamp(handler)
	handler = genericfilters.WithPanicRecovery(handler, c.RequestInfoResolver)
	return filters.WithAuditInit(handler)
}

// withAdmission serves admission reviews at paths that look like resources of the group, so that the API server
// forwards them and authorization has a name for them: to call mutate-pods is to create
// mutate-pods.placement.mullion.dev.
func (s *Server) withAdmission(api http.Handler) http.Handler {
	group := "/apis/" + placementv1alpha1.SchemeGroupVersion.String() + "/"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, found := strings.CutPrefix(r.URL.Path, group); found {
			if admission, found := s.options.Admission[name]; found && mayAdmit(r) {
				admission.ServeHTTP(w, r)
				return
			}
		}
		api.ServeHTTP(w, r)
	})
}

// mayAdmit tells whether a request was authorized as one to an admission endpoint.
func mayAdmit(r *http.Request) bool {
	info, found := apirequest.RequestInfoFrom(r.Context())
	return found && info.IsResourceRequest && info.Verb == "create" && info.Namespace == "" && info.Subresource == ""
}
