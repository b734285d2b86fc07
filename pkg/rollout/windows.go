package rollout

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // The node manager's image has no time zones of its own.

	"github.com/robfig/cron/v3"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// window is a maintenance window, checked.
//
// Its schedule is read against what the clock on the wall shows, and the time that the wall shows is then looked up in
// the time zone. So a window opens once on each of its days: where clocks have been put forward past its time, by as
// much later, and where its time comes twice, at the first. Cron by itself would leave
// out the one and open the other twice.
type window struct {
	schedule cron.Schedule
	zone     *time.Location
	duration time.Duration
}

// windows are the maintenance windows of a policy. Without any it is always open.
type windows []window

// largestShift is more than clocks are put forward or back by anywhere, which is two hours at Antarctica/Troll.
const largestShift = 3 * time.Hour

func readWindow(w *v1alpha1.MaintenanceWindow) (window, error) {
	if strings.Contains(w.Schedule, "TZ=") {
		return window{}, errors.New("schedule: the time zone is set by timeZone, not in the schedule")
	}
	schedule, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(w.Schedule)
	if err != nil {
		return window{}, fmt.Errorf("schedule: %w", err)
	}
	if w.TimeZone == "Local" {
		return window{}, errors.New(`timeZone: "Local" means another time wherever the node manager runs; name the zone, such as Europe/Berlin`)
	}
	zone, err := time.LoadLocation(w.TimeZone)
	if err != nil {
		return window{}, fmt.Errorf("timeZone: %w", err)
	}
	if w.Duration.Duration < time.Minute {
		return window{}, fmt.Errorf("duration: %s is less than a minute", w.Duration.Duration)
	}
	// Whatever the day it is asked on: no calendar repeats after less than four years.
	if schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return window{}, fmt.Errorf("schedule: %q never comes", w.Schedule)
	}
	return window{schedule, zone, w.Duration.Duration}, nil
}

// firstAfter is when the window opens first after a time; zero where it does not within years.
func (w *window) firstAfter(after time.Time) time.Time {
	wall := onTheWall(after.In(w.zone)).Add(-largestShift)
	for {
		if wall = w.schedule.Next(wall); wall.IsZero() {
			return wall
		}
		if opening := lookUp(wall, w.zone); opening.After(after) {
			return opening
		}
	}
}

// onTheWall is what the clock shows, as if it showed UTC.
func onTheWall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// lookUp is when the clock in a zone shows first what the wall does.
func lookUp(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
	_, offset := t.Add(-largestShift).Zone()
	asBefore := wall.Add(-time.Duration(offset) * time.Second).In(zone)
	// Where time.Date finds it and what held hours before does not, clocks have been put forward or back meanwhile.
	if onTheWall(t).Equal(wall) && !onTheWall(asBefore).Equal(wall) {
		return t
	}
	return asBefore
}

// open tells whether any of them is open. The last moment of a window is no longer in it.
func (ws windows) open(now time.Time) bool {
	for i := range ws {
		if opening := ws[i].firstAfter(now.Add(-ws[i].duration)); !opening.IsZero() && !opening.After(now) {
			return true
		}
	}
	return len(ws) == 0
}

// next is when the next of them opens; zero where none does.
func (ws windows) next(now time.Time) time.Time {
	var next time.Time
	for i := range ws {
		if opening := ws[i].firstAfter(now); next.IsZero() || !opening.IsZero() && opening.Before(next) {
			next = opening
		}
	}
	return next
}
