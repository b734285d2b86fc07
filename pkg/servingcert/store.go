package servingcert

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

// errRaced means that another replica changed the Secret first: read it again.
var errRaced = errors.New("the secret changed meanwhile")

// store keeps an authority in a Secret. Every write is conditional on what was read.
type store struct {
	client client.Client
	name   types.NamespacedName
}

// read returns the Secret as the API server holds it now, or nil where there is none.
func (s store) read(ctx context.Context) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	err := s.client.Get(ctx, s.name, secret)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading secret %s: %w", s.name, err)
	}
	return secret, nil
}

// write puts the state in place of what was read: before is the Secret as read, nil to create it. The
// resource version that before carries is the condition of the update.
func (s store) write(ctx context.Context, before *corev1.Secret, state *authority.State) error {
	if before == nil {
		secret := &corev1.Secret{Type: corev1.SecretTypeTLS}
		secret.Namespace, secret.Name = s.name.Namespace, s.name.Name
		if err := state.WriteTo(secret); err != nil {
			return err
		}
		return s.result("creating", s.client.Create(ctx, secret))
	}
	secret := before.DeepCopy()
	if err := state.WriteTo(secret); err != nil {
		return err
	}
	return s.result("updating", s.client.Update(ctx, secret))
}

func (s store) result(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case apierrors.IsConflict(err), apierrors.IsAlreadyExists(err), apierrors.IsNotFound(err):
		return errRaced
	default:
		return fmt.Errorf("%s secret %s: %w", doing, s.name, err)
	}
}
