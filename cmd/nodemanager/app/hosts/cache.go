package hosts

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/exporter"
)

// CacheOptions narrow a manager's cache to what is looked at for hosts. Of Secrets that is the metadata of those with the
// one name by which keys are found, so that nobody has to permit this program to list Secrets. A Secret that a host names
// itself is read whenever the host is looked at.
func (o *Options) CacheOptions(namespace string) map[client.Object]cache.ByObject {
	if !o.Manage {
		return nil
	}
	secrets := &metav1.PartialObjectMetadata{}
	secrets.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	all := map[client.Object]cache.ByObject{
		secrets: {Field: fields.OneTermEqualSelector(metav1.ObjectNameField, o.KeySecret)},
	}
	maps.Copy(all, exporter.CacheOptions(namespace))
	return all
}
