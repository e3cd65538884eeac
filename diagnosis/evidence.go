package diagnosis

import (
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on what is read of hostile input.
const (
	maxText  = 8 << 10 // bytes of message and body each
	maxDepth = 5       // levels of a JSON body
	maxCodes = 24
	maxValue = 200 // runes of an evidence's value
)

// The sources of evidence, as Evidence.Source names them.
const (
	fromCode    = "errorCode"
	fromSubcode = "errorSubcode"
	fromMessage = "errorMessage"
	fromStatus  = "httpStatus"
	fromBody    = "body"
	fromStage   = "stage"
	fromClass   = "class"
	fromAge     = "freshToken"
)

// htmlAnswer is the code under which rules know a body that is a web page.
const htmlAnswer = "html answer"

// signals is an input read into evidence.
type signals struct {
	in           *Input
	status       int
	statusSource string
	codes        []code
	subcodes     []code
	texts        []text
}

// code is something a program wrote to be read by programs.
type code struct {
	value  string // in lower case
	source string
	weight int
}

// text is something written for people. folded is shown in lower case, byte for
// byte at the same place, so that a match can be shown as it was written.
type text struct{ shown, folded, source string }

// read collects the evidence in an input. Of the words of a text those count as
// codes that known has.
func read(in *Input, known map[string]bool) *signals {
	s := &signals{in: in, status: in.HTTPStatus, statusSource: fromStatus}
	s.addCode(in.ErrorCode, fromCode, weightCode)
	s.addSubcode(in.ErrorSubcode, fromSubcode)

	message := cut(in.ErrorMessage)
	s.addText(message, fromMessage)
	if words, ok := s.readStructure(message, fromMessage); ok {
		s.addText(words, fromMessage)
	}

	body := cut(in.Body)
	if words, ok := s.readStructure(body, fromBody); ok {
		s.addText(words, fromBody)
	} else {
		s.addText(body, fromBody)
		if strings.HasPrefix(strings.TrimSpace(body), "<") {
			s.addCode(htmlAnswer, fromBody, weightBodyCode)
		}
	}
	for _, t := range s.texts {
		for word := range strings.FieldsFuncSeq(t.shown, notInCode) {
			if looksLikeCode(word) && known[strings.ToLower(word)] {
				s.addCode(word, t.source, weightWord)
			}
		}
	}
	return s
}

func cut(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func notInCode(r rune) bool {
	return r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// looksLikeCode tells access_denied, client-not-enrolled, ETIMEDOUT and
// quotaExceeded from words of a sentence.
func looksLikeCode(word string) bool {
	for i, r := range word {
		if r == '_' || r == '-' || i > 0 && unicode.IsUpper(r) {
			return true
		}
	}
	return false
}

func (s *signals) addCode(value, source string, weight int) {
	value = strings.ToLower(strings.TrimSpace(value))
	if value == "" || len(s.codes) >= maxCodes {
		return
	}
	s.codes = append(s.codes, code{value, source, weight})
}

func (s *signals) addSubcode(value, source string) {
	if value = strings.ToLower(strings.TrimSpace(value)); value != "" && len(s.subcodes) < maxCodes {
		s.subcodes = append(s.subcodes, code{value, source, weightSubcode})
	}
}

// addText also undoes HTML escapes, which LinkedIn puts into its descriptions.
func (s *signals) addText(raw, source string) {
	shown := strings.Join(strings.Fields(html.UnescapeString(raw)), " ")
	if shown != "" {
		s.texts = append(s.texts, text{shown, strings.Map(foldInPlace, shown), source})
	}
}

// foldInPlace lowers a rune where that keeps its width.
func foldInPlace(r rune) rune {
	if lower := unicode.ToLower(r); utf8.RuneLen(lower) == utf8.RuneLen(r) {
		return lower
	}
	return r
}

// readStructure looks for a JSON object or a query string within raw, takes the
// codes and the status from it and returns its words for people.
func (s *signals) readStructure(raw, source string) (words string, ok bool) {
	var b strings.Builder
	if object := findObject(raw); object != nil {
		s.readObject(object, source, maxDepth, &b)
		return b.String(), true
	}
	if values := findQuery(raw); values != nil {
		for _, key := range codeKeys {
			s.addCode(values.Get(key), source, weightBodyCode)
		}
		s.addSubcode(values.Get("error_subcode"), source)
		for _, key := range wordKeys {
			b.WriteString(values.Get(key) + " ")
		}
		return b.String(), true
	}
	return "", false
}

// findObject returns the first JSON object in raw. Three braces are tried, for
// messages like `400 {Bad Request}: {"error":…}`.
func findObject(raw string) map[string]any {
	for range 3 {
		start := strings.IndexByte(raw, '{')
		if start < 0 {
			return nil
		}
		raw = raw[start:]
		decoder := json.NewDecoder(strings.NewReader(raw))
		decoder.UseNumber()
		var object map[string]any
		if decoder.Decode(&object) == nil && len(object) > 0 {
			return object
		}
		raw = raw[1:]
	}
	return nil
}

// findQuery returns the parameters of an error answer that came form-encoded or
// as a callback address, RFC 6749 §4.1.2.1.
func findQuery(raw string) url.Values {
	query := raw
	if start := strings.IndexAny(raw, "?#"); start >= 0 {
		query = raw[start+1:]
	}
	query, _, _ = strings.Cut(strings.TrimSpace(query), " ")
	if !strings.HasPrefix(query, "error") && !strings.Contains(query, "&error") {
		return nil
	}
	values, err := url.ParseQuery(query)
	if err != nil || !values.Has("error") && !values.Has("error_code") {
		return nil
	}
	return values
}

// Where platforms put their codes, their words and their further objects.
var (
	codeKeys   = []string{"error", "error_code", "code", "serviceErrorCode", "reason", "error_reason", "title", "type"}
	wordKeys   = []string{"error_description", "error_message", "error_msg", "message", "title", "detail", "description"}
	nestedKeys = []string{"error", "errors", "data", "details"}
)

func (s *signals) readObject(value any, source string, depth int, words *strings.Builder) {
	if depth == 0 {
		return
	}
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			s.readObject(item, source, depth-1, words)
		}
	case map[string]any:
		for _, key := range codeKeys {
			s.addCode(scalar(lastSegment(key, value[key])), source, weightBodyCode)
		}
		s.addSubcode(scalar(value["error_subcode"]), source)
		for _, key := range wordKeys {
			if word, ok := value[key].(string); ok {
				words.WriteString(word + " ")
			}
		}
		if status, err := strconv.Atoi(scalar(value["status"])); err == nil && s.status == 0 {
			s.status, s.statusSource = status, source
		}
		for _, key := range nestedKeys {
			s.readObject(value[key], source, depth-1, words)
		}
	}
}

// lastSegment shortens a problem type (RFC 9457 §3.1.1): X serves the same type
// under several hosts.
func lastSegment(key string, value any) any {
	address, ok := value.(string)
	if key != "type" || !ok {
		return value
	}
	if address == "about:blank" {
		return nil
	}
	return address[strings.LastIndexAny(address, "/#")+1:]
}

func scalar(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	}
	return ""
}

// quote makes a value safe to show anywhere: valid UTF-8, escaped for HTML,
// without control characters, at most maxValue runes.
func quote(value string) string {
	var b strings.Builder
	room := maxValue - 1 // one for the ellipsis
	for _, r := range value {
		piece := string(r)
		switch {
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			piece = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
		case r < utf8.RuneSelf:
			piece = html.EscapeString(piece)
		}
		if room -= utf8.RuneCountInString(piece); room < 0 {
			return b.String() + "…"
		}
		b.WriteString(piece)
	}
	return b.String()
}
