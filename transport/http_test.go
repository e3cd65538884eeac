package transport_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mooring/transport"
)

const (
	asJSON     = "application/json"
	asResponse = "application/graphql-response+json"
)

// TestPost goes through what the audit of graphql-http asks for, and further.
func TestPost(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, &transport.SSE{}, transport.HTTP{MaxBody: 4000})
	const hello = `{"query":"{ hello }"}`
	const world = `{"data":{"hello":"world"}}`
	const badSyntax = `{"errors":[{"message":"Expected Name, found \u003cEOF\u003e",` +
		`"locations":[{"line":1,"column":2}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}`
	refused := func(message string) string {
		return `{"errors":[{"message":"` + message + `","extensions":{"code":"BAD_USER_INPUT"}}]}`
	}
	for _, test := range []struct {
		name        string
		body        string
		accept      string // "-": no header
		contentType string // "": application/json
		status      int
		media       string
		want        string // "": not compared
	}{
		{"json", hello, asJSON, "", 200, asJSON, world},
		{"response+json", hello, asResponse, "", 200, asResponse, world},
		{"no accept", hello, "-", "", 200, asJSON, world},
		{"any accept", hello, "*/*", "", 200, asJSON, world},
		{"any application", hello, "application/*", "", 200, asJSON, world},
		{"first of equals", hello, "application/graphql-response+json, application/json", "", 200, asResponse, world},
		{"by quality", hello, "application/json;q=0.5, Application/GraphQL-Response+JSON; q=0.9", "", 200, asResponse, world},
		{"urql", hello, "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed", "", 200, asResponse, world},
		{"a browser", hello, "text/html,application/xml;q=0.9,*/*;q=0.8", "", 200, asJSON, world},
		{"not acceptable", hello, "text/html", "", 406, asJSON, ""},
		{"refused by quality", hello, "application/json;q=0", "", 406, asJSON, ""},

		{"charset", hello, asJSON, "application/json; charset=UTF-8", 200, asJSON, world},
		{"other charset", hello, asJSON, "application/json; charset=latin1", 415, asJSON, ""},
		{"no content type", hello, asJSON, "-", 415, asJSON, ""},
		{"form", hello, asJSON, "application/x-www-form-urlencoded", 415, asJSON, ""},
		{"text", hello, asJSON, "text/plain", 415, asJSON, ""},

		{"non-ASCII", `{"query":"query ($t: String!) { echo(text: $t) }","variables":{"t":"Run🏃Swim🏊"}}`, asJSON, "", 200, asJSON, `{"data":{"echo":"Run🏃Swim🏊"}}`},
		{"large number", `{"query":"query ($n: Int!) { count(n: $n) }","variables":{"n":2147483647}}`, asJSON, "", 200, asJSON, `{"data":{"count":2147483647}}`},
		{"operation name", `{"query":"query A { hello } query B { __typename }","operationName":"B"}`, asJSON, "", 200, asJSON, `{"data":{"__typename":"Query"}}`},
		{"nulls", `{"query":"{ hello }","operationName":null,"variables":null,"extensions":null}`, asResponse, "", 200, asResponse, world},
		{"extensions", `{"query":"{ hello }","extensions":{"some":"value"}}`, asResponse, "", 200, asResponse, world},
		{"mutation", `{"query":"mutation { bump }"}`, asJSON, "", 200, asJSON, `{"data":{"bump":1}}`},

		{"no body", "", asJSON, "", 400, asJSON, refused("not valid JSON")},
		{"bad JSON", `{ "secret`, asResponse, "", 400, asResponse, refused("not valid JSON")},
		{"two values", hello + hello, asJSON, "", 400, asJSON, refused("not a single JSON value")},
		{"batch", `[{"query":"{ secret }"}]`, asJSON, "", 400, asJSON, refused("not a JSON object")},
		{"no query", `{"qeury":"{ hello }"}`, asJSON, "", 400, asJSON, refused(`the request has no \"query\"`)},
		{"null", `null`, asJSON, "", 400, asJSON, refused(`the request has no \"query\"`)},
		{"object query", `{"query":{"secret":1}}`, asJSON, "", 400, asJSON, refused(`\"query\" is not a string`)},
		{"number name", `{"query":"{ hello }","operationName":7}`, asJSON, "", 400, asJSON, refused(`\"operationName\" is not a string`)},
		{"array variables", `{"query":"{ hello }","variables":["secret"]}`, asJSON, "", 400, asJSON, refused(`\"variables\" is not an object`)},
		{"variables as deep as possible", `{"query":"{ hello }","variables":` + strings.Repeat(`{"a":`, 16) + `1` + strings.Repeat("}", 16) + `}`, asJSON, "", 200, asJSON, world},
		{"variables too deep", `{"query":"{ hello }","variables":` + strings.Repeat(`{"a":`, 17) + `1` + strings.Repeat("}", 17) + `}`, asJSON, "", 400, asJSON, refused("the variables are nested more than 16 deep")},
		{"string extensions", `{"query":"{ hello }","extensions":"secret"}`, asJSON, "", 400, asJSON, refused(`\"extensions\" is not an object`)},
		{"largest body", `{"query":"{ hello }"` + strings.Repeat(" ", 4000-len(hello)) + `}`, asJSON, "", 200, asJSON, world},
		{"body too large", `{"query":"{ hello }"` + strings.Repeat(" ", 4001-len(hello)) + `}`, asJSON, "", 413, asJSON, refused("the request is larger than 4000 bytes")},

		{"syntax, json", `{"query":"{"}`, asJSON, "", 200, asJSON, badSyntax},
		{"syntax, response+json", `{"query":"{"}`, asResponse, "", 400, asResponse, badSyntax},
		{"empty query", `{"query":""}`, asResponse, "", 400, asResponse, ""},
		{"validation, json", `{"query":"{ nothing }"}`, asJSON, "", 200, asJSON, ""},
		{"validation, response+json", `{"query":"{ nothing }"}`, asResponse, "", 400, asResponse, ""},
		{"variables, json", `{"query":"query ($n: Int!) { count(n: $n) }","variables":{"n":null}}`, asJSON, "", 200, asJSON, ""},
		{"variables, response+json", `{"query":"query ($n: Int!) { count(n: $n) }","variables":{"n":null}}`, asResponse, "", 400, asResponse, ""},
		{"tokens", `{"query":"{ hello ` + strings.Repeat("a ", 990) + ` }"}`, asResponse, "", 400, asResponse, ""},
		{"field error", `{"query":"{ fails }"}`, asResponse, "", 200, asResponse, `{"errors":[{"message":"broken"}],"data":null}`},
		{"subscription", `{"query":"subscription { upTo(n: 1) }"}`, asResponse, "", 400, asResponse, refused("subscriptions are served as text/event-stream or over a websocket")},
		{"panic", `{"query":"{ panics }"}`, asResponse, "", 500, asResponse, `{"errors":[{"message":"internal system error"}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			header := []string{"Content-Type", asJSON}
			switch test.contentType {
			case "":
			case "-":
				header = nil
			default:
				header[1] = test.contentType
			}
			if test.accept != "-" {
				header = append(header, "Accept", test.accept)
			}
			status, got, body := do(t, http.MethodPost, server.URL, test.body, header...)
			if want := test.media + "; charset=utf-8"; status != test.status || got.Get("Content-Type") != want {
				t.Errorf("POST %s = %d as %q; want %d as %q", test.body, status, got.Get("Content-Type"), test.status, want)
			}
			if test.want != "" && body != test.want {
				t.Errorf("POST %s = %s; want %s", test.body, body, test.want)
			}
			if test.status >= 400 && (strings.Contains(body, `"data"`) || !strings.HasPrefix(body, `{"errors":[`)) {
				t.Errorf("POST %s = %s; want errors and no data", test.body, body)
			}
			if strings.Contains(body, "secret") {
				t.Errorf("POST %s = %s; want nothing of the request quoted", test.body, body)
			}
		})
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	server, schema := newServer(t, &transport.SSE{}, transport.HTTP{})
	for _, test := range []struct {
		name   string
		method string
		query  string
		status int
		allow  string
		want   string // "": not compared
	}{
		{"query", "GET", "query={hello}", 200, "", `{"data":{"hello":"world"}}`},
		{"variables", "GET", `query=query($t:String!){echo(text:$t)}&variables={"t":"hi"}`, 200, "", `{"data":{"echo":"hi"}}`},
		{"operation name", "GET", "query=query A{hello} query B{__typename}&operationName=B", 200, "", `{"data":{"__typename":"Query"}}`},
		{"bad variables", "GET", "query={hello}&variables={", 400, "", `{"errors":[{"message":"\"variables\": not valid JSON","extensions":{"code":"BAD_USER_INPUT"}}]}`},
		{"array extensions", "GET", "query={hello}&extensions=[]", 400, "", `{"errors":[{"message":"\"extensions\": not a JSON object","extensions":{"code":"BAD_USER_INPUT"}}]}`},
		{"no query", "GET", "", 400, "", ""},
		{"mutation", "GET", "query=mutation{bump}", 405, "POST", ""},
		{"mutation by HEAD", "HEAD", "query=mutation{bump}", 405, "POST", ""},
		{"subscription", "GET", "query=subscription{upTo(n:1)}", 400, "", ""},
		{"HEAD", "HEAD", "query={hello}", 200, "", ""},
		{"PUT", "PUT", "query={hello}", 405, "GET, HEAD, POST, OPTIONS", ""},
		{"OPTIONS", "OPTIONS", "", 204, "GET, HEAD, POST, OPTIONS", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			values := url.Values{}
			for pair := range strings.SplitSeq(test.query, "&") {
				name, value, _ := strings.Cut(pair, "=")
				values.Set(name, value)
			}
			status, header, body := do(t, test.method, server.URL+"?"+values.Encode(), "", "Accept", asResponse)
			if status != test.status || header.Get("Allow") != test.allow {
				t.Errorf("%s ?%s = %d, Allow %q; want %d, %q", test.method, test.query, status, header.Get("Allow"), test.status, test.allow)
			}
			if test.want != "" && body != test.want {
				t.Errorf("%s ?%s = %s; want %s", test.method, test.query, body, test.want)
			}
		})
	}
	t.Cleanup(func() {
		if schema.bumps != 0 {
			t.Errorf("%d mutations ran by GET; want 0", schema.bumps)
		}
	})
}

func TestMalformedQueryString(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, transport.HTTP{})
	if status, _, body := do(t, "GET", server.URL+"?query=%zz", ""); status != 400 {
		t.Errorf("GET ?query=%%zz = %d %s; want 400", status, body)
	}
}

func TestPersistedQuery(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, transport.HTTP{})
	extensions := persisted("{ hello }")
	byHash := server.URL + "?extensions=" + url.QueryEscape(extensions)

	const notFound = `{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}`
	if status, _, body := do(t, "GET", byHash, "", "Accept", asJSON); status != 200 || body != notFound {
		t.Errorf("GET an unknown hash = %d %s; want 200 %s", status, body, notFound)
	}
	if status, _, body := do(t, "GET", byHash, "", "Accept", asResponse); status != 400 || body != notFound {
		t.Errorf("GET an unknown hash = %d %s; want 400 %s", status, body, notFound)
	}
	do(t, "POST", server.URL, `{"query":"{ hello }","extensions":`+extensions+`}`, "Content-Type", asJSON)
	const want = `{"data":{"hello":"world"}}`
	if status, _, body := do(t, "GET", byHash, ""); status != 200 || body != want {
		t.Errorf("GET a known hash = %d %s; want 200 %s", status, body, want)
	}
	if status, _, body := do(t, "POST", server.URL, `{"extensions":`+extensions+`}`, "Content-Type", asJSON); status != 200 || body != want {
		t.Errorf("POST a known hash = %d %s; want 200 %s", status, body, want)
	}
}

// persisted is the extensions object that names query by its hash.
func persisted(query string) string {
	return fmt.Sprintf(`{"persistedQuery":{"version":1,"sha256Hash":"%x"}}`, sha256.Sum256([]byte(query)))
}
