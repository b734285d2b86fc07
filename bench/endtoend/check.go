package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/bench/internal/stage"
)

// check waits until each contender does what it should: pods get the same edits from all that make any, and the API
// server calls the webhooks that it should, each once.
func (a *arena) check(ctx context.Context) error {
	creator, err := newCreator(a.Config(), a.pod)
	if err != nil {
		return err
	}
	for _, contender := range contenders() {
		question, err := a.questionOf(contender)
		if err != nil {
			return err
		}
		var wrong error
		err = stage.Until(ctx, "pods meet the contender "+contender.name, func(ctx context.Context) (bool, error) {
			if question != nil {
				wrong = question.check(ctx)
			} else {
				wrong = a.checkOnce(ctx, creator, contender)
			}
			return wrong == nil, nil
		})
		if err != nil {
			return errors.Join(err, wrong)
		}
	}
	return nil
}

func (a *arena) checkOnce(ctx context.Context, creator *creator, c contender) error {
	before, err := a.webhookCalls(ctx)
	if err != nil {
		return err
	}
	pod, err := creator.created(ctx, c.namespace())
	if err != nil {
		return fmt.Errorf("creating a pod: %w", err)
	}
	after, err := a.webhookCalls(ctx)
	if err != nil {
		return err
	}
	want := map[string]float64{}
	for _, webhook := range c.webhooks {
		want[webhook] = 1
	}
	got := map[string]float64{}
	for _, webhook := range []string{noopWebhook, mutatingPods, validatePods} {
		if calls := after[webhook] - before[webhook]; calls > 0 {
			got[webhook] = calls
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("calls of webhooks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(a.expected(c), placementOf(pod)); diff != "" {
		return fmt.Errorf("pod (-want +got):\n%s", diff)
	}
	return nil
}

// placement is what edits change in a pod.
type placement struct {
	NodeSelector     map[string]string
	RuntimeClassName *string
	Tolerations      []corev1.Toleration
}

func placementOf(pod *corev1.Pod) placement {
	return placement{pod.Spec.NodeSelector, pod.Spec.RuntimeClassName, pod.Spec.Tolerations}
}

func (a *arena) expected(c contender) placement {
	if !c.places {
		return placementOf(a.pod)
	}
	class := "windows-10.0.20348"
	return placement{
		NodeSelector:     map[string]string{corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: "10.0.20348"},
		RuntimeClassName: &class,
		Tolerations: append(a.pod.Spec.Tolerations[:len(a.pod.Spec.Tolerations):len(a.pod.Spec.Tolerations)], corev1.Toleration{
			Key: "os", Operator: corev1.TolerationOpEqual, Value: "windows", Effect: corev1.TaintEffectNoSchedule,
		}),
	}
}

// webhookCalls are how often the API server has called webhooks, by their names.
func (a *arena) webhookCalls(ctx context.Context) (map[string]float64, error) {
	page, err := a.Client.Discovery().RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the API server's metrics: %w", err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("reading the API server's metrics: %w", err)
	}
	calls := map[string]float64{}
	for _, series := range families["apiserver_admission_webhook_request_total"].GetMetric() {
		for _, pair := range series.GetLabel() {
			if pair.GetName() == "name" {
				calls[pair.GetValue()] += series.GetCounter().GetValue()
			}
		}
	}
	return calls, nil
}
