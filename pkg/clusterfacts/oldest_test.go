package clusterfacts_test

import (
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestTheOldestAPIServerCounts(t *testing.T) {
	w := newWorld(t, kubeadmObjects()...)
	older, newer := w.authority.serve(t, "v1.36.9+k3s1"), w.authority.serve(t, "v1.37.2-eks-4c6c6f")
	silent := w.authority.serve(t, "v1.30.0")
	endpoints := []client.Object{newer.endpoint(t, "newer"), older.endpoint(t, "older"), silent.endpoint(t, "silent")}
	silent.Close()
	impostor := newAuthority(t).serve(t, "v1.20.0")
	for sentence, c := range map[string]struct {
		endpoints []client.Object
		want      string
	}{
		"of all that there are":                                              {endpoints[:2], "1.36.9"},
		"and where one does not answer of the others":                        {endpoints, "1.36.9"},
		"and where none notes its address the one that is reached from here": {nil, "1.37.2"},
		"and one whose certificate is from somebody else is none":            {[]client.Object{impostor.endpoint(t, "impostor")}, "1.37.2"},
	} {
		t.Run(sentence, func(t *testing.T) {
			in := *w
			in.objects = append(kubeadmObjects(), c.endpoints...)
			got, err := in.facts(t).Cluster(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.ServerVersion.String() != c.want {
				t.Errorf("got %s, want %s", got.ServerVersion, c.want)
			}
		})
	}
}

func TestWithoutAnyVersionNothingIsKnown(t *testing.T) {
	w := newWorld(t, kubeadmObjects()...)
	for answer, want := range map[string]string{
		"<html>":                 "its answer is no version",
		`{"gitVersion":"devel"}`: "its answer is no version",
		`{"gitVersion":` + strings.Repeat(" ", 65<<10) + `"v1.37.2"}`: "its answer is no version",
	} {
		w.own.says(answer)
		in := *w
		if _, err := in.facts(t).Cluster(t.Context()); err == nil ||
			!strings.Contains(err.Error(), "asking API servers for their versions: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v", err)
		}
	}
	w.own.Close()
	in := *w
	if _, err := in.facts(t).Cluster(t.Context()); err == nil || !strings.Contains(err.Error(), w.own.URL) {
		t.Errorf("got %v, want an error that names %s", err, w.own.URL)
	}
}
