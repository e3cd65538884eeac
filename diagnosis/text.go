package diagnosis

import (
	"html"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// text is something written for people. Rules see it folded, so that spelling,
// punctuation and the tags of a page do not matter: see fold.
type text struct {
	shown  string
	folded string
	source string
	hits   []hit     // of the rules' phrases, in the order of the text
	has    phraseSet // which of them there are
	groups groupSet  // and of which groups
}

// newText returns raw without tags and HTML escapes. LinkedIn puts the latter
// into its descriptions, Google the former into its messages.
func newText(raw, source string) text {
	shown := strings.Join(strings.Fields(html.UnescapeString(withoutTags(raw))), " ")
	return text{shown: shown, folded: fold(shown), source: source}
}

// fold reduces words to what people write alike: lower case without accents,
// one space before each word and one behind the last. Quotes and punctuation
// are spaces too, "#" excepted, which marks Meta's codes. What is written
// togetherWithCapitals is taken apart, so that the name of an exception reads
// as its message would, and so are Latin words within Chinese, Japanese and
// Korean.
func fold(shown string) string {
	var b strings.Builder
	b.Grow(len(shown) + len(shown)/8 + 1)
	for _, r := range folding(shown) {
		b.WriteRune(r)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	return b.String()
}

// folding yields the runes of a folded text, each with the place in shown that
// it comes from.
func folding(shown string) iter.Seq2[int, rune] {
	return func(yield func(int, rune) bool) {
		word, lower, wide := false, false, false // inside a word; after a small letter; after one of a script without spaces
		whole := 0                               // where a name ends that has a capital within
		for at, r := range shown {
			switch kindOf(r) {
			case apostrophe:
				if word && !endsWord(shown[at+utf8.RuneLen(r):]) {
					word = false
				}
				continue // "can't" is written "cant", too
			case mark:
				continue
			case gap:
				word = false
				continue
			}
			capital := 'A' <= r && r <= 'Z' || r >= utf8.RuneSelf && unicode.IsUpper(r)
			first, second := plain(r)
			if !word || r == '#' || lower && capital && at >= whole || wide != isWide(first) {
				if !yield(at, ' ') {
					return
				}
				whole = at + len(nameAt(shown[at:]))
			}
			word, lower, wide = true, !capital && unicode.IsLetter(r), isWide(first)
			if !yield(at, first) || second != 0 && !yield(at, second) {
				return
			}
		}
	}
}

// kind is what folding makes of a rune.
type kind int

const (
	letter kind = iota // or a digit
	apostrophe
	mark // of the letter before: nothing
	gap  // between words
)

func kindOf(r rune) kind {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '#':
		return letter
	case r == '\'', r == '’':
		return apostrophe
	case r < utf8.RuneSelf:
		return gap
	case unicode.IsLetter(r), unicode.IsDigit(r):
		return letter
	case unicode.In(r, unicode.Mn, unicode.Cf):
		return mark
	}
	return gap
}

// nameAt returns the platform's name that s begins with, if it has a capital
// within.
func nameAt(s string) string {
	for _, name := range []string{"YouTube", "LinkedIn", "TikTok"} {
		if strings.HasPrefix(s, name) {
			return name
		}
	}
	return ""
}

// isWide reports whether a letter is of the scripts of China, Japan and Korea,
// which set "URL" off by nothing.
func isWide(r rune) bool { return r >= 0x2E80 }

// endsWord reports whether what follows an apostrophe is an ending such as
// those of "can't" and "we're", and not a word of its own as in "l'URL".
func endsWord(rest string) bool {
	n := 0
	for n < len(rest) && 'a' <= rest[n]|0x20 && rest[n]|0x20 <= 'z' {
		n++
	}
	if n == len(rest) {
		return n <= 2
	}
	next, _ := utf8.DecodeRuneInString(rest[n:])
	return n <= 2 && !unicode.IsLetter(next)
}

// accents are the small letters that are read without their marks.
var accents = func() map[rune]rune {
	plain := map[rune]rune{}
	for base, marked := range map[rune]string{
		'a': "àáâãäåāăą", 'c': "çćč", 'd': "ďđ", 'e': "èéêëēėęě", 'g': "ğ", 'i': "ìíîïīıį", 'l': "ł",
		'n': "ñńň", 'o': "òóôõöøōő", 'r': "ř", 's': "śšş", 't': "ťţ", 'u': "ùúûüūůű", 'y': "ýÿ", 'z': "źżž",
		'е': "ё", 'и': "й",
	} {
		for _, r := range marked {
			plain[r] = base
		}
	}
	return plain
}()

// plain returns the one or two small letters that r is read as.
func plain(r rune) (first, second rune) {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A', 0
	}
	if r < utf8.RuneSelf {
		return r, 0
	}
	r = unicode.ToLower(r)
	switch {
	case r == 'ß':
		return 's', 's'
	case r == 'æ':
		return 'a', 'e'
	case r == 'œ':
		return 'o', 'e'
	case '！' <= r && r <= '～': // the wide forms of ASCII
		return unicode.ToLower(r - '！' + '!'), 0
	}
	if base, ok := accents[r]; ok {
		return base, 0
	}
	return r, 0
}

// excerpt returns what was shown where the folded text runs from one place to
// another.
func (t *text) excerpt(from, to int) string {
	start, end, n := 0, len(t.shown), 0
	for at, r := range folding(t.shown) {
		if n >= to {
			end = at
			break
		}
		if n <= from {
			start = at
		}
		n += utf8.RuneLen(r)
	}
	return strings.TrimRightFunc(t.shown[start:end], notInCode)
}

// tags are those that platforms' pages and messages are made of. What else
// stands between angle brackets, such as Python's <Response [401]>, is text.
var tags = []string{
	"!doctype", "a", "b", "body", "br", "center", "code", "div", "em", "footer", "form", "h1", "h2", "h3", "head", "header", "hr", "html", "i", "img",
	"li", "link", "main", "meta", "ol", "p", "pre", "script", "section", "span", "strong", "style", "svg", "table", "td", "th", "title", "tr", "u", "ul",
}

// withoutTags makes spaces of tags, and nothing of scripts and styles.
func withoutTags(raw string) string {
	if !strings.ContainsRune(raw, '<') {
		return raw
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(raw, "<")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		closing := strings.TrimPrefix(rest, "/")
		end := strings.IndexFunc(closing, func(r rune) bool { return r != '!' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(closing)
		}
		name := strings.ToLower(closing[:end])
		if !slices.Contains(tags, name) || strings.IndexByte(rest[:min(len(rest), maxTag)], '>') < 0 {
			b.WriteByte('<')
			raw = rest
			continue
		}
		b.WriteByte(' ')
		if name == "script" || name == "style" {
			_, rest, _ = strings.Cut(rest, "</"+name)
		}
		_, raw, _ = strings.Cut(rest, ">")
	}
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
