package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

const (
	// patience bounds how long hosts take to join.
	patience = time.Hour
	// lookEvery, for each host, is how often is asked how many have: all are listed, which costs the API server.
	lookEvery = 3 * time.Millisecond
	// tellEvery is how often somebody who waits is told.
	tellEvery = 15 * time.Second
)

// join makes hosts known, so many at once, and returns what was used until all were Ready.
func (s *scene) join(ctx context.Context, count, atOnce int) (used, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	before, err := s.read()
	if err != nil {
		return used{}, err
	}
	for ; count > 0; count -= atOnce {
		if err := s.add(ctx, min(count, atOnce)); err != nil {
			return used{}, err
		}
	}
	return s.since(before)
}

// add starts hosts, makes them known, and waits until they are Ready.
func (s *scene) add(ctx context.Context, count int) error {
	from := len(s.hosts)
	for number := from; number < from+count; number++ {
		h, err := s.fleet.Add(scriptedhosts.Spec{Name: fmt.Sprintf("win-%04d", number), Build: build})
		if err != nil {
			return err
		}
		s.hosts = append(s.hosts, h)
	}
	for _, h := range s.hosts[from:] {
		if err := s.client.Create(ctx, h.Object(namespace, secret, "")); err != nil {
			return fmt.Errorf("making host %s known: %w", h.Name(), err)
		}
	}
	return s.untilReady(ctx)
}

// makeBroken makes hosts known with all that can be wrong with one for good. Half of them hang, which takes the longest to find
// out.
func (s *scene) makeBroken(ctx context.Context, count int) error {
	ailments := slices.DeleteFunc(scriptedhosts.Ailments(), func(a scriptedhosts.Ailment) bool { return !a.Permanent() })
	for number := range count {
		ails := scriptedhosts.Hanging
		if number%2 == 0 {
			ails = ailments[number/2%len(ailments)]
		}
		h, err := s.fleet.Add(scriptedhosts.Spec{
			Name: fmt.Sprintf("broken-%04d", number), Build: build, Ails: ails,
			Bare: ails == scriptedhosts.Lost, // Else it never restarts.
		})
		if err != nil {
			return err
		}
		if err := s.client.Create(ctx, h.Object(namespace, secret, "")); err != nil {
			return fmt.Errorf("making host %s known: %w", h.Name(), err)
		}
	}
	return nil
}

// untilReady waits until all hosts are that can be.
func (s *scene) untilReady(ctx context.Context) error {
	look := time.NewTicker(lookEvery * time.Duration(len(s.hosts)))
	defer look.Stop()
	told := time.Now()
	for {
		ready, err := s.ready(ctx)
		if err != nil || ready == len(s.hosts) {
			return err
		}
		if s.manager().PID() == 0 { // As when it cannot renew its Lease, with a control plane that has too much to do.
			return fmt.Errorf("waiting for %d hosts, of which %d are Ready: %w", len(s.hosts), ready, s.manager().WaitReady(ctx))
		}
		if time.Since(told) >= tellEvery {
			told = time.Now()
			s.tell("%d of %d hosts are Ready", ready, len(s.hosts))
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %d hosts, of which %d are Ready: %w", len(s.hosts), ready, context.Cause(ctx))
		}
	}
}

// ready counts the hosts that are.
func (s *scene) ready(ctx context.Context) (count int, err error) {
	var hosts v1alpha1.WindowsHostList
	if err := s.client.List(ctx, &hosts, client.InNamespace(namespace)); err != nil {
		return 0, fmt.Errorf("counting hosts: %w", err)
	}
	for i := range hosts.Items {
		if hosts.Items[i].Status.Phase == v1alpha1.HostReady {
			count++
		}
	}
	return count, nil
}
