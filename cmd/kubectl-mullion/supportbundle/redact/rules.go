package redact

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// blocks are the rules for keys in PEM, of any sort, also where line feeds are escaped: a whole one; one whose end is
// missing, because a log was cut; and one whose beginning is.
func blocks() []rule {
	hints := []string{"private key"}
	return []rule{
		{hints, regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----[\s\S]*?-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----`), whole},
		{hints, regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----(\s|\\[nr]|[A-Za-z0-9+/=]{16,})*`), whole},
		{hints, regexp.MustCompile(`((\s|\\[nr])*[A-Za-z0-9+/=]{16,})*(\s|\\[nr]|[A-Za-z0-9+/=])*-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----`), whole},
		// What a machine of a cloud is given for its first start.
		{[]string{"<powershell>"}, regexp.MustCompile(`(?i)<powershell>[\s\S]*?</powershell>`), whole},
	}
}

// lines are the rules for what is on one line. What is sure comes first.
func lines() []rule {
	return []rule{
		// A key in PEM in base64, as in the data of a Secret.
		{[]string{"ls0tls1crudjti"}, regexp.MustCompile(`LS0tLS1CRUdJTi[A-Za-z0-9+/_-]+=*`), encoded},
		// What is a secret as a whole, in base64: credentials of registries, a kubeconfig, user data.
		{
			[]string{"dockerc", "kubeconfig", "user"},
			regexp.MustCompile(`(?i)((?:` + secretFiles + `)\\?["']?[ \t]*[:=][ \t]*\\?["']?)[A-Za-z0-9+/_-]{32,}=*`), afterFirst,
		},
		// Passwords in commands of Windows.
		{[]string{"securestring"}, regexp.MustCompile(`(?i)(\bConvertTo-SecureString[ \t]+(?:-String[ \t]+)?)("[^"]*"|'[^']*'|[^\s-]\S*)`), afterFirst},
		{[]string{"user"}, regexp.MustCompile(`(?i)(\bnet1?(?:\.exe)?[ \t]+user[ \t]+[^\s/]+[ \t]+)[^\s/]\S*`), afterFirst},
		// JSON Web Tokens, as service accounts have them.
		{[]string{"eyj"}, regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`), whole},
		// Bootstrap tokens. See https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/.
		{[]string{"."}, regexp.MustCompile(`\b[a-z0-9]{6}\.[a-z0-9]{16}\b`), whole},
		// Tokens that say what they are: OpenShift's, GitHub's, GitLab's, Slack's, and the ids of AWS keys.
		{
			[]string{"sha256~", "gh", "glpat", "xox", "akia", "asia"},
			regexp.MustCompile(`\b(sha256~[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|(AKIA|ASIA)[0-9A-Z]{16})`), whole,
		},
		// Who somebody is, in a URL.
		{[]string{"@"}, regexp.MustCompile(`(\b[A-Za-z][A-Za-z0-9+.-]*://)[^\s/"'<>]+@`), func(_ string, groups []string) string { return groups[1] + Mark + "@" }},
		{[]string{"authorization"}, regexp.MustCompile(`(?i)(\bauthorization["']?[ \t]*[:=][ \t]*["']?)[^\n"',]+`), afterFirst},
		{[]string{"bearer"}, regexp.MustCompile(`(?i)(\bbearer[ \t]+)[A-Za-z0-9._~+/=-]{12,}`), afterFirst},
		// A flag and its value, then a field and its value.
		{stems(), regexp.MustCompile(`(?i)(--?[a-z0-9-]*(?:` + word + `)[ \t]+)[^\s"',-][^\s"',]*`), afterFirst},
		{stems(), regexp.MustCompile(`(?i)((?:` + word + `)\\?["']?[ \t]*[:=][ \t]*)(\\"[^"]*\\"|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&"'}\]]+)`), value},
	}
}

// stems are what every word has one of.
func stems() []string {
	return []string{"passw", "passphrase", "pwd", "secret", "token", "credential", "auth", "key"}
}

func whole(string, []string) string { return Mark }

func afterFirst(_ string, groups []string) string { return groups[1] + Mark }

// encoded takes base64 out if it holds a private key. A certificate is public.
func encoded(match string, _ []string) string {
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(match, "="))
	decoded, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil || strings.Contains(string(decoded), "PRIVATE KEY") {
		return Mark // What cannot be read is not trusted.
	}
	return match
}

// value takes the value of a field out, unless it says nothing.
func value(match string, groups []string) string {
	switch strings.ToLower(strings.Trim(groups[2], `\"'`)) {
	case "", "true", "false", "null", "nil", "{}", "[]", "|", "|-", ">", Mark, strings.TrimSuffix(Mark, "]"):
		return match
	}
	return groups[1] + Mark
}
