package nodeconfig_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

func TestTheProxyIsTheConfigurationsOrElseTheClusters(t *testing.T) {
	const one, other = "http://one.example.com:3128", "http://other.example.com:3128"
	for sentence, test := range map[string]struct {
		own, clusters *v1alpha1.ProxySpec
		// want are the variables, of NO_PROXY the first entry, and warning is part of the only warning.
		want    map[string]string
		warning string
	}{
		"neither": {want: map[string]string{}},
		"the cluster's": {
			clusters: &v1alpha1.ProxySpec{HTTP: one, HTTPS: other, NoProxy: []string{".corp.example.com"}},
			want:     map[string]string{"HTTP_PROXY": one, "HTTPS_PROXY": other, "NO_PROXY": ".corp.example.com"},
		},
		"the configuration's, and nothing of the cluster's": {
			own:      &v1alpha1.ProxySpec{HTTP: other},
			clusters: &v1alpha1.ProxySpec{HTTPS: one, NoProxy: []string{".corp.example.com"}},
			want:     map[string]string{"HTTP_PROXY": other, "NO_PROXY": "localhost"},
		},
		"the cluster's without what cannot be used": {
			clusters: &v1alpha1.ProxySpec{HTTP: "http://me:hunter2@one.example.com", HTTPS: other},
			want:     map[string]string{"HTTPS_PROXY": other, "NO_PROXY": "localhost"},
			warning:  "The cluster's proxy for http is left out: it has credentials",
		},
		"none, where nothing of the cluster's can be used": {
			clusters: &v1alpha1.ProxySpec{HTTPS: "one.example.com:3128", NoProxy: []string{".corp.example.com"}},
			want:     map[string]string{},
			warning:  "The cluster's proxy for https is left out: it is not the URL of a proxy",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			c, k := config(t, "minimal"), cluster(t)
			c.Spec.Proxy, k.Proxy = test.own, test.clusters
			result, err := nodeconfig.Desired(c, programs(), k, joining())
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, variable := range result.State.Variables {
				switch {
				case !strings.HasSuffix(variable.Name, "_PROXY"):
				case variable.Value != nil:
					got[variable.Name] = *variable.Value
				default:
					got[variable.Name] = variable.Entries[0]
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("variables (-want +got):\n%s", diff)
			}
			said := strings.Join(result.Warnings, " ")
			if (said == "") != (test.warning == "") || !strings.Contains(said, test.warning) || strings.Contains(said, "hunter2") {
				t.Errorf("warnings %q", said)
			}
		})
	}
}

// Configurations are named by what is known of the cluster: hosts without a proxy would all be out of date otherwise.
func TestAClusterWithoutAProxyIsWrittenAsBeforeThereWasOne(t *testing.T) {
	written, err := json.Marshal(cluster(t))
	if err != nil || strings.Contains(string(written), "Proxy") {
		t.Errorf("error %v, written as %s", err, written)
	}
}
