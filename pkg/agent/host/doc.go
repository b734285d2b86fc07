// Package host says what the agent needs of a Windows host: small interfaces, each about one thing, that the agent's
// other packages use and that an adapter of Windows' calls, or a host in memory, provides.
//
// Rules that hold for all of them:
//
//   - What is not there is an error that is [fs.ErrNotExist], unless a method says otherwise.
//   - A method returns when it is done, or when its context ends; nothing goes on in the background.
//   - Names are compared without regard to case.
//   - Calls are made one after the other, from one goroutine, except that a context may end at any time.
//   - Errors say what was attempted. They never have content, values of variables or of the registry in them.
//
// What is durable, that is, survives a loss of power, is part of each method's contract: a journal is worth nothing
// if what it says can be on the disk before what it is about.
package host
