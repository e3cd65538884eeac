package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexicon has all the phrases that rules look for, so that a text is searched
// for them once and not by each rule.
type lexicon struct {
	phrases []phrase
	starts  map[[startLen]byte][]int // the phrases by their first bytes
	ids     map[string]int           // of phrases
	groups  map[string]int           // ids of groups of phrases, as pattern.all has them
}

// phrase is folded, with the space before it, and one behind it if it must end
// there.
type phrase struct {
	words  string
	groups groupSet // that it belongs to
}

// hit is where a text has a phrase.
type hit struct{ phrase, from, to int }

// Sizes of the lexicon. load says when there are more.
const (
	startLen   = 4
	maxPhrases = 8192
	maxGroups  = 192
)

type (
	phraseSet []uint64
	groupSet  [maxGroups / 64]uint64
)

func (s phraseSet) contains(id int) bool { return s != nil && s[id>>6]&(1<<(id&63)) != 0 }

// union adds what the other set has, and returns the sum.
func (s phraseSet) union(other phraseSet) phraseSet {
	if s == nil {
		return slices.Clone(other)
	}
	for i := range s {
		s[i] |= other[i]
	}
	return s
}

func (s *groupSet) add(id int)           { s[id>>6] |= 1 << (id & 63) }
func (s *groupSet) contains(id int) bool { return s[id>>6]&(1<<(id&63)) != 0 }

func (s *groupSet) union(other *groupSet) {
	for i := range s {
		s[i] |= other[i]
	}
}

func newLexicon() *lexicon {
	return &lexicon{starts: map[[startLen]byte][]int{}, ids: map[string]int{}, groups: map[string]int{}}
}

// check finds what is too long or too short for the lexicon.
func (l *lexicon) check() error {
	if len(l.phrases) > maxPhrases || len(l.groups) > maxGroups {
		return fmt.Errorf("%d phrases in %d groups are more than the lexicon takes", len(l.phrases), len(l.groups))
	}
	for _, p := range l.phrases {
		if len(p.words) < startLen {
			return fmt.Errorf("the phrase %q is too short", p.words)
		}
	}
	return nil
}

// phrase returns the id of words, which match at the start of a word only, where
// their script sets words apart, and at its end if they end in a space.
func (l *lexicon) phrase(words string) int {
	folded := fold(words)
	if !strings.HasSuffix(words, " ") {
		folded = strings.TrimSuffix(folded, " ")
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(folded))
	if isWide(first) || unicode.Is(unicode.Arabic, first) { // Arabic writes its articles together with the word
		folded = strings.TrimPrefix(folded, " ")
	}
	id, ok := l.ids[folded]
	if !ok {
		id = len(l.phrases)
		l.ids[folded] = id
		l.phrases = append(l.phrases, phrase{words: folded})
		if len(folded) >= startLen {
			start := [startLen]byte([]byte(folded))
			l.starts[start] = append(l.starts[start], id)
		}
	}
	return id
}

// group returns the id of a group of phrases that are set apart by "|".
func (l *lexicon) group(words string) int {
	id, ok := l.groups[words]
	if !ok {
		id = len(l.groups)
		l.groups[words] = id
		for entry := range strings.SplitSeq(words, "|") {
			p := l.phrase(entry)
			if id < maxGroups {
				l.phrases[p].groups.add(id)
			}
		}
	}
	return id
}

// search finds the phrases in a text.
func (l *lexicon) search(t *text) {
	t.has = make(phraseSet, (len(l.phrases)+63)/64)
	for at := 0; at+startLen <= len(t.folded); at++ {
		if c := t.folded[at]; c != ' ' && c < utf8.RuneSelf {
			continue // within a word
		}
		for _, id := range l.starts[[startLen]byte([]byte(t.folded[at:at+startLen]))] {
			p := &l.phrases[id]
			if !strings.HasPrefix(t.folded[at:], p.words) {
				continue
			}
			t.has[id>>6] |= 1 << (id & 63)
			t.groups.union(&p.groups)
			if len(t.hits) < maxHits {
				// A space behind is the one that the next word begins with.
				t.hits = append(t.hits, hit{id, at, at + len(strings.TrimSuffix(p.words, " "))})
			}
		}
	}
}

// inOrder finds phrases one after the other in a text, with at most maxGap
// bytes between two.
func (l *lexicon) inOrder(t *text, parts []int) (from, to int, found bool) {
	if slices.ContainsFunc(parts, func(id int) bool { return !t.has.contains(id) }) {
		return 0, 0, false
	}
	for i, first := range t.hits {
		if first.phrase != parts[0] {
			continue
		}
		if to, ok := follow(t.hits[i+1:], first.to, parts[1:]); ok {
			return first.from, to, true
		}
	}
	return 0, 0, false
}

// follow returns where the last of the parts ends.
func follow(hits []hit, to int, parts []int) (int, bool) {
	for len(parts) > 0 {
		i := slices.IndexFunc(hits, func(h hit) bool { return h.phrase == parts[0] && h.from >= to })
		if i < 0 || hits[i].from > to+maxGap {
			return 0, false
		}
		to, hits, parts = hits[i].to, hits[i+1:], parts[1:]
	}
	return to, true
}

// together finds a phrase of each group, in any order, near one of the first.
func (l *lexicon) together(t *text, groups []int) (from, to int, found bool) {
	if slices.ContainsFunc(groups, func(id int) bool { return !t.groups.contains(id) }) {
		return 0, 0, false
	}
	for _, h := range t.hits {
		if l.phrases[h.phrase].groups.contains(groups[0]) {
			if from, to, ok := l.around(t, h, groups[1:]); ok {
				return from, to, true
			}
		}
	}
	return 0, 0, false
}

// around finds a phrase of each group near one of a text, and not within it,
// and returns the bounds of all.
func (l *lexicon) around(t *text, first hit, groups []int) (from, to int, found bool) {
	from, to = first.from, first.to
	for _, group := range groups {
		i := slices.IndexFunc(t.hits, func(h hit) bool {
			return l.phrases[h.phrase].groups.contains(group) &&
				(h.to <= first.from && first.from-h.from <= near || h.from >= first.to && h.to-first.to <= near)
		})
		if i < 0 {
			return 0, 0, false
		}
		from, to = min(from, t.hits[i].from), max(to, t.hits[i].to)
	}
	return from, to, true
}
