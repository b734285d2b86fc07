// Package framework is the vocabulary of the integration tests: a Suite is a real control plane with Mullion
// installed from the shipped manifests and run as real processes, and a Scene is one test's part of it.
//
//	var shared *framework.Suite
//
//	func TestMain(m *testing.M) {
//		os.Exit(framework.Main(m, framework.Setup{}, func(s *framework.Suite) { shared = s }))
//	}
//
//	func TestAWindowsPodIsPlaced(t *testing.T) {
//		scene := shared.NewScene(t)
//		scene.GivenPolicy(framework.Build2022)
//		scene.ExpectPlaced(scene.Pod("windows/servercore:ltsc2022"), framework.Build2022)
//	}
//
// Tests of one suite run one after the other: whether the webhook has seen a policy yet is told by how many
// policies it has in force.
package framework
