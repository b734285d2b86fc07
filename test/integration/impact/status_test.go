package impact_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

func TestTheStatusShowsWhoDependsOnABuild(t *testing.T) {
	scene := shared.NewScene(t)
	policy := scene.GivenBuilds(ws2022, ws2019)
	expectWorkloads(scene, policy.Name, ws2019, &v1alpha1.BuildWorkloads{})

	scene.Deploy("old", 3, framework.Windows(shared.Image(core2019)))
	scene.Deploy("new", 2, framework.Windows(shared.Image(iisBoth)))
	bare := scene.Pod(shared.Image(core2019))
	bare.GenerateName, bare.Name = "", "by-hand"
	scene.ExpectPlaced(bare, ws2019)
	expectWorkloads(scene, policy.Name, ws2019, &v1alpha1.BuildWorkloads{
		Pods: 4, StrandedPods: 4, Stranded: []string{scene.Namespace + "/Deployment/old", scene.Namespace + "/Pod/by-hand"},
	})
	// What runs on 2022 could run on 2019.
	expectWorkloads(scene, policy.Name, ws2022, &v1alpha1.BuildWorkloads{Pods: 2})
	expectSummary(scene, policy.Name, ws2022+" (0/2), "+ws2019+" (4/4)")

	t.Run("and follows a policy that changes", func(t *testing.T) {
		scene := scene.In(t)
		scene.ChangePolicy(policy.Name, func(spec *v1alpha1.WindowsBuildPolicySpec) {
			spec.Builds[1].State = v1alpha1.BuildRetired
		})
		// Nothing may go to 2019 any more, not even what could run there.
		expectWorkloads(scene, policy.Name, ws2022, &v1alpha1.BuildWorkloads{
			Pods: 2, StrandedPods: 2, Stranded: []string{scene.Namespace + "/Deployment/new"},
		})
		scene.ChangePolicy(policy.Name, func(spec *v1alpha1.WindowsBuildPolicySpec) {
			spec.Builds[1].State = v1alpha1.BuildActive
		})
		expectWorkloads(scene, policy.Name, ws2022, &v1alpha1.BuildWorkloads{Pods: 2})
	})
	t.Run("and workloads that change", func(t *testing.T) {
		scene := scene.In(t)
		scene.SetImage("old", shared.Image(iisBoth))
		expectWorkloads(scene, policy.Name, ws2019, &v1alpha1.BuildWorkloads{
			Pods: 1, StrandedPods: 1, Stranded: []string{scene.Namespace + "/Pod/by-hand"},
		})
		expectWorkloads(scene, policy.Name, ws2022, &v1alpha1.BuildWorkloads{Pods: 5})
	})
	t.Run("and is not written when nothing has changed", func(t *testing.T) {
		scene := scene.In(t)
		before := versionOf(scene, policy.Name)
		waitForReads(scene, 3)
		if after := versionOf(scene, policy.Name); after != before {
			t.Errorf("the policy was written: version %s, then %s", before, after)
		}
	})
	t.Run("and is shown by kubectl", func(t *testing.T) {
		out, err := shared.Cluster.Kubectl(t.Context(), nil, "get", "wbp", policy.Name, "-o", "wide")
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"STRANDED", ws2022 + " (0/5), " + ws2019 + " (1/1)"} {
			if !strings.Contains(out, want) {
				t.Errorf("%q is not in:\n%s", want, out)
			}
		}
	})
}

func TestPodsOfABuildThatIsGoneAreCountedNoMore(t *testing.T) {
	const build = "10.0.25398"
	scene := shared.NewScene(t)
	policy := scene.GivenBuilds(build)
	nodes, err := shared.Cluster.Nodes.Add(t.Context(), hollow.NodeSpec{Name: "annual", Build: build})
	if err != nil {
		t.Fatal(err)
	}
	removed := false
	remove := func() {
		if removed {
			return
		}
		removed = true
		if err := nodes[0].Remove(context.Background()); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(remove)
	scene.ExpectPlaced(scene.Pod(shared.Image("windows/servercore:ltsc2022")), build)
	expectCount(scene, policy.Name, build, 1, 1, 0)
	remove()
	expectCount(scene, policy.Name, build, 0, 0, 0)
}

func TestPrivateImagesAreJudgedWithThePullSecretsOfTemplates(t *testing.T) {
	scene := shared.NewScene(t)
	policy := scene.GivenBuilds(ws2019, ws2022)
	scene.Deploy("without", 1, framework.Windows(shared.PrivateImage(core2019)))
	expectCount(scene, policy.Name, ws2019, 1, 0, 1)
	message := scene.ExpectCondition(policy.Name, v1alpha1.ConditionWorkloadsCounted, metav1.ConditionTrue, v1alpha1.ReasonImagesUnresolved)
	framework.ExpectText(scene, message, "1 pods", shared.PrivateImage(core2019))

	spec := framework.Windows(shared.PrivateImage(core2019))
	spec.ImagePullSecrets = []corev1.LocalObjectReference{givenPullSecret(scene)}
	scene.Deploy("with", 1, spec)
	// What is known of the image with these credentials is known of it in all of the namespace.
	expectCount(scene, policy.Name, ws2019, 2, 2, 0)
	scene.ExpectCondition(policy.Name, v1alpha1.ConditionWorkloadsCounted, metav1.ConditionTrue, v1alpha1.ReasonCounted)
}

// givenPullSecret makes a Secret with the credentials of the private registry.
func givenPullSecret(scene *framework.Scene) corev1.LocalObjectReference {
	scene.T.Helper()
	config, err := json.Marshal(map[string]any{"auths": map[string]any{
		shared.Private.Host(): map[string]string{"username": framework.PrivateUsername, "password": framework.PrivatePassword},
	}})
	if err != nil {
		scene.T.Fatal(err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "pull"},
		Type:       corev1.SecretTypeDockerConfigJson,
		Data:       map[string][]byte{corev1.DockerConfigJsonKey: config},
	}
	if _, err := shared.Kube.CoreV1().Secrets(scene.Namespace).Create(scene.T.Context(), secret, metav1.CreateOptions{}); err != nil {
		scene.T.Fatal(err)
	}
	return corev1.LocalObjectReference{Name: secret.Name}
}

// workloadsOf are the workloads of a build in a status.
func workloadsOf(status *v1alpha1.WindowsBuildPolicyStatus, build string) (*v1alpha1.BuildWorkloads, error) {
	for i := range status.Builds {
		if status.Builds[i].Build == build {
			return status.Builds[i].Workloads, nil
		}
	}
	return nil, fmt.Errorf("build %s is not in the status", build)
}

func expectWorkloads(scene *framework.Scene, policy, build string, want *v1alpha1.BuildWorkloads) {
	scene.T.Helper()
	scene.ExpectStatus(policy, func(status *v1alpha1.WindowsBuildPolicyStatus) error {
		got, err := workloadsOf(status, build)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("workloads of %s (-want +got):\n%s", build, diff)
		}
		return nil
	})
}

func expectCount(scene *framework.Scene, policy, build string, pods, stranded, unknown int32) {
	scene.T.Helper()
	scene.ExpectStatus(policy, func(status *v1alpha1.WindowsBuildPolicyStatus) error {
		got, err := workloadsOf(status, build)
		if err != nil {
			return err
		}
		if got == nil || got.Pods != pods || got.StrandedPods != stranded || got.UnknownPods != unknown {
			return fmt.Errorf("workloads of %s are %+v, want %d pods, %d stranded, %d unknown", build, got, pods, stranded, unknown)
		}
		return nil
	})
}

func expectSummary(scene *framework.Scene, policy, want string) {
	scene.T.Helper()
	scene.ExpectStatus(policy, func(status *v1alpha1.WindowsBuildPolicyStatus) error {
		if status.StrandedSummary != want {
			return fmt.Errorf("the summary is %q, want %q", status.StrandedSummary, want)
		}
		return nil
	})
}

func versionOf(scene *framework.Scene, name string) string {
	scene.T.Helper()
	var policy v1alpha1.WindowsBuildPolicy
	if err := shared.Client.Get(scene.T.Context(), client.ObjectKey{Name: name}, &policy); err != nil {
		scene.T.Fatal(err)
	}
	return policy.ResourceVersion
}

// waitForReads waits until the node manager has read the pods n times more.
func waitForReads(scene *framework.Scene, n float64) {
	scene.T.Helper()
	reads := func(ctx context.Context) (float64, error) {
		return shared.Mullion.NodeManagers[0].Metric(ctx, "mullion_census_reads_total", map[string]string{"result": "success"})
	}
	before, err := reads(scene.T.Context())
	if err != nil {
		scene.T.Fatal(err)
	}
	scene.Eventually("the pods are read again", func(ctx context.Context) (bool, error) {
		after, err := reads(ctx)
		return after >= before+n, err
	})
}
