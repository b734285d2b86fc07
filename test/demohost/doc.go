// Package demohost shows what becomes of Windows hosts in Mullion's hands, to a person and to continuous integration:
// two bare hosts of different builds, under Wine, on which services are planned, applied, broken, repaired and taken
// away again. What is done is done by kubectl mullion host, as anybody would type it.
//
// Nothing is taken for granted: exit codes are checked, services are asked for what they serve, and at the end each
// host is compared with a snapshot of what it was before: every file, service and variable.
package demohost
