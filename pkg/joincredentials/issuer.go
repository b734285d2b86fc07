package joincredentials

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const (
	// Lifetime is how long a token is good for. A host that is being joined has everything it needs on it by the time
	// it gets one.
	Lifetime = time.Hour
	// leastLeft is how long a token has to last still to be worth handing out again. A kubelet gives up on its request,
	// and makes another, after 15 minutes.
	leastLeft = 20 * time.Minute
	// mostLeft is how long one may last. A token that lasts longer was made by a clock that has been set right since, and
	// API servers would take it for as long as that was ahead.
	mostLeft = Lifetime + leastLeft
)

// Issuer makes tokens, and takes them back. It is safe for concurrent use, though not for one host at once: then there
// may be two tokens for a moment, of which the next call keeps one.
type Issuer struct {
	// Reader reads Secrets from the API server itself: none is kept in memory, and one that was just made is seen.
	Reader client.Reader
	// Writer creates and deletes them.
	Writer client.Writer
	Clock  clock.PassiveClock
}

// Issue returns the token by which the host becomes the node. As long as one that was issued before lasts long enough it
// is that one; every other one of the host is deleted. The caller notes Token.User in status.node.bootstrapUser before
// the host gets the token, so that the host's request finds it there.
func (i *Issuer) Issue(ctx context.Context, host *v1alpha1.WindowsHost, nodeName string) (Token, error) {
	token, err := i.issue(ctx, host, nodeName)
	if err != nil {
		return Token{}, fmt.Errorf("bootstrap token of WindowsHost %s/%s: %w", host.Namespace, host.Name, err)
	}
	return token, nil
}

func (i *Issuer) issue(ctx context.Context, host *v1alpha1.WindowsHost, nodeName string) (Token, error) {
	secrets, err := i.list(ctx, client.MatchingLabels{v1alpha1.LabelHostUID: string(host.UID)})
	if err != nil {
		return Token{}, err
	}
	best, kept := Token{}, -1
	for k := range secrets {
		token, ok := tokenOf(&secrets[k])
		usable := ok && secrets[k].DeletionTimestamp == nil && secrets[k].Annotations[v1alpha1.AnnotationNode] == nodeName &&
			i.left(token) >= leastLeft && i.left(token) <= mostLeft
		if usable && (kept < 0 || better(token, best, host)) {
			best, kept = token, k
		}
	}
	if kept < 0 {
		if best, err = i.create(ctx, host, nodeName); err != nil {
			return Token{}, err
		}
	}
	return best, i.delete(ctx, secrets, func(k int) bool { return k != kept })
}

// left is for how long a token is good still.
func (i *Issuer) left(token Token) time.Duration { return token.Expires.Sub(i.Clock.Now()) }

// better prefers the token that the host may have got already, then the one that lasts longer.
func better(token, than Token, host *v1alpha1.WindowsHost) bool {
	if node := host.Status.Node; node != nil && (token.User == node.BootstrapUser) != (than.User == node.BootstrapUser) {
		return token.User == node.BootstrapUser
	}
	return token.Expires.After(than.Expires)
}

func (i *Issuer) create(ctx context.Context, host *v1alpha1.WindowsHost, nodeName string) (Token, error) {
	secret, err := newSecret(host, nodeName, i.Clock.Now().Add(Lifetime))
	if err != nil {
		return Token{}, err
	}
	token, _ := tokenOf(secret)
	if err := i.Writer.Create(ctx, secret); err != nil {
		return Token{}, fmt.Errorf("creating Secret %s/%s: %w", secret.Namespace, secret.Name, err)
	}
	return token, nil
}

// Revoke deletes every token of the host. From then on nobody can ask for anything with one.
func (i *Issuer) Revoke(ctx context.Context, host *v1alpha1.WindowsHost) error {
	secrets, err := i.list(ctx, client.MatchingLabels{v1alpha1.LabelHostUID: string(host.UID)})
	if err == nil {
		err = i.delete(ctx, secrets, func(int) bool { return true })
	}
	if err != nil {
		return fmt.Errorf("revoking the bootstrap token of WindowsHost %s/%s: %w", host.Namespace, host.Name, err)
	}
	return nil
}

// list reads tokens that were made here, with further conditions.
func (i *Issuer) list(ctx context.Context, conditions client.MatchingLabels) ([]corev1.Secret, error) {
	conditions[v1alpha1.LabelManagedBy] = v1alpha1.ManagedBy
	var secrets corev1.SecretList
	err := i.Reader.List(ctx, &secrets, client.InNamespace(namespace), conditions,
		client.MatchingFields{"type": string(corev1.SecretTypeBootstrapToken)})
	if err != nil {
		return nil, fmt.Errorf("listing bootstrap tokens in %s: %w", namespace, err)
	}
	return secrets.Items, nil
}

// delete deletes those of the Secrets that are chosen. Each is tried, whatever becomes of the others.
func (i *Issuer) delete(ctx context.Context, secrets []corev1.Secret, chosen func(int) bool) error {
	var failed []error
	for k := range secrets {
		if !chosen(k) {
			continue
		}
		secret := &secrets[k]
		err := i.Writer.Delete(ctx, secret, client.Preconditions{UID: &secret.UID})
		if client.IgnoreNotFound(err) != nil {
			failed = append(failed, fmt.Errorf("deleting Secret %s/%s: %w", secret.Namespace, secret.Name, err))
		}
	}
	return errors.Join(failed...)
}
