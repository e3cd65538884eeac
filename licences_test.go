package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// licences are those that the program's dependencies may have, by words that
// only their text has. None asks more of whoever passes the program on, as it
// is, than to keep the notice.
var licences = map[string]string{
	"MIT":          "permission is hereby granted, free of charge, to any person obtaining a copy",
	"MPL-2.0":      "mozilla public license version 2.0", // unchanged files; changed ones would have to be published
	"Apache-2.0":   "apache license version 2.0",
	"BSD":          "redistributions in binary form must reproduce the above copyright notice",
	"ISC":          "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee",
	"ISC (older)":  "permission to use, copy, modify, and distribute this software for any purpose with or without fee",
	"CC0 / public": "this is free and unencumbered software released into the public domain",
}

// TestLicences reads the licence of each module that the program is built from,
// in the module cache.
func TestLicences(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{"mooring": true}
	for line := range strings.Lines(string(out)) {
		path, dir, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || seen[path] {
			continue
		}
		seen[path] = true
		if kind, text := licenceIn(t, dir); kind == "" {
			t.Errorf("%s has no licence that is allowed; it begins %.200q", path, text)
		}
	}
	if len(seen) < 10 {
		t.Errorf("only %d modules were looked at", len(seen))
	}
}

// licenceIn returns the kind of licence in a folder, and its text.
func licenceIn(t *testing.T, dir string) (kind, text string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := strings.ToUpper(entry.Name())
		if entry.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text = strings.Join(strings.Fields(strings.ToLower(string(content))), " ")
		for name, words := range licences {
			if strings.Contains(strings.ReplaceAll(text, ", version", " version"), words) {
				return name, text
			}
		}
	}
	return "", text
}
