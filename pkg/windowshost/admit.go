package windowshost

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// admit keeps the object until the host was given back, before anything is done to the host: whoever deletes the object
// in between would leave behind what was done.
type admit struct{}

func (admit) name() v1alpha1.HostStep { return v1alpha1.StepResolve }

func (admit) do(ctx context.Context, p *pass) (verdict, error) {
	if !controllerutil.AddFinalizer(p.host, v1alpha1.FinalizerHost) {
		return proceed(), nil
	}
	return proceed(), p.saveFinalizers(ctx, p.host)
}
