package platforms_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

// TestContract holds every platform to what its readers rely on.
func TestContract(t *testing.T) {
	t.Parallel()
	unique := map[string]string{}
	claim := func(t *testing.T, p *platforms.Platform, kind, value string) {
		t.Helper()
		key := kind + " " + value
		if owner, taken := unique[key]; taken {
			t.Errorf("%s of %s is also %s's", key, p.ID, owner)
		}
		unique[key] = p.ID
	}
	shared := map[string]*platforms.Login{} // by environment prefix
	for _, p := range platforms.All() {
		if got, ok := platforms.Get(p.ID); !ok || got != p {
			t.Errorf("Get(%q) = %v, %t; want the platform", p.ID, got, ok)
		}
		claim(t, p, "id", p.ID)
		claim(t, p, "display name", p.DisplayName)
		claim(t, p, "rank", fmt.Sprint(p.RecommendedRank))
		claim(t, p, "icon", p.Icon)
		logins := map[string]bool{}
		for _, l := range p.Logins {
			if logins[l.ID] {
				t.Errorf("%s has two logins %s", p.ID, l.ID)
			}
			logins[l.ID] = true
			first, ok := shared[l.Env.Prefix]
			if !ok {
				claim(t, p, "callback", l.Callback)
				first, shared[l.Env.Prefix] = l, l
			}
			if l.Env != first.Env || l.Callback != first.Callback || l.Endpoints != first.Endpoints ||
				l.Version != first.Version || !cmp.Equal(l.Options, first.Options) || l.RevokeReach != first.RevokeReach {
				t.Errorf("%s/%s shares %s_%s with another login method that is another app", p.ID, l.ID, l.Env.Prefix, l.Env.ID)
			}
		}
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			checkPlatform(t, p)
			for _, l := range p.Logins {
				checkLogin(t, p, l)
				checkPolicy(t, p, l)
				checkCalls(t, p, l)
			}
		})
	}
}

func checkPlatform(t *testing.T, p *platforms.Platform) {
	t.Helper()
	for what, matches := range map[string]bool{
		"id":         regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(p.ID),
		"name":       p.DisplayName != "" && p.Icon != "",
		"drawing":    regexp.MustCompile(`^M[-MmLlHhVvCcAaZz0-9. ]+[Zz]$`).MatchString(p.IconPath),
		"colour":     regexp.MustCompile(`^#[0-9A-F]{6}$`).MatchString(p.Color),
		"difficulty": slices.Contains([]platforms.Difficulty{platforms.Easy, platforms.Medium, platforms.Hard}, p.Difficulty),
		"minutes":    p.SetupMinutes > 0,
		"rank":       p.RecommendedRank >= 1 && p.RecommendedRank <= 7,
		"features":   len(p.Features) > 0,
		"setup":      len(p.SetupSteps) > 0,
		"limits":     len(p.Limits) > 0,
		"reconnect":  p.ReconnectInstructions.Title != "" && len(p.ReconnectInstructions.Steps) > 0 && len(p.ReconnectInstructions.RequiredPermissions) > 0,
		"logins":     len(p.Logins) > 0,
	} {
		if !matches {
			t.Errorf("%s: bad %s", p.ID, what)
		}
	}
	for what, address := range map[string]string{
		"docs": p.DocsURL, "errors": p.ErrorsURL, "console": p.ConsoleURL, "revoke": p.RevokeURL, "status": p.StatusURL,
	} {
		checkURL(t, p.ID+" "+what, address)
	}
}

func checkLogin(t *testing.T, p *platforms.Platform, l *platforms.Login) {
	t.Helper()
	name := p.ID + "/" + l.ID
	for what, matches := range map[string]bool{
		"env":       l.Env.Prefix != "" && l.Env.ID != "" && l.Env.Secret != "" && l.Env.ID != l.Env.Secret,
		"callback":  regexp.MustCompile(`^[a-z_]+$`).MatchString(l.Callback),
		"separator": l.ScopeSeparator == " " || l.ScopeSeparator == ",",
		"identify":  l.Identify != nil,
		"lifetime":  l.AccessLifetime >= 0 && l.RefreshLifetime >= 0,
		"refresh":   l.Refresh.Kind != "",
		"reach":     l.RevokeReach != "" && (l.RevokeReach == platforms.RevokesNothing) == (l.Endpoints.Revoke == ""),
	} {
		if !matches {
			t.Errorf("%s: bad %s", name, what)
		}
	}
	checkURL(t, name+" authorize", l.Endpoints.Authorize)
	checkURL(t, name+" token", l.Endpoints.Token)
	checkURL(t, name+" API", l.Endpoints.API)
	for _, optional := range []string{l.Endpoints.Revoke, l.Endpoints.Introspect, l.Issuer, l.RevokeURL} {
		if optional != "" {
			checkURL(t, name, optional)
		}
	}
	names := map[string]bool{}
	reads := false
	for _, s := range l.Scopes {
		if s.Name == "" || s.Purpose == "" || s.Capability == "" || names[s.Name] || strings.ContainsAny(s.Name, " ,") {
			t.Errorf("%s: bad or repeated scope %+v", name, s)
		}
		if s.Required && !s.Default {
			t.Errorf("%s: scope %s is required but not asked for by default", name, s.Name)
		}
		names[s.Name] = true
		reads = reads || s.Capability == platforms.ReadProfile && s.Default
	}
	if !reads {
		t.Errorf("%s: the default scopes cannot read a profile", name)
	}
	if got, ok := p.Login(l.ID); !ok || got != l {
		t.Errorf("%s: Login(%q) = %v, %t; want the login", p.ID, l.ID, got, ok)
	}
}

func checkURL(t *testing.T, what, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Fragment != "" {
		t.Errorf("%s: %q is no https address", what, address)
	}
	if strings.HasSuffix(what, "API") && strings.HasSuffix(address, "/") {
		t.Errorf("%s: %q ends in a slash", what, address)
	}
}

func TestAllIsInRecommendedOrder(t *testing.T) {
	t.Parallel()
	var ranks []int
	for _, p := range platforms.All() {
		ranks = append(ranks, p.RecommendedRank)
	}
	if !slices.IsSorted(ranks) {
		t.Errorf("ranks of All() = %v; want them ascending", ranks)
	}
	if p, ok := platforms.Get("myspace"); ok {
		t.Errorf("Get(myspace) = %v, true; want false", p)
	}
	if l, ok := platforms.Twitter.Login(""); !ok || l != platforms.Twitter.Logins[0] {
		t.Errorf(`Login("") = %v, %t; want the preferred login`, l, ok)
	}
	if l, ok := platforms.Twitter.Login("OTHER"); ok {
		t.Errorf("Login(OTHER) = %v, true; want false", l)
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	const text = "hunter2"
	type holder struct {
		Named  platforms.Secret
		Hidden []platforms.Secret
		keys   map[string]platforms.Secret
	}
	secret := platforms.NewSecret(text)
	held := holder{Named: secret, Hidden: []platforms.Secret{secret}, keys: map[string]platforms.Secret{"k": secret}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", secret, &secret, held)
	}
	encoded, err := json.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	slog.New(slog.NewTextHandler(&out, nil)).Info("said", slog.Any("secret", secret), slog.Any("holder", held))
	slog.New(slog.NewJSONHandler(&out, nil)).Info("said", slog.Any("secret", secret), slog.Any("holder", held))
	if got := out.String(); strings.Contains(got, text) || strings.Contains(got, fmt.Sprintf("%x", text)) {
		t.Errorf("output shows the secret:\n%s", got)
	}
	if got := secret.Reveal(); got != text {
		t.Errorf("Reveal() = %q; want %q", got, text)
	}
	if !(platforms.Secret{}).IsZero() || secret.IsZero() {
		t.Error("IsZero is wrong")
	}
}
