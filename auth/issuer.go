package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

const (
	keysMaxAge   = 10 * time.Minute // after which the keys are renewed in the background
	fetchEvery   = 10 * time.Second // the pace of fetches, whatever callers ask for
	fetchTimeout = 5 * time.Second  // for discovery and keys together
	fetchLimit   = 1 << 20          // bytes of one answer
)

// issuerKeys are the keys that an issuer publishes, fetched when needed.
type issuerKeys struct {
	client  *http.Client
	jwksURL string // empty: discovered from issuer
	issuer  string

	mu        sync.Mutex
	keys      keyfunc.Keyfunc // of the latest successful fetch; nil before it
	found     metadata        // of the same fetch, unless jwksURL is given
	fetchedAt time.Time       // when keys arrived
	err       error           // of the latest fetch
	landed    chan struct{}   // closed unless a fetch is under way
	paidUntil time.Time       // see mayFetch
}

func newIssuerKeys(client *http.Client, jwksURL, issuer string) *issuerKeys {
	landed := make(chan struct{})
	close(landed)
	return &issuerKeys{client: client, jwksURL: jwksURL, issuer: issuer, landed: landed}
}

// keysUnavailableError reports that a token could not be judged for want of the
// issuer's keys.
type keysUnavailableError struct{ err error }

func (e *keysUnavailableError) Error() string { return "keys of the JWT issuer: " + e.err.Error() }
func (e *keysUnavailableError) Unwrap() error { return e.err }

// find returns the key or keys that may have signed token. Where there are none
// yet, or not this one, it waits for a fetch, and returns a
// [*keysUnavailableError] if the latest one did not succeed.
func (k *issuerKeys) find(ctx context.Context, token *jwt.Token) (any, error) {
	keys, fetchedAt, _ := k.latest()
	if keys != nil {
		if time.Since(fetchedAt) > keysMaxAge {
			k.fetch(ctx) // not waited for: an issuer that hangs must not slow its callers
		}
		if key, err := keys.Keyfunc(token); err == nil {
			return key, nil
		}
	}
	if err := k.await(ctx); err != nil {
		return nil, &keysUnavailableError{err}
	}
	keys, _, _ = k.latest()
	return keys.Keyfunc(token)
}

// await waits for a fetch and returns the error of the latest one.
func (k *issuerKeys) await(ctx context.Context) error {
	select {
	case <-k.fetch(ctx):
	case <-ctx.Done():
		return ctx.Err()
	}
	_, _, err := k.latest()
	return err
}

// discovered returns what the issuer says of itself. It is fetched with the keys
// and as old as they are, so however many callers ask, the issuer is asked at
// the pace of fetches.
func (k *issuerKeys) discovered(ctx context.Context) (metadata, error) {
	keys, fetchedAt, _ := k.latest()
	switch {
	case keys == nil:
		if err := k.await(ctx); err != nil {
			return metadata{}, err
		}
	case time.Since(fetchedAt) > keysMaxAge:
		k.fetch(ctx) // not waited for, as in find
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.found, nil
}

func (k *issuerKeys) latest() (keyfunc.Keyfunc, time.Time, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys, k.fetchedAt, k.err
}

// fetch starts a fetch, unless one is under way or the pace forbids it, and
// returns a channel that is closed when there is no more to wait for. The fetch
// is everyone's, so it does not end with the caller who happened to start it.
func (k *issuerKeys) fetch(ctx context.Context) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	select {
	case <-k.landed:
		if k.mayFetch(time.Now()) {
			k.landed = make(chan struct{})
			go k.run(context.WithoutCancel(ctx), k.landed)
		}
	default:
	}
	return k.landed
}

// mayFetch allows two fetches at once and then one per fetchEvery: each is paid
// with that much time, and one may be paid in advance. The second lets a key that
// rotates right after the first fetch be seen at once.
func (k *issuerKeys) mayFetch(now time.Time) bool {
	if k.paidUntil.Before(now) {
		k.paidUntil = now
	}
	if k.paidUntil.After(now.Add(fetchEvery)) {
		return false
	}
	k.paidUntil = k.paidUntil.Add(fetchEvery)
	return true
}

func (k *issuerKeys) run(ctx context.Context, landed chan<- struct{}) {
	defer close(landed)
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	keys, found, err := k.download(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
	if err == nil {
		k.keys, k.found, k.fetchedAt = keys, found, time.Now()
	}
}

func (k *issuerKeys) download(ctx context.Context) (keyfunc.Keyfunc, metadata, error) {
	found := metadata{JWKSURI: k.jwksURL}
	if k.jwksURL == "" {
		var err error
		if found, err = k.discover(ctx); err != nil {
			return nil, metadata{}, err
		}
	}
	keys, err := k.downloadKeys(ctx, found.JWKSURI)
	return keys, found, err
}

func (k *issuerKeys) downloadKeys(ctx context.Context, jwksURL string) (keyfunc.Keyfunc, error) {
	var published struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := k.getJSON(ctx, jwksURL, &published); err != nil {
		return nil, err
	}
	usable := jwkset.NewMemoryStorage()
	count := 0
	for _, raw := range published.Keys {
		key, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		// A key of a kind that is not understood is ignored (RFC 7517 §5), and so is
		// one that is not for signatures.
		if use := key.Marshal().USE; err != nil || use != "" && use != jwkset.UseSig {
			continue
		}
		if err := usable.KeyWrite(ctx, key); err != nil {
			return nil, err
		}
		count++
	}
	if count == 0 {
		return nil, fmt.Errorf("%s publishes no key that verifies signatures", jwksURL)
	}
	return keyfunc.New(keyfunc.Options{Storage: usable})
}

// metadata is what an issuer says of itself (OpenID Connect Discovery 1.0 §3).
type metadata struct {
	Issuer                string   `json:"issuer"`
	JWKSURI               string   `json:"jwks_uri"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	TokenEndpoint         string   `json:"token_endpoint"`
	TokenAuthMethods      []string `json:"token_endpoint_auth_methods_supported"`
	// NamesItself: its answers carry iss (RFC 9207 §3).
	NamesItself bool `json:"authorization_response_iss_parameter_supported"`
}

// discover asks the issuer about itself (§4).
func (k *issuerKeys) discover(ctx context.Context) (metadata, error) {
	var m metadata
	address := strings.TrimSuffix(k.issuer, "/") + "/.well-known/openid-configuration"
	if err := k.getJSON(ctx, address, &m); err != nil {
		return metadata{}, err
	}
	switch {
	case m.Issuer != k.issuer: // must be identical: §4.3
		return metadata{}, fmt.Errorf("%s is about the issuer %q, want %q", address, m.Issuer, k.issuer)
	case m.JWKSURI == "":
		return metadata{}, fmt.Errorf("%s has no jwks_uri", address)
	}
	return m, nil
}

func (k *issuerKeys) getJSON(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	response, err := k.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, response.Status)
	}
	body := http.MaxBytesReader(nil, response.Body, fetchLimit)
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", address, err)
	}
	return nil
}
