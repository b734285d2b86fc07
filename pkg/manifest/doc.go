// Package manifest reads Kubernetes objects from files, as kubectl does, and remembers where in the files they and
// their fields stand.
//
// Files are YAML or JSON, with any number of documents and with lists of objects, which are unrolled. What a tool
// such as helm template or kustomize build prints is such a file. The content of a document is read by
// sigs.k8s.io/yaml, which kubectl uses too, so that `yes` is true here if and only if it is there; only the
// positions come from go.yaml.in/yaml/v3, which keeps them.
//
// A file that cannot be read, or a document that is malformed, is a [Problem] with file and line and does not stop
// the others.
package manifest
