package policy

// Image is what a registry says about one image reference. It is immutable and may be shared.
type Image struct {
	// Reference is the image as the pod spells it.
	Reference string
	// Digest is the digest that the reference resolved to, "sha256:…".
	Digest string
	// Index tells that the reference names an index of several images rather than a single manifest.
	// With Hyper-V isolation the two are pulled by different rules.
	Index bool
	// Platforms lists the images behind the reference, in index order. Attestations and other entries
	// that are not images are left out.
	Platforms []Platform
	// Stale tells that the registry could not be asked just now and that this is what it said before.
	Stale bool
}

// Platform is one image behind a reference. What the index entry leaves unsaid is taken from the image's
// own configuration, as the registry serves it.
type Platform struct {
	// OS and Architecture are Go's names: "windows", "amd64".
	OS           string
	Architecture string
	// OSVersion is the Windows version that the image was built for, such as "10.0.20348.2700".
	// Empty where neither the index entry nor the image's configuration says it.
	OSVersion string
	// OSFeatures lists the features that the image needs, such as "win32k".
	OSFeatures []string
	// Digest is the digest of this image's manifest.
	Digest string
}

// ImageResult is the outcome of asking for an image's facts: exactly one of Image and Problem is set.
type ImageResult struct {
	Image   *Image
	Problem *ImageProblem
}

// ImageProblem says why the facts of an image are not known.
type ImageProblem struct {
	Reason ImageProblemReason
	// Message is one sentence for a person, without credentials.
	Message string
}

// ImageProblemReason is a machine-readable class of image problems.
type ImageProblemReason string

const (
	// ImageInvalidReference: the reference cannot be parsed, so kubelet could not pull it either.
	ImageInvalidReference ImageProblemReason = "InvalidReference"
	// ImageNotFound: the registry answered that it has no such image.
	ImageNotFound ImageProblemReason = "NotFound"
	// ImageUnauthorized: the registry refused the credentials at hand, or the anonymous request.
	ImageUnauthorized ImageProblemReason = "Unauthorized"
	// ImageUnreachable: the registry did not answer, or answered with a server error.
	ImageUnreachable ImageProblemReason = "Unreachable"
	// ImageTimeout: the registry did not answer within the budget. The look-up goes on in the background.
	ImageTimeout ImageProblemReason = "Timeout"
	// ImageMalformed: what the registry sent is no image that this project understands.
	ImageMalformed ImageProblemReason = "Malformed"
	// ImageForbidden: the registry's host may not be asked: it is not on the allow-list, or its address
	// is link-local.
	ImageForbidden ImageProblemReason = "Forbidden"
)
