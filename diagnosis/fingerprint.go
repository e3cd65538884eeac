package diagnosis

import (
	"strconv"
	"strings"
	"unicode"
)

// Limits of a fingerprint.
const (
	maxWords      = 24 // of the message, so that what follows a stack's first line does not count
	maxWordLength = 24 // bytes; what is longer is an id or a token

	maxFingerprint = 400 // bytes
)

// Fingerprint returns what inputs of the same failure have in common, so that
// unknown ones can be counted: platform, stage, status, code, subcode and the
// first words of the message or body, with "*" for each id, number, address and
// token. It holds nothing that is secret or names a person as far as that can be
// told by looking at words, and is at most 400 bytes long. Whether a failure is
// unknown says [Diagnose].
func Fingerprint(in Input) string {
	in.Platform = PlatformID(in.Platform)
	s := knowledge.read(&in)
	parts := []string{anonymous(in.Platform), anonymous(string(in.Stage)), "", "", "", s.words()}
	if s.status != 0 {
		parts[2] = strconv.Itoa(s.status)
	}
	if len(s.codes) > 0 {
		parts[3] = anonymousCode(s.codes[0].value)
	}
	if len(s.subcodes) > 0 {
		parts[4] = anonymousCode(s.subcodes[0].value)
	}
	whole := strings.Join(parts, " | ")
	return strings.ToValidUTF8(whole[:min(len(whole), maxFingerprint)], "")
}

// words are those of the message, else of the body: the ones for people where
// the text has a structure.
func (s *signals) words() string {
	for _, source := range []string{fromMessage, fromBody} {
		for i := len(s.texts) - 1; i >= 0; i-- {
			if s.texts[i].source == source {
				return anonymous(s.texts[i].shown)
			}
		}
	}
	return ""
}

// anonymous folds words and replaces those that may name something. A token is
// looked at as a whole: its capitals would take it apart.
func anonymous(shown string) string {
	var words []string
	for field := range strings.FieldsSeq(shown) {
		if strings.Contains(field, "://") || strings.ContainsRune(field, '@') {
			words = append(words, "*")
			continue
		}
		for run := range strings.FieldsFuncSeq(field, notInCode) {
			if len(run) > maxWordLength || strings.ContainsFunc(run, unicode.IsDigit) {
				run = "*"
			} else {
				run = strings.TrimSpace(fold(run))
			}
			if run != "" && (run != "*" || len(words) == 0 || words[len(words)-1] != "*") {
				words = append(words, run)
			}
		}
		if len(words) >= maxWords {
			return strings.Join(words[:maxWords], " ")
		}
	}
	return strings.Join(words, " ")
}

// anonymousCode keeps codes, which are short words and numbers, and nothing
// else that was put into their field.
func anonymousCode(code string) string {
	if len(code) > 2*maxWordLength || strings.ContainsFunc(code, notInCode) {
		return anonymous(code)
	}
	if isDigits(code) && len(code) > maxDigits {
		return "*"
	}
	return code
}
