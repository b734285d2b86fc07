package machineset

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// clusterAPISet judges a MachineSet or a MachineDeployment of Cluster API. It is for Windows if its label or its user data
// says so. Its providers shorten the names of Windows computers themselves. Source: sigs.k8s.io/cluster-api, api/core;
// sigs.k8s.io/cluster-api-provider-azure, azure/scope.
func clusterAPISet(set *unstructured.Unstructured) field.ErrorList {
	os := text(set, "spec", "template", "metadata", "labels", v1alpha1.LabelOS)
	secret := text(set, "spec", "template", "spec", "bootstrap", "dataSecretName")
	if !isWindows(os) && secret != userData {
		return nil
	}
	var errs field.ErrorList
	if os != "windows" {
		errs = append(errs, label(os, v1alpha1.LabelOS, "windows"))
	}
	bootstrap := templatePath().Child("spec", "bootstrap")
	if kind := text(set, "spec", "template", "spec", "bootstrap", "configRef", "kind"); kind != "" {
		errs = append(errs, field.Forbidden(bootstrap.Child("configRef"),
			"a "+kind+" makes nodes of its machines, which is the node manager's to do here: remove it, and set dataSecretName to "+userData))
	} else if err := userDataName(bootstrap.Child("dataSecretName"), secret); err != nil {
		errs = append(errs, err)
	}
	added := suffix
	if set.GetKind() == "MachineDeployment" {
		added += suffix // Of the MachineSet in between.
	}
	if why := tooLong(set, hostname, added, "the machine's name has to fit into a label, which has 63 characters"); why != "" {
		errs = append(errs, field.Invalid(field.NewPath("metadata", "name"), set.GetName(), why))
	}
	return errs
}
