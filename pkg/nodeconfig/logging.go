package nodeconfig

import "k8s.io/apimachinery/pkg/util/validation/field"

// checkLogging refuses bounds that would bound nothing.
func (b *builder) checkLogging() {
	if size := b.maxLogSize(); size.Sign() <= 0 {
		b.wrong(field.Invalid(specPath("logging", "maxFileSize"), size.String(), "has to be more than nothing, which means no bound"))
	}
	if age := b.maxLogAge(); age <= 0 {
		b.wrong(field.Invalid(specPath("logging", "maxAge"), age.String(), "has to be longer than nothing, which means no bound"))
	}
	if _, found := b.programs.Manifest.Find(logRunnerProgram); !found {
		b.warnings = append(b.warnings, "The bundle has no "+logRunnerProgram+": the kubelet and kube-proxy log nowhere.")
	}
}
