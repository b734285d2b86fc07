// Package powershell reads the little of Windows PowerShell 5.1 that a careful caller needs when it is an SSH
// server's default shell: calling programs, quoting, a list of statements, and exit.
//
// It is there for the ways in which that shell surprises callers who think of cmd.exe: a quoted program needs
// the call operator, && is no operator, %NAME% is not a variable, double quotes inside an argument get lost on
// the way to the program, and every failure ends with exit code 1. What it does not know it refuses.
//
// Sources: about_Parsing, about_Quoting_Rules, about_Operators and about_PowerShell_exe below
// https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about
package powershell
