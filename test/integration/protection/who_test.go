package protection_test

import (
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Changes of nodes, as patches.
const (
	anotherBuild   = `{"metadata":{"labels":{"node.kubernetes.io/windows-build":"10.0.26100"}}}`
	noBuild        = `{"metadata":{"labels":{"node.kubernetes.io/windows-build":null}}}`
	anotherOS      = `{"metadata":{"labels":{"kubernetes.io/os":"linux"}}}`
	anotherArch    = `{"metadata":{"labels":{"kubernetes.io/arch":"arm64"}}}`
	noOSID         = `{"metadata":{"labels":{"node.openshift.io/os_id":null}}}`
	noBYOH         = `{"metadata":{"labels":{"windowsmachineconfig.openshift.io/byoh":null}}}`
	labelOfOurs    = `{"metadata":{"labels":{"mullion.dev/anything":"x"}}}`
	otherLabel     = `{"metadata":{"labels":{"example.com/rack":"7"}}}`
	role           = `{"metadata":{"labels":{"node-role.kubernetes.io/worker":""}}}`
	otherTaintOS   = `{"spec":{"taints":[{"key":"os","value":"Linux","effect":"NoSchedule"}]}}`
	noTaints       = `{"spec":{"taints":null}}`
	moreTaintOS    = `{"spec":{"taints":[{"key":"os","value":"Windows","effect":"NoSchedule"},{"key":"node.kubernetes.io/os","value":"windows","effect":"NoExecute"}]}}`
	maintenance    = `{"spec":{"taints":[{"key":"os","value":"Windows","effect":"NoSchedule"},{"key":"example.com/maintenance","effect":"NoExecute"}]}}`
	unreachable    = `{"spec":{"taints":[{"key":"os","value":"Windows","effect":"NoSchedule"},{"key":"node.kubernetes.io/unreachable","effect":"NoExecute"}]}}`
	uninitialized  = `{"spec":{"taints":[{"key":"os","value":"Windows","effect":"NoSchedule"},{"key":"node.cloudprovider.kubernetes.io/uninitialized","value":"true","effect":"NoSchedule"}]}}`
	cordoned       = `{"spec":{"unschedulable":true}}`
	anotherHost    = `{"metadata":{"annotations":{"mullion.dev/host":"mullion-system/other"}}}`
	noHost         = `{"metadata":{"annotations":{"mullion.dev/host":null}}}`
	anotherVersion = `{"metadata":{"annotations":{"windowsmachineconfig.openshift.io/version":"2"}}}`
	desiredVersion = `{"metadata":{"annotations":{"windowsmachineconfig.openshift.io/desired-version":"2"}}}`
	keyHash        = `{"metadata":{"annotations":{"windowsmachineconfig.openshift.io/pub-key-hash":"0"}}}`
	reboot         = `{"metadata":{"annotations":{"windowsmachineconfig.openshift.io/reboot-required":"true"}}}`
	sourceVIP      = `{"metadata":{"annotations":{"mullion.dev/source-vip":"10.244.1.2"}}}`
	cordonedByUs   = `{"metadata":{"annotations":{"mullion.dev/cordoned":"another reason"}}}`
	cordonTaken    = `{"metadata":{"annotations":{"mullion.dev/cordoned":null}}}`
	otherNote      = `{"metadata":{"annotations":{"example.com/note":"x","csi.volume.kubernetes.io/nodeid":"{}"}}}`
	breakGlass     = `{"metadata":{"annotations":{"mullion.dev/break-glass":"the node manager is down"}}}`
	heartbeat      = `{"status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady"}]}}`
	lost           = `{"status":{"conditions":[{"type":"Ready","status":"Unknown","reason":"NodeStatusUnknown"}]}}`
)

// attempt is a change that somebody tries.
type attempt struct {
	who    string // Of shared.people.
	node   string
	change string
	// status changes the node through nodes/status.
	status bool
	// says are fragments of the refusal; without any, it must be allowed.
	says []string
}

// byPolicy and byOthers are who refuses: the policy, or what stands before it.
const (
	byPolicy = "denied request: "
	byOthers = ""
)

func TestWhatPodsArePlacedByIsChangedByTheNodeManagerAlone(t *testing.T) {
	const label, taint = "pods are placed by label ", "pods are placed by taint "
	tries(t, map[string]attempt{
		"the node manager changes the build":       {who: "node manager", node: ours, change: anotherBuild},
		"the node manager takes the build away":    {who: "node manager", node: ours, change: noBuild},
		"the node manager changes the taint":       {who: "node manager", node: ours, change: otherTaintOS},
		"the node manager changes its own notes":   {who: "node manager", node: ours, change: anotherHost},
		"the node manager notes the version":       {who: "node manager", node: ours, change: anotherVersion},
		"the node manager joins another node":      {who: "node manager", node: theirs, change: anotherHost},
		"an administrator changes the build":       {who: "administrator", node: ours, change: anotherBuild, says: []string{byPolicy, label + "node.kubernetes.io/windows-build", "kubectl mullion plan mullion-system/ours", "mullion.dev/break-glass=REASON"}},
		"root changes the build":                   {who: "root", node: ours, change: anotherBuild, says: []string{byPolicy, label}},
		"an operator changes the build":            {who: "operator", node: ours, change: anotherBuild, says: []string{byPolicy, label}},
		"an operator does through the status":      {who: "operator", node: ours, change: anotherBuild, status: true, says: []string{byPolicy, label}},
		"an operator takes the build away":         {who: "operator", node: ours, change: noBuild, says: []string{byPolicy, label}},
		"an operator changes the system":           {who: "operator", node: ours, change: anotherOS, says: []string{byPolicy, label + "kubernetes.io/os"}},
		"an operator changes the architecture":     {who: "operator", node: ours, change: anotherArch, says: []string{byPolicy, label + "kubernetes.io/arch"}},
		"an operator takes the OpenShift id away":  {who: "operator", node: ours, change: noOSID, says: []string{byPolicy, label + "node.openshift.io/os_id"}},
		"an operator says that it was not brought": {who: "operator", node: ours, change: noBYOH, says: []string{byPolicy, label + "windowsmachineconfig.openshift.io/byoh"}},
		"an operator adds a label of ours":         {who: "operator", node: ours, change: labelOfOurs, says: []string{byPolicy, label + "mullion.dev/anything", "spec.labels of a WindowsNodeConfig"}},
		"an operator changes the taint":            {who: "operator", node: ours, change: otherTaintOS, says: []string{byPolicy, "taints os=Windows:NoSchedule, os=Linux:NoSchedule", "kubectl cordon"}},
		"an operator takes all taints away":        {who: "operator", node: ours, change: noTaints, says: []string{byPolicy, taint + "os=Windows:NoSchedule"}},
		"an operator adds another distribution's":  {who: "operator", node: ours, change: moreTaintOS, says: []string{byPolicy, taint + "node.kubernetes.io/os=windows:NoExecute"}},
		"an operator gives the node to another":    {who: "operator", node: ours, change: anotherHost, says: []string{byPolicy, "annotation mullion.dev/host", "WindowsHost mullion-system/ours"}},
		"an operator takes it out of protection":   {who: "operator", node: ours, change: noHost, says: []string{byPolicy, "annotation mullion.dev/host"}},
		"an operator claims a node":                {who: "operator", node: theirs, change: anotherHost, says: []string{byPolicy, "annotation mullion.dev/host"}},
		"an operator changes the version":          {who: "operator", node: ours, change: anotherVersion, says: []string{byPolicy, "annotation windowsmachineconfig.openshift.io/version"}},
		"an operator changes the desired version":  {who: "operator", node: ours, change: desiredVersion, says: []string{byPolicy, "annotation"}},
		"an operator changes the hash of the key":  {who: "operator", node: ours, change: keyHash, says: []string{byPolicy, "annotation"}},
		"an operator has us uncordon":              {who: "operator", node: ours, change: cordonedByUs, says: []string{byPolicy, "annotation mullion.dev/cordoned"}},
		"an operator breaks the glass":             {who: "operator", node: ours, change: breakGlass, says: []string{byPolicy, "annotation mullion.dev/break-glass"}},
		"the node controller changes the build":    {who: "node controller", node: ours, change: anotherBuild, says: []string{byPolicy, label}},
		"the kubelet takes the OpenShift id away":  {who: "the kubelet", node: ours, change: noOSID, status: true, says: []string{byPolicy, label + "node.openshift.io/os_id"}},
		"the kubelet claims another host":          {who: "the kubelet", node: ours, change: anotherHost, status: true, says: []string{byPolicy, "annotation mullion.dev/host"}},
		"the kubelet takes itself out":             {who: "the kubelet", node: ours, change: noHost, says: []string{byPolicy, "annotation mullion.dev/host"}},
		"another kubelet pretends to be ours":      {who: "another kubelet", node: theirs, change: anotherHost, says: []string{byPolicy, "annotation mullion.dev/host"}},
		"another kubelet changes our build":        {who: "another kubelet", node: ours, change: anotherBuild, status: true, says: []string{byOthers}},
		"a developer changes a label":              {who: "developer", node: ours, change: otherLabel, says: []string{byOthers}},
	})
}

func TestEverythingElseAboutANodeStaysFree(t *testing.T) {
	tries(t, map[string]attempt{
		"an operator cordons":                            {who: "operator", node: ours, change: cordoned},
		"an operator adds a label":                       {who: "operator", node: ours, change: otherLabel},
		"an operator adds a role":                        {who: "operator", node: ours, change: role},
		"an operator adds a taint":                       {who: "operator", node: ours, change: maintenance},
		"an operator writes a note":                      {who: "operator", node: ours, change: otherNote},
		"an operator asks for a reboot":                  {who: "operator", node: ours, change: reboot},
		"an operator makes a cordon of ours their own":   {who: "operator", node: ours, change: cordonTaken},
		"an operator sets an address aside":              {who: "operator", node: ours, change: sourceVIP},
		"an operator changes a node that is not ours":    {who: "operator", node: theirs, change: anotherBuild},
		"an operator takes its taint":                    {who: "operator", node: theirs, change: noTaints},
		"an operator changes a Linux node":               {who: "operator", node: linux, change: labelOfOurs},
		"an administrator breaks the glass":              {who: "administrator", node: ours, change: breakGlass},
		"the node controller taints a node that is away": {who: "node controller", node: ours, change: unreachable},
		"the node controller says that it is away":       {who: "node controller", node: ours, change: lost, status: true},
		"the cloud taints a node":                        {who: "cloud", node: ours, change: uninitialized},
		"the kubelet reports":                            {who: "the kubelet", node: ours, change: heartbeat, status: true},
		"the kubelet registers after an upgrade":         {who: "the kubelet", node: ours, change: anotherBuild, status: true},
		"the kubelet notes where volumes are attached":   {who: "the kubelet", node: ours, change: otherNote},
	})
}

// tries has everybody try without anything being changed.
func tries(t *testing.T, attempts map[string]attempt) {
	t.Helper()
	ctx := testContext(t)
	for sentence, a := range attempts {
		t.Run(sentence, func(t *testing.T) {
			subresource := ""
			if a.status {
				subresource = "status"
			}
			_, err := patch(ctx, shared.people[a.who], a.node, subresource, a.change, metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
			if len(a.says) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !apierrors.IsForbidden(err) || isRefused(err) != (a.says[0] == byPolicy) {
				t.Fatalf("got %v: want a refusal", err)
			}
			for _, fragment := range a.says {
				if !strings.Contains(err.Error(), fragment) {
					t.Errorf("the refusal lacks %q:\n%v", fragment, err)
				}
			}
		})
	}
}
