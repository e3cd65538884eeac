package diagnosis

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// What a condition adds to a match. They are chosen so that a code beats status
// and stage, that a sentence of four words is worth nearly a code, and that a
// platform's own rule beats a general one on the same evidence.
const (
	weightOwn      = 100 // one of Mooring's own codes: no guess at all
	weightCode     = 50  // a code in its own field
	weightBodyCode = 45  // a code in the body
	weightWord     = 40  // a code met among the words of a text
	weightSubcode  = 40
	weightStatus   = 30
	weightHundred  = 28 // a status known by its first digit only
	weightClass    = 20
	weightPlatform = 20
	weightFresh    = 10
	weightPerWord  = 12
	weightMaxWords = 48
	weightStage    = 5
)

// The bounds of confidence.
const (
	unknownConfidence = 0.1
	maxConfidence     = 0.99
)

// maxGap is what "…" stands for at most: the words of one sentence belong
// together, those of two pages of a log do not.
const maxGap = 80

// match is how a rule came to decide.
type match struct {
	rule    *rule
	pattern *pattern
	score   int

	code, subcode code
	text          text
	from, to      int // of the decisive words in text
}

// match returns the most specific match, which is the unknown rule's if there
// is no other.
func (b *base) match(s *signals) match {
	candidates, ok := b.platforms[s.in.Platform]
	if !ok {
		candidates = b.general
	}
	best := match{rule: b.unknown}
	for _, r := range candidates {
		for i := range r.patterns {
			if m, ok := r.patterns[i].match(s, best.score); ok {
				m.rule = r
				best = m
			}
		}
	}
	return best
}

// match weighs the pattern against the evidence. It returns false if a
// condition fails or the score does not exceed best.
func (p *pattern) match(s *signals, best int) (match, bool) {
	m := match{pattern: p, score: p.bonus + p.textWeight}
	if len(p.stages) > 0 {
		if !slices.Contains(p.stages, s.in.Stage) {
			return m, false
		}
		m.score += weightStage
	}
	if len(p.statuses) > 0 {
		switch {
		case slices.Contains(p.statuses, s.status):
			m.score += weightStatus
		case slices.Contains(p.statuses, s.status/100):
			m.score += weightHundred
		default:
			return m, false
		}
	}
	if p.class != "" {
		if p.class != s.in.Class {
			return m, false
		}
		m.score += weightClass
	}
	if p.fresh {
		if !s.in.FreshToken {
			return m, false
		}
		m.score += weightFresh
	}
	if len(p.codes) > 0 {
		if m.code = firstOf(s.codes, p.codes); m.code.value == "" {
			return m, false
		}
		m.score += m.code.weight
		if strings.HasPrefix(m.code.value, "mooring_") {
			m.score += weightOwn - weightCode
		}
	}
	if len(p.subcodes) > 0 {
		if m.subcode = firstOf(s.subcodes, p.subcodes); m.subcode.value == "" {
			return m, false
		}
		m.score += weightSubcode
	}
	if m.score <= best {
		return m, false // before the text is searched, which takes longest
	}
	if p.text != "" {
		m.text, m.from, m.to = p.find(s.texts)
		return m, m.text.source != ""
	}
	return m, true
}

// firstOf returns the first of the codes that is wanted. The codes come in
// order of trust.
func firstOf(codes []code, wanted []string) code {
	for _, c := range codes {
		if slices.Contains(wanted, c.value) {
			return c
		}
	}
	return code{}
}

// find looks for the pattern's parts in one of the texts.
func (p *pattern) find(texts []text) (in text, from, to int) {
	for _, t := range texts {
		for start := 0; ; {
			at := strings.Index(t.folded[start:], p.parts[0])
			if at < 0 {
				break
			}
			from = start + at
			if to, ok := follow(t.folded, from+len(p.parts[0]), p.parts[1:]); ok {
				return t, from, to
			}
			start = from + 1
		}
	}
	return text{}, 0, 0
}

// follow finds the parts one after the other from to on, with at most maxGap
// bytes between two. It returns where the last one ends.
func follow(s string, to int, parts []string) (int, bool) {
	for _, part := range parts {
		window := s[to:min(to+maxGap+len(part), len(s))]
		at := strings.Index(window, part)
		if at < 0 {
			return 0, false
		}
		to += at + len(part)
	}
	return to, true
}

// confidence grows with the match: 0.55 for a status alone, 0.72 for a general
// code, 0.88 for a platform's own.
func (m *match) confidence() float64 {
	if m.pattern == nil {
		return unknownConfidence
	}
	confidence := min(0.3+float64(m.score)/120, maxConfidence)
	if m.rule.atMost > 0 {
		confidence = min(confidence, m.rule.atMost)
	}
	return math.Round(confidence*100) / 100
}

// evidence lists what the match rests on, the weightiest first.
func (m *match) evidence(s *signals) []Evidence {
	list := []Evidence{}
	add := func(source, value string) {
		list = append(list, Evidence{Rule: m.rule.id, Source: source, Value: quote(value)})
	}
	if m.pattern == nil {
		s.each(add)
		return list
	}
	if m.code.value != "" {
		add(m.code.source, m.code.value)
	}
	if m.subcode.value != "" {
		add(m.subcode.source, m.subcode.value)
	}
	if m.text.source != "" {
		add(m.text.source, m.text.shown[m.from:m.to])
	}
	if m.pattern.class != "" {
		add(fromClass, string(s.in.Class))
	}
	if len(m.pattern.statuses) > 0 {
		add(s.statusSource, strconv.Itoa(s.status))
	}
	if len(m.pattern.stages) > 0 {
		add(fromStage, string(s.in.Stage))
	}
	if m.pattern.fresh {
		add(fromAge, "true")
	}
	return list
}

// each shows what there was to see in an input that no rule recognised.
func (s *signals) each(add func(source, value string)) {
	for _, part := range []struct{ source, value string }{
		{fromCode, s.in.ErrorCode},
		{fromSubcode, s.in.ErrorSubcode},
		{fromMessage, s.in.ErrorMessage},
		{fromBody, s.in.Body},
	} {
		if part.value != "" {
			add(part.source, part.value)
		}
	}
	if s.in.HTTPStatus != 0 {
		add(fromStatus, strconv.Itoa(s.in.HTTPStatus))
	}
}
