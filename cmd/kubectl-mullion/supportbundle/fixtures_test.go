package supportbundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

var _ = flag.Bool("update", false, "write the golden files anew")

// Secrets that are planted. None of them may be in an archive, wherever it stood before.
const (
	password       = "hunter2-correct-horse"
	serviceToken   = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50In0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
	bootstrapToken = "07401b.f395accd246ae52d"
	keyBody        = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
	privateKey     = "-----BEGIN PRIVATE KEY-----\n" + keyBody + "\n-----END PRIVATE KEY-----\n"
	sshKeyBody     = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2g"
	sshKey         = "-----BEGIN OPENSSH PRIVATE KEY-----\n" + sshKeyBody + "\n-----END OPENSSH PRIVATE KEY-----\n"
)

// registryAuth is what a registry is sent for a user and a password.
func registryAuth() string { return inBase64("jane:" + password) }

// files are secrets as a whole, by the name of the entry of a Secret that has them.
func files() map[string]string {
	return map[string]string{
		"private-key.pem":   sshKey,
		".dockerconfigjson": `{"auths":{"registry.example.com":{"username":"jane","password":"` + password + `","auth":"` + registryAuth() + `"}}}`,
		".dockercfg":        `{"registry.example.com":{"username":"jane","password":"` + password + `","auth":"` + registryAuth() + `"}}`,
		"kubeconfig": "apiVersion: v1\nkind: Config\nusers:\n- name: kubelet\n  user:\n    token: " + bootstrapToken +
			"\n- name: jane\n  user:\n    client-key-data: " + inBase64(privateKey) + "\n    password: " + password + "\n",
		"userData": "<powershell>\nnet user Administrator " + password + "\n$key = '" + sshKeyBody + "'\n</powershell>\n",
	}
}

func inBase64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// secrets are all that is planted, also in base64.
func secrets() []string {
	all := []string{
		password, serviceToken, bootstrapToken, keyBody, sshKeyBody, registryAuth(), inBase64(privateKey), "PRIVATE KEY",
	}
	for _, content := range files() {
		all = append(all, inBase64(content))
	}
	return all
}

// everything is all secrets in one text, as an error or a log may have them.
func everything() string {
	text := "connecting to http://jane:" + password + "@proxy.example.com failed: Authorization: Bearer " + serviceToken +
		"; token " + bootstrapToken + " password=" + password + "\n" + privateKey
	all := files()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		content := all[name]
		text += content + "\n" + `{"` + name + `":` + strconv.Quote(content) + "}\n" + name + ": " + inBase64(content) + "\n"
	}
	return text
}

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// result is what a run came to.
type result struct {
	err         error
	code        int
	out, errOut string
}

// run runs the subcommand.
func run(ctx context.Context, args ...string) result {
	streams, _, out, errOut := genericiooptions.NewTestIOStreams()
	cmd := newCommand(streams, noon)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetOut(out)
	cmd.SetArgs(append([]string{}, args...)) // Never nil, which would stand for those of the test.
	err := cmd.ExecuteContext(ctx)
	return result{err, exit.Code(err), out.String(), errOut.String()}
}

// unpack reads an archive: its files by path, with the manifest.
func unpack(t *testing.T, archive []byte) (map[string]string, Manifest) {
	t.Helper()
	compressed, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	reader := tar.NewReader(compressed)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = string(content)
	}
	var manifest Manifest
	if err := json.Unmarshal([]byte(files["manifest.json"]), &manifest); err != nil {
		t.Fatal(err)
	}
	return files, manifest
}

// collections are what the cluster has, by path and resource.
func collections() map[[3]string][]client.Object {
	meta := func(namespace, name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{
			Namespace: namespace, Name: name,
			Annotations: map[string]string{
				"kubectl.kubernetes.io/last-applied-configuration": everything(), "example.com/note": everything(),
			},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl"}},
		}
	}
	host := &v1alpha1.WindowsHost{ObjectMeta: meta("hosts", "win-1"), Spec: v1alpha1.WindowsHostSpec{Address: "10.0.0.1", KeySecret: &v1alpha1.SecretReference{Name: "cloud-private-key"}}}
	host.Status.LastError = &v1alpha1.HostError{Message: everything()}
	config := &v1alpha1.WindowsNodeConfig{ObjectMeta: meta("", "production")}
	config.Spec.Proxy = &v1alpha1.ProxySpec{HTTPS: "http://jane:" + password + "@proxy.example.com:3128"}
	webhook := &admissionregistrationv1.MutatingWebhookConfiguration{
		ObjectMeta: meta("", "00-mullion"),
		Webhooks:   []admissionregistrationv1.MutatingWebhook{{ClientConfig: admissionregistrationv1.WebhookClientConfig{CABundle: []byte(privateKey)}}},
	}
	request := &certificatesv1.CertificateSigningRequest{
		ObjectMeta: meta("", "csr-1"),
		Spec:       certificatesv1.CertificateSigningRequestSpec{Request: []byte(privateKey), Username: "system:bootstrap:07401b"},
	}
	pod := &corev1.Pod{ObjectMeta: meta("mullion-system", "mullion-webhook-1")}
	pod.Spec.Containers = []corev1.Container{{
		Name: "webhook", Args: []string{"--password", password, "--token=" + password},
		Env: []corev1.EnvVar{{Name: "REGISTRY_PASSWORD", Value: password}},
	}}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: "webhook", RestartCount: 1, LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Message: everything()}},
	}}
	event := &corev1.Event{ObjectMeta: meta("hosts", "win-1.1"), Message: everything()}
	nodeEvent := &corev1.Event{ObjectMeta: meta("default", "win-1.2"), InvolvedObject: corev1.ObjectReference{Kind: "Node"}, Message: everything()}
	otherEvent := &corev1.Event{ObjectMeta: meta("default", "shop.1"), InvolvedObject: corev1.ObjectReference{Kind: "Pod"}}
	return map[[3]string][]client.Object{
		{"/apis/mullion.dev/v1alpha1", "windowshosts", "WindowsHostList"}:                                                      {host},
		{"/apis/mullion.dev/v1alpha1", "windowsnodeconfigs", "WindowsNodeConfigList"}:                                          {config},
		{"/apis/mullion.dev/v1alpha1", "windowsbuildpolicies", "WindowsBuildPolicyList"}:                                       {&v1alpha1.WindowsBuildPolicy{ObjectMeta: meta("", "general")}},
		{"/api/v1", "nodes", "NodeList"}:                                                                                       {&corev1.Node{ObjectMeta: meta("", "win-1")}},
		{"/api/v1", "pods", "PodList"}:                                                                                         {pod},
		{"/api/v1", "services", "ServiceList"}:                                                                                 {},
		{"/api/v1", "configmaps", "ConfigMapList"}:                                                                             {&corev1.ConfigMap{ObjectMeta: meta("hosts", "windows-instances"), Data: map[string]string{"10.0.0.1": "username=Administrator", "x": everything()}}},
		{"/api/v1", "events", "EventList"}:                                                                                     {event, nodeEvent, otherEvent},
		{"/apis/apps/v1", "deployments", "DeploymentList"}:                                                                     {},
		{"/apis/apps/v1", "controllerrevisions", "ControllerRevisionList"}:                                                     {},
		{"/apis/node.k8s.io/v1", "runtimeclasses", "RuntimeClassList"}:                                                         {},
		{"/apis/discovery.k8s.io/v1", "endpointslices", "EndpointSliceList"}:                                                   {},
		{"/apis/coordination.k8s.io/v1", "leases", "LeaseList"}:                                                                {},
		{"/apis/apiregistration.k8s.io/v1", "apiservices", "APIServiceList"}:                                                   {},
		{"/apis/certificates.k8s.io/v1", "certificatesigningrequests", "CertificateSigningRequestList"}:                        {request},
		{"/apis/admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", "MutatingWebhookConfigurationList"}:         {webhook},
		{"/apis/admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", "ValidatingWebhookConfigurationList"}:     {},
		{"/apis/admissionregistration.k8s.io/v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicyList"}:              {},
		{"/apis/admissionregistration.k8s.io/v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBindingList"}: {},
	}
}

// serve starts a cluster that has all that, but what a test answers otherwise. Whoever asks for a Secret fails the test.
func serve(t *testing.T, otherwise map[string]http.HandlerFunc) {
	t.Helper()
	server := commandtest.NewAPI(t)
	for key, objects := range collections() {
		server.ServeCollection(t, key[0], key[1], key[2], objects...)
	}
	server.Serve("/version", version.Info{Major: "1", Minor: "37", GitVersion: "v1.37.2"})
	server.Handle("GET /api/v1/namespaces/{namespace}/pods/{pod}/log", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "2026-11-22T12:00:00Z started, previous="+r.URL.Query().Get("previous")+"\n"+everything())
	})
	// What a test answers otherwise stands before the cluster.
	front := commandtest.NewAPI(t)
	commandtest.Kubeconfig(t, front.URL)
	front.Handle("/", func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/secrets") {
			t.Errorf("a Secret is asked for: %s", r.URL)
		}
		for path, handler := range otherwise {
			if r.URL.Path == path {
				handler(w, r)
				return
			}
		}
		server.Config.Handler.ServeHTTP(w, r)
	})
}
