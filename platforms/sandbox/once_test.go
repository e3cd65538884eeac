package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// TestTokensAreAskedForOnce: over a connection that is in use, net/http repeats
// a GET whose answer is lost, which would hide that a token may be spent.
func TestTokensAreAskedForOnce(t *testing.T) {
	t.Parallel()
	instagram, x := platforms.Instagram.Logins[1], platforms.Twitter.Logins[0]
	tests := []struct {
		name, endpoint string
		platform       *platforms.Platform
		login          *platforms.Login
		ask            func(a *platforms.App, short, long *platforms.Tokens) error
	}{
		{"exchange at Instagram", "exchange", platforms.Instagram, instagram, func(a *platforms.App, short, _ *platforms.Tokens) error {
			_, err := a.Lengthen(t.Context(), short)
			return err
		}},
		{"refresh at Instagram", "refresh", platforms.Instagram, instagram, func(a *platforms.App, _, long *platforms.Tokens) error {
			_, err := a.Refresh(t.Context(), long)
			return err
		}},
		{"refresh at X", "token", platforms.Twitter, x, func(a *platforms.App, _, long *platforms.Tokens) error {
			_, err := a.Refresh(t.Context(), long)
			return err
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			server := httptest.NewServer(w.Sandbox)
			defer server.Close()
			a := w.appOf(tt.platform, tt.login)
			short := w.connect(a, defaultsOf(tt.login))
			long, err := a.Lengthen(t.Context(), short)
			if err != nil {
				t.Fatal(err)
			}
			if tt.endpoint == "refresh" {
				w.act(w.latest(tt.platform), "age", `{"expiresInSeconds": 3600}`)
			}
			a.HTTP = &http.Client{Transport: bent{server.Client().Transport, func(r *http.Request) {
				r.URL.Host = server.Listener.Addr().String()
			}}}
			if _, err := a.Identify(t.Context(), long); err != nil { // the connection is in use now
				t.Fatal(err)
			}
			w.control(http.MethodDelete, "requests", "", nil)
			w.addFault(`{"platform": "` + tt.platform.ID + `", "endpoint": "` + tt.endpoint + `", "dropAfterRotation": true}`)
			e := platformError(t, tt.ask(a, short, long))
			if e.Outcome != platforms.OutcomeUnknown {
				t.Errorf("outcome of a lost answer = %v (%v); want unknown", e.Outcome, e)
			}
			var asked []sandbox.Request
			w.control(http.MethodGet, "requests", "", &asked)
			if len(asked) != 1 {
				t.Errorf("asked %d times: %+v; want once", len(asked), asked)
			}
		})
	}
}
