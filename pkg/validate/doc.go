// Package validate turns placement decisions about final pods into verdicts: a denial in words that fix it,
// or warnings. It also warns of what Windows would ignore or cannot run, which no decision depends on.
package validate
