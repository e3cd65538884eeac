package main

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"time"

	"mooring/accounts"
	"mooring/auth"
	"mooring/platforms"
)

// selectAccount is that of package accounts, letter by letter; TestSameSQL
// compares them.
const selectAccount = `
	SELECT a.id, a.workspace, a.platform, a.external_id, a.grant_id, a.kind, a.username, a.display_name,
	       a.avatar_url, a.profile_url, a.external_user_id, a.labels, a.connected_at, a.connected_by,
	       a.disconnected_at, a.verdict, a.access_issued_at, a.access_expires_at, a.refresh_expires_at,
	       a.consent_expires_at, a.checked_at, a.checked_by, a.auto_refresh, a.next_refresh_at, a.failing,
	       a.expires_at, a.status, a.reason, a.since, a.warned_of, a.warned_mark, a.own_token, a.validation,
	       a.paused_at, a.paused_by, a.paused_reason, g.generation, g.app_id, p.login_method, g.scopes,
	       g.targets, g.scopes_source, g.scopes_checked_at, g.access_expires_at, g.failure, a.probe_failure,
	       a.restored_at
	FROM accounts a
	JOIN grants g ON g.id = a.grant_id AND g.workspace = a.workspace
	JOIN apps p ON p.id = g.app_id`

const (
	selectOne  = selectAccount + ` WHERE a.workspace = CAST(? AS TEXT) AND a.id IN (CAST(? AS TEXT))`
	selectPage = selectAccount + ` WHERE a.workspace = ? AND a.disconnected_at IS NULL AND (a.connected_at, a.id) > (?, ?)` +
		` ORDER BY a.connected_at ASC, a.id ASC LIMIT ?`
)

// expiringWithin is the default of MOORING_EXPIRING_WITHIN.
const expiringWithin = 24 * time.Hour

// plainAccount is what the benchmark's queries select of an account, in their
// order.
type plainAccount struct {
	ID          string         `json:"id"`
	ExternalID  string         `json:"externalId"`
	DisplayName string         `json:"displayName"`
	Username    *string        `json:"username"`
	Platform    *plainPlatform `json:"platform"`
	Health      plainHealth    `json:"health"`

	connectedAt int64
}

type plainPlatform struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	Icon        string `json:"icon"`
}

type plainHealth struct {
	Status      accounts.Status `json:"status"`
	IsConnected bool            `json:"isConnected"`
	IsExpired   bool            `json:"isExpired"`
	ExpiresAt   *time.Time      `json:"expiresAt"`
	CheckedAt   *time.Time      `json:"checkedAt"`
}

type plainPage struct {
	Edges    []plainEdge   `json:"edges"`
	PageInfo plainPageInfo `json:"pageInfo"`
}

type plainEdge struct {
	Cursor string       `json:"cursor"`
	Node   plainAccount `json:"node"`
}

type plainPageInfo struct {
	HasNextPage bool    `json:"hasNextPage"`
	EndCursor   *string `json:"endCursor"`
}

// plain answers two questions about accounts, as somebody would who needed
// nothing else.
type plain struct {
	db        *sql.DB
	platforms map[string]*plainPlatform
}

// servePlain serves the accounts of a database until ctx ends.
func servePlain(ctx context.Context, file string, out io.Writer) error {
	// As package accounts opens it for reading.
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: file}).EscapedPath()+
		"?mode=ro&_query_only=1&_busy_timeout=5000&_cache_size=-16000&_mutex=no&_stmt_cache_size=64")
	if err != nil {
		return err
	}
	readers := max(8, 2*runtime.GOMAXPROCS(0))
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	p := &plain{db: db, platforms: map[string]*plainPlatform{}}
	for _, known := range platforms.All() {
		p.platforms[known.ID] = &plainPlatform{known.ID, known.DisplayName, known.Icon}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /account", answer(p.account))
	mux.HandleFunc("GET /accounts", answer(p.page))
	return errors.Join(serve(ctx, mux, out), db.Close())
}

// serve serves on a free port, which it names, until ctx ends.
func serve(ctx context.Context, handler http.Handler, out io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	server := &http.Server{Handler: handler}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // the report is the requests' own failure
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// answer writes what ask returns as the data of a GraphQL response.
func answer(ask func(*http.Request) (any, error)) http.HandlerFunc {
	type response struct {
		Data any `json:"data"`
	}
	return func(w http.ResponseWriter, r *http.Request) {
		data, err := ask(r)
		var body []byte
		if err == nil {
			body, err = json.Marshal(response{data})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(body) // the client would notice
	}
}

func (p *plain) account(r *http.Request) (any, error) {
	type data struct {
		Account *plainAccount `json:"account"`
	}
	found, err := p.query(r.Context(), selectOne, auth.LocalWorkspace, r.FormValue("id"))
	if err != nil || len(found) == 0 {
		return data{}, err
	}
	return data{&found[0]}, nil
}

func (p *plain) page(r *http.Request) (any, error) {
	type data struct {
		Accounts plainPage `json:"accounts"`
	}
	first, err := strconv.Atoi(r.FormValue("first"))
	if err != nil {
		return nil, err
	}
	cursor, err := base64.RawURLEncoding.DecodeString(r.FormValue("after"))
	if err != nil {
		return nil, err
	}
	var connectedAt int64
	var id string
	if err := json.Unmarshal(cursor, &[]any{&connectedAt, &id}); err != nil {
		return nil, err
	}
	found, err := p.query(r.Context(), selectPage, auth.LocalWorkspace, connectedAt, id, first+1)
	if err != nil {
		return nil, err
	}
	page := plainPage{Edges: make([]plainEdge, min(first, len(found))), PageInfo: plainPageInfo{HasNextPage: len(found) > first}}
	for i := range page.Edges {
		text, err := json.Marshal([]any{found[i].connectedAt, found[i].ID})
		if err != nil {
			return nil, err
		}
		page.Edges[i] = plainEdge{base64.RawURLEncoding.EncodeToString(text), found[i]}
		page.PageInfo.EndCursor = &page.Edges[i].Cursor
	}
	return data{page}, nil
}

func (p *plain) query(ctx context.Context, query string, args ...any) ([]plainAccount, error) {
	// Package accounts, too, spares short reads what a cancellation costs.
	rows, err := p.db.QueryContext(context.WithoutCancel(ctx), query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	now := time.Now()
	var found []plainAccount
	for rows.Next() {
		account, err := p.scan(rows, now)
		if err != nil {
			return nil, err
		}
		found = append(found, account)
	}
	return found, rows.Err()
}

// scan reads all columns, and makes use of those that the answers need.
func (p *plain) scan(rows *sql.Rows, now time.Time) (a plainAccount, err error) {
	var (
		workspace, platform, grant, kind, labels, connectedBy, status, app, login, scopes, source, reason string
		avatar, profile, externalUser, checkedBy, validation, failure, targets, probeFailure              *string
		since, warnedMark, generation                                                                     int64
		pausedBy, pausedReason                                                                            string
		warnedOf, pausedAt, restored                                                                      sql.NullInt64
		ownToken                                                                                          bool
		issued, access, refresh, consent, checked, ends, disconnected, scopesChecked, grantEnds, renewal  sql.NullInt64
		evidence                                                                                          accounts.Evidence
	)
	err = rows.Scan(&a.ID, &workspace, &platform, &a.ExternalID, &grant, &kind, &a.Username, &a.DisplayName,
		&avatar, &profile, &externalUser, &labels, &a.connectedAt, &connectedBy,
		&disconnected, &evidence.Verdict, &issued, &access, &refresh,
		&consent, &checked, &checkedBy, &evidence.AutoRefresh, &renewal, &evidence.Failing,
		&ends, &status, &reason, &since, &warnedOf, &warnedMark, &ownToken, &validation,
		&pausedAt, &pausedBy, &pausedReason, &generation, &app, &login,
		&scopes, &targets, &source, &scopesChecked, &grantEnds, &failure, &probeFailure,
		&restored)
	if err != nil {
		return a, err
	}
	evidence.AccessIssued, evidence.AccessEnds = moment(issued), moment(access)
	evidence.RefreshEnds, evidence.ConsentEnds = moment(refresh), moment(consent)
	h := evidence.At(now, expiringWithin)
	a.Platform = p.platforms[platform]
	a.Health = plainHealth{
		Status: h.Status, IsConnected: h.IsConnected, IsExpired: h.IsExpired,
		ExpiresAt: orNull(h.ExpiresAt), CheckedAt: orNull(moment(checked)),
	}
	return a, nil
}

// moment is a time of the database: Unix milliseconds, or NULL.
func moment(t sql.NullInt64) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return time.UnixMilli(t.Int64).UTC()
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
