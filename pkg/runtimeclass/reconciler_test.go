package runtimeclass

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// pagedPods serves the pods in pages of one and checks that they are asked for as they should be.
type pagedPods struct {
	client.Reader
	t     *testing.T
	pods  []corev1.Pod
	lists int
	err   error
}

func (p *pagedPods) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	p.lists++
	if p.err != nil {
		return p.err
	}
	var o client.ListOptions
	o.ApplyOptions(options)
	if o.Limit == 0 {
		p.t.Error("all pods are listed at once")
	}
	page := 0
	if o.Continue != "" {
		if _, err := fmt.Sscan(o.Continue, &page); err != nil {
			p.t.Fatal(err)
		}
	}
	pods := list.(*corev1.PodList)
	pods.Continue = ""
	pods.Items = nil
	if page < len(p.pods) {
		if o.FieldSelector.Matches(fields.Set{"status.phase": string(p.pods[page].Status.Phase)}) {
			pods.Items = []corev1.Pod{p.pods[page]}
		}
		pods.Continue = fmt.Sprint(page + 1)
	}
	return nil
}

func pod(name, class string, phase corev1.PodPhase) corev1.Pod {
	return corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name},
		Spec:       corev1.PodSpec{RuntimeClassName: ptr.To(class)},
		Status:     corev1.PodStatus{Phase: phase},
	}
}

func scheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestReconcilingAClass(t *testing.T) {
	general := newPolicy("general", build2022)
	broken := newPolicy("broken", "latest")
	elsewhere := newPolicy("general", build2025)
	drifted := class(func(c *nodev1.RuntimeClass) {
		delete(c.Scheduling.NodeSelector, corev1.LabelWindowsBuild)
		c.Annotations = map[string]string{"note": "kept"}
	})
	annotated := class(func(c *nodev1.RuntimeClass) { c.Annotations = map[string]string{"note": "kept"} })
	user := pod("web", class2022, corev1.PodRunning)
	for name, test := range map[string]struct {
		policies []v1alpha1.WindowsBuildPolicy
		live     *nodev1.RuntimeClass
		pods     []corev1.Pod

		want      *nodev1.RuntimeClass
		wantEvent string
		wantLater bool
		// wantWrites and wantLists are how often the API server is written to and pods are listed.
		wantWrites, wantLists int
	}{
		"a missing class is made": {
			policies: []v1alpha1.WindowsBuildPolicy{general}, want: class(), wantWrites: 1,
		},
		"a class as planned is not written": {
			policies: []v1alpha1.WindowsBuildPolicy{general}, live: class(), want: class(),
		},
		"a changed class is set right, and what is not ours stays": {
			policies: []v1alpha1.WindowsBuildPolicy{general}, live: drifted, want: annotated, wantWrites: 1,
			wantEvent: "Normal Updated brought its node selector and tolerations up to date with policies and nodes",
		},
		"somebody else's class is left alone": {
			policies: []v1alpha1.WindowsBuildPolicy{general},
			live:     class(foreign, withHandler("gvisor")), want: class(foreign, withHandler("gvisor")),
		},
		"somebody else's class that no policy names is left alone": {
			live: class(foreign), want: class(foreign),
		},
		"a class about which policies disagree is left alone": {
			policies: []v1alpha1.WindowsBuildPolicy{general, newPolicy("other", build2022, withClass("", "runhcs-custom"))},
			live:     class(), want: class(),
		},
		"a class with another handler is replaced when no pod uses it": {
			policies: []v1alpha1.WindowsBuildPolicy{general}, live: class(withHandler("runhcs-custom")),
			pods: []corev1.Pod{pod("other", "gvisor", corev1.PodRunning), pod("done", class2022, corev1.PodSucceeded)},
			want: class(), wantWrites: 2, wantLists: 3,
		},
		"a class with another handler is kept while a pod uses it": {
			policies: []v1alpha1.WindowsBuildPolicy{general}, live: class(withHandler("runhcs-custom")),
			pods: []corev1.Pod{user}, want: class(withHandler("runhcs-custom")), wantLists: 1, wantLater: true,
			wantEvent: "Normal InUse it is to have the handler runhcs-wcow-process; it is replaced once no pod uses it, as shop/web does",
		},
		"a class that no policy names is deleted when no pod uses it": {
			policies: []v1alpha1.WindowsBuildPolicy{elsewhere}, live: class(), wantWrites: 1, wantLists: 1,
		},
		"a class that no policy names is kept while a pod uses it": {
			policies: []v1alpha1.WindowsBuildPolicy{elsewhere}, live: class(),
			pods: []corev1.Pod{pod("other", "gvisor", corev1.PodRunning), user}, want: class(), wantLists: 2, wantLater: true,
			wantEvent: "Normal InUse no policy names it any more; it is deleted once no pod uses it, as shop/web does",
		},
		"a class is not deleted while a policy does not compile": {
			policies: []v1alpha1.WindowsBuildPolicy{broken}, live: class(), want: class(),
		},
		"nothing is done about a class that is neither planned nor there": {},
	} {
		t.Run(name, func(t *testing.T) {
			writes := 0
			builder := fake.NewClientBuilder().WithScheme(scheme(t)).WithInterceptorFuncs(interceptor.Funcs{
				Apply: func(ctx context.Context, c client.WithWatch, object runtime.ApplyConfiguration, options ...client.ApplyOption) error {
					writes++
					return c.Apply(ctx, object, options...)
				},
				Delete: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
					writes++
					return c.Delete(ctx, object, options...)
				},
			})
			for i := range test.policies {
				builder.WithObjects(&test.policies[i])
			}
			if test.live != nil {
				builder.WithObjects(test.live.DeepCopy())
			}
			cluster := builder.Build()
			pods := &pagedPods{Reader: cluster, t: t, pods: test.pods}
			recorder := events.NewFakeRecorder(4)
			r := &Reconciler{Client: cluster, API: pods, Fleet: fleet, Events: recorder}

			result, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKey{Name: class2022}})
			if err != nil {
				t.Fatal(err)
			}
			if later := result.RequeueAfter > 0; later != test.wantLater {
				t.Errorf("looks again after %v", result.RequeueAfter)
			}
			got, err := get(t.Context(), cluster, class2022)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, ignoringServerFields()); diff != "" {
				t.Errorf("class (-want +got):\n%s", diff)
			}
			if writes != test.wantWrites || pods.lists != test.wantLists {
				t.Errorf("got %d writes and %d lists of pods, want %d and %d", writes, pods.lists, test.wantWrites, test.wantLists)
			}
			event := ""
			select {
			case event = <-recorder.Events:
			default:
			}
			if event != test.wantEvent {
				t.Errorf("event: got %q, want %q", event, test.wantEvent)
			}
		})
	}
}

// lateReader serves pods, and has something happen as they are read.
type lateReader struct {
	client.Reader
	happens func()
}

func (r lateReader) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	r.happens()
	return r.Reader.List(ctx, list, options...)
}

func TestAClassThatAPolicyComesToNameWhilePodsAreReadIsKept(t *testing.T) {
	general := newPolicy("general", build2022)
	cluster := fake.NewClientBuilder().WithScheme(scheme(t)).WithObjects(class()).Build()
	pods := lateReader{&pagedPods{Reader: cluster, t: t}, func() {
		if err := cluster.Create(t.Context(), &general); err != nil {
			t.Error(err)
		}
	}}
	r := &Reconciler{Client: cluster, API: pods, Fleet: fleet, Events: events.NewFakeRecorder(4)}
	if _, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKey{Name: class2022}}); err != nil {
		t.Fatal(err)
	}
	if kept, err := get(t.Context(), cluster, class2022); err != nil || kept == nil {
		t.Errorf("the class is gone, %v", err)
	}
}

func TestReconcilingTwiceWritesOnce(t *testing.T) {
	general := newPolicy("general", build2022)
	cluster := fake.NewClientBuilder().WithScheme(scheme(t)).WithObjects(&general).Build()
	r := &Reconciler{Client: cluster, API: cluster, Fleet: fleet, Events: events.NewFakeRecorder(4)}
	request := reconcile.Request{NamespacedName: client.ObjectKey{Name: class2022}}
	var versions []string
	for range 2 {
		if _, err := r.Reconcile(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		made, err := get(t.Context(), cluster, class2022)
		if err != nil || made == nil {
			t.Fatalf("no class: %v", err)
		}
		versions = append(versions, made.ResourceVersion)
	}
	if versions[0] != versions[1] {
		t.Errorf("the class went through the versions %v", versions)
	}
}

func TestTolerationsThatAreNoLongerGrantedAreTakenAway(t *testing.T) {
	general := newPolicy("general", build2022)
	cluster := fake.NewClientBuilder().WithScheme(scheme(t)).WithObjects(&general).Build()
	nodes := fleet()
	r := &Reconciler{Client: cluster, API: cluster, Events: events.NewFakeRecorder(4), Fleet: func() *policy.Fleet { return nodes }}
	expectTolerations := func(want int) {
		t.Helper()
		if _, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKey{Name: class2022}}); err != nil {
			t.Fatal(err)
		}
		made, err := get(t.Context(), cluster, class2022)
		if err != nil || made == nil {
			t.Fatalf("no class: %v", err)
		}
		if got := len(made.Scheduling.Tolerations); got != want {
			t.Errorf("got %d tolerations, want %d", got, want)
		}
	}
	expectTolerations(1)
	nodes = policy.CompileFleet(nil)
	expectTolerations(0)
}

func TestAClassIsKeptWhenPodsCannotBeListed(t *testing.T) {
	cluster := fake.NewClientBuilder().WithScheme(scheme(t)).WithObjects(class()).Build()
	refused := errors.New("refused")
	r := &Reconciler{
		Client: cluster, API: &pagedPods{Reader: cluster, t: t, err: refused}, Fleet: fleet, Events: events.NewFakeRecorder(4),
	}
	_, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKey{Name: class2022}})
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if kept, err := get(t.Context(), cluster, class2022); err != nil || kept == nil {
		t.Errorf("the class is gone: %v", err)
	}
}

func TestRequestsListPlannedAndMadeClasses(t *testing.T) {
	general := newPolicy("general", build2025)
	other := class(func(c *nodev1.RuntimeClass) { c.Name = "gvisor" }, foreign)
	cluster := fake.NewClientBuilder().WithScheme(scheme(t)).WithObjects(&general, class(), other).Build()
	r := &Reconciler{Client: cluster, API: cluster, Fleet: fleet, Events: events.NewFakeRecorder(4)}
	var got []string
	for _, request := range r.Requests(t.Context()) {
		got = append(got, request.Name)
	}
	if diff := cmp.Diff([]string{class2025, class2022}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// ignoringServerFields leaves out what the API server sets.
func ignoringServerFields() cmp.Option {
	return cmp.FilterPath(func(p cmp.Path) bool {
		switch p.String() {
		case "TypeMeta", "ObjectMeta.ResourceVersion", "ObjectMeta.UID", "ObjectMeta.ManagedFields", "ObjectMeta.CreationTimestamp":
			return true
		}
		return false
	}, cmp.Ignore())
}
