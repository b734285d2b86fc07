package v1alpha1

// ImageFacts is what is known of one image of the pods.
type ImageFacts struct {
	// reference is the image as the container names it.
	Reference string `json:"reference"`
	// digest is what the reference resolved to, sha256:…; empty where problem is set.
	// +optional
	Digest string `json:"digest,omitempty"`
	// index tells that the reference names an index of several images.
	// +optional
	Index bool `json:"index,omitempty"`
	// stale tells that the registry could not be asked just now, and that this is what it said before.
	// +optional
	Stale bool `json:"stale,omitempty"`
	// platforms are the images behind the reference.
	// +listType=atomic
	// +optional
	Platforms []Platform `json:"platforms,omitempty"`
	// credentials says where the credentials came from with which the registry was asked, never what they are.
	// +optional
	Credentials CredentialSource `json:"credentials,omitempty"`
	// problem says why the facts are not known.
	// +optional
	Problem *ImageProblem `json:"problem,omitempty"`
}

// CredentialSource is where the credentials for a registry came from.
//
// +enum
type CredentialSource string

const (
	// CredentialsAnonymous: the registry was asked without credentials.
	CredentialsAnonymous CredentialSource = "Anonymous"
	// CredentialsPullSecrets: image pull secrets of the pods had credentials for the registry.
	CredentialsPullSecrets CredentialSource = "PullSecrets"
)

// Platform is one image behind a reference.
type Platform struct {
	// os and architecture are the names that Go gives them, such as windows and amd64.
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	// osVersion is the Windows version that the image was built for, such as 10.0.20348.2700; empty where
	// the image does not say.
	// +optional
	OSVersion string `json:"osVersion,omitempty"`
	// osFeatures are features that the image needs, such as win32k.
	// +listType=atomic
	// +optional
	OSFeatures []string `json:"osFeatures,omitempty"`
	// digest is the digest of this image's manifest.
	// +optional
	Digest string `json:"digest,omitempty"`
}

// ImageProblem says why the facts of an image are not known.
type ImageProblem struct {
	// reason is the machine-readable class, such as NotFound, Unauthorized or Unreachable.
	Reason string `json:"reason"`
	// message is a sentence for a person.
	Message string `json:"message"`
}
