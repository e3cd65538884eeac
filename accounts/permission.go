package accounts

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mooring/platforms"
)

// Permissions say what a grant allows for one of its accounts.
type Permissions struct {
	Granted         []string
	Missing         []string // required scopes that are not granted
	OptionalMissing []string
	CanPost         bool
	CanRead         bool
	Capabilities    []CapabilityState
	Source          platforms.ScopeSource
	CheckedAt       time.Time
}

// CapabilityState says whether a capability is there, and what it lacks.
type CapabilityState struct {
	Name          platforms.Capability
	Available     bool
	MissingScopes []string
}

// Permissions say what the account's grant allows.
func (a *Account) Permissions() Permissions {
	return permissions(a.login, a.granted(), a.source, a.scopesCheckedAt)
}

// granted are the scopes of the account's grant, without those that the person
// granted for other accounts only.
func (a *Account) granted() []string {
	return slices.DeleteFunc(slices.Clone(a.scopes), func(scope string) bool {
		covered, limited := a.targets[scope]
		return limited && !slices.Contains(covered, a.ExternalID)
	})
}

// permissions compares the granted scopes with the catalogue. Order, case and
// duplicates make no difference. A capability is there when all required scopes
// and its own default ones are granted.
func permissions(l *platforms.Login, granted []string, source platforms.ScopeSource, at time.Time) Permissions {
	p := Permissions{
		Granted: granted, Missing: []string{}, OptionalMissing: []string{},
		Capabilities: []CapabilityState{}, Source: source, CheckedAt: at,
	}
	if granted == nil {
		p.Granted = []string{}
	}
	has := func(name string) bool { return grants(granted, name) }
	for _, s := range l.Scopes {
		switch {
		case has(s.Name):
		case s.Required:
			p.Missing = append(p.Missing, s.Name)
		default:
			p.OptionalMissing = append(p.OptionalMissing, s.Name)
		}
	}
	for _, c := range capabilities(l) {
		state := lacking(l, c, has)
		state.MissingScopes = append(slices.Clone(p.Missing), state.MissingScopes...)
		state.Available = len(state.MissingScopes) == 0
		p.Capabilities = append(p.Capabilities, state)
		p.CanPost = p.CanPost || c == platforms.Publish && state.Available
		p.CanRead = p.CanRead || c == platforms.ReadProfile && state.Available
	}
	return p
}

// grants reports whether a scope is among those granted, in whatever case.
func grants(granted []string, name string) bool {
	return slices.ContainsFunc(granted, func(g string) bool { return strings.EqualFold(g, name) })
}

// missing are the scopes without which Mooring cannot identify or keep an
// account, and that are not granted.
func missing(l *platforms.Login, granted []string) []platforms.Scope {
	var lacks []platforms.Scope
	for _, s := range l.Scopes {
		if s.Required && !grants(granted, s.Name) {
			lacks = append(lacks, s)
		}
	}
	return lacks
}

// inWords names scopes by what they are for, as a consent page does, and by
// their names.
func inWords(scopes []platforms.Scope) string {
	named := make([]string, len(scopes))
	for i, s := range scopes {
		named[i] = fmt.Sprintf("“%s” (%s)", s.Purpose, s.Name)
	}
	return strings.Join(named, " and ")
}

// lacking says which optional scopes a capability lacks: its default ones, or,
// where it has none and nothing of it is granted, any.
func lacking(l *platforms.Login, c platforms.Capability, has func(string) bool) CapabilityState {
	state := CapabilityState{Name: c}
	var others []string
	granted := false
	for _, s := range l.Scopes {
		switch {
		case s.Capability != c || s.Required:
			granted = granted || s.Capability == c // required ones are counted by the caller
		case has(s.Name):
			granted = true
		case s.Default:
			state.MissingScopes = append(state.MissingScopes, s.Name)
		default:
			others = append(others, s.Name)
		}
	}
	if !granted && len(state.MissingScopes) == 0 {
		state.MissingScopes = others
	}
	return state
}
