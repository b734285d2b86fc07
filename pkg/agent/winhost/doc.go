// Package winhost is the host that the program runs on, by the calls of Windows. No other package has any.
//
// What is a rule of a format or a judgement, rather than a call, is in files without a build tag and is tested anywhere.
// The rest is tested on hosts under Wine, which differs from Windows where a comment says so; docs/windows-checklist.md
// is what has to be tried on a real server.
package winhost
