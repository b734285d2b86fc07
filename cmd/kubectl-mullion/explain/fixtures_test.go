package explain

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const core2022 = "mcr.microsoft.com/windows/servercore:ltsc2022"

// judge answers as a policy server would that knows of images only what their names say. What is answered is canned;
// that real answers are as real decisions is proved where the server is.
func judge(review *placementv1alpha1.PlacementReview) placementv1alpha1.PlacementReviewStatus {
	object := string(review.Spec.Object.Raw)
	status := placementv1alpha1.PlacementReviewStatus{Allowed: true, Policy: "windows", Mode: "Enforce", Windows: true}
	switch {
	case review.Namespace == "lobby":
		return placementv1alpha1.PlacementReviewStatus{Allowed: true}
	case strings.Contains(object, "nginx"):
		status.Windows = false
		return status
	case strings.Contains(object, "ltsc2016"):
		return refused(status)
	}
	status.Build, status.RuntimeClass = "10.0.20348", "windows-10.0.20348"
	status.Candidates = candidates()
	status.PatchTarget = placementv1alpha1.PatchPods
	status.Patch = []placementv1alpha1.PatchOperation{
		{Op: "add", Path: "/spec/runtimeClassName", Value: &runtime.RawExtension{Raw: []byte(`"windows-10.0.20348"`)}},
	}
	status.Images = []placementv1alpha1.ImageFacts{
		{
			Reference: core2022, Digest: "sha256:" + strings.Repeat("0", 64), Index: true,
			Credentials: placementv1alpha1.CredentialsAnonymous,
			Platforms:   []placementv1alpha1.Platform{{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.2700"}},
		},
		{
			Reference: "registry.example.com/app", Credentials: placementv1alpha1.CredentialsPullSecrets,
			Problem: &placementv1alpha1.ImageProblem{Reason: "Timeout", Message: "the registry did not answer in time"},
		},
	}
	if strings.Contains(object, "DaemonSet") {
		status.Build, status.RuntimeClass = "", ""
	}
	if strings.Contains(object, "older") {
		status.Warnings = []placementv1alpha1.Finding{{
			Reason:  "Deprecated",
			Problem: `the pod is placed on 10.0.17763 (Windows Server 2019), which policy "windows" has deprecated`,
			Fix:     "build its images for 10.0.20348 (Windows Server 2022)",
			Message: "this too",
		}}
	}
	if review.Spec.Assume != nil && slices.Contains(review.Spec.Assume.States, placementv1alpha1.AssumedState{
		Build: "10.0.20348", State: v1alpha1.BuildRetired,
	}) {
		status.Mode = "Warn"
		status.Notes = []string{"pull secrets were not used, because you may not read them"}
		status = refused(status)
		status.Allowed, status.Build, status.RuntimeClass = true, "", ""
	}
	return status
}

func refused(status placementv1alpha1.PlacementReviewStatus) placementv1alpha1.PlacementReviewStatus {
	status.Allowed = false
	status.Candidates = candidates()
	for i := range status.Candidates {
		c := &status.Candidates[i]
		c.Fits, c.Ready, c.Chosen = false, false, false
		c.Reason, c.Message = "ImageIncompatible", "image \"mcr.microsoft.com/windows/servercore:ltsc2016\" does not run on it"
	}
	status.Denial = &placementv1alpha1.Finding{
		Reason:  "ImageIncompatible",
		Field:   "spec.template.spec.containers[0].image",
		Problem: "image \"mcr.microsoft.com/windows/servercore:ltsc2016\" is built for 10.0.14393 (Windows Server 2016) only",
		Context: "Policy \"windows\" allows 10.0.26100, 10.0.20348 and 10.0.17763",
		Fix:     "build the image from mcr.microsoft.com/windows/servercore:ltsc2022",
		Message: "all of it",
	}
	status.Warnings = []placementv1alpha1.Finding{*status.Denial} // As of everything that makes pods.
	return status
}

func candidates() []placementv1alpha1.Candidate {
	return []placementv1alpha1.Candidate{
		{
			Build: "10.0.26100", Release: "Windows Server 2025", State: "Active", Isolation: "Process", RuntimeClass: "windows-10.0.26100",
			Nodes: 2, Fits: true, Reason: "NoReadyNode", Message: "0 of 2 nodes Ready",
		},
		{
			Build: "10.0.20348", Release: "Windows Server 2022", State: "Active", Isolation: "Process", RuntimeClass: "windows-10.0.20348",
			Nodes: 3, ReadyNodes: 2, Fits: true, Ready: true, Chosen: true, Reason: "Fits", Message: "the pod can run on it",
		},
		{
			Build: "10.0.17763", Release: "Windows Server 2019", State: "Deprecated", Isolation: "Process", RuntimeClass: "windows-10.0.17763",
			Nodes: 1, ReadyNodes: 1, Reason: "ImageIncompatible", Message: "image \"" + core2022 + "\" does not run on it",
		},
	}
}
