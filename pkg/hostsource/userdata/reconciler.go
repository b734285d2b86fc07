package userdata

import (
	"bytes"
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
)

const (
	// DefaultName is the name of the Secret with user data, as the Windows Machine Config Operator has it.
	DefaultName = "windows-user-data"
	// Key is the key in it, which machine APIs know.
	Key = "userData"

	controllerName = "windows-user-data"
	// remindAfter is how often what somebody has to mend is told again: events are kept for an hour.
	remindAfter = 10 * time.Minute
)

// Reasons of events about the Secrets.
const (
	// reasonForeign: the user data is somebody else's, and does not let the node manager in.
	reasonForeign = "UserDataNotOurs"
	// reasonKeys: the Secret with private keys cannot be used.
	reasonKeys = "KeySecretInvalid"
	// reasonUpdated: the user data was changed.
	reasonUpdated = "UserDataUpdated"

	action = "KeepUserData"
)

// Reconciler keeps the Secret with user data in step with the private keys. It keeps nothing between calls.
type Reconciler struct {
	// Client writes the Secret with user data.
	Client client.Client
	// API reads both Secrets from the API server itself: permissions name them.
	API client.Reader
	// Events is told of what somebody has to mend, and of changes.
	Events events.EventRecorder
	// Platform is where machines are made.
	Platform Platform
	// Keys is the Secret with the private keys, and UserData the one that is kept.
	Keys, UserData types.NamespacedName
	// Replace takes over a Secret with other user data, such as that of the Windows Machine Config Operator. Without it
	// one that lacks the label app.kubernetes.io/managed-by: mullion is left as it is.
	Replace bool
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// Reconcile looks at both Secrets. The request is always the same.
func (r *Reconciler) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	secret, err := r.get(ctx, r.Keys)
	if err != nil {
		return reconcile.Result{}, err
	}
	if secret == nil {
		return reconcile.Result{}, nil // Nobody can log in to anything yet. Its coming is an event.
	}
	keys, err := publicKeys(secret.Data)
	if err != nil {
		r.Events.Eventf(secret, nil, corev1.EventTypeWarning, reasonKeys, action, "no user data is made of it: %v", err)
		return reconcile.Result{RequeueAfter: remindAfter}, nil
	}
	wanted, err := Script(r.Platform, keys)
	if err != nil {
		return reconcile.Result{}, err
	}
	live, err := r.get(ctx, r.UserData)
	if err != nil {
		return reconcile.Result{}, err
	}
	return r.keep(ctx, live, wanted)
}

// get reads a Secret; nil where there is none.
func (r *Reconciler) get(ctx context.Context, name types.NamespacedName) (*corev1.Secret, error) {
	var secret corev1.Secret
	err := r.API.Get(ctx, name, &secret)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // No Secret is an answer.
	}
	if err != nil {
		return nil, fmt.Errorf("reading Secret %s: %w", name, err)
	}
	return &secret, nil
}

// keep writes the user data where it differs, and is ours to write.
func (r *Reconciler) keep(ctx context.Context, live *corev1.Secret, wanted []byte) (reconcile.Result, error) {
	log := ctrl.LoggerFrom(ctx)
	if live == nil {
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: r.UserData.Namespace, Name: r.UserData.Name,
				Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy},
			},
			Data: map[string][]byte{Key: wanted},
		}
		if err := r.Client.Create(ctx, secret); err != nil {
			return reconcile.Result{}, fmt.Errorf("making Secret %s: %w", r.UserData, err)
		}
		log.Info("user data made", "secret", r.UserData.String())
		return reconcile.Result{}, nil
	}
	if bytes.Equal(live.Data[Key], wanted) {
		return reconcile.Result{}, nil
	}
	if ours := live.Labels[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy; !ours && !r.Replace {
		r.Events.Eventf(live, nil, corev1.EventTypeWarning, reasonForeign, action,
			"its user data is not that of this node manager, which may not be let in by new machines; to have it replaced, label the Secret %s=%s, or delete it",
			v1alpha1.LabelManagedBy, v1alpha1.ManagedBy)
		return reconcile.Result{RequeueAfter: remindAfter}, nil
	}
	changed := live.DeepCopy()
	metav1.SetMetaDataLabel(&changed.ObjectMeta, v1alpha1.LabelManagedBy, v1alpha1.ManagedBy)
	if changed.Data == nil {
		changed.Data = map[string][]byte{}
	}
	changed.Data[Key] = wanted
	// Not without the version that was looked at: whoever changed it since is to be looked at first.
	patch := client.MergeFromWithOptions(live, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Patch(ctx, changed, patch); err != nil {
		return reconcile.Result{}, fmt.Errorf("changing Secret %s: %w", r.UserData, err)
	}
	log.Info("user data brought up to date", "secret", r.UserData.String())
	r.Events.Eventf(live, nil, corev1.EventTypeNormal, reasonUpdated, action, "new machines accept the keys of Secret %s", r.Keys)
	return reconcile.Result{}, nil
}

// SetupWithManager runs the reconciler when one of the Secrets changes.
func (r *Reconciler) SetupWithManager(mgr manager.Manager) error {
	controller := ctrl.NewControllerManagedBy(mgr).Named(controllerName)
	for _, name := range []types.NamespacedName{r.Keys, r.UserData} {
		watched, err := hostsource.WatchNamed(mgr, corev1.SchemeGroupVersion.WithKind("Secret"), name, reconcile.Request{NamespacedName: r.UserData})
		if err != nil {
			return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
		}
		controller.WatchesRawSource(watched)
	}
	if err := controller.Complete(r); err != nil {
		return fmt.Errorf("setting up the %s controller: %w", controllerName, err)
	}
	return nil
}
