package diagnosis

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits on what is believed of numbers in sentences.
const (
	maxDigits = 8 // of a code
	maxWait   = 7 * 24 * time.Hour
)

// phrases are the reasons that HTTP libraries put behind a status, by their
// first words. A number without one of them may be anything.
var phrases = map[string][]int{
	"bad request":           {400},
	"unauthorized":          {401},
	"nicht autorisiert":     {401},
	"non autorise":          {401},
	"no autorizado":         {401},
	"nao autorizado":        {401},
	"payment required":      {402},
	"forbidden":             {403},
	"unzulassig":            {403},
	"interdit":              {403},
	"prohibido":             {403},
	"proibido":              {403},
	"not found":             {404},
	"unprocessable":         {422},
	"upgrade required":      {426},
	"too many requests":     {429},
	"client error":          {400, 401, 402, 403, 404, 405, 409, 410, 422, 426, 429},
	"internal server error": {500},
	"bad gateway":           {502},
	"service unavailable":   {503},
	"gateway time":          {504},
	"server error":          {500, 502, 503, 504},
}

// errorWords stand before a number that is a code or a status.
var errorWords = []string{"error", "fehler", "erreur", "erro", "errore", "ошибка", "エラー", "错误"}

// scanNumbers reads the codes and the status that a sentence, a dump or an
// exception's text has: "code: 190, error_subcode: 463", "(#200)", "HTTP 401",
// "status code 429", "403 Forbidden", "Error 102". It sees the folded words,
// where they all look alike.
func (s *signals) scanNumbers(t *text) {
	var before [3]string // the words before, the nearest first
	for rest := t.folded; ; {
		word, after := nextWord(rest)
		if word == "" {
			return
		}
		number := strings.TrimPrefix(word, "#")
		if number != "" && len(number) <= maxDigits && strings.Trim(number, "0123456789") == "" {
			s.readNumber(number, number != word, before, after, t.source)
		}
		before[2], before[1], before[0] = before[1], before[0], word
		rest = after
	}
}

// nextWord takes the first word off a folded text.
func nextWord(folded string) (word, rest string) {
	if len(folded) <= 1 {
		return "", ""
	}
	folded = folded[1:] // the space before it
	if end := strings.IndexByte(folded, ' '); end >= 0 {
		return folded[:end], folded[end:]
	}
	return folded, ""
}

func (s *signals) readNumber(number string, marked bool, before [3]string, after, source string) {
	n, _ := strconv.Atoi(number)
	status := isStatus(n)
	switch last, second := before[0], before[1]; {
	case marked:
		s.addCode(number, source, weightBodyCode)
	case last == "subcode", last == "code" && (second == "sub" || second == "error" && before[2] == "sub"):
		s.addSubcode(number, source)
	case last == "code" && slices.Contains([]string{"status", "http", "response"}, second), last == "status" && n <= 599, last == "http", last == "response":
		s.addStatus(n, source)
	case last == "1" && second == "1" && before[2] == "http": // HTTP/1.1 401
		s.addStatus(n, source)
	case last == "status" && n > 599, last == "code", last == "errno", last == "errcode":
		s.addCode(number, source, weightBodyCode)
		if status {
			s.addStatus(n, source)
		}
	case status && hasReason(n, after):
		s.addStatus(n, source)
	case slices.Contains(errorWords, last):
		s.addCode(number, source, weightWord)
		if status {
			s.addStatus(n, source)
		}
	}
}

// isStatus leaves out the numbers that Meta has for other things.
func isStatus(n int) bool {
	return n >= 400 && n <= 431 || n == 451 || n >= 500 && n <= 504 || n == 511 || n >= 520 && n <= 530
}

func hasReason(status int, after string) bool {
	for phrase, statuses := range phrases {
		if strings.HasPrefix(after, " "+phrase) && slices.Contains(statuses, status) {
			return true
		}
	}
	return false
}

// addStatus keeps the first status met. The input's own field comes first.
func (s *signals) addStatus(status int, source string) {
	if s.status == 0 && status >= 100 && status <= 599 {
		s.status, s.statusSource = status, source
	}
}

// waits are the words before a time to wait.
var waits = []string{
	" retry after ", " retry in ", " try again in ", " again after ", " please wait ", " wait for ", " wait another ", " available in ", " reset in ", " resets in ",
}

// scanWait reads "Retry-After: 120" and "try again in 5 minutes".
func (s *signals) scanWait(t *text) {
	for _, words := range waits {
		if _, after, found := strings.Cut(t.folded, words); found {
			number, rest := nextWord(" " + after)
			unit, _ := nextWord(rest)
			if n, err := strconv.ParseInt(number, 10, 32); err == nil {
				s.addWait(time.Duration(n) * unitOf(unit))
			}
		}
	}
}

func unitOf(word string) time.Duration {
	switch {
	case strings.HasPrefix(word, "min"):
		return time.Minute
	case strings.HasPrefix(word, "hour"), strings.HasPrefix(word, "hr"):
		return time.Hour
	case strings.HasPrefix(word, "day"):
		return 24 * time.Hour
	case word == "ms", strings.HasPrefix(word, "milli"):
		return time.Millisecond
	}
	return time.Second
}

func (s *signals) addWait(wait time.Duration) {
	if s.wait == 0 && wait > 0 && wait <= maxWait {
		s.wait = wait
	}
}
