package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// call asks an HTTP endpoint.
func (c caller) call(t *testing.T, method, path, body string) (status int, answer map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+"/api/connection/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%s %s = %d %s: %v", method, path, resp.StatusCode, text, err)
	}
	return resp.StatusCode, answer
}

// must calls an endpoint that must succeed.
func (c caller) must(t *testing.T, method, path, body string) map[string]any {
	t.Helper()
	status, answer := c.call(t, method, path, body)
	if status != http.StatusOK {
		t.Fatalf("%s %s = %d %v", method, path, status, answer)
	}
	return answer
}

// connected connects an account and returns its id.
func (c caller) connected(t *testing.T, platform string, consent ...string) string {
	t.Helper()
	form := approve(0)
	form.Del("lifetime")
	for i := 0; i < len(consent); i += 2 {
		form.Set(consent[i], consent[i+1])
	}
	b := newBrowser(t)
	id, address := c.begin(t, map[string]any{"platform": platform})
	departure := b.post(t, address, nil) // as who presses Continue
	b.get(t, b.post(t, departure.location, form).location)
	data := c.do(t, `query($id: ID!) { connectAttempt(id: $id) { status accounts { id } } }`, map[string]any{"id": id})
	return at(t, data, "connectAttempt", "accounts", 0, "id").(string)
}

// Each example of the OpenAPI document is a request that works, and the answer
// is as the document says.
func TestEndpointsAreAsDescribed(t *testing.T) {
	t.Parallel()
	me := caller{instance: start(t)}
	account := me.connected(t, "twitter")
	description := me.must(t, http.MethodGet, "openapi.json", "")
	text, err := json.Marshal(description)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("openapi.json", document); err != nil {
		t.Fatal(err)
	}
	fits := func(what string, media any, answer any) {
		t.Helper()
		ref := at(t, media, "schema", "$ref").(string)
		schema, err := compiler.Compile("openapi.json" + ref)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(answer); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	operations := 0
	for path, methods := range description["paths"].(map[string]any) {
		for method, operation := range methods.(map[string]any) {
			operations++
			address := strings.TrimPrefix(path, "/")
			parameters, _ := operation.(map[string]any)["parameters"].([]any)
			for _, p := range parameters {
				value := at(t, p, "example").(string)
				if at(t, p, "name") == "account_id" {
					value = account
				}
				address = strings.ReplaceAll(address, "{"+at(t, p, "name").(string)+"}", value)
			}
			var body []byte
			if sent, ok := operation.(map[string]any)["requestBody"]; ok {
				media := at(t, sent, "content", "application/json")
				fits(path+", the example of a request", media, at(t, media, "example"))
				if body, err = json.Marshal(at(t, media, "example")); err != nil {
					t.Fatal(err)
				}
			}
			media := at(t, operation, "responses", "200", "content", "application/json")
			fits(path+", the example of an answer", media, at(t, media, "example"))
			fits(path, media, me.must(t, strings.ToUpper(method), address, string(body)))
		}
	}
	if operations != 10 {
		t.Errorf("openapi.json has %d operations; want 10", operations)
	}
	failure := at(t, description, "components", "responses", "Failure", "content", "application/json")
	_, missing := me.call(t, http.MethodGet, "health/acc_none", "")
	fits("a failure", failure, missing)
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	me := caller{instance: start(t)}

	options := me.must(t, http.MethodGet, "quick-connect/options", "")
	order := options["recommended_order"].([]any)
	if options["total_platforms"] != 7.0 || len(order) != 7 || order[0] != "twitter" || order[6] != "tiktok" {
		t.Errorf("options = %v platforms in the order %v", options["total_platforms"], order)
	}
	if got := at(t, options, "platforms", "meta_facebook", "setup_time"); got != "3 minutes" {
		t.Errorf("setting up Facebook takes %v", got)
	}
	if got := at(t, options, "platforms", "tiktok", "difficulty"); got != "hard" {
		t.Errorf("setting up TikTok is %v", got)
	}

	begun := me.must(t, http.MethodPost, "quick-connect/X", `{"user_id": "user-17"}`)
	if begun["platform"] != "twitter" || begun["user_id"] != "user-17" {
		t.Errorf("quick-connect = %v", begun)
	}
	b := newBrowser(t)
	b.get(t, b.consent(t, begun["authorization_url"].(string), approve(3600)))
	data := me.do(t, `query($id: ID!) { connectAttempt(id: $id) { accounts { id externalUserId } } }`, map[string]any{"id": begun["state"]})
	account := at(t, data, "connectAttempt", "accounts", 0, "id").(string)
	if got := at(t, data, "connectAttempt", "accounts", 0, "externalUserId"); got != "user-17" {
		t.Errorf("the account is %v's; want user-17's", got)
	}

	if h := me.must(t, http.MethodGet, "health/"+account, ""); h["health_status"] != "healthy" || h["is_connected"] != true || h["is_expired"] != false || h["platform"] != "twitter" {
		t.Errorf("health = %v", h)
	}
	ending := me.connected(t, "linkedin", "refresh", "no")
	for _, g := range me.grants(t, "linkedin", "") {
		me.control(t, http.MethodPost, "grants/"+g.ID+"/age", `{"expiresInSeconds": 3600}`)
	}
	if h := me.must(t, http.MethodGet, "health/"+ending, ""); h["health_status"] != "expiring_soon" || h["expires_in_hours"].(float64) > 2 || len(h["warnings"].([]any)) == 0 {
		t.Errorf("health = %v; want it expiring soon, and a warning", h)
	}
	if p := me.must(t, http.MethodGet, "check-permissions/"+account, ""); p["can_post"] != true || len(p["missing_permissions"].([]any)) != 0 {
		t.Errorf("check-permissions = %v", p)
	}
	if v := me.must(t, http.MethodPost, "validate/"+account, ""); v["is_valid"] != true || at(t, v, "account_info", "name") == "" {
		t.Errorf("validate = %v", v)
	}
	if r := me.must(t, http.MethodGet, "reconnect-instructions/youtube", ""); len(r["steps"].([]any)) == 0 || len(r["required_permissions"].([]any)) == 0 {
		t.Errorf("reconnect-instructions = %v", r)
	}
	renewed := me.must(t, http.MethodPost, "auto-refresh/"+account, "")
	lent := me.do(t, `mutation($id: ID!) { leaseToken(input: {accountId: $id}) { lease { accessToken } } }`, map[string]any{"id": account})
	if want := at(t, lent, "leaseToken", "lease", "accessToken"); renewed["refreshed"] != true || renewed["new_token"] != want || renewed["error"] != nil {
		t.Errorf("auto-refresh = %v, %v; want the account's token", renewed["refreshed"], renewed["error"])
	}
	if r := me.must(t, http.MethodPost, "auto-refresh/"+ending, ""); r["refreshed"] != false || r["new_token"] != nil || r["error"] == nil {
		t.Errorf("auto-refresh of what cannot be refreshed = %v", r)
	}
	for _, test := range []struct{ sent, platform, issue string }{
		{`{"platform": "facebook", "error_code": 190, "error_message": "Session has expired"}`, "meta_facebook", "expired_token"},
		{`{"platform": "x", "error_code": "invalid_client", "error_message": null}`, "twitter", "invalid_credentials"},
		{`{"platform": "myspace", "error_code": "redirect_uri_mismatch"}`, "myspace", "redirect_uri_mismatch"},
		{`{"error_message": "qwertz"}`, "", "unknown"},
	} {
		d := me.must(t, http.MethodPost, "troubleshoot", test.sent)
		if platform, _ := d["platform"].(string); platform != test.platform || d["issue_type"] != test.issue || len(d["solutions"].([]any)) == 0 {
			t.Errorf("troubleshoot %s = %v", test.sent, d)
		}
	}
	ready := me.must(t, http.MethodGet, "test-prerequisites/twitter", "")
	named := false
	for _, c := range ready["checks"].([]any) {
		named = named || at(t, c, "name") == "Environment variable: TWITTER_CLIENT_ID" && at(t, c, "status") == "pass"
	}
	if ready["ready_to_connect"] != true || !named {
		t.Errorf("test-prerequisites = %v", ready)
	}
	bulk := me.must(t, http.MethodPost, "bulk-connect/prepare", `{"platforms": ["instagram", "linkedin", "x", "facebook"], "user_id": "user-17"}`)
	var sequence []string
	addresses := map[any]bool{}
	for _, s := range bulk["connection_sequence"].([]any) {
		sequence = append(sequence, at(t, s, "platform").(string))
		addresses[at(t, s, "authorization_url")] = true
	}
	if got := strings.Join(sequence, " "); got != "twitter linkedin meta_facebook meta_instagram" && got != "twitter meta_facebook meta_instagram linkedin" || bulk["total_platforms"] != 4.0 || len(addresses) != 3 {
		t.Errorf("bulk-connect = %v platforms, %s, with %d addresses", bulk["total_platforms"], got, len(addresses))
	}
}

// Failures have the status that suits them and say what is wrong.
func TestEndpointsRefuse(t *testing.T) {
	t.Parallel()
	program := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on")
	later := time.Now().Add(time.Hour)
	who := map[string]caller{
		"nobody":  {instance: program},
		"forged":  {program, "x.y.z"},
		"ada":     {program, token(t, "ada", "w", "member", later)},
		"viewer":  {program, token(t, "vera", "w", "viewer", later)},
		"owner":   {program, token(t, "olga", "w", "owner", later)},
		"mallory": {program, token(t, "mallory", "other", "owner", later)},
		"service": {program, token(t, "backend", "w", "service", later)},
	}
	account := who["ada"].connected(t, "twitter")
	for _, test := range []struct {
		who, method, path, body string
		status                  int
		code                    string
	}{
		{"nobody", "GET", "health/" + account, "", 401, "UNAUTHENTICATED"},
		{"forged", "GET", "health/" + account, "", 401, "UNAUTHENTICATED"},
		{"mallory", "GET", "health/" + account, "", 404, "NOT_FOUND"},
		{"mallory", "POST", "validate/" + account, "", 404, "NOT_FOUND"},
		{"mallory", "GET", "check-permissions/" + account, "", 404, "NOT_FOUND"},
		{"mallory", "POST", "auto-refresh/" + account, "", 404, "NOT_FOUND"},
		{"viewer", "POST", "validate/" + account, "", 403, "FORBIDDEN"},
		{"viewer", "POST", "quick-connect/twitter", "", 403, "FORBIDDEN"},
		{"viewer", "POST", "auto-refresh/" + account, "", 403, "FORBIDDEN"},
		{"ada", "POST", "quick-connect/twitter", `{"user_id": "bob"}`, 403, "FORBIDDEN"},
		{"ada", "POST", "bulk-connect/prepare", `{"platforms": ["x"], "user_id": "bob"}`, 403, "FORBIDDEN"},
		{"ada", "POST", "quick-connect/twitter", `{"user_id": 7}`, 400, "BAD_USER_INPUT"},
		{"ada", "POST", "quick-connect/twitter", `["ada"]`, 400, "BAD_USER_INPUT"},
		{"ada", "POST", "troubleshoot", `{"platform": `, 400, "BAD_USER_INPUT"},
		{"ada", "POST", "troubleshoot", `"redirect_uri_mismatch"`, 400, "BAD_USER_INPUT"},
		{"ada", "POST", "troubleshoot", `{"error_code": true}`, 400, "BAD_USER_INPUT"},
		{"ada", "POST", "bulk-connect/prepare", `{"platforms": "x"}`, 400, "BAD_USER_INPUT"},
		{"ada", "POST", "troubleshoot", `{"error_code": {}}`, 400, "BAD_USER_INPUT"},
		{"ada", "POST", "troubleshoot", `{"error_message": "` + strings.Repeat("x", 70_000) + `"}`, 413, "BAD_USER_INPUT"},
		{"ada", "POST", "bulk-connect/prepare", `{"platforms": []}`, 400, "INVALID"},
		{"ada", "POST", "quick-connect/myspace", "", 404, "NOT_FOUND"},
		{"ada", "GET", "test-prerequisites/myspace", "", 404, "NOT_FOUND"},
		{"ada", "GET", "reconnect-instructions/myspace", "", 404, "NOT_FOUND"},
		{"ada", "GET", "health/acc_none", "", 404, "NOT_FOUND"},
		{"ada", "POST", "health/" + account, "", 405, "BAD_USER_INPUT"},
		{"ada", "GET", "troubleshoot", "", 405, "BAD_USER_INPUT"},
		{"ada", "GET", "nothing", "", 404, "NOT_FOUND"},
	} {
		status, answer := who[test.who].call(t, test.method, test.path, test.body)
		failure, _ := answer["error"].(map[string]any)
		message, _ := failure["message"].(string)
		if status != test.status || failure["code"] != test.code || message == "" || len(answer) != 1 {
			t.Errorf("%s: %s %s %.40s = %d %v; want %d %s", test.who, test.method, test.path, test.body, status, answer, test.status, test.code)
		}
		for _, jargon := range []string{"Go ", "struct", "rest.", "[]string"} {
			if strings.Contains(message, jargon) {
				t.Errorf("%s %s %.40s says %q; want nothing of how it is programmed", test.method, test.path, test.body, message)
			}
		}
	}

	begun := who["service"].must(t, http.MethodPost, "quick-connect/twitter", `{"user_id": "bob"}`)
	if begun["user_id"] != "bob" {
		t.Errorf("a service connects for %v; want bob", begun["user_id"])
	}
	if begun := who["ada"].must(t, http.MethodPost, "quick-connect/twitter", ""); begun["user_id"] != "ada" {
		t.Errorf("ada connects for %v; want herself", begun["user_id"])
	}
	if r := who["ada"].must(t, http.MethodPost, "auto-refresh/"+account, ""); r["refreshed"] != true || r["new_token"] != nil {
		t.Errorf("auto-refresh for a member = %v; want no token", r)
	}
	if r := who["service"].must(t, http.MethodPost, "auto-refresh/"+account, ""); r["refreshed"] != true || r["new_token"] == nil {
		t.Errorf("auto-refresh for a service gives %v; want a token", r)
	}
	activity := who["owner"].do(t, `query($id: ID!) { account(id: $id) { activity { edges { node { kind actor reason } } } } }`, map[string]any{"id": account})
	want := map[string]any{"kind": "TOKEN_LEASED", "actor": "backend", "reason": "auto-refresh"}
	if !slices.ContainsFunc(at(t, activity, "account", "activity", "edges").([]any), func(e any) bool {
		return reflect.DeepEqual(at(t, e, "node"), want)
	}) {
		t.Errorf("activity = %v; want %v in it", activity, want)
	}
}

// A platform that cannot be asked makes no account invalid, and says so.
func TestEndpointsDuringAnOutage(t *testing.T) {
	t.Parallel()
	me := caller{instance: start(t)}
	account := me.connected(t, "twitter")
	me.control(t, http.MethodPost, "faults", `{"platform": "twitter", "endpoint": "profile", "status": 503, "times": 9}`)
	status, answer := me.call(t, http.MethodPost, "validate/"+account, "")
	if status != http.StatusServiceUnavailable || at(t, answer, "error", "code") != "PLATFORM_UNAVAILABLE" {
		t.Errorf("validate = %d %v; want 503", status, answer)
	}
	if h := me.must(t, http.MethodGet, "health/"+account, ""); h["health_status"] != "healthy" {
		t.Errorf("health = %v; want it healthy", h)
	}
}
