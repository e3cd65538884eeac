package diagnosis

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mooring/platforms"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]string{
		"":                          "",
		" ... ":                     "",
		"URL Blocked: redirect_uri": " url blocked redirect uri ",
		"You can’t, can't or cant":  " you cant cant or cant ",
		"l'URL d’accès":             " l url d acces ",
		"Ungültige Größe, ŁÓDŹ":     " ungultige grosse lodz ",
		"InvalidStateException":     " invalid state exception ",
		"OAuthException HTTPError":  " oauth exception httperror ",
		"LinkedIn YouTube TikTok":   " linkedin youtube tiktok ",
		"(#200) code:190":           " #200 code 190 ",
		"このURLを":                    " この url を ",
		"ＡＢＣ１":                      " abc1 ",
		"е\u0308 ё":                 " е е ",
		"se\u0301ance":              " seance ",
	} {
		if got := fold(shown); got != want {
			t.Errorf("fold(%q) = %q; want %q", shown, got, want)
		}
	}
}

func TestExcerptIsWhatWasShown(t *testing.T) {
	t.Parallel()
	shown := "Sorry: L’URI de «Redirection» n’est pas valide!"
	text := newText(shown, fromMessage)
	knowledge.lexicon.search(&text)
	from, to, found := knowledge.lexicon.together(&text, []int{knowledge.lexicon.groups[redirectWords], knowledge.lexicon.groups[mismatchWords]})
	if got, want := text.excerpt(from, to), "URI de «Redirection» n’est pas valide"; !found || got != want {
		t.Errorf("excerpt = %q, %t; want %q", got, found, want)
	}
}

func TestExcerptNeverPanics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := newText(rapid.String().Draw(t, "shown"), fromMessage)
		from := rapid.IntRange(0, len(text.folded)).Draw(t, "from")
		text.excerpt(from, rapid.IntRange(from, len(text.folded)).Draw(t, "to"))
	})
}

func TestWithoutTags(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"a < b and c":           "a < b and c",
		"<Response [401]>":      "<Response [401]>",
		"user_id=<ID> gone":     "user_id=<ID> gone",
		"<b>redirect_uri</b> !": " redirect_uri  !",
		"<script>error</script><h1 class='x'>Oops</h1>": "  Oops ",
		"<STYLE>p{}":             " ",
		"<a never closed":        "<a never closed",
		"<!DOCTYPE html><p/>Hi<": "  Hi<",
	} {
		if got := withoutTags(raw); got != want {
			t.Errorf("withoutTags(%q) = %q; want %q", raw, got, want)
		}
	}
}

// TestReading: the same failure, in the forms in which it is pasted.
func TestReading(t *testing.T) {
	t.Parallel()
	type found struct {
		Status        int
		Code, Subcode string
	}
	tests := []struct {
		in   Input
		want found
	}{
		{Input{ErrorMessage: "{'error': {'code': 190, 'error_subcode': 463}}"}, found{0, "190", "463"}},
		{Input{ErrorMessage: "type: OAuthException, code: 190, error_subcode: 463 [HTTP 400]"}, found{400, "190", "463"}},
		{Input{ErrorMessage: "GraphResponse: {HttpStatus: 400, errorCode: 190, subErrorCode: 460}"}, found{400, "190", "460"}},
		{Input{ErrorMessage: "Array ( [code] => 190 [error_subcode] => 463 )"}, found{0, "190", "463"}},
		{Input{ErrorMessage: `"{\"error\":{\"code\":190,\"error_subcode\":463}}"`}, found{0, "190", "463"}},
		{Input{Body: `{"response":{"status":401,"body":"{\"error\":{\"code\":190}}"}}`}, found{401, "190", ""}},
		{Input{ErrorMessage: "(#190) gone"}, found{0, "190", ""}},
		{Input{ErrorMessage: "Error 102: Session has expired"}, found{0, "102", ""}},
		{Input{ErrorMessage: "HTTP/1.1 401 Unauthorized"}, found{401, "", ""}},
		{Input{ErrorMessage: "Request failed with status code 429"}, found{429, "", ""}},
		{Input{ErrorMessage: "<Response [403]>"}, found{403, "", ""}},
		{Input{ErrorMessage: "403 Client Error: Forbidden for url: https://a.example"}, found{403, "", ""}},
		{Input{ErrorMessage: "Fehler 400: kaputt"}, found{400, "400", ""}},
		{Input{ErrorMessage: "In 2026 we sold 404 boats"}, found{}},
		{Input{ErrorCode: "190/463"}, found{0, "190/463", "463"}},
		{Input{ErrorCode: "(#10)"}, found{0, "(#10)", ""}},
		{Input{ErrorCode: "401 Unauthorized"}, found{401, "401 unauthorized", ""}},
		{Input{ErrorCode: "429"}, found{429, "429", ""}},
		{Input{HTTPStatus: 500, ErrorMessage: "HTTP 401"}, found{500, "", ""}},
		{Input{ErrorMessage: "https://a.example/cb?errCode=10033&error=invalid_client"}, found{0, "invalid_client", ""}},
	}
	for _, tt := range tests {
		s := knowledge.read(&tt.in)
		got := found{Status: s.status}
		if len(s.codes) > 0 {
			got.Code = s.codes[0].value
		}
		if len(s.subcodes) > 0 {
			got.Subcode = s.subcodes[0].value
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("read(%+v) (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestWaitIsRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   Input
		want time.Duration
	}{
		{Input{ErrorMessage: "HTTP 429, Retry-After: 120"}, 2 * time.Minute},
		{Input{ErrorMessage: "Slow down! Try again in 5 minutes."}, 5 * time.Minute},
		{Input{ErrorMessage: "please wait 24 hours"}, 24 * time.Hour},
		{Input{Body: `{"error":{"retry_after":7}}`}, 7 * time.Second},
		{Input{Body: `{"data":[{"estimated_time_to_regain_access":3}]}`}, 3 * time.Minute},
		{Input{ErrorMessage: "Retry-After: 1795000000"}, 0},
		{Input{ErrorMessage: "try again in the evening"}, 0},
		{Input{ErrorMessage: "Retry-After: 120", RetryAfter: time.Second}, time.Second},
	}
	for _, tt := range tests {
		if got := knowledge.read(&tt.in).wait; got != tt.want {
			t.Errorf("read(%+v).wait = %v; want %v", tt.in, got, tt.want)
		}
	}
	if d := Diagnose(Input{Platform: "twitter", ErrorMessage: "429 Too Many Requests, retry after 90"}); d.RetryAfterSeconds == nil || *d.RetryAfterSeconds != 90 {
		t.Errorf("RetryAfterSeconds = %v; want 90", d.RetryAfterSeconds)
	}
}

func TestPlatformID(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"meta": "meta_facebook", "Facebook": "meta_facebook", "meta_facebook": "meta_facebook", "instagram": "meta_instagram", "X\t": "twitter", "Twitter": "twitter",
		"google": "google_youtube", "YouTube": "google_youtube", "LINKEDIN": "linkedin", "threads": "threads", "": "", "Bluesky": "Bluesky",
	} {
		if got := PlatformID(name); got != want {
			t.Errorf("PlatformID(%q) = %q; want %q", name, got, want)
		}
	}
	for alias, id := range aliases {
		if _, ok := platforms.Get(id); !ok {
			t.Errorf("%q is an alias of %q, which the catalogue does not have", alias, id)
		}
		if d := Diagnose(Input{Platform: alias, HTTPStatus: 429}); d.Platform == nil || *d.Platform != id {
			t.Errorf("Diagnose(%q).Platform = %v; want %q", alias, d.Platform, id)
		}
	}
	d := Diagnose(Input{Platform: "threads", ErrorMessage: "URL Blocked: This redirect failed"})
	if d.Platform != nil || d.IssueType != RedirectURIMismatch {
		t.Errorf("Diagnose(threads) = %v, %s; want no platform and the general rules", d.Platform, d.IssueType)
	}
}

// TestCalmWords: what is no failure is not taken for one.
func TestCalmWords(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		"Your connection request to Anna has been accepted.",
		"Welcome back! Your post was published.",
		"Ihre Bestellung wurde versendet.",
		"Votre colis est en route.",
		"3 people liked your photo.",
		"The meeting takes place on Monday at 10.",
		"New follower: @ines",
		"Your video has 200 views.",
		"See what is new in version 4.2 of our app",
		"投稿が公開されました",
		"Thank you for your purchase of 2 tickets",
	} {
		for _, platform := range []string{"", "twitter", "facebook", "instagram", "linkedin", "youtube", "tiktok", "pinterest"} {
			if d := Diagnose(Input{Platform: platform, ErrorMessage: message}); d.IssueType != Unknown || d.Severity != Low {
				t.Errorf("Diagnose(%s, %q) = %s by %s; want UNKNOWN and LOW", platform, message, d.IssueType, ruleOf(d))
			}
		}
	}
}

// People read the name that they know the installation by, and an account that
// is called like Mooring keeps its own.
func TestDiagnosesNameTheInstallation(t *testing.T) {
	t.Parallel()
	in := Input{ErrorCode: CodeDifferentAccount, Facts: Facts{AccountName: "Mooring Marina", OtherName: "Mooring Yard"}}
	for _, code := range []string{CodeDifferentAccount, CodeStateUnknown, CodeNotReady, "redirect_uri_mismatch", "nobody_knows_this"} {
		in.ErrorCode = code
		in.Facts.Product = ""
		theirs := Diagnose(in)
		in.Facts.Product = "Acme Social"
		ours := Diagnose(in)
		want := strings.ReplaceAll(strings.Join(append(theirs.PossibleCauses, theirs.Solutions...), "\n"), "Mooring", "Acme Social")
		want = strings.NewReplacer("Acme Social Marina", "Mooring Marina", "Acme Social Yard", "Mooring Yard").Replace(want)
		if got := strings.Join(append(ours.PossibleCauses, ours.Solutions...), "\n"); got != want {
			t.Errorf("%s says %s; want %s", code, got, want)
		}
	}
}
