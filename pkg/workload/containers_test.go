package workload

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestContainersAreVisitedInTheOrderInWhichTheyStart(t *testing.T) {
	pod := &Pod{Spec: PodSpec{
		EphemeralContainers: []Container{{Name: "debug"}},
		Containers:          []Container{{Name: "web"}, {Name: "logs"}},
		InitContainers:      []Container{{Name: "setup"}},
	}}
	var got []string
	for c := range pod.AllContainers {
		got = append(got, c.Name+" at "+c.Field("image"))
	}
	want := []string{
		"setup at spec.initContainers[0].image",
		"web at spec.containers[0].image",
		"logs at spec.containers[1].image",
		"debug at spec.ephemeralContainers[0].image",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	for c := range pod.AllContainers {
		if c.Name == "web" {
			break
		}
		if c.Name != "setup" {
			t.Errorf("visited %s after the visit ended", c.Name)
		}
	}
}

func TestHostProcess(t *testing.T) {
	const yes = `{"windowsOptions":{"hostProcess":true}}`
	const no = `{"windowsOptions":{"hostProcess":false}}`
	tests := map[string]struct {
		spec string
		want bool
	}{
		"a pod that says nothing is none":     {`{"containers":[{}]}`, false},
		"a pod that says so is one":           {`{"securityContext":` + yes + `,"containers":[{}]}`, true},
		"a pod whose container says so is":    {`{"containers":[{"securityContext":` + yes + `}]}`, true},
		"so it is if an init container does":  {`{"initContainers":[{"securityContext":` + yes + `}]}`, true},
		"a pod that says no is none":          {`{"securityContext":` + no + `,"containers":[{"securityContext":` + no + `}]}`, false},
		"other Windows options do not matter": {`{"securityContext":{"windowsOptions":{"runAsUserName":"x"}}}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			pod, err := Decode([]byte(`{"spec":` + test.spec + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if got := pod.HostProcess(); got != test.want {
				t.Errorf("want %v, got %v", test.want, got)
			}
		})
	}
}

func TestAPodIsKnownByItsNameOrByWhatItIsGeneratedFrom(t *testing.T) {
	tests := map[string]struct {
		metadata Metadata
		want     string
	}{
		"its name":                     {Metadata{Name: "web-0", GenerateName: "web-"}, "web-0"},
		"the prefix, if not yet named": {Metadata{GenerateName: "web-"}, "web-…"},
		"nothing, if it has neither":   {Metadata{}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := (&Pod{Metadata: test.metadata}).DisplayName(); got != test.want {
				t.Errorf("want %q, got %q", test.want, got)
			}
		})
	}
}
