package commandtest

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// discovery is what the server says of its resources, by path.
func discovery() map[string]any {
	documents := map[string]any{
		"/api": &metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}},
		"/api/v1": resources("v1",
			resource("pods", "Pod", "po"), resource("services", "Service", "svc"), resource("podtemplates", "PodTemplate")),
		"/apis/apps/v1": resources("apps/v1",
			resource("deployments", "Deployment", "deploy"), resource("daemonsets", "DaemonSet", "ds")),
	}
	groups := &metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	version := metav1.GroupVersionForDiscovery{GroupVersion: "apps/v1", Version: "v1"}
	groups.Groups = append(groups.Groups, metav1.APIGroup{
		Name: "apps", Versions: []metav1.GroupVersionForDiscovery{version}, PreferredVersion: version,
	})
	documents["/apis"] = groups
	return documents
}

func resources(groupVersion string, all ...metav1.APIResource) *metav1.APIResourceList {
	return &metav1.APIResourceList{
		TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: groupVersion, APIResources: all,
	}
}

func resource(name, kind string, short ...string) metav1.APIResource {
	return metav1.APIResource{Name: name, Kind: kind, Namespaced: true, ShortNames: short, Verbs: metav1.Verbs{"get", "list"}}
}
