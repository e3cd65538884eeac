package platforms

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// App is an OAuth client that the operator registered at a platform, ready to
// talk. Its fields are set once, before use; it is safe for concurrent use.
type App struct {
	Platform     *Platform
	Login        *Login
	ClientID     string
	ClientSecret Secret
	// NextSecret is the secret that follows ClientSecret, while it is rotated:
	// platforms may sign with either. Requests carry ClientSecret.
	NextSecret  Secret
	RedirectURI string
	Endpoints   Endpoints
	Version     string            // of the platform's API; empty: the Login's
	Options     map[string]string // by Option.Name; what the operator left out is missing
	Sandbox     bool              // played by platforms/sandbox
	// HTTP sends everything and bounds it in time; it must not be nil. Its
	// redirect policy is not used: no redirect is followed.
	HTTP *http.Client
}

// version is the release of the platform's API that is asked for.
func (a *App) version() string { return cmp.Or(a.Version, a.Login.Version) }

// at puts the version into an endpoint.
func (a *App) at(endpoint string) string {
	return strings.ReplaceAll(endpoint, "{version}", a.version())
}

// AuthCodeURL returns the consent page's address, RFC 6749 §4.1.1. The
// verifier is left out where the platform takes no challenge.
func (a *App) AuthCodeURL(state, verifier string, scopes []string) string {
	return a.authCodeURL(state, verifier, scopes, a.Login.AuthParams)
}

// ReauthCodeURL is AuthCodeURL for somebody whose consent has come to its end,
// or nearly: see [Login.ConsentEnds].
func (a *App) ReauthCodeURL(state, verifier string, scopes []string) string {
	params := make(map[string]string)
	maps.Copy(params, a.Login.AuthParams)
	maps.Copy(params, a.Login.ReauthParams)
	return a.authCodeURL(state, verifier, scopes, params)
}

func (a *App) authCodeURL(state, verifier string, scopes []string, params map[string]string) string {
	config := oauth2.Config{
		ClientID:    a.ClientID,
		RedirectURL: a.RedirectURI,
		Endpoint:    oauth2.Endpoint{AuthURL: a.at(a.Endpoints.Authorize)},
		// One element, because x/oauth2 would join several with spaces.
		Scopes: []string{strings.Join(scopes, a.Login.ScopeSeparator)},
	}
	options := a.challenge(verifier)
	for name, value := range params {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	address := config.AuthCodeURL(state, options...)
	if a.Login.ClientIDParam == "" && a.Login.Authorize == nil {
		return address
	}
	page, query, _ := strings.Cut(address, "?")
	// The endpoint's own query is the only part that x/oauth2 did not encode.
	values, _ := url.ParseQuery(query)
	if a.Login.ClientIDParam != "" {
		values.Del("client_id")
		values.Set(a.Login.ClientIDParam, a.ClientID)
	}
	if a.Login.Authorize != nil {
		a.Login.Authorize(a, values)
	}
	return page + "?" + values.Encode()
}

// challenge returns the parameters that RFC 7636 §4.3 adds to an authorization
// request, in the login method's spelling; none where it takes none.
func (a *App) challenge(verifier string) []oauth2.AuthCodeOption {
	switch {
	case a.Login.PKCE == PKCES256:
		return []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	case a.Login.PKCE == PKCEHexOnLoopback && onLoopback(a.RedirectURI):
		sum := sha256.Sum256([]byte(verifier))
		return []oauth2.AuthCodeOption{
			oauth2.SetAuthURLParam("code_challenge", hex.EncodeToString(sum[:])),
			oauth2.SetAuthURLParam("code_challenge_method", "S256"),
		}
	}
	return nil
}

// onLoopback reports whether an address is of the machine that follows it.
func onLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// CallbackError returns the failure that a callback's parameters report,
// RFC 6749 §4.1.2.1, or nil if they report none. A person's refusal has
// ClassDenied.
func (a *App) CallbackError(query url.Values) *Error {
	answer := Answer{Stage: StageAuthorize, Body: []byte(query.Encode()), At: time.Now()}
	v := a.Login.Verdict(answer)
	if v.Class == ClassOK {
		return nil
	}
	return a.failure(answer, v, query.Get("code"), query.Get("state"))
}

// Exchange trades an authorization code for tokens, RFC 6749 §4.1.3. scopes are
// those requested. A failure is an *Error.
func (a *App) Exchange(ctx context.Context, code Secret, verifier string, scopes []string) (*Tokens, error) {
	bare := strings.TrimSuffix(code.Reveal(), a.Login.CodeTail)
	form := url.Values{
		"grant_type":   {"authorization_code"},
		"code":         {bare},
		"redirect_uri": {a.RedirectURI},
	}
	if a.challenge(verifier) != nil {
		form.Set("code_verifier", verifier)
	}
	for name, value := range a.Login.TokenParams {
		form.Set(name, value)
	}
	answer, err := a.post(ctx, StageExchange, a.Endpoints.Token, form, bare, verifier)
	if err != nil {
		return nil, err
	}
	tokens, _ := a.Login.parseTokens(answer, scopes) // Verdict finds fault with an answer that has none
	return tokens, nil
}

// Lengthen trades the tokens of an exchange for long-lived ones. Where the
// platform knows no such step they are returned as they are. An answer that
// names no scopes leaves those of t in force. A failure is an *Error, and the
// tokens given still work.
func (a *App) Lengthen(ctx context.Context, t *Tokens) (*Tokens, error) {
	if a.Login.Lengthen == nil {
		return t, nil
	}
	long, err := a.Login.Lengthen(ctx, a, t)
	if err != nil {
		return nil, err
	}
	if long.ScopeSource == FromRequest {
		long.ScopeSource = t.ScopeSource
	}
	return long, nil
}

// Refresh renews the tokens, RFC 6749 §6. An answer that names no refresh token
// or no scopes leaves those of t in force, and is returned with them. A failure
// is an *Error; its Outcome says whether a refresh token that works only once
// may be spent.
func (a *App) Refresh(ctx context.Context, t *Tokens) (*Tokens, error) {
	renew := a.Login.Renew
	if renew == nil {
		renew = renewByRefreshToken
	}
	renewed, err := renew(ctx, a, t)
	if err != nil {
		return nil, err
	}
	if renewed.Refresh.IsZero() {
		renewed.Refresh, renewed.RefreshExpires = t.Refresh, t.RefreshExpires
	}
	if renewed.ScopeSource == FromRequest {
		renewed.ScopeSource = t.ScopeSource
	}
	return renewed, nil
}

func renewByRefreshToken(ctx context.Context, a *App, t *Tokens) (*Tokens, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.Refresh.Reveal()}}
	answer, err := a.post(ctx, StageRefresh, a.Endpoints.Token, form, t.Refresh.Reveal())
	if err != nil {
		return nil, err
	}
	tokens, _ := a.Login.parseTokens(answer, t.Scopes)
	return tokens, nil
}

// Identify asks who consented and what the tokens reach. A failure is an *Error;
// so is an answer that names no account, or one without an id.
func (a *App) Identify(ctx context.Context, t *Tokens) (*Identity, error) {
	identity, err := a.Login.Identify(ctx, a, t)
	if err != nil {
		return nil, err
	}
	if !identity.tidy() {
		return nil, a.nameless()
	}
	return identity, nil
}

// senseless is a success of the API that lacks what belongs to it.
func (a *App) senseless(what string) *Error {
	return &Error{
		Platform: a.Platform.ID,
		Stage:    StageAPI,
		Status:   http.StatusOK,
		Verdict:  Verdict{Class: ClassTemporary},
		Err:      errors.New(what),
	}
}

// Inspect asks the platform what a token is worth. Where it does not tell, or
// tells the scopes only in a token answer, the result is what t knows. A
// failure is an *Error; one of ClassRefreshDead or ClassStaleAccess is the
// platform's word that the token is dead.
func (a *App) Inspect(ctx context.Context, t *Tokens) (*Inspection, error) {
	if a.Login.Inspect == nil {
		return &Inspection{Scopes: t.Scopes, Source: t.ScopeSource, AccessExpires: t.AccessExpires}, nil
	}
	return a.Login.Inspect(ctx, a, t)
}

// Validate asks the platform whether a profile can be used. An *Error of a
// class such as ClassTemporary means that it could not be asked, which says
// nothing of the profile.
func (a *App) Validate(ctx context.Context, t *Tokens, p Profile) (*Validation, error) {
	validate := a.Login.Validate
	if validate == nil {
		validate = validateByIdentity
	}
	v, err := validate(ctx, a, t, p)
	if err != nil {
		return nil, err
	}
	if !v.tidy() {
		return nil, a.nameless()
	}
	return v, nil
}

func validateByIdentity(ctx context.Context, a *App, t *Tokens, p Profile) (*Validation, error) {
	identity, err := a.Identify(ctx, t)
	if err != nil {
		return nil, err
	}
	return identity.validation(p), nil
}

// add adds a profile that is not there yet.
func (i *Identity) add(p Profile) {
	there := func(other Profile) bool { return other.ExternalID == p.ExternalID }
	if !slices.ContainsFunc(i.Profiles, there) {
		i.Profiles = append(i.Profiles, p)
	}
}

// Proof is what the platform wants beside a token from those who use it on the
// app's behalf: Meta's appsecret_proof. The zero Secret where it wants nothing.
func (a *App) Proof(token Secret) Secret {
	if a.Login.Proof == nil {
		return Secret{}
	}
	return NewSecret(a.Login.Proof(a, token))
}

// Revoke takes the tokens back at the platform, RFC 7009. Tokens that are dead
// already count as taken back. It reports false without an error where the
// platform has no revocation. A failure is one or more *Error, joined.
//
// Whatever comes of it, t is not to be used again: where the platform wants a
// living access token, one that has ended is refreshed first, which may spend
// the refresh token.
func (a *App) Revoke(ctx context.Context, t *Tokens) (bool, error) {
	if a.Endpoints.Revoke == "" {
		return false, nil
	}
	revoke := a.Login.Revoke
	if revoke == nil {
		revoke = revokeOne
	}
	err := revoke(ctx, a, t)
	return err == nil, err
}

func revokeOne(ctx context.Context, a *App, t *Tokens) error {
	if !t.Refresh.IsZero() {
		return a.revoke(ctx, t.Refresh, "refresh_token")
	}
	return a.revoke(ctx, t.Access, "access_token")
}

// revoke posts one token to the revocation endpoint. hint is RFC 7009 §2.1's
// token_type_hint; empty: none. One that is dead already counts as taken back.
func (a *App) revoke(ctx context.Context, token Secret, hint string) error {
	form := url.Values{"token": {token.Reveal()}}
	if hint != "" {
		form.Set("token_type_hint", hint)
	}
	_, err := a.post(ctx, StageRevoke, a.Endpoints.Revoke, form, token.Reveal())
	if e, ok := errors.AsType[*Error](err); ok && e.Class == ClassRefreshDead {
		return nil
	}
	return err
}

// post sends a form with the client's credentials, RFC 6749 §2.3.1. secrets
// are kept out of the *Error it may return.
func (a *App) post(ctx context.Context, stage Stage, endpoint string, form url.Values, secrets ...string) (Answer, error) {
	if a.Login.ClientAuth == AuthBody {
		form.Set(cmp.Or(a.Login.ClientIDParam, "client_id"), a.ClientID)
		form.Set("client_secret", a.ClientSecret.Reveal())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.at(endpoint), strings.NewReader(form.Encode()))
	if err != nil {
		return Answer{}, a.unanswered(stage, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a.Login.ClientAuth == AuthHeader {
		req.SetBasicAuth(url.QueryEscape(a.ClientID), url.QueryEscape(a.ClientSecret.Reveal()))
	}
	return a.do(req, stage, secrets...)
}

// get reads a JSON resource of the platform's API into v. header may be nil.
func (a *App) get(ctx context.Context, access Secret, path string, header http.Header, v any) error {
	return a.getAt(ctx, access, a.Endpoints.API+path, header, v)
}

// getAt is get from any endpoint. secrets, like the token, are kept out of the
// *Error it may return.
func (a *App) getAt(ctx context.Context, access Secret, endpoint string, header http.Header, v any, secrets ...string) error {
	_, err := a.call(ctx, http.MethodGet, access, endpoint, header, v, secrets...)
	return err
}

// call sends a request without a body, reads the answer's JSON into v and
// returns the whole of it.
func (a *App) call(ctx context.Context, method string, access Secret, endpoint string, header http.Header, v any, secrets ...string) (Answer, error) {
	secrets = append(secrets, access.Reveal())
	req, err := http.NewRequestWithContext(ctx, method, a.at(endpoint), nil)
	if err != nil {
		return Answer{}, a.unanswered(StageAPI, err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Authorization", "Bearer "+access.Reveal())
	answer, err := a.do(req, StageAPI, secrets...)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(answer.Body, v); err != nil {
		return answer, a.misshapen(answer, err, secrets...)
	}
	return answer, nil
}

// misshapen is the failure of an answer that succeeded and cannot be read.
func (a *App) misshapen(answer Answer, cause error, secrets ...string) *Error {
	e := a.failure(answer, Verdict{Class: ClassTemporary}, secrets...)
	e.Outcome, e.Err = OutcomeAnswered, fmt.Errorf("the answer has another shape than expected: %w", cause)
	return e
}

// maxAnswer is the most of an answer that is read, in bytes.
const maxAnswer = 1 << 20

// do sends a request once, reads the answer and sorts it. Only an answer
// without fault is returned without an *Error.
func (a *App) do(req *http.Request, stage Stage, secrets ...string) (Answer, error) {
	if err := req.Context().Err(); err != nil {
		return Answer{}, a.unanswered(stage, err)
	}
	req.Header.Set("Accept", "application/json")
	req, outcome := traced(req)
	client := *a.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	answer := Answer{Stage: stage, At: time.Now()}
	resp, err := client.Do(req)
	if err != nil {
		e := a.unanswered(stage, err)
		e.Outcome = Outcome(outcome.Load())
		return answer, e
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	answer.Status, answer.Header = resp.StatusCode, resp.Header
	answer.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(answer.Body) > maxAnswer {
		err = fmt.Errorf("answer is longer than %d bytes", maxAnswer)
	}
	if err != nil {
		e := a.failure(answer, Verdict{Class: ClassTemporary}, secrets...)
		e.Outcome, e.Err = OutcomeUnknown, err
		return answer, e
	}
	decoded := answer.fields()
	answer.decoded = &decoded
	a.reportLimits(req.Context(), answer)
	if v := a.Login.Verdict(answer); v.Class != ClassOK {
		e := a.failure(answer, v, secrets...)
		if e.Message == "" && answer.Status < 300 {
			e.Message = "a success without the answer that belongs to it"
		}
		return answer, e
	}
	return answer, nil
}

// traced observes how far a request gets. What is written in full may be
// acted on; a transport that reports nothing may have written it.
func traced(req *http.Request) (*http.Request, *atomic.Int32) {
	outcome := new(atomic.Int32)
	outcome.Store(int32(OutcomeUnknown))
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { outcome.Store(int32(OutcomeNotSent)) },
		GotConn: func(httptrace.GotConnInfo) { outcome.Store(int32(OutcomeUnknown)) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err != nil {
				outcome.Store(int32(OutcomeNotSent))
			}
		},
	}
	return req.WithContext(httptrace.WithClientTrace(req.Context(), trace)), outcome
}

// unanswered is a failure before anything was sent. Of the address in a
// *url.Error the query goes: Meta's has tokens in it.
func (a *App) unanswered(stage Stage, err error) *Error {
	if withAddress, ok := errors.AsType[*url.Error](err); ok {
		withAddress.URL, _, _ = strings.Cut(withAddress.URL, "?")
	}
	return &Error{
		Platform: a.Platform.ID,
		Stage:    stage,
		Verdict:  Verdict{Class: ClassTemporary},
		Outcome:  OutcomeNotSent,
		Err:      err,
	}
}

// maxErrorBody is how much of an answer an *Error keeps, in bytes.
const maxErrorBody = 2 << 10

// failure makes an *Error of an answer, with the secrets cut out.
func (a *App) failure(answer Answer, v Verdict, secrets ...string) *Error {
	secrets = slices.SortedFunc(slices.Values(append(secrets, a.ClientSecret.Reveal())),
		func(x, y string) int { return len(y) - len(x) }) // a secret may hold another
	v.Code = excerpt(v.Code, 100, secrets)
	v.Subcode = excerpt(v.Subcode, 100, secrets)
	v.Message = excerpt(v.Message, 500, secrets)
	return &Error{
		Platform: a.Platform.ID,
		Stage:    answer.Stage,
		Status:   answer.Status,
		Verdict:  v,
		Outcome:  outcomeOf(answer.Status, v),
		Body:     excerpt(string(answer.Body), maxErrorBody, secrets),
	}
}

// outcomeOf separates a platform's refusal from answers behind which the
// request may have been carried out: a gateway's error, or a success that
// lacks its tokens.
func outcomeOf(status int, v Verdict) Outcome {
	lost := v.Code == "" && status >= 200 && status < 300
	broken := status >= 500 && status != http.StatusServiceUnavailable
	if v.Class == ClassTemporary && (lost || broken) {
		return OutcomeUnknown
	}
	return OutcomeAnswered
}

// minSecret is the least length of what is cut out, in bytes: anything shorter
// is no secret, and cutting it would shred the message.
const minSecret = 6

// excerpt returns the start of a text without secrets: neither those given,
// nor what stands where an answer has its tokens.
func excerpt(text string, limit int, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) < minSecret {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), strings.ReplaceAll(secret, "/", `\/`)} {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	text = tokenField.ReplaceAllString(text, "${1}"+redacted)
	text = strings.ReplaceAll(text, "\x00", "") // PostgreSQL keeps no text that holds it
	return strings.ToValidUTF8(text[:min(len(text), limit)], "")
}

// tokenField matches the value of a JSON or form field that is named after a
// token or a secret.
var tokenField = regexp.MustCompile(`(?i)(\b[a-z_]*(?:token|secret|verifier)(?:"\s*:\s*"?|=))[^"&\s,}]+`)
