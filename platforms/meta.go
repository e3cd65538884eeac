package platforms

import (
	"context"
	"net/url"
	"time"
)

// What Meta's platforms share.
const (
	metaConsole = "https://developers.facebook.com/apps/"
	metaStatus  = "https://metastatus.com/"
	metaVersion = "v25.0"

	metaLongLife   = 60 * 24 * time.Hour // of a long-lived token
	metaDataAccess = 90 * 24 * time.Hour // since the person last used the app
)

// metaVersions are the releases of the Graph API. One that has ended is served
// silently by the oldest that has not, so only this table tells.
var metaVersions = []APIVersion{
	{Name: "v17.0", Ends: utcDate(2025, time.September, 12)},
	{Name: "v18.0", Ends: utcDate(2026, time.January, 26)},
	{Name: "v19.0", Ends: utcDate(2026, time.May, 21)},
	{Name: "v20.0", Ends: utcDate(2026, time.September, 24)},
	{Name: "v21.0", Ends: utcDate(2027, time.January, 21)},
	{Name: "v22.0", Ends: utcDate(2027, time.May, 20)},
	{Name: "v23.0", Ends: utcDate(2027, time.October, 8)},
	{Name: "v24.0", Ends: utcDate(2028, time.February, 18)},
	{Name: "v25.0", Ends: utcDate(2028, time.July, 29)},
	{Name: "v26.0"},
}

func utcDate(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// facebookLogin completes a login method with what is the same for all who
// sign in by Facebook Login: one Meta app and one callback serve them all.
func facebookLogin(l Login) *Login {
	l.Env = Env{Prefix: "META", ID: "APP_ID", Secret: "APP_SECRET", Version: "GRAPH_VERSION"}
	l.Callback = "meta"
	l.Endpoints = Endpoints{
		Authorize:  "https://www.facebook.com/{version}/dialog/oauth",
		Token:      "https://graph.facebook.com/{version}/oauth/access_token",
		Revoke:     "https://graph.facebook.com/{version}/me/permissions",
		Introspect: "https://graph.facebook.com/{version}/debug_token",
		API:        "https://graph.facebook.com/{version}",
	}
	l.Version, l.Versions = metaVersion, metaVersions
	l.Options = []Option{{
		Name:    "CONFIG_ID",
		Doc:     "Id of a configuration of Facebook Login for Business. Its permissions then take the place of the scopes, so it must have those of all that Mooring connects, and people can only accept them as a whole.",
		Example: "1234567890123456",
	}}
	l.Redirects = Redirects{
		HTTPHosts: []string{"localhost"},
		Note:      "Facebook's console takes no address of localhost. While the app is in Development mode it works without being listed there.",
	}
	l.ClientAuth = AuthBody
	l.PKCE = PKCENone // a challenge is dropped and the verifier then refused
	l.ScopeSeparator = ","
	// Without it Facebook neither asks again for a permission that was once
	// declined nor shows the choice of Pages a second time.
	l.AuthParams = map[string]string{"auth_type": "rerequest"}
	l.Authorize = authorizeByConfig
	l.AccessLifetime = metaLongLife
	l.Refresh = Refresh{Kind: RefreshNone}
	l.RevokeReach = RevokesSubject
	return &l
}

// authorizeByConfig asks for a configuration of Facebook Login for Business,
// which excludes asking for scopes.
func authorizeByConfig(app *App, q url.Values) {
	if id := app.Options["CONFIG_ID"]; id != "" {
		q.Set("config_id", id)
		q.Del("scope")
	}
}

func identifyFacebook(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	return &Identity{}, nil
}

func identifyLinkedInstagram(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	return &Identity{}, nil
}

func identifyInstagram(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	return &Identity{}, nil
}
