package rollout

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestAWindowIsOpenFromItsTimeForItsDuration(t *testing.T) {
	const berlin = "Europe/Berlin"
	for sentence, c := range map[string]struct {
		schedule, zone string
		duration       time.Duration
		now            string
		open           bool
		next           string // The next opening after now.
	}{
		"before it":                {"0 22 * * *", "UTC", 2 * time.Hour, "2026-03-11T21:59:59Z", false, "2026-03-11T22:00:00Z"},
		"at its first moment":      {"0 22 * * *", "UTC", 2 * time.Hour, "2026-03-11T22:00:00Z", true, "2026-03-12T22:00:00Z"},
		"in it":                    {"0 22 * * *", "UTC", 2 * time.Hour, "2026-03-11T23:59:59Z", true, "2026-03-12T22:00:00Z"},
		"at the moment it closes":  {"0 22 * * *", "UTC", 2 * time.Hour, "2026-03-12T00:00:00Z", false, "2026-03-12T22:00:00Z"},
		"over a weekend":           {"0 20 * * FRI", "UTC", 60 * time.Hour, "2026-03-16T07:59:00Z", true, "2026-03-20T20:00:00Z"},
		"after a weekend":          {"0 20 * * FRI", "UTC", 60 * time.Hour, "2026-03-16T08:00:00Z", false, "2026-03-20T20:00:00Z"},
		"in a zone":                {"0 22 * * *", berlin, time.Hour, "2026-01-11T21:00:00Z", true, "2026-01-12T21:00:00Z"},
		"in a zone in summer":      {"0 22 * * *", berlin, time.Hour, "2026-07-11T21:00:00Z", false, "2026-07-12T20:00:00Z"},
		"openings that meet":       {"* * * * *", "UTC", time.Minute, "2026-03-11T12:00:30Z", true, "2026-03-11T12:01:00Z"},
		"a day that is rare":       {"0 0 29 2 *", "UTC", time.Hour, "2026-03-11T12:00:00Z", false, "2028-02-29T00:00:00Z"},
		"a zone that is half past": {"0 0 * * *", "Asia/Kolkata", time.Hour, "2026-03-11T18:30:00Z", true, "2026-03-12T18:30:00Z"},

		// Clocks go from 02:00 to 03:00 on 2026-03-29, which is 01:00 UTC.
		"the night clocks go forward, before":                     {"30 2 * * *", berlin, time.Hour, "2026-03-29T00:59:00Z", false, "2026-03-29T01:30:00Z"},
		"the night clocks go forward, as much later":              {"30 2 * * *", berlin, time.Hour, "2026-03-29T01:30:00Z", true, "2026-03-30T00:30:00Z"},
		"the night clocks go forward, a window that is open then": {"0 1 * * *", berlin, 2 * time.Hour, "2026-03-29T01:59:59Z", true, "2026-03-29T23:00:00Z"},
		"the night clocks go forward, and it has lasted":          {"0 1 * * *", berlin, 2 * time.Hour, "2026-03-29T02:00:00Z", false, "2026-03-29T23:00:00Z"},
		// Clocks go from 03:00 to 02:00 on 2026-10-25, which is 01:00 UTC.
		"the night clocks go back, before":                      {"30 2 * * *", berlin, 30 * time.Minute, "2026-10-25T00:29:00Z", false, "2026-10-25T00:30:00Z"},
		"the night clocks go back, the first time":              {"30 2 * * *", berlin, 30 * time.Minute, "2026-10-25T00:45:00Z", true, "2026-10-26T01:30:00Z"},
		"the night clocks go back, not another time":            {"30 2 * * *", berlin, 30 * time.Minute, "2026-10-25T01:45:00Z", false, "2026-10-26T01:30:00Z"},
		"the night clocks go back, a window lasts as it is":     {"0 1 * * *", berlin, 2 * time.Hour, "2026-10-25T00:59:59Z", true, "2026-10-26T00:00:00Z"},
		"the night clocks go back, a window lasts no longer":    {"0 1 * * *", berlin, 2 * time.Hour, "2026-10-25T01:00:00Z", false, "2026-10-26T00:00:00Z"},
		"the night clocks go back, by half an hour (Lord Howe)": {"45 1 * * *", "Australia/Lord_Howe", 20 * time.Minute, "2026-04-04T15:20:00Z", false, "2026-04-05T15:15:00Z"},
	} {
		t.Run(sentence, func(t *testing.T) {
			w, err := readWindow(&v1alpha1.MaintenanceWindow{Schedule: c.schedule, TimeZone: c.zone, Duration: metav1.Duration{Duration: c.duration}})
			if err != nil {
				t.Fatal(err)
			}
			ws := windows{w}
			if got := ws.open(at(t, c.now)); got != c.open {
				t.Errorf("open: %v", got)
			}
			if got := ws.next(at(t, c.now)).UTC().Format(time.RFC3339); got != c.next {
				t.Errorf("opens next at %s, want %s", got, c.next)
			}
		})
	}
}

func TestTheNextOfSeveralWindowsOpensFirst(t *testing.T) {
	p := policy(open("0 23 * * *", "UTC", time.Hour), open("0 13 * * *", "UTC", time.Hour), open("0 9 29 2 *", "UTC", time.Hour))
	s := readSettings(&p)
	if got, want := s.windows.next(now), now.Add(time.Hour); s.problem != nil || !got.Equal(want) {
		t.Errorf("got %v (%v), want %v", got, s.problem, want)
	}
	if next := (windows)(nil).next(now); !next.IsZero() {
		t.Errorf("without windows the next opens at %v", next)
	}
}

func TestAWindowThatCannotBeReadSaysWhy(t *testing.T) {
	for sentence, c := range map[string]struct {
		schedule, zone string
		duration       time.Duration
		want           string
	}{
		"a time zone in the schedule":         {"TZ=Europe/Berlin 0 22 * * *", "UTC", time.Hour, "schedule: the time zone is set by timeZone"},
		"a time zone in the schedule of cron": {"CRON_TZ=Asia/Tokyo 0 22 * * *", "", time.Hour, "schedule: the time zone is set by timeZone"},
		"seconds":                             {"0 0 22 * * *", "UTC", time.Hour, "schedule: expected exactly 5 fields"},
		"a name for a schedule":               {"@weekly", "UTC", time.Hour, "schedule: "},
		"a day that never comes":              {"0 22 30 2 *", "UTC", time.Hour, `schedule: "0 22 30 2 *" never comes`},
		"an unknown time zone":                {"0 22 * * *", "Europe/Atlantis", time.Hour, "timeZone: unknown time zone"},
		"the time zone of the node manager":   {"0 22 * * *", "Local", time.Hour, `timeZone: "Local" means`},
		"a path":                              {"0 22 * * *", "../../etc/passwd", time.Hour, "timeZone: "},
		"no duration":                         {"0 22 * * *", "UTC", 0, "duration: 0s is less than a minute"},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := readWindow(&v1alpha1.MaintenanceWindow{Schedule: c.schedule, TimeZone: c.zone, Duration: metav1.Duration{Duration: c.duration}})
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// FuzzReadWindow checks that no schedule or time zone makes us panic or search for ever, and that what is open had an
// opening.
func FuzzReadWindow(f *testing.F) {
	f.Add("0 22 * * *", "Europe/Berlin", int64(120), int64(1_770_000_000))
	f.Add("*/7 0-3 1,15 * MON-FRI", "Australia/Lord_Howe", int64(1), int64(1_775_316_000))
	f.Add("TZ= 0 22 * * *", "UTC", int64(1), int64(0))
	f.Add("0 22 30 2 *", "", int64(1), int64(0))
	f.Fuzz(func(t *testing.T, schedule, zone string, minutes, unix int64) {
		minutes, unix = 1+(minutes&0x1fff), unix&0xffffffff
		duration := time.Duration(minutes) * time.Minute
		w, err := readWindow(&v1alpha1.MaintenanceWindow{Schedule: schedule, TimeZone: zone, Duration: metav1.Duration{Duration: duration}})
		if err != nil {
			return
		}
		moment := time.Unix(unix, 0)
		ws := windows{w}
		next := ws.next(moment)
		if next.IsZero() {
			return // A leap day between 2100 and its like.
		}
		if !next.After(moment) {
			t.Errorf("after %v opens %v", moment, next)
		}
		if !ws.open(next) || !ws.open(next.Add(duration-time.Second)) {
			t.Errorf("what opens at %v is not open", next)
		}
	})
}
