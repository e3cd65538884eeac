package diagnosis

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFingerprintGroups(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		same []Input
		want string
	}{
		{"ids and addresses", []Input{
			{Platform: "facebook", ErrorMessage: "Widget 4711 of https://a.example/x?token=geheim is out of tune for ines@example.org"},
			{Platform: "meta_facebook", ErrorMessage: "Widget 9 of https://b.example is out of tune,  for otto@example.com!"},
		}, "meta facebook |  |  |  |  | widget * of * is out of tune for *"},
		{"JSON and its dump", []Input{
			{Platform: "x", HTTPStatus: 418, Body: `{"error":{"code":"teapot","message":"Pot 1 is short and stout"}}`},
			{Platform: "twitter", HTTPStatus: 418, Body: `{"error": {"message": "Pot 22 is short and stout", "code": "TEAPOT"}, "log_id": "0af3"}`},
		}, "twitter |  | 418 | teapot |  | pot * is short and stout"},
		{"tokens", []Input{
			{ErrorMessage: "No luck with EAABsbCS1iHgBAKZCZBZAZBabcdefghijklmnop"},
			{ErrorMessage: "No luck with abcdefghijklmnopqrstuvwxyzabcdefgh"},
		}, " |  |  |  |  | no luck with *"},
		{"a stack", []Input{
			{ErrorMessage: "Kaputt" + strings.Repeat(" at main.js", 40)},
			{ErrorMessage: "Kaputt" + strings.Repeat(" at main.js", 80)},
		}, " |  |  |  |  | kaputt" + strings.Repeat(" at main js", 8)[:len(" at main js")*7+len(" at main")]},
		{"a code that is none", []Input{
			{ErrorCode: "12345678901234567890"},
			{ErrorCode: "99999999999999999999"},
		}, " |  |  | * |  | "},
	}
	for _, tt := range tests {
		for _, in := range tt.same {
			if got := Fingerprint(in); got != tt.want {
				t.Errorf("%s: Fingerprint(%+v) = %q; want %q", tt.name, in, got, tt.want)
			}
		}
	}
}

func TestFingerprintsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]Input{}
	for _, in := range []Input{
		{},
		{Platform: "twitter"},
		{Platform: "twitter", HTTPStatus: 400},
		{Platform: "twitter", HTTPStatus: 401},
		{Platform: "twitter", ErrorCode: "17"},
		{Platform: "twitter", ErrorCode: "18"},
		{Platform: "twitter", ErrorCode: "18", ErrorSubcode: "3"},
		{Platform: "twitter", ErrorMessage: "Nothing works"},
		{Platform: "twitter", ErrorMessage: "Everything works"},
	} {
		f := Fingerprint(in)
		if other, ok := seen[f]; ok {
			t.Errorf("Fingerprint(%+v) = %q; want another than that of %+v", in, f, other)
		}
		seen[f] = in
	}
}

func FuzzFingerprint(f *testing.F) {
	f.Add("twitter", "code", "message 1", `{"error":"x"}`)
	f.Add("", strings.Repeat("é", 300), "\xff\x00", "<html>")
	f.Fuzz(func(t *testing.T, platform, code, message, body string) {
		got := Fingerprint(Input{Platform: platform, ErrorCode: code, ErrorMessage: message, Body: body})
		if len(got) > maxFingerprint || !utf8.ValidString(got) || strings.ContainsAny(got, "<>\n\x00") {
			t.Errorf("Fingerprint = %q; want it short and plain", got)
		}
	})
}
