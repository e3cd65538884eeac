package platforms_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"mooring/platforms"
)

const publicURL = "https://mooring.example.com"

// operated is an app that an operator has set up without a fault.
func operated(p *platforms.Platform, l *platforms.Login) *platforms.App {
	id := fmt.Sprintf("9001%d%d", l.Env.Prefix[0], l.Env.Prefix[1]) // another for each app
	if l.Env.Prefix == "GOOGLE" {
		id += ".apps.googleusercontent.com"
	}
	return &platforms.App{
		Platform: p, Login: l, ClientID: id, ClientSecret: platforms.NewSecret("kJ8w" + l.Env.Prefix + "Zq1"),
		RedirectURI: publicURL + "/api/oauth/" + l.Callback + "/callback", Endpoints: l.Endpoints, HTTP: http.DefaultClient,
	}
}

// all are apps at all login methods.
func all() []*platforms.App {
	var apps []*platforms.App
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			apps = append(apps, operated(p, l))
		}
	}
	return apps
}

// named returns the check whose name begins so.
func named(t *testing.T, checks []platforms.Check, name string) platforms.Check {
	t.Helper()
	for _, c := range checks {
		if strings.HasPrefix(c.Name, name) {
			return c
		}
	}
	t.Fatalf("there is no check %s in %+v", name, checks)
	return platforms.Check{}
}

var aMoment = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

func TestChecksOfASoundSetup(t *testing.T) {
	t.Parallel()
	setup := platforms.Setup{Apps: all(), PublicURL: publicURL}
	for _, a := range setup.Apps {
		seen := map[string]bool{}
		for _, c := range setup.Checks(a, aMoment) {
			if c.Status != platforms.Pass || c.Fix != "" || c.Message == "" || c.Remedy() != nil {
				t.Errorf("%s of %s = %+v; want it to pass, with nothing to do", c.Name, a.Login.Env.Prefix, c)
			}
			if seen[c.Name] {
				t.Errorf("%s has two checks %s", a.Login.Env.Prefix, c.Name)
			}
			seen[c.Name] = true
		}
		for _, suffix := range []string{a.Login.Env.ID, a.Login.Env.Secret} {
			if name := "Environment variable: " + a.Login.Env.Prefix + "_" + suffix; !seen[name] {
				t.Errorf("%s has no check %s", a.Login.Env.Prefix, name)
			}
		}
		if a.Login.Credentials.Found == "" {
			t.Errorf("nobody says where %s's credentials are found", a.Login.Env.Prefix)
		}
	}
}

func TestFlawsOfCredentials(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                               "is not set",
		"your-client-id":                 "is a placeholder",
		"YOUR_TWITTER_CLIENT_ID":         "is a placeholder",
		"<client id>":                    "is a placeholder",
		"${TWITTER_CLIENT_ID}":           "is a placeholder",
		"{{ .Values.id }}":               "is a placeholder",
		"[id]":                           "is a placeholder",
		"…":                              "is a placeholder",
		"...":                            "is a placeholder",
		"xxxxxxxx":                       "is a placeholder",
		"abcd-xxxx-xxxx":                 "is a placeholder",
		"changeme":                       "is a placeholder",
		"Change-Me!":                     "is a placeholder",
		"insert_here":                    "is a placeholder",
		"TODO":                           "is a placeholder",
		"undefined":                      "is a placeholder",
		"client_id":                      "is a placeholder",
		"1234567890":                     "is a placeholder",
		"0000000":                        "is a placeholder",
		"a1b2c3":                         "is a placeholder",
		`"your-client-id"`:               "is a placeholder",
		`"TjV4c2VjcmV0"`:                 "quotation marks",
		`'TjV4c2VjcmV0'`:                 "quotation marks",
		"“TjV4c2VjcmV0”":                 "quotation marks",
		`TjV4c2VjcmV0"`:                  "quotation marks",
		" TjV4c2VjcmV0":                  "spaces",
		"TjV4c2VjcmV0\n":                 "spaces",
		"TjV4 c2VjcmV0":                  "spaces",
		"TjV4c2VjcmV0\u200b":             "invisible",
		"\ufeffTjV4c2VjcmV0":             "invisible",
		"TjV4c2VjcmV0%3D":                "percent-encoded",
		"TjV4c2VjcmV0":                   "",
		"NUpXYk1vSk5XX1pVbF9zd0J4bVo6":   "",
		"abc":                            "",
		"m":                              "",
		"86abcd1234efgh":                 "",
		"WPL_AP1.ZY8xw7Vu.6tsrq==":       "",
		"GOCSPX-Yourself_is_no_template": "",
		"sandbox-twitter-secret":         "",
		"100%":                           "",
	} {
		a := operated(platforms.Twitter, platforms.Twitter.Logins[0])
		setup := platforms.Setup{Apps: []*platforms.App{a}, PublicURL: publicURL}
		for _, variable := range []string{"TWITTER_CLIENT_ID", "TWITTER_CLIENT_SECRET"} {
			given := *a
			if variable == "TWITTER_CLIENT_ID" {
				given.ClientID = value
			} else {
				given.ClientSecret = platforms.NewSecret(value)
			}
			c := named(t, setup.Checks(&given, aMoment), "Environment variable: "+variable)
			switch {
			case want == "" && c.Status != platforms.Pass:
				t.Errorf("%s=%q: %+v; want it to pass", variable, value, c)
			case want != "" && (c.Status != platforms.Fail || !strings.Contains(c.Message, want) || !strings.Contains(c.Fix, variable)):
				t.Errorf("%s=%q: %+v; want a failure that says %q", variable, value, c, want)
			}
			if want == "quotation marks" && !strings.HasPrefix(c.Fix, "Take the quotation marks away from "+variable) {
				t.Errorf("%s=%q: the fix is %q; want it to be about the quotation marks", variable, value, c.Fix)
			}
			if len(value) > 6 && !strings.Contains(variable, strings.ToUpper(value)) && strings.Contains(c.Message+c.Fix, value) {
				t.Errorf("%s=%q is printed: %+v", variable, value, c)
			}
		}
	}
}

// TestMixedUpCredentials: of two variables with one value the later is taken
// for the mistaken one.
func TestMixedUpCredentials(t *testing.T) {
	t.Parallel()
	meta, byInstagram := operated(platforms.Facebook, platforms.Facebook.Logins[0]), operated(platforms.Instagram, platforms.Instagram.Logins[1])
	linked := operated(platforms.Instagram, platforms.Instagram.Logins[0])
	google := operated(platforms.YouTube, platforms.YouTube.Logins[0])
	setup := platforms.Setup{Apps: []*platforms.App{meta, linked, byInstagram, google}, PublicURL: publicURL}
	for _, tt := range []struct {
		name   string
		app    *platforms.App
		change func(a *platforms.App)
		check  string
		want   string // "" for none
	}{
		{"Meta's id for Instagram", byInstagram, func(a *platforms.App) { a.ClientID = meta.ClientID }, "INSTAGRAM_APP_ID", "is the same as META_APP_ID"},
		{"Meta's secret for Instagram", byInstagram, func(a *platforms.App) { a.ClientSecret = meta.ClientSecret }, "INSTAGRAM_APP_SECRET", "is the same as META_APP_SECRET"},
		{"one app for Facebook and Instagram", linked, func(*platforms.App) {}, "META_APP_ID", ""},
		{"the id for the secret", meta, func(a *platforms.App) { a.ClientSecret = platforms.NewSecret(a.ClientID) }, "META_APP_SECRET", "is the same as META_APP_ID"},
		{"a token for Meta's id", meta, func(a *platforms.App) { a.ClientID = "EAABwzLixnjYBO" }, "META_APP_ID", "of digits only"},
		{"a token for Instagram's id", byInstagram, func(a *platforms.App) { a.ClientID = "IGAA7x" }, "INSTAGRAM_APP_ID", "of digits only"},
		{"an API key for Google's id", google, func(a *platforms.App) { a.ClientID = "AIzaSyA1" }, "GOOGLE_CLIENT_ID", "ends in .apps.googleusercontent.com"},
		{"Google's id for its secret", google, func(a *platforms.App) {
			a.ClientSecret = platforms.NewSecret("12345-abc.apps.googleusercontent.com")
		}, "GOOGLE_CLIENT_SECRET", "is an id"},
		{"any id where something stands in for Google", google, func(a *platforms.App) {
			a.ClientID, a.Endpoints.Token = "AIzaSyA1", "http://127.0.0.1:9000/token"
		}, "GOOGLE_CLIENT_ID", ""},
		{"the sandbox", byInstagram, func(a *platforms.App) { a.ClientID, a.Sandbox = meta.ClientID, true }, "INSTAGRAM_APP_ID", ""},
	} {
		given := *tt.app
		tt.change(&given)
		setup := setup
		setup.Apps = append([]*platforms.App{}, setup.Apps...)
		for i, a := range setup.Apps {
			if a == tt.app {
				setup.Apps[i] = &given
			}
		}
		c := named(t, setup.Checks(&given, aMoment), "Environment variable: "+tt.check)
		if (c.Status == platforms.Fail) != (tt.want != "") || !strings.Contains(c.Message, tt.want) {
			t.Errorf("%s: %+v; want %q", tt.name, c, tt.want)
		}
		if other := named(t, setup.Checks(setup.Apps[0], aMoment), "Environment variable: META_APP_ID"); tt.app != meta && other.Status != platforms.Pass {
			t.Errorf("%s: META_APP_ID is blamed, too: %+v", tt.name, other)
		}
	}
}

func TestRedirectURIs(t *testing.T) {
	t.Parallel()
	const local, byIP = "http://localhost:33766", "http://127.0.0.1:33766"
	for _, tt := range []struct {
		login  string // prefix
		uri    string // "/" begins one of the public URL
		public string // publicURL unless said
		want   string // "" for none
	}{
		{"TWITTER", "/api/oauth/twitter/callback", "", ""},
		{"TWITTER", "HTTPS://MOORING.EXAMPLE.COM/api/oauth/twitter/callback", "", ""},
		{"TWITTER", "/api/oauth/twitter/callback/", "", "another path"},
		{"TWITTER", "/api/oauth/meta/callback", "", "another path"},
		{"TWITTER", "/callback", "", "another path"},
		{"TWITTER", "/api/oauth/twitter/callback#done", "", "fragment"},
		{"TWITTER", "/api/oauth/twitter/callback#", "", "fragment"},
		{"TWITTER", "https://*.example.com/api/oauth/twitter/callback", "", "wildcard"},
		{"TWITTER", "https://ada:pw@mooring.example.com/api/oauth/twitter/callback", "", "user's name"},
		{"TWITTER", "https://mooring.example.com/../api/oauth/twitter/callback", "", "/.."},
		{"TWITTER", "ftp://mooring.example.com/api/oauth/twitter/callback", "", "no http or https"},
		{"TWITTER", "mooring.example.com/api/oauth/twitter/callback", "", "no http or https"},
		{"TWITTER", "https:///api/oauth/twitter/callback", "", "no http or https"},
		{"TWITTER", "%zz", "", "no address"},
		{"TWITTER", "", "", "no http or https"},
		{"TWITTER", "http://mooring.example.com/api/oauth/twitter/callback", "", "takes https"},
		{"TWITTER", "https://elsewhere.example.com/api/oauth/twitter/callback", "", "another host"},
		{"TWITTER", "https://mooring.example.com:8443/api/oauth/twitter/callback", "", "another host"},
		{"TWITTER", "https://mooring.example.com/api/oauth/twitter/callback", "http://mooring.example.com", "MOORING_PUBLIC_URL with http"},
		{"TWITTER", local + "/api/oauth/twitter/callback", local, ""},
		{"TWITTER", byIP + "/api/oauth/twitter/callback", local, ""}, // browsers are led over
		{"TWITTER", "http://127.0.0.1:8080/api/oauth/twitter/callback", local, "another host"},
		{"META", local + "/api/oauth/meta/callback", local, ""},
		{"META", byIP + "/api/oauth/meta/callback", byIP, "except of localhost"},
		{"INSTAGRAM", local + "/api/oauth/instagram/callback", local, "https alone, and no localhost"},
		{"INSTAGRAM", "/api/oauth/instagram/callback", "", ""},
		{"GOOGLE", byIP + "/api/oauth/google_youtube/callback", byIP, ""},
		{"GOOGLE", "https://203.0.113.7/api/oauth/google_youtube/callback", "https://203.0.113.7", "IP address"},
		{"GOOGLE", "https://mooring.internal/api/oauth/google_youtube/callback", "https://mooring.internal", "public suffix"},
		{"GOOGLE", "https://mooring/api/oauth/google_youtube/callback", "https://mooring", "public suffix"},
		{"TIKTOK", "/api/oauth/tiktok/callback?a=b", "", "query"},
		{"TIKTOK", "/api/oauth/tiktok/callback?", "", "query"},
		{"TIKTOK", local + "/api/oauth/tiktok/callback", local, ""},
		{"TIKTOK", "http://localhost/api/oauth/tiktok/callback", "http://localhost", "no port"},
		{"TIKTOK", "https://" + strings.Repeat("a", 500) + ".example.com/api/oauth/tiktok/callback", "", "512"},
		{"PINTEREST", "/api/oauth/pinterest/callback?a=b", "", ""},
		{"PINTEREST", byIP + "/api/oauth/pinterest/callback", byIP, "except of localhost"},
		{"LINKEDIN", local + "/api/oauth/linkedin/callback", local, ""},
	} {
		setup := platforms.Setup{Apps: all(), PublicURL: publicURL}
		if tt.public != "" {
			setup.PublicURL = tt.public
		}
		for _, a := range setup.Apps {
			if a.Login.Env.Prefix != tt.login {
				continue
			}
			a.RedirectURI = tt.uri
			if strings.HasPrefix(tt.uri, "/") {
				a.RedirectURI = publicURL + tt.uri
			}
			c := named(t, setup.Checks(a, aMoment), "Redirect URI: "+tt.login+"_REDIRECT_URI")
			if (c.Status == platforms.Fail) != (tt.want != "") || !strings.Contains(c.Message, tt.want) {
				t.Errorf("%s_REDIRECT_URI=%q at %s: %+v; want %q", tt.login, a.RedirectURI, setup.PublicURL, c, tt.want)
			}
			if doubtful := tt.login == "TIKTOK" && tt.public == local; (c.Status == platforms.Warn) != doubtful || doubtful && !strings.Contains(c.Message, "Web needs an https") {
				t.Errorf("%s_REDIRECT_URI=%q: %+v; want a warning: %t", tt.login, a.RedirectURI, c, doubtful)
			}
			sound := "Mooring then uses " + setup.PublicURL + a.Login.CallbackPath() + "."
			if a.RedirectURI == setup.PublicURL+a.Login.CallbackPath() {
				sound = "Set MOORING_PUBLIC_URL to an https address"
			}
			if tt.want != "" && !strings.Contains(c.Fix, sound) {
				t.Errorf("%s_REDIRECT_URI=%q: the fix is %q; want %q", tt.login, a.RedirectURI, c.Fix, sound)
			}
			if tt.public == local { // what stands in for a platform has rules of its own
				a.Endpoints.Token = "http://127.0.0.1:9000/token"
				a.RedirectURI = local + "/api/oauth/" + a.Login.Callback + "/callback"
				if c := named(t, setup.Checks(a, aMoment), "Redirect URI"); c.Status != platforms.Pass {
					t.Errorf("at a stand-in: %+v; want it to pass", c)
				}
			}
		}
	}
}

func TestStandIns(t *testing.T) {
	t.Parallel()
	a := operated(platforms.Twitter, platforms.Twitter.Logins[0])
	a.Endpoints.Token = "http://127.0.0.1:9000/token"
	setup := platforms.Setup{Apps: []*platforms.App{a}, PublicURL: publicURL}
	c := named(t, setup.Checks(a, aMoment), "Environment variable: TWITTER_TOKEN_URL")
	if c.Status != platforms.Warn || !strings.Contains(c.Message, "https://api.x.com/2/oauth2/token") {
		t.Errorf("a token endpoint elsewhere: %+v; want a warning that names X's own", c)
	}
	a.Sandbox = true
	for _, c := range setup.Checks(a, aMoment) {
		if c.Status != platforms.Pass || strings.HasPrefix(c.Name, "Environment") && !strings.Contains(c.Message, "sandbox") {
			t.Errorf("played by the sandbox: %+v; want it to pass and to say so", c)
		}
	}
}

func TestReleases(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		platform     *platforms.Platform
		version      string
		now          time.Time
		want         platforms.CheckStatus
		words, check string
	}{
		{platforms.Facebook, "", aMoment, platforms.Pass, "v25.0 is served until 29 July 2028", "META_GRAPH_VERSION"},
		{platforms.Facebook, "v26.0", aMoment, platforms.Pass, "no end is announced", "META_GRAPH_VERSION"},
		{platforms.Facebook, "v19.0", aMoment, platforms.Warn, "has ended on 21 May 2026", "META_GRAPH_VERSION"},
		{platforms.Facebook, "v21.0", aMoment, platforms.Warn, "ends on 21 January 2027", "META_GRAPH_VERSION"},
		{platforms.Facebook, "v21.0", time.Date(2026, time.October, 23, 0, 0, 0, 0, time.UTC), platforms.Pass, "until", "META_GRAPH_VERSION"},
		{platforms.Facebook, "v21.0", time.Date(2026, time.October, 23, 0, 0, 0, 1, time.UTC), platforms.Warn, "ends on", "META_GRAPH_VERSION"},
		{platforms.Facebook, "v21.0", time.Date(2027, time.January, 21, 0, 0, 0, 0, time.UTC), platforms.Warn, "ends on", "META_GRAPH_VERSION"},
		{platforms.Facebook, "v21.0", time.Date(2027, time.January, 21, 0, 0, 0, 1, time.UTC), platforms.Warn, "has ended", "META_GRAPH_VERSION"},
		{platforms.Facebook, "25", aMoment, platforms.Warn, "is no release that Mooring knows", "META_GRAPH_VERSION"},
		{platforms.LinkedIn, "202511", aMoment, platforms.Warn, "has ended on 16 November 2026", "LINKEDIN_VERSION"},
	} {
		a := operated(tt.platform, tt.platform.Logins[0])
		a.Version = tt.version
		setup := platforms.Setup{Apps: []*platforms.App{a}, PublicURL: publicURL}
		c := named(t, setup.Checks(a, tt.now), "API version: "+tt.check)
		if c.Status != tt.want || !strings.Contains(c.Message, tt.words) {
			t.Errorf("%s=%s on %s: %+v; want %s, %q", tt.check, tt.version, tt.now, c, tt.want, tt.words)
		}
		if !platforms.Ready(setup.Checks(a, tt.now)) {
			t.Errorf("%s=%s: it is not ready; want time alone to stop nobody", tt.check, tt.version)
		}
	}
}

func TestScopesCheck(t *testing.T) {
	t.Parallel()
	a := operated(platforms.Instagram, platforms.Instagram.Logins[0])
	setup := platforms.Setup{Apps: []*platforms.App{a}, PublicURL: publicURL}
	if c := named(t, setup.Checks(a, aMoment), "Scopes: FACEBOOK_LOGIN"); c.Status != platforms.Pass || !strings.Contains(c.Message, "instagram_content_publish") || strings.Contains(c.Message, "manage_comments") {
		t.Errorf("the scopes: %+v; want those asked for by default", c)
	}
	a.Options = map[string]string{"CONFIG_ID": "7"}
	if c := named(t, setup.Checks(a, aMoment), "Scopes"); c.Status != platforms.Warn || !strings.Contains(c.Fix, "instagram_content_publish") {
		t.Errorf("a configuration in the place of scopes: %+v; want a warning with what it must have", c)
	}
}

// TestCredentialForms: what is said of an id's form is true of the sound one.
func TestCredentialForms(t *testing.T) {
	t.Parallel()
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			c := l.Credentials
			if (c.ID == nil) != (c.Looks == "") {
				t.Errorf("%s: the form of ids is %v, in words %q; want both or neither", l.Env.Prefix, c.ID, c.Looks)
			}
			if !regexp.MustCompile(`^They are .*\.$`).MatchString(c.Found) {
				t.Errorf("%s: %q is no sentence that says what the credentials are", l.Env.Prefix, c.Found)
			}
		}
	}
}

// Whoever tells of its own accord is told where to, by address and entry.
func TestWebhooksAreNamed(t *testing.T) {
	t.Parallel()
	told := 0
	for _, a := range all() {
		name := "Webhooks: " + a.Login.Env.Prefix
		checks := platforms.Setup{PublicURL: publicURL}.Checks(a, aMoment)
		if len(a.Login.Webhooks) == 0 {
			for _, c := range checks {
				if strings.HasPrefix(c.Name, "Webhooks") {
					t.Errorf("%s tells nothing, and has %+v", a.Login.Env.Prefix, c)
				}
			}
			continue
		}
		told++
		c := named(t, checks, name)
		for _, w := range a.Login.Webhooks {
			if !strings.Contains(c.Message, publicURL+a.Login.WebhookPath(w.Event)) || !strings.Contains(c.Message, w.Entry) {
				t.Errorf("%s says %q; want the address of %s and where to enter it", name, c.Message, w.Event)
			}
		}
		if c := named(t, platforms.Setup{PublicURL: "http://localhost:1"}.Checks(a, aMoment), name); c.Status != platforms.Warn || c.Fix == "" {
			t.Errorf("%s of a server without https = %+v; want a warning", name, c)
		}
	}
	if told < 3 {
		t.Errorf("%d login methods have webhooks; want Meta's, Instagram's and TikTok's", told)
	}
}
