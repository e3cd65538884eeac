package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// state is what survives a restart. Codes and tokens are keyed by their hash.
type state struct {
	Codes  map[string]*code  `json:"codes"`
	Grants map[string]*grant `json:"grants"`
	Tokens map[string]*token `json:"tokens"`
	Apps   map[string]*app   `json:"apps"` // by server
}

// app is what was changed about an app in the platform's console.
type app struct {
	Suspended    bool   `json:"suspended,omitempty"`
	Secret       string `json:"secret,omitempty"` // empty: the first one
	RequireProof bool   `json:"requireProof,omitempty"`
	// Webhooks are the addresses entered for them, by event.
	Webhooks map[string]string `json:"webhooks,omitempty"`
}

// app returns the settings of the app at a server.
func (st *state) app(d *dialect) app {
	if a := st.Apps[d.name]; a != nil {
		return *a
	}
	return app{}
}

// code is an authorization code on its way.
type code struct {
	Client    string    `json:"client"`
	Redirect  string    `json:"redirect"`
	Challenge string    `json:"challenge,omitempty"`
	Persona   string    `json:"persona"`
	Scopes    []string  `json:"scopes"`
	Declined  []string  `json:"declined,omitempty"`
	Assets    []string  `json:"assets"`   // see grant
	Lifetime  int       `json:"lifetime"` // of access tokens, in seconds
	Refresh   bool      `json:"refresh"`
	Testing   bool      `json:"testing,omitempty"` // the app is in testing
	Reauth    bool      `json:"reauth,omitempty"`  // asked for with auth_type=reauthorize
	Ends      time.Time `json:"ends"`
	Spent     bool      `json:"spent"`
}

// grant is one consent that was redeemed.
type grant struct {
	ID       string    `json:"id"`
	Server   string    `json:"server"`
	Client   string    `json:"client"`
	Persona  string    `json:"persona"`
	Subject  string    `json:"subject"`
	Scopes   []string  `json:"scopes"`
	Declined []string  `json:"declined,omitempty"`
	Assets   []string  `json:"assets"` // ids of the Pages and the like that were ticked; null: all
	Lifetime int       `json:"lifetime"`
	Since    time.Time `json:"since"` // the last consent
	// DataEnds is when the data access ends that the dialect limits; zero: never.
	DataEnds time.Time `json:"dataEnds,omitzero"`
	Revoked  bool      `json:"revoked"`
	// RevokesAt is when the grant will be revoked; zero: not known yet.
	RevokesAt time.Time `json:"revokesAt,omitzero"`
	// PasswordChanged is why it was revoked.
	PasswordChanged bool      `json:"passwordChanged,omitempty"`
	Refreshes       int       `json:"refreshes,omitempty"`
	RefreshedAt     time.Time `json:"refreshedAt,omitzero"`
}

// dataEnded reports whether no more is given than what is exempt.
func (g *grant) dataEnded(now time.Time) bool { return !g.DataEnds.IsZero() && !now.Before(g.DataEnds) }

// consent changes the grant as the person has just decided. data is the
// dialect's dataAccess.
func (g *grant) consent(c *code, data time.Duration, now time.Time) {
	if data > 0 && (c.Reauth || !g.dataEnded(now)) {
		g.DataEnds = now.Add(data)
	}
	kept := without(without(g.Scopes, c.Declined), c.Scopes)
	g.Scopes = append(slices.Clone(c.Scopes), kept...)
	g.Declined = without(append(without(g.Declined, c.Declined), c.Declined...), g.Scopes)
	g.Assets, g.Lifetime, g.Since = c.Assets, c.Lifetime, now
}

type tokenKind string

const (
	accessToken  tokenKind = "access"
	refreshToken tokenKind = "refresh"
	pageToken    tokenKind = "page" // a Facebook Page's own
)

// token is a token of a grant.
type token struct {
	Grant string    `json:"grant"`
	Kind  tokenKind `json:"kind"`
	Since time.Time `json:"since"`
	Ends  time.Time `json:"ends,omitzero"` // zero: no end
	Spent bool      `json:"spent,omitempty"`
	Grace time.Time `json:"grace,omitzero"`  // until when it works though it is spent
	Short bool      `json:"short,omitempty"` // to be exchanged for a longer one
	Page  string    `json:"page,omitempty"`  // of a pageToken
}

func (t *token) ended(now time.Time) bool { return !t.Ends.IsZero() && !now.Before(t.Ends) }

// add stores a new token of the grant under its hash, and returns it.
func (st *state) add(g *grant, kind tokenKind, text string, now, ends time.Time) *token {
	t := &token{Grant: g.ID, Kind: kind, Since: now, Ends: ends}
	st.Tokens[hash(text)] = t
	return t
}

// find returns a token of that kind and its grant; nil for an unknown one.
func (st *state) find(kind tokenKind, text string) (*token, *grant) {
	t := st.Tokens[hash(text)]
	if t == nil || t.Kind != kind {
		return nil, nil
	}
	return t, st.Grants[t.Grant]
}

// tokens are the grant's of that kind.
func (st *state) tokens(g *grant, kind tokenKind) iter.Seq[*token] {
	return func(yield func(*token) bool) {
		for _, t := range st.Tokens {
			if t.Grant == g.ID && t.Kind == kind && !yield(t) {
				return
			}
		}
	}
}

// presented returns the grant whose token a request carries, in a header, the
// query or a form that has been parsed; nil for none.
func (st *state) presented(r *http.Request) *grant {
	for text := range carried(r) {
		if t := st.Tokens[hash(text)]; t != nil {
			return st.Grants[t.Grant]
		}
	}
	return nil
}

// narrow leaves nothing but these scopes to the code or token that a request
// carries.
func (st *state) narrow(r *http.Request, scopes []string) {
	foreign := func(scope string) bool { return !slices.Contains(scopes, scope) }
	if g := st.presented(r); g != nil {
		g.Scopes = slices.DeleteFunc(slices.Clone(g.Scopes), foreign)
		return
	}
	if c := st.Codes[hash(r.Form.Get("code"))]; c != nil {
		c.Scopes = slices.DeleteFunc(slices.Clone(c.Scopes), foreign)
	}
}

// bear lets the refresh token that a request carries work on for a while after
// it was traded.
func (st *state) bear(r *http.Request, grace time.Duration) {
	if t, _ := st.find(refreshToken, r.Form.Get("refresh_token")); t != nil && grace > 0 {
		t.Grace = time.Now().Add(grace)
	}
}

// settle lets happen what was to happen by now.
func (st *state) settle(now time.Time) {
	for _, g := range st.Grants {
		if !g.RevokesAt.IsZero() && !now.Before(g.RevokesAt) {
			g.Revoked, g.RevokesAt = true, time.Time{}
		}
	}
}

// accessEnds is the end of the grant's latest access token.
func (st *state) accessEnds(g *grant) time.Time {
	var ends time.Time
	for t := range st.tokens(g, accessToken) {
		if t.Ends.After(ends) {
			ends = t.Ends
		}
	}
	return ends
}

// list returns the grants, oldest first.
func (st *state) list() []*grant {
	return slices.SortedFunc(maps.Values(st.Grants), func(a, b *grant) int { return a.Since.Compare(b.Since) })
}

// What ended this long ago is forgotten, but for each grant's latest access
// token, so that an expired one is not mistaken for an unknown one.
const (
	keepEnded = time.Hour
	keepSpent = 30 * 24 * time.Hour // replays are recognised so long
)

func (st *state) forget(now time.Time) {
	for key, c := range st.Codes {
		if now.Sub(c.Ends) > keepEnded {
			delete(st.Codes, key)
		}
	}
	latest := make(map[string]*token)
	for _, t := range st.Tokens {
		if other := latest[t.Grant]; t.Kind == accessToken && (other == nil || t.Since.After(other.Since)) {
			latest[t.Grant] = t
		}
	}
	for key, t := range st.Tokens {
		ended := !t.Ends.IsZero() && now.Sub(t.Ends) > keepEnded && t != latest[t.Grant]
		if ended || t.Spent && now.Sub(t.Since) > keepSpent {
			delete(st.Tokens, key)
		}
	}
}

// load reads a state file. None at all is an empty state.
func load(file string) (state, error) {
	st := state{
		Codes:  make(map[string]*code),
		Grants: make(map[string]*grant),
		Tokens: make(map[string]*token),
		Apps:   make(map[string]*app),
	}
	if file == "" {
		return st, nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err != nil {
		return st, fmt.Errorf("read the sandbox's state: %w", err)
	}
	if err := json.Unmarshal(data, &st); err != nil {
		return st, fmt.Errorf("the sandbox's state in %s is damaged (delete the file to start afresh): %w", file, err)
	}
	for _, t := range st.Tokens {
		if st.Grants[t.Grant] == nil {
			return st, fmt.Errorf("the sandbox's state in %s is damaged (delete the file to start afresh): a token of the unknown grant %q", file, t.Grant)
		}
	}
	return st, nil
}

// save replaces the state file. The caller holds s.mu.
func (s *Sandbox) save() error {
	s.state.forget(time.Now())
	if s.options.File == "" {
		return nil
	}
	data, err := json.MarshalIndent(s.state, "", "\t")
	if err != nil {
		return fmt.Errorf("encode the sandbox's state: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(s.options.File), ".sandbox-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already after the rename
	_, err = temp.Write(data)
	if err := errors.Join(err, temp.Close()); err != nil {
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	if err := os.Rename(temp.Name(), s.options.File); err != nil {
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	return nil
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// random returns n characters that nobody can guess.
func random(n int) string {
	b := make([]byte, (n*3+3)/4)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)[:n]
}
