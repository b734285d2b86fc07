package winhost_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/test/winhost"
)

// install puts programs of a node into C:\k.
func install(t *testing.T, host *winhost.Host, programs ...string) {
	t.Helper()
	for _, name := range programs {
		path, err := winhost.BuildNodeProgram(t.Context(), "", name)
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := host.WriteFile(`C:\k\`+name, content); err != nil {
			t.Fatal(err)
		}
	}
}

// startService starts a service as soon as the host is ready to, which it is not while it boots.
func startService(t *testing.T, host *winhost.Host, name string) {
	t.Helper()
	const databaseLocked = 1055
	eventually(t, name+" can be started", func() bool {
		result, err := host.Exec(testContext(t), "sc.exe start "+name)
		if err != nil || result.ExitCode != 0 && result.ExitCode != databaseLocked {
			t.Fatalf("starting %s: %+v, %v", name, result, err)
		}
		return result.ExitCode == 0
	})
}

func TestTheRealContainerdServesCRIOnItsPipe(t *testing.T) {
	host := start(t, winhost.Options{})
	install(t, host, "containerd.exe", "ctr.exe")
	output(t, host, `C:\k\containerd.exe --register-service --root C:\containerd\root --state C:\containerd\state`)
	startService(t, host, "containerd")
	eventually(t, "its CRI plugin is there", func() bool {
		result, err := host.Exec(testContext(t), `C:\k\ctr.exe --connect-timeout 5s plugins ls`)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(result.Stdout) {
			if fields := strings.Fields(line); len(fields) > 2 && fields[0] == "io.containerd.grpc.v1" && fields[1] == "cri" {
				return fields[len(fields)-1] == "ok"
			}
		}
		return false
	})
	if got := output(t, host, `C:\k\ctr.exe version`); !strings.Contains(got, "Server:") {
		t.Errorf("got %q", got)
	}
}

func TestServicesOfANodeAnswerOnTheAddressOfTheirHost(t *testing.T) {
	host := start(t, winhost.Options{})
	install(t, host, "kube-proxy.exe", "csi-proxy.exe", "windows_exporter.exe", "kube-log-runner.exe")
	if err := host.WriteFile(`C:\k\kube-proxy.conf`, []byte("healthzBindAddress: 0.0.0.0:10256\n")); err != nil {
		t.Fatal(err)
	}
	services := map[string]string{
		"csi-proxy":        `C:\k\csi-proxy.exe -windows-service`,
		"kube-proxy":       `C:\k\kube-log-runner.exe -log-file=C:\k\kube-proxy.log C:\k\kube-proxy.exe --config=C:\k\kube-proxy.conf --windows-service`,
		"windows_exporter": `C:\k\windows_exporter.exe --web.listen-address=:9182 --collectors.enabled=cpu`,
	}
	for name, command := range services {
		output(t, host, `sc.exe create `+name+` binPath= "`+command+`"`)
		startService(t, host, name)
	}
	for name, url := range map[string]string{"kube-proxy": ":10256/healthz", "windows_exporter": ":9182/metrics"} {
		eventually(t, name+" answers", func() bool { return answers(t.Context(), "http://"+host.IP()+url) })
	}
	if log, err := host.ReadFile(`C:\k\kube-proxy.log`); err != nil || !strings.Contains(string(log), "kube-proxy starts") {
		t.Errorf("its log is %q: %v", log, err)
	}
	eventually(t, "csi-proxy runs", func() bool { return strings.Contains(output(t, host, "sc.exe query csi-proxy"), "RUNNING") })
}

func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := (&http.Client{}).Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func TestAProgramThatIsNoneOfANodeIsNotBuilt(t *testing.T) {
	if _, err := winhost.BuildNodeProgram(t.Context(), "", "notepad.exe"); err == nil || !strings.Contains(err.Error(), "containerd.exe") {
		t.Errorf("got %v", err)
	}
}
