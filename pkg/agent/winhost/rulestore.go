package winhost

import (
	"errors"
	"fmt"
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

func protocolName(number int32) (string, error) {
	switch number {
	case protocolTCP:
		return "TCP", nil
	case protocolUDP:
		return "UDP", nil
	case protocolAny:
		return "", nil
	default:
		return "", fmt.Errorf("the protocol %d is neither TCP nor UDP nor any", number)
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

// parseRule reads what formatRule, or Windows, has written. What a desired state cannot say of a rule is left out, or an
// error where a rule would mean something else without it.
func parseRule(text string) (state.FirewallRule, error) {
	var (
		rule           state.FirewallRule
		ports, remotes []string
		err            error
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
			number, converting := strconv.ParseInt(value, 10, 32)
			if converting != nil {
				return rule, fmt.Errorf("the protocol %q is no number", value)
			}
			rule.Protocol, err = protocolName(int32(number))
		case "LPort", "LPort2_10":
			ports = append(ports, value)
		case "RA4", "RA6":
			remotes = append(remotes, value)
		}
		if err != nil {
			return rule, err
		}
	}
	rule.Remotes = parseRemotes(strings.Join(remotes, ","))
	rule.Ports, err = parsePorts(strings.Join(ports, ","))
	return rule, err
}
