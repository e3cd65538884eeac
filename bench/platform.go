package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"mooring/vault"
)

// platform plays X, as far as an import and a refresh ask it, for any number of
// people.
type platform struct {
	*httptest.Server
	refreshed atomic.Int64 // how often its token endpoint was asked
}

const tokenPath = "/2/oauth2/token"

// newPlatform starts a platform. At GET /2/users/me the access token is the
// person's id. POST /2/oauth2/token gives tokens that live a second.
func newPlatform() *platform {
	p := &platform{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2/users/me", func(w http.ResponseWriter, r *http.Request) {
		id := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"data":{"id":%q,"name":"Person %s","username":"person%s"}}`, id, id, id)
	})
	mux.HandleFunc("POST "+tokenPath, func(w http.ResponseWriter, _ *http.Request) {
		n := p.refreshed.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"token_type":"bearer","expires_in":1,"access_token":"access%060d","refresh_token":"refresh%060d","scope":"tweet.read users.read offline.access"}`, n, n)
	})
	p.Server = httptest.NewServer(mux)
	return p
}

// mooring is a running server over a new database.
type mooring struct {
	*process
	database string
	platform *platform
	probe    *http.Client // nil in the program as released
}

// startMooring starts the server in a new folder, with more of an environment
// than it needs.
func (b *bench) startMooring(ctx context.Context, name string, probed bool, more ...string) (*mooring, error) {
	dir := filepath.Join(b.dir, name)
	m := &mooring{database: filepath.Join(dir, "mooring.db"), platform: newPlatform()}
	program := b.programs.server
	env := []string{
		"MOORING_LISTEN=127.0.0.1:0",
		"MOORING_KEY=" + vault.NewKey().Encode(),
		"MOORING_SANDBOX=off",
		"MOORING_MAX_SOCKETS=20000",
		"DATABASE_URL=sqlite:" + m.database,
		"TWITTER_CLIENT_ID=bench", "TWITTER_CLIENT_SECRET=secret-of-the-bench",
		"TWITTER_API_URL=" + m.platform.URL + "/2",
		"TWITTER_TOKEN_URL=" + m.platform.URL + tokenPath,
	}
	env = append(env, more...)
	if probed {
		socket := filepath.Join(dir, "probe")
		program, m.probe = b.programs.probed, unixClient(socket)
		env = append(env, "BENCH_PROBE="+socket)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	var err error
	if m.process, err = start(ctx, dir, env, program); err != nil {
		m.platform.Close()
		return nil, err
	}
	return m, nil
}

func (m *mooring) stop() error {
	m.platform.Close()
	return m.process.stop()
}

func (m *mooring) url() string { return "http://" + m.address + "/graphql" }

// graphQL is a request's body.
func graphQL(query string, variables map[string]any) []byte {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return body
}

// ask sends a request and decodes its data. Errors of the answer are errors.
func (m *mooring) ask(ctx context.Context, data any, query string, variables map[string]any) error {
	answer, err := fetch(ctx, http.DefaultClient, http.MethodPost, m.url(), graphQL(query, variables))
	if err != nil {
		return err
	}
	result := struct {
		Data   any             `json:"data"`
		Errors json.RawMessage `json:"errors"`
	}{Data: data}
	if err := json.Unmarshal(answer, &result); err != nil {
		return err
	}
	if result.Errors != nil {
		return fmt.Errorf("ask Mooring: %s", result.Errors)
	}
	return nil
}

// imported is an account that was connected.
type imported struct {
	ID     string
	Health struct{ CheckedAt time.Time }
}

// importPerson connects, or reconnects, the account of a person. That is one
// event, whose time is when the account was checked.
func (m *mooring) importPerson(ctx context.Context, person int) (imported, error) {
	ends := time.Now().Add(30 * 24 * time.Hour)
	if person%10 == 0 { // some are EXPIRING_SOON
		ends = time.Now().Add(12 * time.Hour)
	}
	var account imported
	err := m.importAccount(ctx, &account, map[string]any{
		"platform": "twitter", "accessToken": fmt.Sprint(person), "expiresAt": ends.UTC().Truncate(time.Millisecond),
	})
	return account, err
}

// importAccount connects an account.
func (m *mooring) importAccount(ctx context.Context, account *imported, input map[string]any) error {
	var data struct {
		ImportAccount struct {
			Account    *imported
			UserErrors []struct{ Message string }
		}
	}
	err := m.ask(ctx, &data, `mutation ($input: ImportAccountInput!) {
		importAccount(input: $input) { account { id health { checkedAt } } userErrors { message } }
	}`, map[string]any{"input": input})
	if err == nil && data.ImportAccount.Account == nil {
		err = fmt.Errorf("import %s: %v", input["accessToken"], data.ImportAccount.UserErrors)
	}
	if err == nil && account != nil {
		*account = *data.ImportAccount.Account
	}
	return err
}

// importPeople connects the accounts of n people and returns their ids.
func (m *mooring) importPeople(ctx context.Context, n int) ([]string, error) {
	ids := make([]string, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range ids {
		group.Go(func() error {
			account, err := m.importPerson(ctx, i+1)
			ids[i] = account.ID
			return err
		})
	}
	return ids, group.Wait()
}

// cursors returns the cursor of every account, in the order of the list.
func (m *mooring) cursors(ctx context.Context) ([]string, error) {
	var all []string
	var after *string
	for {
		var data struct {
			Accounts struct {
				Edges    []struct{ Cursor string }
				PageInfo struct{ HasNextPage bool }
			}
		}
		err := m.ask(ctx, &data, `query ($after: String) {
			accounts(first: 100, after: $after) { edges { cursor } pageInfo { hasNextPage } }
		}`, map[string]any{"after": after})
		if err != nil {
			return nil, err
		}
		for _, e := range data.Accounts.Edges {
			all = append(all, e.Cursor)
		}
		if !data.Accounts.PageInfo.HasNextPage {
			return all, nil
		}
		if len(data.Accounts.Edges) == 0 {
			return nil, errors.New("an empty page says that more follow")
		}
		after = &all[len(all)-1]
	}
}
