package fleet

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

// What -o json and yaml print is of this group and version. No API server serves it.
const apiVersion = "cli.mullion.dev/v1alpha1"

// Report is what the subcommand tells: Overview or Impact.
type Report struct {
	metav1.TypeMeta `json:",inline"`
	// Overview is the fleet as it is.
	Overview []Build `json:"overview,omitempty"`
	// Impact is what would become of it.
	Impact *Impact `json:"impact,omitempty"`
	// Notes are what the user should know beside.
	Notes []string `json:"notes,omitempty"`
}

// newReport makes an empty report.
func newReport() *Report {
	return &Report{TypeMeta: metav1.TypeMeta{APIVersion: apiVersion, Kind: "FleetReport"}}
}

// DeepCopyObject is what a printer of cli-runtime wants of everything that it prints. None of them changes it, so that
// the parts are shared.
func (r *Report) DeepCopyObject() runtime.Object {
	shared := *r
	return &shared
}

// Build is one build as the cluster has it, under one policy.
type Build struct {
	Build   string `json:"build"`
	Release string `json:"release,omitempty"`
	// Nodes is the number of nodes, and ReadyNodes of those that are Ready and schedulable.
	Nodes      int `json:"nodes"`
	ReadyNodes int `json:"readyNodes"`
	// Pods is the number of running pods on these nodes, whatever their policy.
	Pods int `json:"pods"`
	// Policy is empty where no policy lists the build.
	Policy       string `json:"policy,omitempty"`
	State        string `json:"state,omitempty"`
	Isolation    string `json:"isolation,omitempty"`
	RuntimeClass string `json:"runtimeClass,omitempty"`
	// Workloads is what the policy's status tells of who depends on the build; absent where it tells nothing.
	Workloads *Dependents `json:"workloads,omitempty"`
}

// Dependents is who depends on a build under a policy, for all namespaces, some minutes old.
type Dependents struct {
	Pods         int32    `json:"pods"`
	StrandedPods int32    `json:"strandedPods"`
	UnknownPods  int32    `json:"unknownPods"`
	Stranded     []string `json:"stranded,omitempty"`
	MoreStranded int32    `json:"moreStranded,omitempty"`
}

// Impact is what a change would mean for the running workloads.
type Impact struct {
	Assume *placementv1alpha1.Assumptions `json:"assume"`
	// Workloads and Pods are all that run on Windows nodes.
	Workloads int `json:"workloads"`
	Pods      int `json:"pods"`
	// Outcomes counts what would become of them, by Placed, Stranded, Unknown, Untouched, Ended and Unjudged.
	Outcomes map[string]Tally `json:"outcomes"`
	// Stranded and Unknown are those that would be stranded, and of which it cannot be told.
	Stranded []Workload `json:"stranded,omitempty"`
	Unknown  []Workload `json:"unknown,omitempty"`
}

// Tally is a number of workloads and of their pods.
type Tally struct {
	Workloads int `json:"workloads"`
	Pods      int `json:"pods"`
}

// Workload is a running workload and why it has nowhere to go.
type Workload struct {
	Namespace string `json:"namespace"`
	// Owner is what the user knows the pods by, such as Deployment/web.
	Owner string `json:"owner"`
	Pods  int    `json:"pods"`
	// Samples are the first of the pods by name.
	Samples []string `json:"samples,omitempty"`
	// Builds are the builds that the pods are on.
	Builds []string `json:"builds"`
	// Already tells that this is so without the change, too.
	Already bool   `json:"already,omitempty"`
	Policy  string `json:"policy,omitempty"`
	Mode    string `json:"mode,omitempty"`
	// Image is the image at fault; empty where no image is.
	Image   string `json:"image,omitempty"`
	Reason  string `json:"reason"`
	Problem string `json:"problem"`
	Context string `json:"context,omitempty"`
	// Fix is what would have to change.
	Fix string `json:"fix,omitempty"`
}

// show prints a report as the flags want it.
func (o *options) show(r *Report) error {
	people, wide := o.output.ForPeople()
	if !people {
		return o.output.Print(o.streams.Out, r)
	}
	p := &printer{out: o.streams.Out, palette: terminal.PaletteFor(o.streams.Out), wide: wide}
	return p.print(r)
}
