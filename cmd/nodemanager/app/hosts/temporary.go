package hosts

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

type nothing struct{}

func (nothing) StepEnded(v1alpha1.HostStep, time.Duration, string) {}
func (nothing) DriftFound()                                        {}
func (nothing) RebootAsked()                                       {}
func (nothing) CertificateSeen(types.UID, time.Time)               {}
func (nothing) Forget(types.UID)                                   {}
