// Package sshtest is an SSH and SFTP server for tests, in the process of the test, on the loopback interface.
//
// It is as good or as bad as a test wants it: it runs commands as functions, serves files from a directory as drive C:
// of a Windows host, forwards connections as a jump host does, and can be slow, unplugged, switched off in the middle of
// a transfer, or short of disk. What it does not have is a shell: tests that are about shells need a real server.
package sshtest
