package pgtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Template gives tests copies of databases that are filled once in a process,
// since filling them takes longer.
type Template struct {
	fill     func(ctx context.Context, url string) error
	sqlite   func() ([]byte, error) // the file
	postgres func() (string, error) // the name in the private cluster
}

// NewTemplate returns a template that fill fills, given the address of an empty
// database. fill must leave nothing open.
func NewTemplate(fill func(ctx context.Context, url string) error) *Template {
	m := &Template{fill: fill}
	m.sqlite, m.postgres = sync.OnceValues(m.fillSQLite), sync.OnceValues(m.fillPostgres)
	return m
}

// Both is the function Both with filled databases.
func (m *Template) Both(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, m.SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, m.URL(t))
	})
}

// SQLite is the function SQLite with a filled database.
func (m *Template) SQLite(t testing.TB) string {
	t.Helper()
	file, err := m.sqlite()
	if err != nil {
		t.Fatal(err)
	}
	url := SQLite(t)
	if err := os.WriteFile(strings.TrimPrefix(url, "sqlite:"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	return url
}

// URL is the function URL with a filled database.
func (m *Template) URL(t testing.TB) string {
	t.Helper()
	if os.Getenv(given) != "" { // nobody would drop the template there
		url := URL(t)
		if err := m.fill(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		return url
	}
	if _, err := server(); err != nil {
		return URL(t) // which says what is missing
	}
	name, err := m.postgres()
	if err != nil {
		t.Fatal(err)
	}
	return create(t, name)
}

func (m *Template) fillSQLite() ([]byte, error) {
	dir, err := os.MkdirTemp("", "mooring-template-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it has been read
	file := filepath.Join(dir, "mooring.db")
	if err := m.fill(context.Background(), "sqlite:"+file); err != nil {
		return nil, fmt.Errorf("fill template: %w", err)
	}
	return os.ReadFile(file)
}

func (m *Template) fillPostgres() (string, error) {
	address, err := server()
	if err != nil {
		return "", err
	}
	const name = "mooring_template"
	if err := command(context.Background(), address, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	database := *address
	database.Path = "/" + name
	if err := m.fill(context.Background(), database.String()); err != nil {
		return "", fmt.Errorf("fill template: %w", err)
	}
	return name, nil
}
