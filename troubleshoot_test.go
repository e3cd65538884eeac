package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const diagnoseQuery = `query($input: DiagnoseInput!) { diagnose(input: $input) {
	platform issueType severity fixableBy transient retryAfterSeconds solutions suggestedAction confidence evidence { rule source value }
} }`

// TestDiagnose asks the running program what errors mean.
func TestDiagnose(t *testing.T) {
	t.Parallel()
	me := caller{instance: start(t)}
	diagnose := func(input map[string]any) map[string]any {
		t.Helper()
		d, _ := me.do(t, diagnoseQuery, map[string]any{"input": input})["diagnose"].(map[string]any)
		return d
	}
	for _, test := range []struct {
		input                  map[string]any
		platform               any
		issueType, fixableBy   string
		solution               string // part of one
		retryAfter, confidence float64
	}{
		{map[string]any{"platform": "x", "stage": "AUTHORIZE", "errorMessage": "redirect_uri did not match"}, "twitter", "REDIRECT_URI_MISMATCH", "OPERATOR", me.url + "/api/oauth/twitter/callback", 0, 0.3},
		{map[string]any{"platform": "instagram", "loginMethod": "INSTAGRAM_LOGIN", "stage": "EXCHANGE", "httpStatus": 400, "body": `{"error_type": "OAuthException", "code": 400, "error_message": "Invalid redirect_uri"}`}, "meta_instagram", "REDIRECT_URI_MISMATCH", "OPERATOR", me.url + "/api/oauth/instagram/callback", 0, 0.3},
		{map[string]any{"platform": "youtube", "stage": "REFRESH", "httpStatus": 400, "errorCode": "invalid_grant"}, "google_youtube", "REVOKED_ACCESS", "USER", "", 0, 0.5},
		{map[string]any{"platform": "linkedin", "httpStatus": 503}, "linkedin", "PLATFORM_OUTAGE", "PLATFORM", "", 0, 0.1},
		{map[string]any{"platform": "orkut", "errorCode": "invalid_client"}, nil, "INVALID_CREDENTIALS", "OPERATOR", "", 0, 0.3},
		{map[string]any{}, nil, "UNKNOWN", "OPERATOR", "", 0, 0},
		{map[string]any{"platform": "x", "errorMessage": "<script>alert(1)</script> qwertz"}, "twitter", "UNKNOWN", "OPERATOR", "", 0, 0},
	} {
		d := diagnose(test.input)
		solutions := strings.Builder{}
		for _, s := range d["solutions"].([]any) {
			solutions.WriteString(s.(string) + "\n")
		}
		if d["platform"] != test.platform || d["issueType"] != test.issueType || !strings.Contains(solutions.String(), test.solution) || d["confidence"].(float64) < test.confidence {
			t.Errorf("diagnose(%v) = %v", test.input, d)
		}
		if d["issueType"] != "UNKNOWN" && d["fixableBy"] != test.fixableBy {
			t.Errorf("diagnose(%v) is fixable by %v; want %s", test.input, d["fixableBy"], test.fixableBy)
		}
		for _, e := range d["evidence"].([]any) {
			if strings.Contains(at(t, e, "value").(string), "<") {
				t.Errorf("diagnose(%v): evidence %v is not escaped", test.input, e)
			}
		}
	}
}

// An account alone is evidence of its own.
func TestDiagnoseAccount(t *testing.T) {
	t.Parallel()
	program := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on")
	later := time.Now().Add(time.Hour)
	ada := caller{program, token(t, "ada", "w", "member", later)}
	mallory := caller{program, token(t, "mallory", "other", "owner", later)}
	account := ada.connected(t, "twitter")
	input := map[string]any{"input": map[string]any{"accountId": account}}
	if d := ada.do(t, diagnoseQuery, input)["diagnose"]; d != nil {
		t.Errorf("diagnose of a healthy account = %v; want null", d)
	}
	for _, g := range ada.grants(t, "twitter", "") {
		ada.control(t, http.MethodPost, "grants/"+g.ID+"/revoke", "")
	}
	ada.do(t, `mutation($id: ID!) { refresh(input: {accountId: $id, force: true}) { refreshed } }`, map[string]any{"id": account})
	d := ada.do(t, diagnoseQuery, input)["diagnose"]
	if at(t, d, "issueType") != "REVOKED_ACCESS" || at(t, d, "fixableBy") != "USER" || at(t, d, "suggestedAction") != "RECONNECT" {
		t.Errorf("diagnose of a revoked account = %v", d)
	}
	said := ada.do(t, diagnoseQuery, map[string]any{"input": map[string]any{"accountId": account, "httpStatus": 429}})["diagnose"]
	if at(t, said, "issueType") != "RATE_LIMIT" || at(t, said, "platform") != "twitter" {
		t.Errorf("diagnose of an account's error = %v; want the error explained", said)
	}
	_, refused := mallory.try(t, diagnoseQuery, input)
	if at(t, refused, "errors", 0, "extensions", "code") != "NOT_FOUND" {
		t.Errorf("diagnose of a foreign account = %v; want NOT_FOUND", refused)
	}
}
