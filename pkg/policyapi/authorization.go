package policyapi

import (
	"context"
	"fmt"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/client-go/kubernetes"
)

// newAuthorizer asks the API server what callers may do. It is not asked about the API server itself and other
// members of system:masters, who may do everything.
func newAuthorizer(client kubernetes.Interface) (authorizer.Authorizer, error) {
	delegated, err := authorizerfactory.DelegatingAuthorizerConfig{
		SubjectAccessReviewClient: client.AuthorizationV1(),
		AllowCacheTTL:             decisionLifetime,
		DenyCacheTTL:              decisionLifetime,
		WebhookRetryBackoff:       backoff(),
	}.New()
	if err != nil {
		return nil, fmt.Errorf("delegating authorization: %w", err)
	}
	return union.New(
		union.NamedAuthorizer{AuthorizerName: "masters", Authorizer: authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup)},
		union.NamedAuthorizer{AuthorizerName: "cluster", Authorizer: delegated},
	)
}

// caller is a user with the rights that the cluster gives.
type caller struct {
	user       user.Info
	authorizer authorizer.UnconditionalAuthorizer
}

// MayReadSecrets tells whether the caller may get every Secret of a namespace: which of them a pod's service account
// names is not the caller's to choose.
func (c *caller) MayReadSecrets(ctx context.Context, namespace string) (bool, error) {
	decision, _, err := c.authorizer.Authorize(ctx, authorizer.AttributesRecord{
		User: c.user, Verb: "get", Namespace: namespace, APIVersion: "v1", Resource: "secrets", ResourceRequest: true,
	})
	if err != nil {
		return false, fmt.Errorf("asking what the caller may do: %w", err)
	}
	return decision == authorizer.DecisionAllow, nil
}
