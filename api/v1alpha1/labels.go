package v1alpha1

const (
	// LabelWindowsBuild on a pod asks for a build, such as "10.0.20348". It is how a pod asks for a build
	// that its policy offers as a preview, and how a pod whose image cannot be inspected says what it needs.
	LabelWindowsBuild = GroupName + "/windows-build"

	// LabelManagedBy on an object tells that this project made it and keeps it as it should be.
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of LabelManagedBy on what this project made.
	ManagedBy = "mullion"
)
