package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
	"github.com/mullion-dev/mullion/test/lacking"
)

func TestEachContenderIsMeasuredInEachRound(t *testing.T) {
	s, err := newScene(1 << 20)
	if errors.Is(err, sshtest.ErrNoOpenSSH) {
		lacking.Skip(t, err) // There is nothing to measure with.
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	contenders := s.contenders()
	rates, err := measure(t.Context(), s, contenders, 2)
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := printTable(&table, contenders, rates); err != nil {
		t.Fatal(err)
	}
	for i, c := range contenders {
		if len(rates[i]) != 2 || rates[i][0] <= 0 || !strings.Contains(table.String(), c.title) {
			t.Errorf("%s: %v", c.title, rates[i])
		}
	}
	traffic, err := s.unchanged(t.Context())
	if err != nil || traffic.Sent < 4<<10 || traffic.Received == 0 {
		t.Errorf("got %+v, %v", traffic, err)
	}
}

func TestWhatDidNotArriveIsNotMeasured(t *testing.T) {
	s := &scene{arrival: t.TempDir() + "/arrival", size: 1}
	idle := []contender{{"idle", nil}}
	idle[0].upload = func(context.Context) error { return nil }
	if _, err := measure(t.Context(), s, idle, 1); err == nil {
		t.Error("it was measured")
	}
}
