package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// script is what a Sandbox begins with, each entry as the control API takes it.
type script struct {
	Apps     []json.RawMessage `json:"apps"` // with their platform
	Consents []json.RawMessage `json:"consents"`
	Faults   []json.RawMessage `json:"faults"`
}

// runScript reads what to begin with.
func (s *Sandbox) runScript(file string) error {
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the sandbox's script: %w", err)
	}
	var script script
	if err := strictly(bytes.NewReader(data), &script); err != nil {
		return fmt.Errorf(`the sandbox's script %s: want {"apps": […], "consents": […], "faults": […]}: %w`, file, err)
	}
	for _, part := range []struct {
		name    string
		entries []json.RawMessage
		play    func(entry json.RawMessage) error
	}{
		{"apps", script.Apps, s.scriptedApp},
		{"consents", script.Consents, s.scriptedConsent},
		{"faults", script.Faults, s.scriptedFault},
	} {
		for i, entry := range part.entries {
			if err := part.play(entry); err != nil {
				return fmt.Errorf("the sandbox's script %s: %s[%d]: %w", file, part.name, i, err)
			}
		}
	}
	return nil
}

func (s *Sandbox) scriptedApp(entry json.RawMessage) error {
	var c struct {
		Platform string `json:"platform"` // empty: any
		appChange
	}
	if err := strictly(bytes.NewReader(entry), &c); err != nil {
		return err
	}
	return s.changeApps(c.Platform, c.appChange)
}

func (s *Sandbox) scriptedConsent(entry json.RawMessage) error {
	var c consent
	if err := strictly(bytes.NewReader(entry), &c); err != nil {
		return err
	}
	return s.consentBeforehand(c)
}

func (s *Sandbox) scriptedFault(entry json.RawMessage) error {
	var f Fault
	if err := strictly(bytes.NewReader(entry), &f); err != nil {
		return err
	}
	return s.addFault(&f)
}
