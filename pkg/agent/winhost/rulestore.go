package winhost

import (
	"errors"
	"strconv"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Numbers of protocols, as the firewall has them.
const (
	protocolTCP = 6
	protocolUDP = 17
	protocolAny = 256
)

func protocolNumber(name string) int32 {
	switch name {
	case "TCP":
		return protocolTCP
	case "UDP":
		return protocolUDP
	default:
		return protocolAny
	}
}

// protocolName is empty for any protocol, and false for one that a desired state cannot name.
func protocolName(number int64) (string, bool) {
	switch number {
	case protocolTCP:
		return "TCP", true
	case protocolUDP:
		return "UDP", true
	default:
		return "", number == protocolAny
	}
}

// formatRule writes a rule as the firewall keeps it in the registry: name=value between vertical bars. See
// https://learn.microsoft.com/openspecs/windows_protocols/ms-gpfas for the grammar.
func formatRule(rule state.FirewallRule) (string, error) {
	action, direction := "Allow", "In"
	if rule.Block {
		action = "Block"
	}
	if rule.Outbound {
		direction = "Out"
	}
	fields := []string{"v2.10", "Action=" + action, "Active=TRUE", "Dir=" + direction}
	if rule.Protocol != "" {
		fields = append(fields, "Protocol="+strconv.Itoa(int(protocolNumber(rule.Protocol))))
	}
	for _, port := range rule.Ports {
		fields = append(fields, "LPort="+strconv.Itoa(int(port)))
	}
	for _, remote := range rule.Remotes {
		family := "RA4="
		if strings.Contains(remote, ":") {
			family = "RA6="
		}
		fields = append(fields, family+remote)
	}
	if rule.Program != "" {
		fields = append(fields, "App="+rule.Program.String())
	}
	fields = append(fields, "Name="+rule.Name)
	if rule.Description != "" {
		fields = append(fields, "Desc="+rule.Description)
	}
	for _, field := range fields {
		if strings.Contains(field, "|") {
			return "", errors.New("a rule cannot be kept with a vertical bar in it")
		}
	}
	return strings.Join(fields, "|") + "|", nil
}

// parseRule reads what formatRule, or Windows, has written.
func parseRule(text string) state.FirewallRule {
	var (
		rule           state.FirewallRule
		ports, remotes []string
	)
	for field := range strings.SplitSeq(text, "|") {
		name, value, _ := strings.Cut(field, "=")
		switch name {
		case "Name":
			rule.Name = value
		case "Desc":
			rule.Description = value
		case "Action":
			rule.Block = value == "Block"
		case "Dir":
			rule.Outbound = value == "Out"
		case "App":
			rule.Program = winpath.Path(value)
		case "Protocol":
			number, err := strconv.ParseInt(value, 10, 32)
			protocol, known := protocolName(number)
			if err != nil || !known {
				rule.Other = append(rule.Other, field)
			}
			rule.Protocol = protocol
		case "LPort", "LPort2_10":
			ports = append(ports, value)
		case "RA4", "RA6":
			remotes = append(remotes, value)
		default:
			if !saysNothing(field) {
				rule.Other = append(rule.Other, field)
			}
		}
	}
	rule.Remotes = parseRemotes(strings.Join(remotes, ","))
	if all := strings.Join(ports, ","); !setPorts(&rule, all) {
		rule.Other = append(rule.Other, "LPort="+all)
	}
	return rule
}

// saysNothing tells a field that is there of every rule of ours, or means nothing to the firewall: the version, that the
// rule is in force, and a note of who made it.
func saysNothing(field string) bool {
	return field == "" || field == "Active=TRUE" || strings.HasPrefix(field, "v2.") || strings.HasPrefix(field, "EmbedCtxt=")
}
