package image_test

import (
	"debug/elf"
	"debug/pe"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/test/image"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/manifests"
)

// authorities is the file that Go programs read trusted certificates from on Debian, which the build image is.
const authorities = "/etc/ssl/certs/ca-certificates.crt"

// programs are the targets of the Dockerfile.
var programs = []string{"webhook", "nodemanager"}

func TestEveryDeploymentsImageHasATarget(t *testing.T) {
	for _, program := range programs {
		container := deployed(t, "manifests/base", program)
		if container.Image != "mullion-"+program || container.Command != nil {
			t.Errorf("%s runs %v of image %q: want the entry point of mullion-%s", program, container.Command, container.Image, program)
		}
	}
}

// deployed is the container that runs a program.
func deployed(t *testing.T, folder, program string) corev1.Container {
	t.Helper()
	objects, err := manifests.Build(folder)
	if err != nil {
		t.Fatal(err)
	}
	var deployment appsv1.Deployment
	if err := objects.Decode("Deployment", "mullion-"+program, &deployment); err != nil {
		t.Fatal(err)
	}
	return deployment.Spec.Template.Spec.Containers[0]
}

func TestAnImageIsTheProgramAndTheAuthorities(t *testing.T) {
	stages, _ := parse(t)
	base := stages["base"]
	if base.From != "scratch" {
		t.Errorf("base is made from %q: want scratch", base.From)
	}
	if want := []image.Copy{{From: "build", Sources: []string{authorities}, To: authorities}}; !cmp.Equal(want, base.Copies) {
		t.Errorf("base copies %v: want %v", base.Copies, want)
	}
	for _, program := range programs {
		want := image.Stage{
			Name:       program,
			From:       "base",
			Copies:     []image.Copy{{From: "build", Sources: []string{"/out/" + program}, To: "/" + program}},
			Entrypoint: []string{"/" + program},
		}
		if program == "nodemanager" {
			want.Copies = append(want.Copies, image.Copy{From: "build", Sources: []string{"/out" + agent}, To: agent})
		}
		if diff := cmp.Diff(want, stages[program]); diff != "" {
			t.Errorf("stage %s (-want +got):\n%s", program, diff)
		}
	}
}

// agent is where the node manager finds what it brings to Windows hosts.
const agent = "/mullion-agent.exe"

func TestTheAgentIsBuiltForWindowsWhateverTheImageIsFor(t *testing.T) {
	stages, root := parse(t)
	out := filepath.Join(t.TempDir(), agent)
	runs := stages["build"].Runs
	fields := strings.Fields(strings.Replace(runs[len(runs)-2], "/out"+agent, out, 1))
	goAt := slices.Index(fields, "go")
	if goAt < 0 || !slices.Contains(fields, out) {
		t.Fatalf("RUN %s: want GOOS=windows … go build … -o /out%s", runs[len(runs)-2], agent)
	}
	cmd := exec.CommandContext(t.Context(), "go", slices.Concat([]string{"build", "-buildvcs=false"}, fields[goAt+2:])...)
	cmd.Dir = root
	cmd.Env = slices.Concat(os.Environ(), []string{"GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64"}, fields[:goAt])
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	file, err := pe.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if file.Machine != pe.IMAGE_FILE_MACHINE_AMD64 {
		t.Errorf("it is for machine %#x", file.Machine)
	}
}

func TestTheProgramsAreBuiltAsTheyAreTested(t *testing.T) {
	stages, _ := parse(t)
	runs := stages["build"].Runs
	if want := "-tags=" + install.Tags; !slices.Contains(strings.Fields(runs[len(runs)-1]), want) {
		t.Errorf("RUN %s: want %s", runs[len(runs)-1], want)
	}
}

func TestTheUserIsANumberAndNotRoot(t *testing.T) {
	stages, _ := parse(t)
	if user := stages["base"].User; !regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`).MatchString(user) {
		t.Errorf("USER %q: runAsNonRoot accepts numbers only", user)
	}
}

func TestTheBuildImageIsOfTheGoReleaseThatTheModuleAsksFor(t *testing.T) {
	stages, root := parse(t)
	content, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	release := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(content)
	if want := "golang:" + string(release[1]); stages["build"].From != want {
		t.Errorf("build is made from %q: want %q", stages["build"].From, want)
	}
}

func TestWhatIsCopiedExists(t *testing.T) {
	stages, root := parse(t)
	for _, c := range stages["build"].Copies {
		for _, source := range c.Sources {
			if _, err := os.Stat(filepath.Join(root, source)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestTheProgramsAreStaticAndStartInTheImageAsItsUser(t *testing.T) {
	stages, root := parse(t)
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			out := build(t, stages["build"], root, arch)
			for _, program := range programs {
				t.Run(program, func(t *testing.T) {
					checkStatic(t, filepath.Join(out, program), arch)
					if arch == runtime.GOARCH {
						for _, overlay := range []string{"default", "cert-manager"} {
							checkStarts(t, filepath.Join(out, program), deployed(t, "manifests/overlays/"+overlay, program).Args)
						}
					}
				})
			}
		})
	}
}

// build runs the stage's go build as the image's builder would, for one architecture. It stamps no commit, since
// whoever runs tests may not be who owns the checkout, and git then refuses to tell.
func build(t *testing.T, stage image.Stage, root, arch string) string {
	t.Helper()
	out := t.TempDir()
	run := stage.Runs[len(stage.Runs)-1]
	args := strings.Fields(strings.Replace(run, "-o /out/", "-o "+out+"/", 1))
	if len(args) < 2 || args[0] != "go" || args[1] != "build" || !strings.Contains(run, "-o /out/") {
		t.Fatalf("RUN %s: want go build … -o /out/ …", run)
	}
	expand := strings.NewReplacer("$TARGETOS", "linux", "$TARGETARCH", arch)
	cmd := exec.CommandContext(t.Context(), "go", slices.Concat([]string{"build", "-buildvcs=false"}, args[2:])...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	for _, variable := range stage.Env {
		cmd.Env = append(cmd.Env, expand.Replace(variable))
	}
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", run, err, output)
	}
	return out
}

// checkStatic fails if the program needs a loader or a library, neither of which the image has.
func checkStatic(t *testing.T, path, arch string) {
	t.Helper()
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	if file.Machine != machines[arch] {
		t.Errorf("it is for %s: want %s", file.Machine, machines[arch])
	}
	for _, program := range file.Progs {
		if program.Type == elf.PT_INTERP || program.Type == elf.PT_DYNAMIC {
			t.Errorf("it is linked dynamically: it has a segment %s", program.Type)
		}
	}
	if libraries, err := file.ImportedLibraries(); err == nil && len(libraries) > 0 {
		t.Errorf("it needs %v", libraries)
	}
}

// checkStarts runs the program as the image's user, in a root folder that holds what the image holds. It prints
// its help, after it has read the arguments and found no unknown one.
func checkStarts(t *testing.T, path string, args []string) {
	t.Helper()
	root, err := os.MkdirTemp("", "image-") //nolint:usetesting // t.TempDir's parents are closed to other users.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	copyFile(t, path, filepath.Join(root, "program"), 0o755)

	cmd := exec.CommandContext(t.Context(), "/program", append(args, "--help")...)
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: 65532, Gid: 65532}
	} else {
		// Changing the root takes a privilege, which everybody has in a user namespace of their own.
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Getgid(), Size: 1}}
	}
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s %s --help: %v\n%s", filepath.Base(path), strings.Join(args, " "), err, output)
	}
}

func copyFile(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, mode); err != nil {
		t.Fatal(err)
	}
}

// parse reads the Dockerfile and returns its stages by name, and the repository's root.
func parse(t *testing.T) (map[string]image.Stage, string) {
	t.Helper()
	root, err := manifests.Root()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	stages, err := image.ParseDockerfile(file)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]image.Stage{}
	for _, stage := range stages {
		byName[stage.Name] = stage
	}
	return byName, root
}
