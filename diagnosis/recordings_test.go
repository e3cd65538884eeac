package diagnosis

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mooring/platforms"
)

// TestDiagnoseRecordings follows platforms' recorded failures on the way that
// a real one takes: verdict, error, input, diagnosis.
func TestDiagnoseRecordings(t *testing.T) {
	t.Parallel()
	const (
		exchange = platforms.StageExchange
		refresh  = platforms.StageRefresh
		revoke   = platforms.StageRevoke
		api      = platforms.StageAPI
	)
	tests := []struct {
		platform  *platforms.Platform
		recording string
		stage     platforms.Stage
		rule      string
	}{
		{platforms.TikTok, "token-redirect", exchange, "tiktok/redirect-mismatch"},
		{platforms.TikTok, "token-verifier", exchange, "tiktok/verifier"},
		{platforms.TikTok, "token-malformed", exchange, "tiktok/malformed"},
		{platforms.TikTok, "token-malformed", refresh, "tiktok/malformed"},
		{platforms.TikTok, "token-secret", exchange, "tiktok/wrong-client"},
		{platforms.TikTok, "token-client", exchange, "tiktok/wrong-client"},
		{platforms.TikTok, "token-client", refresh, "tiktok/wrong-client"},
		{platforms.TikTok, "token-client", revoke, "tiktok/wrong-client"},
		{platforms.TikTok, "token-unauthorized", exchange, "tiktok/not-live"},
		{platforms.TikTok, "token-grant-type", exchange, "oauth/unsupported"},
		{platforms.TikTok, "token-dead-code", exchange, "tiktok/code-dead"},
		{platforms.TikTok, "token-dead-code-400", exchange, "tiktok/code-dead"},
		{platforms.TikTok, "token-dead-refresh", refresh, "tiktok/refresh-dead"},
		{platforms.TikTok, "token-dead-refresh-400", refresh, "tiktok/refresh-dead"},
		{platforms.TikTok, "token-unavailable", refresh, "http/outage"},
		{platforms.TikTok, "creator-banned", api, "tiktok/banned"},
		{platforms.TikTok, "creator-too-many", api, "tiktok/too-many-posts"},
		{platforms.TikTok, "creator-user-cap", api, "tiktok/user-cap"},
		{platforms.TikTok, "api-token", api, "tiktok/access-token"},
		{platforms.TikTok, "api-token", revoke, "tiktok/not-revoked"},
		{platforms.TikTok, "api-scope", api, "tiktok/scope-missing"},
		{platforms.TikTok, "api-scope-field", api, "tiktok/scope-missing"},
		{platforms.TikTok, "api-params", api, "tiktok/parameters"},
		{platforms.TikTok, "api-param", api, "tiktok/parameters"},
		{platforms.TikTok, "api-rate-limit", api, "tiktok/rate-limit"},
		{platforms.TikTok, "api-internal", api, "tiktok/internal"},
		{platforms.TikTok, "post-unaudited", api, "tiktok/unaudited"},
		{platforms.TikTok, "post-privacy", api, "tiktok/privacy-level"},
		{platforms.TikTok, "post-url", api, "tiktok/url-unverified"},
		{platforms.TikTok, "post-pending", api, "tiktok/too-many-drafts"},
		{platforms.Pinterest, "authentication", exchange, "pinterest/wrong-client"},
		{platforms.Pinterest, "authentication", refresh, "pinterest/wrong-client"},
		{platforms.Pinterest, "authentication", api, "pinterest/access-token"},
		{platforms.Pinterest, "token-grant", exchange, "pinterest/code-dead"},
		{platforms.Pinterest, "token-grant", refresh, "pinterest/refresh-dead"},
		{platforms.Pinterest, "token-grant-older", exchange, "pinterest/code-dead"},
		{platforms.Pinterest, "token-grant-older", refresh, "pinterest/refresh-dead"},
		{platforms.Pinterest, "parameters", exchange, "pinterest/parameters"},
		{platforms.Pinterest, "api-scope", api, "pinterest/scope-missing"},
		{platforms.Pinterest, "api-forbidden", api, "pinterest/forbidden"},
		{platforms.Pinterest, "api-forbidden-user", api, "pinterest/scope-missing"},
		{platforms.Pinterest, "api-trial", api, "pinterest/trial"},
		{platforms.Pinterest, "api-rate-limit", api, "pinterest/rate-limit"},
		{platforms.Pinterest, "api-rate-limit-unix", refresh, "pinterest/rate-limit"},
	}
	for _, tt := range tests {
		data, err := os.ReadFile(filepath.Join("..", "platforms", "testdata", tt.platform.ID, tt.recording+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			Status int             `json:"status"`
			Body   json.RawMessage `json:"body"`
		}
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatal(err)
		}
		verdict := tt.platform.Logins[0].Verdict(platforms.Answer{Stage: tt.stage, Status: r.Status, Body: r.Body, At: time.Now()})
		failure := &platforms.Error{Platform: tt.platform.ID, Stage: tt.stage, Status: r.Status, Verdict: verdict, Body: string(r.Body)}
		d := Diagnose(FromError(failure, tt.platform.ID, tt.stage))
		if got := answerOf(d).rule; got != tt.rule {
			t.Errorf("Diagnose(%s %s at %s) is decided by %s; want %s", tt.platform.ID, tt.recording, tt.stage, got, tt.rule)
		}
	}
}
