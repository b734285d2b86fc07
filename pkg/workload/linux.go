package workload

// LinuxOnlyFields lists the paths of the fields that are set and that the API server forbids once a pod says
// that it is for Windows. Where the pod does not say so, Windows ignores them.
//
// Source: k8s.io/kubernetes/pkg/apis/core/validation, validateWindows, as of v1.36.
func (p *Pod) LinuxOnlyFields() []string {
	fields := podFields(p.Spec.SecurityContext)
	for c := range p.AllContainers {
		for _, field := range containerFields(c.SecurityContext) {
			fields = append(fields, c.Field(field))
		}
	}
	return fields
}

// securityField is a field of a security context and whether it is set.
type securityField struct {
	name string
	set  bool
}

func podFields(s *SecurityContext) []string {
	if s == nil {
		return nil
	}
	return set("spec.securityContext.", []securityField{
		{"appArmorProfile", s.AppArmorProfile != nil},
		{"seLinuxOptions", s.SELinuxOptions != nil},
		{"seLinuxChangePolicy", s.SELinuxChangePolicy != nil},
		{"seccompProfile", s.SeccompProfile != nil},
		{"fsGroup", s.FSGroup != nil},
		{"fsGroupChangePolicy", s.FSGroupChangePolicy != nil},
		{"sysctls", len(s.Sysctls) > 0},
		{"runAsUser", s.RunAsUser != nil},
		{"runAsGroup", s.RunAsGroup != nil},
		{"supplementalGroups", s.SupplementalGroups != nil},
		{"supplementalGroupsPolicy", s.SupplementalGroupsPolicy != nil},
	})
}

func containerFields(s *SecurityContext) []string {
	if s == nil {
		return nil
	}
	return set("securityContext.", []securityField{
		{"appArmorProfile", s.AppArmorProfile != nil},
		{"seLinuxOptions", s.SELinuxOptions != nil},
		{"seccompProfile", s.SeccompProfile != nil},
		{"capabilities", s.Capabilities != nil},
		{"readOnlyRootFilesystem", s.ReadOnlyRootFilesystem != nil},
		{"privileged", s.Privileged != nil},
		{"allowPrivilegeEscalation", s.AllowPrivilegeEscalation != nil},
		{"procMount", s.ProcMount != nil},
		{"runAsUser", s.RunAsUser != nil},
		{"runAsGroup", s.RunAsGroup != nil},
	})
}

func set(prefix string, fields []securityField) []string {
	var names []string
	for _, field := range fields {
		if field.set {
			names = append(names, prefix+field.name)
		}
	}
	return names
}
