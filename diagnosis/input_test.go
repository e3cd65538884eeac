package diagnosis

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

func TestFromErrorTakesEverythingOver(t *testing.T) {
	t.Parallel()
	failure := &platforms.Error{
		Platform: "linkedin",
		Stage:    platforms.StageAPI,
		Status:   429,
		Verdict: platforms.Verdict{
			Class: platforms.ClassRateLimited, Code: "c", Subcode: "s", Message: "m", RetryAfter: 90 * time.Second,
		},
		Body: "b",
	}
	got := FromError(fmt.Errorf("connect: %w", errors.Join(errors.New("other"), failure)), "twitter", platforms.StageExchange)
	want := Input{
		Platform: "linkedin", Stage: platforms.StageAPI, HTTPStatus: 429, ErrorCode: "c", ErrorSubcode: "s",
		ErrorMessage: "m", Body: "b", Class: platforms.ClassRateLimited, RetryAfter: 90 * time.Second,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("FromError (-want +got):\n%s", diff)
	}
}

func TestFromErrorNamesOutcomes(t *testing.T) {
	t.Parallel()
	dial := &url.Error{Op: "Post", URL: "https://api.example/token?secret=1", Err: &net.DNSError{Err: "no such host", Name: "api.example"}}
	tests := []struct {
		name string
		err  platforms.Error
		code string
		rule string
	}{
		{"not sent", platforms.Error{Outcome: platforms.OutcomeNotSent}, CodeNotSent, "network/not-sent"},
		{"no such host", platforms.Error{Outcome: platforms.OutcomeNotSent, Err: dial}, CodeNotSent, "network/dns"},
		{"no answer", platforms.Error{Outcome: platforms.OutcomeUnknown}, CodeTimeout, "network/timeout"},
		{"half an answer", platforms.Error{Outcome: platforms.OutcomeUnknown, Status: 200, Err: errors.New("unexpected EOF")}, CodeTimeout, "network/timeout"},
		{"gateway", platforms.Error{Outcome: platforms.OutcomeUnknown, Status: 502}, "", "http/outage"},
		{"success without tokens", platforms.Error{Outcome: platforms.OutcomeUnknown, Status: 200}, CodeBadAnswer, "own/bad-answer"},
		{"profile without a name", platforms.Error{Status: 200}, CodeBadAnswer, "own/bad-answer"},
		{"refused", platforms.Error{Status: 400, Verdict: platforms.Verdict{Code: "invalid_client"}}, "invalid_client", "oauth/invalid-client"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.err.Platform, tt.err.Stage = "elsewhere", platforms.StageExchange
			if tt.err.Class == platforms.ClassOK && tt.err.Code == "" {
				tt.err.Class = platforms.ClassTemporary
			}
			in := FromError(&tt.err, "", "")
			if in.ErrorCode != tt.code {
				t.Errorf("FromError(%v).ErrorCode = %q; want %q", &tt.err, in.ErrorCode, tt.code)
			}
			if strings.Contains(in.ErrorMessage, "secret") {
				t.Errorf("FromError(%v).ErrorMessage = %q; want it without the address", &tt.err, in.ErrorMessage)
			}
			if got := Diagnose(in).Evidence[0].Rule; got != tt.rule {
				t.Errorf("Diagnose(%+v) is by %s; want %s", in, got, tt.rule)
			}
		})
	}
}

func TestFromErrorKeepsOtherErrorsToItself(t *testing.T) {
	t.Parallel()
	in := FromError(errors.New("sql: password is hunter2"), "twitter", platforms.StageAPI)
	if want := (Input{Platform: "twitter", Stage: platforms.StageAPI, ErrorCode: codeInternal}); in != want {
		t.Errorf("FromError = %+v; want %+v", in, want)
	}
	if d := Diagnose(in); d.IssueType != Unknown || d.FixableBy != Operator {
		t.Errorf("Diagnose(%+v) = %s for %s; want UNKNOWN for OPERATOR", in, d.IssueType, d.FixableBy)
	}
}

func TestForHealth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		condition Condition
		issue     IssueType
		severity  Severity
	}{
		{ExpiringSoon, ExpiredToken, Medium},
		{Expired, ExpiredToken, High},
		{Revoked, RevokedAccess, High},
		{NotGranted, InsufficientPermissions, High},
		{Disconnected, RevokedAccess, Low},
	}
	for _, tt := range tests {
		for _, platform := range []string{"twitter", "linkedin", "elsewhere"} {
			d := ForHealth(platform, tt.condition, Facts{AccountName: "Ines"})
			checkDiagnosis(t, d)
			if d.IssueType != tt.issue || d.Severity != tt.severity || d.FixableBy != User || d.SuggestedAction != Reconnect {
				t.Errorf("ForHealth(%s, %s) = %+v; want %s, %s", platform, tt.condition, d, tt.issue, tt.severity)
			}
			if !strings.Contains(strings.Join(d.Solutions, " "), "onnect Ines") {
				t.Errorf("ForHealth(%s, %s).Solutions = %q; want the account's name", platform, tt.condition, d.Solutions)
			}
		}
	}
	if d := ForHealth("twitter", "WELL", Facts{}); d.IssueType != Unknown {
		t.Errorf("ForHealth(WELL) = %s; want UNKNOWN", d.IssueType)
	}

	ends := time.Date(2026, 11, 25, 1, 30, 0, 0, time.FixedZone("CET", 3600))
	causes := ForHealth("linkedin", ExpiringSoon, Facts{EndsAt: ends}).PossibleCauses
	if want := "on 25 November 2026 at 00:30 UTC"; !strings.Contains(causes[0], want) {
		t.Errorf("causes = %q; want %q in them", causes, want)
	}
}
