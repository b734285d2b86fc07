// Package image verifies the Dockerfile as far as that is possible without a container engine: it reads the
// file, runs its build command, and starts what comes out in a root folder that holds what the image would hold.
package image

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Stage is one stage of a Dockerfile.
type Stage struct {
	// Name is what follows AS, From what precedes it without flags.
	Name, From string
	Copies     []Copy
	Runs       []string
	Env        []string
	User       string
	Entrypoint []string
}

// Copy is a COPY instruction.
type Copy struct {
	// From is the stage that the sources are in; empty for the build context.
	From    string
	Sources []string
	To      string
}

// ParseDockerfile reads the instructions that our Dockerfile uses and refuses every other one, so that nothing
// that is added to it goes unverified. An instruction is one line.
func ParseDockerfile(r io.Reader) ([]Stage, error) {
	var stages []Stage
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		instruction, rest, _ := strings.Cut(line, " ")
		if instruction == "FROM" {
			stage, err := parseFrom(rest)
			if err != nil {
				return nil, fmt.Errorf("reading line %d: %w", number, err)
			}
			stages = append(stages, stage)
			continue
		}
		if len(stages) == 0 {
			return nil, fmt.Errorf("reading line %d: %s before FROM", number, instruction)
		}
		if err := stages[len(stages)-1].add(instruction, rest); err != nil {
			return nil, fmt.Errorf("reading line %d: %w", number, err)
		}
	}
	return stages, lines.Err()
}

// parseFrom reads [--platform=…] IMAGE AS NAME.
func parseFrom(rest string) (Stage, error) {
	fields := strings.Fields(rest)
	if len(fields) > 0 && strings.HasPrefix(fields[0], "--platform=") {
		fields = fields[1:]
	}
	if len(fields) != 3 || fields[1] != "AS" {
		return Stage{}, fmt.Errorf("FROM %s: want IMAGE AS NAME", rest)
	}
	return Stage{From: fields[0], Name: fields[2]}, nil
}

func (s *Stage) add(instruction, rest string) error {
	switch instruction {
	case "ARG", "WORKDIR":
	case "COPY":
		c, err := parseCopy(rest)
		if err != nil {
			return err
		}
		s.Copies = append(s.Copies, c)
	case "ENTRYPOINT":
		if err := json.Unmarshal([]byte(rest), &s.Entrypoint); err != nil {
			return fmt.Errorf("ENTRYPOINT %s: without a shell it has to be a JSON list: %w", rest, err)
		}
	case "ENV":
		s.Env = append(s.Env, strings.Fields(rest)...)
	case "RUN":
		s.Runs = append(s.Runs, rest)
	case "USER":
		s.User = rest
	default:
		return fmt.Errorf("%s is not verified here", instruction)
	}
	return nil
}

// parseCopy reads [--from=STAGE] SOURCE... TARGET.
func parseCopy(rest string) (Copy, error) {
	fields := strings.Fields(rest)
	var c Copy
	if len(fields) > 0 && strings.HasPrefix(fields[0], "--from=") {
		c.From, fields = strings.TrimPrefix(fields[0], "--from="), fields[1:]
	}
	if len(fields) < 2 || strings.HasPrefix(fields[0], "--") {
		return Copy{}, fmt.Errorf("COPY %s: want [--from=STAGE] SOURCE... TARGET", rest)
	}
	c.Sources, c.To = fields[:len(fields)-1], fields[len(fields)-1]
	return c, nil
}
