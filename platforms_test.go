package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mooring/platforms"
)

// What the tests of platforms ask of an object.
const (
	troubleFields     = `{ issueType fixableBy transient possibleCauses solutions }`
	permissionsFields = `{ source granted missing optionalMissing canPost canRead capabilities { name available missingScopes } }`
	accountFields     = `{ id kind externalId username displayName health { status isConnected } permissions ` + permissionsFields + ` }`
	validationFields  = `{ isValid verified errors { code message } warnings { code message } }`
	attemptFields     = `{ id status candidates { kind externalId username displayName } accounts ` + accountFields + ` diagnosis ` + troubleFields + ` }`
	refusalFields     = `{ code message diagnosis ` + troubleFields + ` }`
)

// attempt is a connect attempt.
type attempt struct {
	ID, Status string
	Candidates []account
	Accounts   []account
	Diagnosis  *trouble
	stopped    string // the page on which the platform let the person go no further
}

// outcome is what an attempt has come to, with the words for people.
func (a attempt) outcome() (outcome, words string) {
	switch {
	case a.stopped != "":
		return "stopped", a.stopped
	case a.Diagnosis != nil:
		return a.Status + " " + a.Diagnosis.String(), a.Diagnosis.words()
	case len(a.Accounts) > 1:
		outcome = fmt.Sprintf("%s %d", a.Status, len(a.Accounts))
	default:
		outcome = a.Status
	}
	if len(a.Accounts) > 0 {
		outcome += a.Accounts[0].Permissions.gaps()
	}
	return outcome, ""
}

// account is an account, or a candidate for one.
type account struct {
	ID, Kind, ExternalID, Username, DisplayName string
	Health                                      struct {
		Status      string
		IsConnected bool
	}
	Permissions permissions
}

// String is what tells accounts apart, as in "PAGE 104455 @quist Quist Bakery".
func (a account) String() string {
	if a.Username == "" {
		return a.Kind + " " + a.ExternalID + " " + a.DisplayName
	}
	return a.Kind + " " + a.ExternalID + " @" + a.Username + " " + a.DisplayName
}

type permissions struct {
	Source                            string
	Granted, Missing, OptionalMissing []string
	CanPost, CanRead                  bool
	Capabilities                      []struct {
		Name          string
		Available     bool
		MissingScopes []string
	}
}

// gaps are the scopes that capabilities lack although connect asked for them.
func (p permissions) gaps() string {
	var gaps string
	for _, c := range p.Capabilities {
		if slices.Contains([]string{"PUBLISH", "READ_PROFILE", "STAY_CONNECTED"}, c.Name) && !c.Available {
			gaps += ", " + c.Name + " lacks " + strings.Join(c.MissingScopes, " ")
		}
	}
	return gaps
}

// String says what is possible, whence that is known, and what is not.
func (p permissions) String() string {
	var can []string
	if p.CanPost {
		can = append(can, "post")
	}
	if p.CanRead {
		can = append(can, "read")
	}
	return strings.Join(append(can, p.Source), " ") + p.gaps()
}

// lacks are the scopes that a capability lacks.
func (p permissions) lacks(capability string) []string {
	for _, c := range p.Capabilities {
		if c.Name == capability {
			return c.MissingScopes
		}
	}
	return []string{"the platform does not have " + capability}
}

// trouble is a diagnosis.
type trouble struct {
	IssueType, FixableBy      string
	Transient                 bool
	PossibleCauses, Solutions []string
}

func (d *trouble) String() string {
	switch {
	case d == nil:
		return "undiagnosed"
	case d.Transient:
		return d.IssueType + " " + d.FixableBy + " transient"
	}
	return d.IssueType + " " + d.FixableBy
}

// words are all that it says to people.
func (d *trouble) words() string {
	if d == nil {
		return ""
	}
	return strings.Join(append(slices.Clone(d.PossibleCauses), d.Solutions...), " ")
}

type validation struct {
	IsValid          *bool
	Verified         bool
	Errors, Warnings []struct{ Code, Message string }
}

// String is the verdict with the codes of what was found, as in
// "valid, warns of NO_BOARD".
func (v validation) String() string {
	said := "unknown"
	if v.IsValid != nil && *v.IsValid {
		said = "valid"
	} else if v.IsValid != nil {
		said = "invalid"
	}
	for _, f := range v.Errors {
		said += " " + f.Code
	}
	for i, f := range v.Warnings {
		if i == 0 {
			said += ", warns of"
		}
		said += " " + f.Code
	}
	return said
}

// refusal is a user error.
type refusal struct {
	Code, Message string
	Diagnosis     *trouble
}

func (r refusal) String() string { return r.Code + " " + r.Diagnosis.String() }

func (r refusal) words() string { return r.Message + " " + r.Diagnosis.words() }

// ask sends an operation that must succeed and reads its only field into v.
func (c caller) ask(t *testing.T, operation string, variables map[string]any, v any) {
	t.Helper()
	for _, field := range c.do(t, operation, variables) {
		data, err := json.Marshal(field)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, v); err != nil {
			t.Fatal(err)
		}
	}
}

// visit is a person's way through a connect attempt.
type visit struct {
	input   map[string]any // of connect
	persona string         // "": the platform's first
	form    url.Values     // more of the consent page's form
	answer  url.Values     // replaces what the platform sends back; a nil value removes it
}

// visit connects and returns what the attempt has come to.
func (c caller) visit(t *testing.T, v visit) attempt {
	t.Helper()
	id, address := c.begin(t, v.input)
	b := newBrowser(t)
	form := url.Values{"decision": {"approve"}, "persona": {v.persona}}
	maps.Copy(form, v.form)
	page := b.get(t, b.get(t, address).location)
	if page.status == http.StatusOK {
		page = b.post(t, b.get(t, address).location, form)
	}
	if page.status == http.StatusFound {
		back, err := url.Parse(page.location)
		if err != nil {
			t.Fatal(err)
		}
		query := back.Query()
		for name, values := range v.answer {
			query.Del(name)
			if values != nil {
				query[name] = values
			}
		}
		back.RawQuery = query.Encode()
		page = b.get(t, back.String())
	}
	var a attempt
	c.ask(t, `query($id: ID!) { connectAttempt(id: $id) `+attemptFields+` }`, map[string]any{"id": id}, &a)
	if page.status == http.StatusBadRequest {
		a.stopped = page.body
	}
	return a
}

// connect connects all that a visit leads to.
func (c caller) connect(t *testing.T, v visit) attempt {
	t.Helper()
	return c.chooseAll(t, c.visit(t, v))
}

// chooseAll completes an attempt with all of its candidates, if it has any.
func (c caller) chooseAll(t *testing.T, a attempt) attempt {
	t.Helper()
	if a.Status != "AWAITING_SELECTION" {
		return a
	}
	var ids []string
	for _, candidate := range a.Candidates {
		ids = append(ids, candidate.ExternalID)
	}
	return c.choose(t, a, ids...)
}

// choose completes an attempt with some of its candidates.
func (c caller) choose(t *testing.T, a attempt, externalIDs ...string) attempt {
	t.Helper()
	var payload struct {
		Attempt    *attempt
		UserErrors []refusal
	}
	c.ask(t, `mutation($input: CompleteConnectInput!) { completeConnect(input: $input) { attempt `+attemptFields+` userErrors { code message } } }`,
		map[string]any{"input": map[string]any{"attemptId": a.ID, "externalIds": externalIDs}}, &payload)
	if payload.Attempt == nil {
		t.Fatalf("completeConnect: %v", payload.UserErrors)
	}
	return *payload.Attempt
}

// validate asks the platform about an account. The refusals say why it could
// not be asked.
func (c caller) validate(t *testing.T, id string) (validation, account, []refusal) {
	t.Helper()
	var payload struct {
		Validation validation
		Account    account
		UserErrors []refusal
	}
	c.ask(t, `mutation($id: ID!) { validate(input: {accountId: $id}) {
		validation `+validationFields+` account `+accountFields+` userErrors `+refusalFields+` } }`, map[string]any{"id": id}, &payload)
	return payload.Validation, payload.Account, payload.UserErrors
}

// checkPermissions asks the platform what an account's grant allows.
func (c caller) checkPermissions(t *testing.T, id string) (permissions, account, []refusal) {
	t.Helper()
	var payload struct {
		Permissions permissions
		Account     account
		UserErrors  []refusal
	}
	c.ask(t, `mutation($id: ID!) { checkPermissions(input: {accountId: $id}) {
		permissions `+permissionsFields+` account `+accountFields+` userErrors `+refusalFields+` } }`, map[string]any{"id": id}, &payload)
	return payload.Permissions, payload.Account, payload.UserErrors
}

// disconnection is what disconnecting an account did.
type disconnection struct {
	RevokedAtPlatform         bool
	RevocationNote, RevokeURL string
	UserErrors                []refusal
}

func (d disconnection) String() string {
	if d.RevokedAtPlatform {
		return "revoked"
	}
	return "not revoked"
}

func (c caller) disconnect(t *testing.T, id string) disconnection {
	t.Helper()
	var payload disconnection
	c.ask(t, `mutation($id: ID!) { disconnect(input: {accountId: $id}) { revokedAtPlatform revocationNote revokeUrl userErrors `+refusalFields+` } }`,
		map[string]any{"id": id}, &payload)
	return payload
}

// control calls the sandbox's control API and returns its answer.
func (c caller) control(t *testing.T, method, path, body string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+"/sandbox/api/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s /sandbox/api/%s %s = %d %s, %v", method, path, body, resp.StatusCode, answer, err)
	}
	return answer
}

// sandboxGrant is a consent as the sandbox tells of it.
type sandboxGrant struct {
	ID, Persona              string
	Scopes                   []string
	HasRefreshToken, Revoked bool
}

// grants are the consents of a persona, the oldest first.
func (c caller) grants(t *testing.T, server, persona string) []sandboxGrant {
	t.Helper()
	var list []sandboxGrant
	if err := json.Unmarshal(c.control(t, http.MethodGet, "grants?platform="+server+"&persona="+persona, ""), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// inTenMinutes makes a consent old, with tokens that still live: what was to
// befall the person has come, and nobody doubts that the tokens are known
// everywhere.
const inTenMinutes = `{"expiresInSeconds": 600}`

// life is what becomes of a persona at a platform.
type life struct {
	capabilities []string // to connect with; nil: the default ones

	accounts []string // all there is to connect; several are to be chosen from
	now      []string // what the platform says of each; one stands for all
	later    []string // the same, some time after the consent; nil: no other

	failure string // the attempt's diagnosis, where nothing can be connected
	stopped bool   // where the platform keeps the person on a page of its own
	words   string // that the person reads in either case
}

// lives are those of all personas by platform, login method and name.
func lives() map[string]life {
	var (
		works        = []string{"valid"}
		organization = []string{"PUBLISH", "ORGANIZATIONS"}
		noPage       = life{failure: "ACCOUNT_SETUP_INCOMPLETE USER", words: "You have no role on any Page"}
		unlinked     = life{failure: "ACCOUNT_SETUP_INCOMPLETE USER", words: "not linked to a Facebook Page"}
		development  = life{stopped: true, words: "App not active"}
	)
	one := func(account string, now ...string) life { return life{accounts: []string{account}, now: now} }
	thirty := []string{"PAGE 208714455093300 @vandermeerstores Vandermeer Stores"}
	for i := 1; i <= 29; i++ {
		thirty = append(thirty, fmt.Sprintf("PAGE 2087144550933%02d Vandermeer Branch %d", i, i))
	}
	return map[string]life{
		"twitter/DEFAULT/rowan": one("PROFILE 1483920017263554561 @rowanames Rowan Ames", "valid"),
		"twitter/DEFAULT/mika":  one("PROFILE 1590377124408901632 @mikaostrow Mika Ostrow", "valid"),
		"twitter/DEFAULT/pell":  one("PROFILE 1622049871335522304 @pelliverson Pell Iverson", "valid"),
		"twitter/DEFAULT/vera": {
			accounts: []string{"PROFILE 1701835526640128000 @veralund Vera Lund"},
			now:      works, later: []string{"invalid ACCOUNT_SUSPENDED"},
		},

		"meta_facebook/DEFAULT/greta": {
			accounts: []string{"PAGE 104455667788990 @quistbakery Quist Bakery", "PAGE 104455667788991 Quist Catering"}, now: works,
		},
		"meta_facebook/DEFAULT/odd":   {accounts: thirty, now: works},
		"meta_facebook/DEFAULT/nora":  noPage,
		"meta_facebook/DEFAULT/tess":  one("PAGE 311902277455001 @aronsenceramics Aronsen Ceramics", "valid, warns of NO_PUBLISH_TASK"),
		"meta_facebook/DEFAULT/yusuf": one("PAGE 118800223344556 @demircycles Demir Cycles", "valid"),
		"meta_facebook/DEFAULT/liv": {
			accounts: []string{"PAGE 127300556677001 @sandoebooks Sandoe Books"},
			now:      works, later: []string{"invalid ROLE_LOST"},
		},
		"meta_facebook/DEFAULT/emil": {
			accounts: []string{"PAGE 135500667788112 @rothguitars Roth Guitars"},
			now:      works, later: []string{"invalid CHECKPOINT"},
		},
		"meta_facebook/DEFAULT/sana": one("PAGE 142200778899223 @malikflorals Malik Florals", "valid"),
		"meta_facebook/DEFAULT/ivo":  development,

		"meta_instagram/FACEBOOK_LOGIN/greta": one("BUSINESS 17841400099887766 @quist.bakery Quist Bakery", "valid"),
		"meta_instagram/FACEBOOK_LOGIN/odd":   one("BUSINESS 17841405822304914 @vandermeer.stores Vandermeer Stores", "valid"),
		"meta_instagram/FACEBOOK_LOGIN/nora":  unlinked,
		"meta_instagram/FACEBOOK_LOGIN/tess":  unlinked,
		"meta_instagram/FACEBOOK_LOGIN/yusuf": unlinked,
		"meta_instagram/FACEBOOK_LOGIN/liv":   unlinked,
		"meta_instagram/FACEBOOK_LOGIN/emil":  unlinked,
		"meta_instagram/FACEBOOK_LOGIN/sana": {
			accounts: []string{"BUSINESS 17841403355779911 @malik.florals Malik Florals"},
			now:      works, later: []string{"invalid NOT_LINKED"},
		},
		"meta_instagram/FACEBOOK_LOGIN/ivo": development,

		"meta_instagram/INSTAGRAM_LOGIN/juno":  one("BUSINESS 17841461200993311 @juno.vale Juno Vale", "valid"),
		"meta_instagram/INSTAGRAM_LOGIN/ravi":  one("BUSINESS 17841461200994422 @ravi.draws Ravi Menon", "valid"),
		"meta_instagram/INSTAGRAM_LOGIN/lotte": {failure: "ACCOUNT_SETUP_INCOMPLETE USER", words: "Switch to professional account"},
		"meta_instagram/INSTAGRAM_LOGIN/mads": {
			accounts: []string{"BUSINESS 17841461200997755 @madsholm Mads Holm"},
			now:      works, later: []string{"invalid NOT_PROFESSIONAL"},
		},
		"meta_instagram/INSTAGRAM_LOGIN/kai": {failure: "APP_NOT_APPROVED OPERATOR", words: "Instagram Tester"},

		"linkedin/DEFAULT/ines": {
			capabilities: organization,
			accounts: []string{
				"PROFILE tR4pQ9wYzA Ines Halvorsen",
				"ORGANIZATION 70931 @halvorsen-maritime Halvorsen Maritime",
				"ORGANIZATION 70932 @nordlys-studio Nordlys Studio",
			},
			now: works,
		},
		"linkedin/DEFAULT/tomas": one("PROFILE mB7xK2vLqE Tomas Reyl", "valid"),
		"linkedin/DEFAULT/runa": {
			capabilities: organization,
			accounts:     []string{"PROFILE kV3nD8sJwR Runa Solberg", "ORGANIZATION 70933 @solberg-keramikk Solberg Keramikk"},
			now:          works, later: []string{"valid", "valid, warns of ROLE_LIMITED"},
		},
		"linkedin/DEFAULT/odd": {
			capabilities: organization,
			accounts:     []string{"PROFILE zH6cF1yTbU Odd Aasen", "ORGANIZATION 70934 @aasen-verft Aasen Verft"},
			now:          works, later: []string{"valid", "invalid ROLE_LOST"},
		},

		"google_youtube/DEFAULT/ada":      one("CHANNEL UCa1b2c3d4e5f6g7h8i9j0kLmN @adaquill Ada Quill", "valid"),
		"google_youtube/DEFAULT/sails":    one("CHANNEL UCq7w8e9r0t1y2u3i4o5p6aSdF @vestbysails Vestby Sails", "valid"),
		"google_youtube/DEFAULT/workshop": one("CHANNEL UCz9x8c7v6b5n4m3l2k1j0hGfD @fjordworkshop Fjord Workshop", "valid"),
		"google_youtube/DEFAULT/noel":     {failure: "ACCOUNT_SETUP_INCOMPLETE USER", words: "https://www.youtube.com/create_channel"},
		"google_youtube/DEFAULT/edda":     one("CHANNEL UCe4d3c2b1a0z9y8x7w6v5uTsR @eddaroth Edda Roth", "valid, warns of LONG_UPLOADS_OFF"),
		"google_youtube/DEFAULT/bo": {
			accounts: []string{"CHANNEL UCb5o4e3n2g1e0l9k8j7h6gFdS @boengel Bo Engel"},
			now:      works, later: []string{"invalid ACCOUNT_SUSPENDED"},
		},
		"google_youtube/DEFAULT/pia": {stopped: true, words: "only its test users"},

		"pinterest/DEFAULT/oak":  one("BUSINESS 660194182233410092 @oakandlinen Oak & Linen", "valid"),
		"pinterest/DEFAULT/lena": one("PROFILE 718324159950286614 @lenakost lenakost", "valid, warns of PERSONAL_ACCOUNT"),
		"pinterest/DEFAULT/wren": one("BUSINESS 803611247785093121 @wrenaldous Wren Aldous", "valid, warns of TRIAL_ACCESS"),
		"pinterest/DEFAULT/nova": one("BUSINESS 917722460183355178 @novaglass Nova Glass", "valid, warns of NO_BOARD"),

		"tiktok/DEFAULT/mina":  one("PROFILE -000YkDKq3sample7wQm @minabakes Mina bakes", "valid"),
		"tiktok/DEFAULT/joris": one("PROFILE -000Hv8Lt5sample2rXd @jorisvaal Joris Vaal", "invalid POSTING_BANNED"),
		"tiktok/DEFAULT/ayla":  one("PROFILE -000Pm4Ws9sample6cNb @aylarieger Ayla Rieger", "valid, warns of APP_UNAUDITED"),
		"tiktok/DEFAULT/finn":  one("PROFILE -000Kd7Rt4sample8vBn @finnalbers Finn Albers", "invalid POST_LIMIT_REACHED"),
		"tiktok/DEFAULT/sol":   one("PROFILE -000Ws2Yp6sample3hGt @solmarin Sol Marin", "valid, warns of APP_USER_CAP_REACHED"),
	}
}

// told says where the scopes are known from: when an account is connected, and
// after the platform was asked. Where these are the same it cannot be asked, or
// has to be asked from the start.
func told(login string) (connected, asked string) {
	switch login {
	case "meta_facebook/DEFAULT", "meta_instagram/FACEBOOK_LOGIN":
		return "INTROSPECTION", "INTROSPECTION"
	case "linkedin/DEFAULT", "google_youtube/DEFAULT":
		return "TOKEN_RESPONSE", "INTROSPECTION"
	}
	return "TOKEN_RESPONSE", "TOKEN_RESPONSE"
}

var personaChoice = regexp.MustCompile(`name="persona" value="([^"]+)"`)

// personas are those whom a login method's consent page offers.
func (c caller) personas(t *testing.T, platform, method string) []string {
	t.Helper()
	_, address := c.begin(t, map[string]any{"platform": platform, "loginMethod": method})
	b := newBrowser(t)
	var ids []string
	for _, choice := range personaChoice.FindAllStringSubmatch(b.get(t, b.get(t, address).location).body, -1) {
		ids = append(ids, choice[1])
	}
	if len(ids) == 0 {
		t.Fatalf("the consent page of %s/%s offers nobody", platform, method)
	}
	return ids
}

// TestPersonas lets everybody who lives in the sandbox connect, by every login
// method, and compares what comes of it with what the platforms do in life.
func TestPersonas(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	want := lives()
	byServer := map[string][]func(*testing.T){} // at one server personas share their grants
	distinct := 0
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			for _, persona := range c.personas(t, p.ID, l.ID) {
				name := p.ID + "/" + l.ID + "/" + persona
				expected, ok := want[name]
				if !ok {
					t.Errorf("nothing is expected of %s; add it to lives", name)
				}
				delete(want, name)
				distinct += len(expected.accounts)
				byServer[l.Callback] = append(byServer[l.Callback], func(t *testing.T) {
					t.Run(name, func(t *testing.T) { c.live(t, p.ID, l, persona, expected) })
				})
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("no consent page offers %v", slices.Sorted(maps.Keys(want)))
	}
	t.Run("all", func(t *testing.T) {
		for server, run := range byServer {
			t.Run(server, func(t *testing.T) {
				t.Parallel()
				for _, persona := range run {
					persona(t)
				}
			})
		}
	})
	var connected struct{ TotalCount int }
	if c.ask(t, `{ accounts { totalCount } }`, nil, &connected); connected.TotalCount != distinct {
		t.Errorf("%d accounts; want %d, though each was connected twice", connected.TotalCount, distinct)
	}
}

// live plays a persona's life.
func (c caller) live(t *testing.T, platform string, l *platforms.Login, persona string, want life) {
	v := visit{persona: persona, input: map[string]any{"platform": platform, "loginMethod": l.ID, "capabilities": want.capabilities}}
	first := c.visit(t, v)
	switch {
	case want.stopped:
		if first.Status != "PENDING" || !strings.Contains(first.stopped, want.words) {
			t.Errorf("the attempt is %s, the page %q; want PENDING, and %q on it", first.Status, first.stopped, want.words)
		}
		return
	case want.failure != "":
		if first.Status != "FAILED" || first.Diagnosis.String() != want.failure || !strings.Contains(first.Diagnosis.words(), want.words) {
			t.Errorf("the attempt is %s, %v: %s; want FAILED, %s, about %q", first.Status, first.Diagnosis, first.Diagnosis.words(), want.failure, want.words)
		}
		return
	}
	if len(want.accounts) > 1 {
		if diff := cmp.Diff(want.accounts, spelt(first.Candidates)); first.Status != "AWAITING_SELECTION" || diff != "" {
			t.Fatalf("the attempt is %s; want a choice (-want +got):\n%s", first.Status, diff)
		}
	}
	connected := c.chooseAll(t, first)
	if diff := cmp.Diff(want.accounts, spelt(connected.Accounts)); connected.Status != "COMPLETED" || diff != "" {
		t.Fatalf("the attempt is %s, %v; want COMPLETED (-want +got):\n%s", connected.Status, connected.Diagnosis, diff)
	}
	if n := len(c.grants(t, l.Callback, persona)); n != 1 {
		t.Errorf("%d grants at the platform; want one for all", n)
	}
	known, asked := told(platform + "/" + l.ID)
	for i, a := range connected.Accounts[:min(3, len(connected.Accounts))] { // of thirty Pages three will do
		if p := a.Permissions; p.Source != known || !p.CanPost || !p.CanRead || len(p.Missing) > 0 {
			t.Errorf("permissions of %v = %+v; want all that was asked for, by %s", a, p, known)
		}
		if p, _, refused := c.checkPermissions(t, a.ID); p.Source != asked || !p.CanPost || !p.CanRead || len(refused) > 0 {
			t.Errorf("checkPermissions of %v = %+v, %v; want the same, by %s", a, p, refused, asked)
		}
		c.wantSaid(t, a, nth(want.now, i))
	}
	again := c.connect(t, v)
	if diff := cmp.Diff(ids(connected.Accounts), ids(again.Accounts)); diff != "" {
		t.Errorf("connecting the same again gives other accounts (-first +second):\n%s", diff)
	}
	if want.later == nil {
		return
	}
	for _, g := range c.grants(t, l.Callback, persona) {
		c.control(t, http.MethodPost, "grants/"+g.ID+"/age", inTenMinutes)
	}
	for i, a := range again.Accounts {
		c.wantSaid(t, a, nth(want.later, i))
	}
}

// wantSaid compares what a platform says of an account. Whatever it is, the
// account is not taken for dead.
func (c caller) wantSaid(t *testing.T, a account, want string) {
	t.Helper()
	got, after, refused := c.validate(t, a.ID)
	if got.String() != want || !got.Verified || len(refused) > 0 {
		t.Errorf("validate of %v = %v, verified %t, %v; want %s", a, got, got.Verified, refused, want)
	}
	if !after.Health.IsConnected || after.Health.Status == "UNHEALTHY" {
		t.Errorf("%v is %+v after validate; want it connected", a, after.Health)
	}
}

// nth is the element for one of several accounts; a single one stands for all.
func nth(list []string, i int) string {
	if len(list) == 1 {
		return list[0]
	}
	return list[i]
}

func spelt(accounts []account) []string {
	var texts []string
	for _, a := range accounts {
		texts = append(texts, a.String())
	}
	return texts
}

func ids(accounts []account) []string {
	var all []string
	for _, a := range accounts {
		all = append(all, a.ID)
	}
	return all
}

// TestRateLimits looks for what the platforms tell of their limits: on the
// account whose limit it is, or on the platform, whose app's it is.
func TestRateLimits(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	const fields = `rateLimits { name limit remaining usedPercent }`
	for _, tt := range []struct {
		platform, persona string
		account, app      []any
	}{
		{"twitter", "rowan", []any{limited("x-rate-limit", 75.0, 74.0, 1.33)}, nil},
		{"meta_facebook", "tess", nil, []any{limited("app", nil, nil, 7)}},
		{"meta_instagram", "sana", []any{limited("instagram", nil, nil, 5)}, []any{limited("app", nil, nil, 7)}},
		{"pinterest", "oak", []any{limited("x-ratelimit", 1000.0, 998.0, 0.2)}, nil},
		{"pinterest", "wren", nil, []any{limited("x-ratelimit", 1000.0, 250.0, 75)}},
		{"linkedin", "tomas", nil, nil},
	} {
		t.Run(tt.platform+"/"+tt.persona, func(t *testing.T) {
			a := c.connect(t, visit{persona: tt.persona, input: map[string]any{"platform": tt.platform}}).Accounts[0]
			c.validate(t, a.ID)
			got := c.do(t, `query($id: ID!) { account(id: $id) { `+fields+` platform { `+fields+` } } }`, map[string]any{"id": a.ID})
			about := cmp.Options{cmpopts.EquateApprox(0, 0.01), cmpopts.EquateEmpty()}
			if diff := cmp.Diff(tt.account, at(t, got, "account", "rateLimits"), about); diff != "" {
				t.Errorf("the account's limits (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.app, at(t, got, "account", "platform", "rateLimits"), about); diff != "" {
				t.Errorf("the app's limits (-want +got):\n%s", diff)
			}
		})
	}
}

// limited is a limit as the API tells of it.
func limited(name string, limit, remaining any, usedPercent float64) any {
	return map[string]any{"name": name, "limit": limit, "remaining": remaining, "usedPercent": usedPercent}
}
