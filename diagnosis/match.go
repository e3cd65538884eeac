package diagnosis

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// What a condition adds to a match. They are chosen so that a code beats status
// and stage, that a sentence of four words is worth nearly a code and one of
// two more than a status that may mean anything, and that a platform's own rule
// beats a general one on the same evidence.
const (
	weightOwn      = 100 // one of Mooring's own codes: no guess at all
	weightCode     = 50  // a code in its own field
	weightBodyCode = 45  // a code in the body
	weightWord     = 40  // a code met among the words of a text
	weightSubcode  = 40
	weightStatus   = 30
	weightHundred  = 28 // a status known by its first digit only
	weightVague    = 10 // a status that platforms use for anything
	weightClass    = 20
	weightPlatform = 20
	weightBare     = 6   // a platform's own rule without a code or a word
	weightOwnWords = 6   // a platform's own rule by groups of words
	weightAbroad   = -15 // a platform's own rule for somebody who did not name it
	weightFresh    = 10
	weightPerWord  = 12
	weightPerGroup = 16
	weightPhrase   = 30 // one group, of which each entry is a phrase
	weightMaxWords = 48
	weightStage    = 5
)

// The bounds of confidence.
const (
	unknownConfidence = 0.1
	maxConfidence     = 0.99
)

// How far apart words may be that belong together, in bytes: those of one
// sentence do, those of two pages of a log do not.
const (
	maxGap = 80 // what "…" stands for at most
	near   = 90 // around the first of pattern.all
)

// match is how a rule came to decide.
type match struct {
	rule    *rule
	pattern *pattern
	score   int

	code, subcode *code // nil if the pattern asks for none
	text          *text
	from, to      int // of the decisive words, folded
}

// match returns the most specific match, which is the unknown rule's if there
// is no other.
func (b *base) match(s *signals) match {
	candidates, ok := b.platforms[s.in.Platform]
	if !ok {
		candidates = b.elsewhere
	}
	best := match{rule: b.unknown}
	for _, r := range candidates {
		for i := range r.patterns {
			b.try(r, &r.patterns[i], s, &best)
		}
	}
	if best.pattern == nil && b.quiet(s) {
		best.rule = &quietRule
	}
	return best
}

// quiet reports whether there are words and none of them speak of a failure, or
// too few to say anything.
func (b *base) quiet(s *signals) bool {
	if s.status != 0 || len(s.codes)+len(s.subcodes) > 0 || len(s.texts) == 0 {
		return false
	}
	return !slices.ContainsFunc(s.texts, func(t text) bool {
		return t.groups.contains(b.failure) && strings.Count(t.folded, " ") > 3
	})
}

// try weighs the evidence by a pattern of a rule, and takes it for the best
// match if all conditions hold and its score is higher.
func (b *base) try(r *rule, p *pattern, s *signals, best *match) {
	if !p.mayBeIn(s) {
		return
	}
	score, holds := p.circumstances(s)
	if !holds {
		return
	}
	score += p.bonus + p.textWeight
	var code, subcode *code
	if len(p.codes) > 0 {
		if code = firstOf(s.codes, p.codeSet); code == nil {
			return
		}
		score += code.weight
	}
	if len(p.subcodes) > 0 {
		if subcode = firstOf(s.subcodes, p.subcodeSet); subcode == nil {
			return
		}
		score += subcode.weight
	}
	if len(p.beside) > 0 {
		if code = firstOf(s.codes, p.besideSet); code != nil {
			score += code.weight
		}
	}
	if score <= best.score {
		return // before the words are looked for, which takes longest
	}
	found := match{rule: r, pattern: p, score: score, code: code, subcode: subcode}
	if len(p.parts)+len(p.groups) > 0 {
		if found.text, found.from, found.to = b.find(p, s.texts); found.text == nil {
			return
		}
	}
	*best = found
}

// mayBeIn reports false only where the words that the pattern asks for are not
// in the texts.
func (p *pattern) mayBeIn(s *signals) bool {
	for _, id := range p.groups {
		if !s.groups.contains(id) {
			return false
		}
	}
	for _, id := range p.parts {
		if !s.has.contains(id) {
			return false
		}
	}
	return true
}

// circumstances weighs what surrounds the platform's words: stage, status,
// verdict and age.
func (p *pattern) circumstances(s *signals) (score int, hold bool) {
	if len(p.stages) > 0 {
		if !slices.Contains(p.stages, s.in.Stage) {
			return 0, false
		}
		score += weightStage
	}
	if len(p.statuses) > 0 {
		switch {
		case slices.Contains(p.statuses, s.status):
			score += s.statusWeight(weightStatus)
		case slices.Contains(p.statuses, s.status/100):
			score += s.statusWeight(weightHundred)
		default:
			return 0, false
		}
	}
	if p.class != "" {
		if p.class != s.in.Class {
			return 0, false
		}
		score += weightClass
	}
	if p.fresh {
		if !s.in.FreshToken {
			return 0, false
		}
		score += weightFresh
	}
	return score, true
}

// statusWeight is what a status is worth: little where platforms use it for
// anything. At the token endpoint a 401 is the client's.
func (s *signals) statusWeight(full int) int {
	switch s.status {
	case 401:
		if slices.Contains(tokenStages, s.in.Stage) {
			return full
		}
		fallthrough
	case 400, 403, 404:
		return weightVague - (weightStatus - full)
	}
	return full
}

// firstOf returns the first of the codes that is wanted, or nil. The codes come
// in order of trust.
func firstOf(codes []code, wanted map[string]bool) *code {
	for i := range codes {
		if wanted[codes[i].value] {
			return &codes[i]
		}
	}
	return nil
}

// find looks for the pattern's words in one of the texts.
func (b *base) find(p *pattern, texts []text) (in *text, from, to int) {
	for i := range texts {
		t := &texts[i]
		var found bool
		if len(p.parts) > 0 {
			from, to, found = b.lexicon.inOrder(t, p.parts)
		} else {
			from, to, found = b.lexicon.together(t, p.groups)
		}
		if found {
			return t, from, to
		}
	}
	return nil, 0, 0
}

// confidence grows with the match: 0.38 for a vague status alone, 0.55 for
// another, 0.72 for a general code, 0.88 for a platform's own.
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
	if m.code != nil {
		add(m.code.source, m.code.value)
	}
	if m.subcode != nil {
		add(m.subcode.source, m.subcode.value)
	}
	if m.text != nil {
		add(m.text.source, m.text.excerpt(m.from, m.to))
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
