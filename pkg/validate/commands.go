package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// imageFamily is what a family of images has and lacks of the shells that people expect everywhere.
type imageFamily struct {
	// repositories are the family's references without tag.
	repositories []string
	// lacks are programs that the images do not have, and has is the one to use in their place.
	lacks []string
	has   string
}

// imageFamilies is the table of image families.
//
// Source: https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images
// and the Dockerfiles of https://github.com/PowerShell/PowerShell-Docker.
func imageFamilies() []imageFamily {
	return []imageFamily{
		{repositories: []string{"mcr.microsoft.com/powershell"}, lacks: []string{"powershell"}, has: "pwsh"},
		{repositories: []string{"mcr.microsoft.com/windows/nanoserver"}, lacks: []string{"powershell", "pwsh"}, has: "cmd"},
		{
			repositories: []string{"mcr.microsoft.com/windows/servercore", "mcr.microsoft.com/windows/server", "mcr.microsoft.com/windows"},
			lacks:        []string{"pwsh"}, has: "powershell",
		},
	}
}

// missingCommands warns of a command that the image is known not to have.
func missingCommands(c workload.ContainerRef) []policy.Finding {
	if len(c.Command) == 0 {
		return nil
	}
	program := programName(c.Command[0])
	for _, family := range imageFamilies() {
		if isOneOf(c.Image, family.repositories) && slices.Contains(family.lacks, program) {
			return []policy.Finding{{
				Reason:  ReasonMissingCommand,
				Field:   c.Field("command[0]"),
				Problem: fmt.Sprintf("image %q has no %s.exe; use %s.exe", c.Image, program, family.has),
			}}
		}
	}
	return nil
}

// programName is a program's name without directory and extension, in lower case as Windows compares it.
func programName(command string) string {
	name := strings.ToLower(command[strings.LastIndexAny(command, `/\`)+1:])
	return strings.TrimSuffix(name, ".exe")
}

// isOneOf tells whether a reference names one of the repositories, whatever its tag.
func isOneOf(reference string, repositories []string) bool {
	for _, repository := range repositories {
		rest, found := strings.CutPrefix(reference, repository)
		if found && (rest == "" || rest[0] == ':' || rest[0] == '@') {
			return true
		}
	}
	return false
}
