package winhost

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Places of methods in the interfaces of netfw.h. The first seven are those of IDispatch.
const (
	policyGetRules = 18 // INetFwPolicy2

	rulesAdd    = 8 // INetFwRules
	rulesRemove = 9
	rulesItem   = 10

	ruleName        = 7 // INetFwRule: each property is read by this one and set by the next.
	ruleDescription = 9
	ruleProgram     = 11
	ruleService     = 13
	ruleProtocol    = 15
	ruleLocalPorts  = 17
	ruleRemotePorts = 19
	ruleLocals      = 21
	ruleRemotes     = 23
	ruleDirection   = 27
	ruleInterfaces  = 31 // Types of them.
	ruleEnabled     = 33
	ruleProfiles    = 37
	ruleAction      = 41
)

// Values of enumerations there.
const (
	directionIn, directionOut = 1, 2
	actionBlock, actionAllow  = 0, 1
	allProfiles               = 0x7fffffff
	eachProfile               = 7 // The three that there are.
	variantTrue               = 0xffff
)

// class and interface of the policy, and of a rule.
func policyIDs() (class, id windows.GUID) {
	return windows.GUID{Data1: 0xe2b3c97f, Data2: 0x6ae1, Data3: 0x41ac, Data4: [8]byte{0x81, 0x7a, 0xf6, 0xf9, 0x21, 0x66, 0xd7, 0xdd}},
		windows.GUID{Data1: 0x98325047, Data2: 0xc671, Data3: 0x4174, Data4: [8]byte{0x8d, 0x81, 0xde, 0xfc, 0xd3, 0xf0, 0x31, 0x86}}
}

func ruleIDs() (class, id windows.GUID) {
	return windows.GUID{Data1: 0x2c5bc43e, Data2: 0x3369, Data3: 0x4c33, Data4: [8]byte{0xab, 0x0c, 0xbe, 0x94, 0x69, 0x67, 0x7a, 0xf4}},
		windows.GUID{Data1: 0xaf230d27, Data2: 0xbaba, Data3: 0x4e42, Data4: [8]byte{0xac, 0xed, 0xf5, 0x24, 0xf2, 0x2c, 0xfc, 0xe2}}
}

// withRules does something with the collection of local rules.
func withRules(do func(rules *object) error) error {
	return withCOM(func() error {
		class, id := policyIDs()
		policy, err := newObject(class, id)
		if err != nil {
			return err
		}
		defer policy.release()
		var rules *object
		if err := policy.call(policyGetRules, uintptr(unsafe.Pointer(&rules))); err != nil {
			return fmt.Errorf("listing rules: %w", err)
		}
		defer rules.release()
		return do(rules)
	})
}

// itemOf finds a rule; fs.ErrNotExist if there is none.
func itemOf(rules *object, name string) (*object, error) {
	text, err := newText(name)
	if err != nil {
		return nil, err
	}
	defer text.free()
	var found *object
	if err := rules.call(rulesItem, uintptr(text), uintptr(unsafe.Pointer(&found))); err != nil {
		return nil, err
	}
	return found, nil
}

func readRule(rules *object, name string) (state.FirewallRule, error) {
	found, err := itemOf(rules, name)
	if err != nil {
		return state.FirewallRule{}, err
	}
	defer found.release()
	var r propertyReader
	rule := state.FirewallRule{
		Name:        r.text(found, ruleName),
		Description: r.text(found, ruleDescription),
		Outbound:    r.number(found, ruleDirection) == directionOut,
		Block:       r.number(found, ruleAction) == actionBlock,
		Program:     winpath.Path(r.text(found, ruleProgram)),
		Remotes:     parseRemotes(r.text(found, ruleRemotes)),
	}
	ports, protocol := r.text(found, ruleLocalPorts), r.number(found, ruleProtocol)
	rule.Other = otherSettings(found, &r)
	if r.err != nil {
		return rule, r.err
	}
	var known bool
	if rule.Protocol, known = protocolName(int64(protocol)); !known {
		rule.Other = append(rule.Other, fmt.Sprintf("Protocol=%d", protocol))
	}
	if !setPorts(&rule, ports) {
		rule.Other = append(rule.Other, "LPort="+ports)
	}
	return rule, nil
}

// otherSettings are those of a rule that ours never has, called as the registry calls them.
func otherSettings(rule *object, r *propertyReader) (other []string) {
	if r.number(rule, ruleEnabled) == 0 {
		other = append(other, "Active=FALSE")
	}
	if profiles := r.number(rule, ruleProfiles); profiles&eachProfile != eachProfile {
		other = append(other, fmt.Sprintf("Profiles=%d", profiles))
	}
	for name, property := range map[string]int{
		"Svc": ruleService, "RPort": ruleRemotePorts, "LA": ruleLocals, "IFType": ruleInterfaces,
	} {
		if text := r.text(rule, property); text != "" && text != everything && !strings.EqualFold(text, "all") {
			other = append(other, name+"="+text)
		}
	}
	return other
}

// propertyReader reads properties until one cannot be read.
type propertyReader struct{ err error }

func (r *propertyReader) text(of *object, property int) string {
	var text bstr
	if r.err == nil {
		r.err = of.call(property, uintptr(unsafe.Pointer(&text)))
	}
	defer text.free()
	return text.String()
}

func (r *propertyReader) number(of *object, property int) (number int32) {
	if r.err == nil {
		r.err = of.call(property, uintptr(unsafe.Pointer(&number)))
	}
	return number
}

// addRule makes a rule and adds it when it is complete. The protocol is set before the ports, which not all have.
func addRule(rules *object, rule state.FirewallRule) error {
	class, id := ruleIDs()
	made, err := newObject(class, id)
	if err != nil {
		return err
	}
	defer made.release()
	direction, action := directionIn, actionAllow
	if rule.Outbound {
		direction = directionOut
	}
	if rule.Block {
		action = actionBlock
	}
	err = errors.Join(
		made.putText(ruleName+1, rule.Name),
		made.putText(ruleDescription+1, rule.Description),
		made.call(ruleProtocol+1, uintptr(protocolNumber(rule.Protocol))),
		made.putText(ruleRemotes+1, remotesOrAll(rule.Remotes)),
		made.call(ruleDirection+1, uintptr(direction)),
		made.call(ruleAction+1, uintptr(action)),
		made.call(ruleProfiles+1, allProfiles),
		made.call(ruleEnabled+1, variantTrue),
	)
	if err == nil && len(rule.Ports) > 0 {
		err = made.putText(ruleLocalPorts+1, formatPorts(rule.Ports))
	}
	if err == nil && rule.Program != "" {
		err = made.putText(ruleProgram+1, rule.Program.String())
	}
	if err != nil {
		return err
	}
	return rules.call(rulesAdd, uintptr(unsafe.Pointer(made)))
}

func formatPorts(ports []uint16) string {
	var texts []string
	for _, port := range ports {
		texts = append(texts, strconv.Itoa(int(port)))
	}
	return strings.Join(texts, ",")
}

// remotesOrAll is a list as the firewall takes it.
func remotesOrAll(remotes []string) string {
	if len(remotes) == 0 {
		return everything
	}
	return strings.Join(remotes, ",")
}
