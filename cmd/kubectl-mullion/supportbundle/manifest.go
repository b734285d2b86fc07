package supportbundle

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Manifest is manifest.json of an archive: what is in it, and what is not.
type Manifest struct {
	metav1.TypeMeta `json:",inline"`
	// Created is when the gathering began.
	Created metav1.Time `json:"created"`
	// Plugin and Server are versions: of this program, and of Kubernetes.
	Plugin string `json:"plugin"`
	Server string `json:"server,omitempty"`
	// Namespace is where Mullion was looked for.
	Namespace string `json:"namespace"`
	// Files are those of the archive, in their order.
	Files []File `json:"files"`
	// Missing is what could not be gathered.
	Missing []Missing `json:"missing,omitempty"`
	// Redactions is how often something was taken out that looked like a secret.
	Redactions int `json:"redactions"`
}

// File is one file of the archive.
type File struct {
	Path string `json:"path"`
	// Bytes is its size.
	Bytes int `json:"bytes"`
	// Objects is how many objects it has; absent for logs.
	Objects int `json:"objects,omitempty"`
	// Cut says why it is not whole; empty where it is.
	Cut string `json:"cut,omitempty"`
}

// Missing is something that could not be gathered.
type Missing struct {
	What string `json:"what"`
	Why  string `json:"why"`
}
