// Package hostmetrics counts what becomes of WindowsHosts: how many there are in each phase, how long steps take and why
// they fail, drift, restarts, and when the first certificate ends. No label has the name of a host in it: phases, steps
// and reasons are few.
package hostmetrics
