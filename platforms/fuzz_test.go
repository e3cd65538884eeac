package platforms_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mooring/platforms"
)

// The fuzzers let every login method of the catalogue meet whatever a platform,
// a proxy or a mischief can answer. They are seeded with all recordings.

// headerOf reads a header as it is written on the wire, name and value parted
// by a colon in each line.
func headerOf(text string) http.Header {
	header := make(http.Header)
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			header.Add(name, strings.TrimSpace(value))
		}
	}
	return header
}

// limitHeaders are the names of all headers that are read anywhere.
const limitHeaders = `Retry-After: 60
x-rate-limit-limit: 75
x-rate-limit-remaining: 0
x-rate-limit-reset: 1799000900
x-app-limit-24hour-remaining: 12
x-app-limit-24hour-limit: 10000
x-ratelimit-limit: 1000
x-ratelimit-remaining: 3
x-ratelimit-reset: 900
X-App-Usage: {"call_count":28,"total_time":25,"total_cputime":25}
X-Business-Use-Case-Usage: {"17841":[{"type":"pages","call_count":97,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":12}]}
`

func FuzzVerdict(f *testing.F) {
	for _, p := range platforms.All() {
		for _, r := range recorded(f, p.ID) {
			f.Add(r.Status, limitHeaders, []byte(r.Body))
		}
	}
	stages := []platforms.Stage{platforms.StageAuthorize, platforms.StageExchange, platforms.StageRefresh, platforms.StageAPI, platforms.StageRevoke}
	classes := []platforms.Class{
		platforms.ClassOK, platforms.ClassRefreshDead, platforms.ClassStaleAccess, platforms.ClassMissingScope,
		platforms.ClassRateLimited, platforms.ClassTemporary, platforms.ClassAppFault, platforms.ClassDenied, platforms.ClassInvalid,
	}
	f.Fuzz(func(t *testing.T, status int, header string, body []byte) {
		for p, l := range everyLogin {
			for _, stage := range stages {
				a := platforms.Answer{Stage: stage, Status: status, Header: headerOf(header), Body: body, At: answered}
				v := l.Verdict(a)
				if !slices.Contains(classes, v.Class) {
					t.Errorf("%s/%s at %s: class %q", p.ID, l.ID, stage, v.Class)
				}
				if v.RetryAfter < 0 || v.RetryAfter > 24*time.Hour {
					t.Errorf("%s/%s at %s: RetryAfter %s", p.ID, l.ID, stage, v.RetryAfter)
				}
				if status >= 400 && v.Class == platforms.ClassOK {
					t.Errorf("%s/%s at %s: HTTP %d is OK", p.ID, l.ID, stage, status)
				}
				if l.RateLimits == nil {
					continue
				}
				if flaw := limitsSound(l.RateLimits(a)); flaw != "" {
					t.Errorf("%s/%s at %s: %s", p.ID, l.ID, stage, flaw)
				}
			}
		}
	})
}

// maxRequests is far more than any call needs for the longest lists that it
// reads.
const maxRequests = 200

// separator parts the answers that one input of FuzzCalls consists of. They are
// given in turn, again and again.
const separator = "\n%%\n"

func FuzzCalls(f *testing.F) {
	for _, p := range platforms.All() {
		var good [][]byte
		files := recorded(f, p.ID)
		for _, name := range slices.Sorted(maps.Keys(files)) {
			r := files[name]
			if r.Status == http.StatusOK {
				good = append(good, r.Body)
				continue
			}
			f.Add(r.Status, []byte(r.Body))
		}
		for some := range slices.Chunk(good, 3) {
			f.Add(http.StatusOK, bytes.Join(some, []byte(separator)))
		}
	}
	f.Add(200, []byte(`{"sub":"s","elements":[`+strings.TrimSuffix(strings.Repeat(`{"organization":"urn:li:organization:1"},`, 50), ",")+`]}`))
	f.Add(200, []byte(`access_token=a&expires_in=1e12&scope=a,b,%ff`))
	f.Add(200, []byte(`{"access_token":"a","expires_in":"-9223372036854775808","refresh_token":"","scope":"%zz"}`))
	f.Add(200, []byte(`{"data":[{"access_token":"a","user_id":1e400}],"paging":{"next":"https://evil.example/","cursors":{"after":"x"}}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 100 || status > 999 {
			t.Skip("no HTTP status")
		}
		bodies := bytes.Split(body, []byte(separator))
		for p, l := range everyLogin {
			for _, c := range calls(l) {
				requests := 0
				a := appOf(p, l, func(*http.Request) (*http.Response, error) {
					requests++
					if requests > maxRequests {
						return nil, io.ErrUnexpectedEOF
					}
					return answer(status, nil, string(bodies[(requests-1)%len(bodies)])), nil
				})
				flaw, err := c.ask(t.Context(), a)
				if err != nil {
					platformError(t, err)
				}
				if flaw != "" {
					t.Errorf("%s/%s %s: %s", p.ID, l.ID, c.name, flaw)
				}
				if requests > maxRequests {
					t.Errorf("%s/%s %s asks without end", p.ID, l.ID, c.name)
				}
			}
		}
	})
}
