package userdata

import (
	"fmt"
	"slices"
	"strings"
)

// Platform is where machines are made.
type Platform string

// Platforms, by the names that OpenShift's Infrastructure has for them.
const (
	AWS     Platform = "AWS"
	Azure   Platform = "Azure"
	GCP     Platform = "GCP"
	VSphere Platform = "VSphere"
	Nutanix Platform = "Nutanix"
)

// wrapping is what a platform wants around a script.
type wrapping struct {
	platform      Platform
	before, after string
}

// wrappings say for each platform who runs the script, and what it knows a script by.
func wrappings() []wrapping {
	const cloudbaseInit = "#ps1_sysnative\n"
	return []wrapping{
		// EC2Launch takes what is within the tags, and runs it at every start if told to.
		// Source: AWS, "How Amazon EC2 handles user data for Windows instances".
		{AWS, "<powershell>\n", "</powershell>\n<persist>true</persist>\n"},
		// The machine API copies custom data to a file and has the answer file's first log-on run that as a script.
		// Source: github.com/openshift/machine-api-provider-azure, pkg/cloud/azure/services/virtualmachines.
		{Azure, "", ""},
		// The machine API sets the metadata sysprep-specialize-script-ps1, which is a script.
		// Source: github.com/openshift/machine-api-provider-gcp; Google Cloud, "Use startup scripts on Windows VMs".
		{GCP, "", ""},
		// Cloudbase-Init, which has to be in the image, tells by the first line what it is given.
		// Source: cloudbase-init.readthedocs.io, "Userdata".
		{VSphere, cloudbaseInit, ""},
		{Nutanix, cloudbaseInit, ""},
	}
}

// ParsePlatform reads the name of a platform, in any case.
func ParsePlatform(name string) (Platform, error) {
	var known []string
	for _, w := range wrappings() {
		if strings.EqualFold(string(w.platform), name) {
			return w.platform, nil
		}
		known = append(known, string(w.platform))
	}
	slices.Sort(known)
	return "", fmt.Errorf("platform %.40q is not one of %s", name, strings.Join(known, ", "))
}
