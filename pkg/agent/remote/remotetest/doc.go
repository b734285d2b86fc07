// Package remotetest has hosts for tests of whoever manages some: hosts in memory with the real agent on them, behind
// SSH servers of this process. What a client uploads, runs and restarts goes through SSH and SFTP as it does elsewhere.
//
// A host runs the agent only after its executable was uploaded, and the agent finds only content that was. What the
// executable has in it does not matter.
package remotetest
