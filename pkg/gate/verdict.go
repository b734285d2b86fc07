package gate

import (
	"fmt"

	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Verdict says whether nodes may be taken out of service.
type Verdict struct {
	// Open tells that they may, as far as their pods are concerned.
	Open bool
	// Message is a sentence without a full stop. Of a closed gate it names a pod, its image and what would free the
	// nodes. It is the same from one time to the next while nothing changes.
	Message string
	// Stranded are pods that would have nowhere to go, and Unknown those of which that cannot be told because of an
	// image. Either closes the gate. By namespace and owner.
	Stranded, Unknown []Held
}

// Held is pods of the nodes that would be made again alike, and that keep the gate closed for the same reason.
type Held struct {
	Namespace string
	Owner     impact.Owner
	// Pod is the first of them by name, and Pods their number.
	Pod  string
	Pods int
	// Image is the image at fault; empty where no image is.
	Image string
	// Finding says why, and what would have to change, as admission would say it.
	Finding *policy.Finding
	// Message says the same in a sentence without a full stop that also names the pod.
	Message string
}

// inquiry gathers what becomes of workloads. It is for one goroutine.
type inquiry struct {
	now, then *policy.Snapshot
	images    impact.ByNamespace

	stranded, unknown []Held
	// moving and unjudged are the numbers of pods that have somewhere to go, and of those for which that is not asked.
	moving, unjudged int
}

// add judges a workload. The error means that the facts of an image were not given.
func (q *inquiry) add(w *impact.Workload) error {
	comparison := &impact.Comparison{Now: q.now, Then: q.then, Images: q.images[w.Namespace]}
	result, err := comparison.JudgeEvicted(w)
	if err != nil {
		return err
	}
	switch result.Then.Outcome {
	case impact.Stranded:
		q.stranded = append(q.stranded, q.held(&result, strandedSentence))
	case impact.Unknown:
		q.unknown = append(q.unknown, q.held(&result, unknownSentence))
	case impact.Unjudged:
		q.unjudged += w.Count
	default:
		q.moving += w.Count
	}
	return nil
}

// verdict is that about all workloads that were added.
func (q *inquiry) verdict() Verdict {
	v := Verdict{Open: len(q.stranded) == 0 && len(q.unknown) == 0, Stranded: q.stranded, Unknown: q.unknown}
	if !v.Open {
		v.Message = closedSentence(v.Stranded, v.Unknown)
		return v
	}
	v.Message = "no pod has to go elsewhere"
	if q.moving > 0 {
		v.Message = count(q.moving, "pod has", "pods have") + " somewhere to go"
	}
	if q.unjudged > 0 {
		v.Message += fmt.Sprintf("; %s no policy and %s not judged", count(q.unjudged, "pod has", "pods have"), isOrAre(q.unjudged))
	}
	return v
}
