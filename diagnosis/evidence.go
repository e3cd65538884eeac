package diagnosis

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Limits on what is read of hostile input.
const (
	maxText  = 8 << 10 // bytes of message and body each
	maxTag   = 2 << 10 // bytes of a tag of HTML
	maxDepth = 6       // levels of a JSON body
	maxCodes = 24
	maxTexts = 6
	maxHits  = 512 // phrases of rules in a text
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
	has          phraseSet     // phrases of rules in any of the texts
	groups       groupSet      // and groups of them
	wait         time.Duration // what the platform asked for; zero if it did not
}

// code is something a program wrote to be read by programs.
type code struct {
	value  string // in lower case
	source string
	weight int
}

// read collects the evidence in an input. Of the words of a text those count as
// codes that some rule has.
func (b *base) read(in *Input) *signals {
	s := &signals{in: in, status: in.HTTPStatus, statusSource: fromStatus, wait: max(in.RetryAfter, 0)}
	s.readCode(in.ErrorCode)
	s.addSubcode(in.ErrorSubcode, fromSubcode)
	s.readPart(cut(in.ErrorMessage), fromMessage)
	s.readPart(cut(in.Body), fromBody)
	if strings.HasPrefix(strings.TrimSpace(in.Body), "<") {
		s.addCode(htmlAnswer, fromBody, weightBodyCode)
	}
	for i := range s.texts {
		t := &s.texts[i]
		b.lexicon.search(t)
		s.has = s.has.union(t.has)
		s.groups.union(&t.groups)
		s.scanNumbers(t)
		s.scanWait(t)
		for word := range strings.FieldsFuncSeq(t.shown, notInCode) {
			if looksLikeCode(word) && b.codes[strings.ToLower(word)] {
				s.addCode(word, t.source, weightWord)
			}
		}
	}
	return s
}

// readCode reads the field for a code, into which people also put "190/463",
// "(#10)" and "HTTP 429".
func (s *signals) readCode(value string) {
	s.addCode(value, fromCode, weightCode)
	value = cut(value)
	if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil {
		if isStatus(n) {
			s.addStatus(n, fromCode)
		}
		return
	}
	if !strings.ContainsFunc(value, unicode.IsDigit) {
		return
	}
	t := newText(value, fromCode)
	s.scanNumbers(&t)
	numbers := strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsDigit(r) })
	if head := strings.TrimLeft(value, "(#"); head != "" && unicode.IsDigit(rune(head[0])) {
		s.addCode(numbers[0], fromCode, weightCode)
		if len(numbers) == 2 {
			s.addSubcode(numbers[1], fromCode)
		}
		if n, _ := strconv.Atoi(numbers[0]); isStatus(n) {
			s.addStatus(n, fromCode) // "401 Unauthorized"
		}
	}
}

// readPart reads a message or a body: what is structured in it, and its words.
func (s *signals) readPart(raw, source string) {
	if strings.TrimSpace(raw) == "" {
		return
	}
	words, whole := s.readStructure(raw, source)
	if !whole {
		s.addText(raw, source)
	}
	s.addText(words, source)
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
	if strings.HasPrefix(value, "mooring_") {
		weight = weightOwn
	}
	s.codes = append(s.codes, code{value, source, weight})
}

func (s *signals) addSubcode(value, source string) {
	if value = strings.ToLower(strings.TrimSpace(value)); value != "" && len(s.subcodes) < maxCodes {
		s.subcodes = append(s.subcodes, code{value, source, weightSubcode})
	}
}

func (s *signals) addText(raw, source string) {
	if len(s.texts) >= maxTexts {
		return
	}
	if t := newText(raw, source); t.folded != "" {
		s.texts = append(s.texts, t)
	}
}

// readStructure looks for a JSON object or a query string within raw, takes the
// codes, the status and the wait from it and returns its words for people. The
// structure is whole if there is nothing else in raw.
func (s *signals) readStructure(raw, source string) (words string, whole bool) {
	var b strings.Builder
	if object, alone := findObject(raw); object != nil {
		s.readObject(object, source, maxDepth, &b)
		return b.String(), alone
	}
	if values := findQuery(raw); values != nil {
		for _, key := range codeKeys {
			s.addCode(values.Get(key), source, weightBodyCode)
		}
		s.addSubcode(values.Get("error_subcode"), source)
		for _, key := range wordKeys {
			b.WriteString(values.Get(key) + " ")
		}
		return b.String(), source == fromBody
	}
	return "", false
}

// findObject returns the first JSON object in raw, and whether nothing else is
// there. Three braces are tried, for messages like `400 {Bad Request}:
// {"error":…}`, and then once more without the backslashes of a string within
// a string.
func findObject(raw string) (object map[string]any, alone bool) {
	rest := raw
	for range 3 {
		start := strings.IndexByte(rest, '{')
		if start < 0 {
			break
		}
		rest = rest[start:]
		decoder := json.NewDecoder(strings.NewReader(rest))
		decoder.UseNumber()
		if decoder.Decode(&object) == nil && len(object) > 0 {
			head := raw[:len(raw)-len(rest)]
			return object, strings.TrimSpace(head) == "" && strings.TrimSpace(rest[decoder.InputOffset():]) == ""
		}
		rest = rest[1:]
	}
	if strings.Contains(raw, `{\"`) {
		object, _ = findObject(strings.ReplaceAll(raw, `\"`, `"`))
	}
	return object, false
}

// findQuery returns the parameters of an error answer that came form-encoded or
// as a callback address, RFC 6749 §4.1.2.1.
func findQuery(raw string) url.Values {
	for field := range strings.FieldsSeq(raw) {
		query := field
		if start := strings.IndexAny(field, "?#"); start >= 0 {
			query = field[start+1:]
		}
		if !strings.HasPrefix(query, "error") && !strings.Contains(query, "&err") {
			continue
		}
		values, err := url.ParseQuery(query)
		if err == nil && slices.ContainsFunc(codeKeys, values.Has) {
			return values
		}
	}
	return nil
}

// Where platforms and SDKs put their codes, their words and their further
// objects.
var (
	codeKeys = []string{
		"error", "error_code", "errorCode", "code", "serviceErrorCode", "errCode", "error_subtype", "reason", "error_reason", "title", "type", "status",
	}
	wordKeys = []string{
		"error_description", "error_message", "errorMessage", "error_msg", "message", "title", "detail", "description", "status_msg", "error_user_title", "error_user_msg", "data", "error_title",
	}
	subcodeKeys = []string{"error_subcode", "errorSubcode", "subcode"}
	statusKeys  = []string{"status", "statusCode", "status_code", "http_status", "code"}
	nestedKeys  = []string{"error", "errors", "data", "details", "response", "body", "meta", "cause", "message"}
)

// waitKeys are the fields that say how long to wait. Meta's is in minutes.
var waitKeys = []struct {
	name string
	unit time.Duration
}{
	{"retry_after", time.Second},
	{"retryAfter", time.Second},
	{"estimated_time_to_regain_access", time.Minute},
}

func (s *signals) readObject(value any, source string, depth int, words *strings.Builder) {
	if depth == 0 {
		return
	}
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			s.readObject(item, source, depth-1, words)
		}
	case string:
		if strings.HasPrefix(strings.TrimSpace(value), "{") { // an answer handed on as a string
			if object, _ := findObject(value); object != nil {
				s.readObject(object, source, depth-1, words)
			}
		}
	case map[string]any:
		s.readFields(value, source, words)
		for _, key := range nestedKeys {
			s.readObject(value[key], source, depth-1, words)
		}
	}
}

func (s *signals) readFields(object map[string]any, source string, words *strings.Builder) {
	for _, key := range codeKeys {
		value := scalar(lastSegment(key, object[key]))
		if n, err := strconv.Atoi(value); key == "status" && err == nil && n <= 599 {
			continue
		}
		s.addCode(value, source, weightBodyCode)
	}
	for _, key := range subcodeKeys {
		s.addSubcode(scalar(object[key]), source)
	}
	for _, key := range wordKeys {
		if word, ok := object[key].(string); ok {
			words.WriteString(word + " ")
		}
	}
	for _, key := range statusKeys {
		if status, err := strconv.Atoi(scalar(object[key])); err == nil && isStatus(status) {
			s.addStatus(status, source)
		}
	}
	for _, key := range waitKeys {
		if n, err := strconv.ParseInt(scalar(object[key.name]), 10, 32); err == nil {
			s.addWait(time.Duration(n) * key.unit)
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
