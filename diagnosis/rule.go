package diagnosis

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mooring/platforms"
)

// rule is one piece of knowledge: how to recognise a failure, and what to say.
type rule struct {
	id        string // "set/name"
	issue     IssueType
	severity  Severity
	fixableBy FixableBy
	action    Action
	transient bool
	// atMost bounds the confidence where the platform says the same for several
	// failures; zero is no bound.
	atMost float64

	causes    []string // templates, the likeliest first
	solutions []string // templates, in order
	docs      string   // an address, errorsPage, statusPage, or empty for none

	patterns []pattern // any of them
	examples []Input   // inputs that this rule wins; the platform may be left out

	platform string // of the set
}

// The catalogue's addresses, as values of rule.docs.
const (
	errorsPage = "errors" // the platform's page on errors, else RFC 6749
	statusPage = "status" // the platform's page on outages
)

const rfcErrors = "https://www.rfc-editor.org/rfc/rfc6749#section-5.2"

// pattern is a conjunction; what is empty is no condition.
type pattern struct {
	codes    []string // any of them, in lower case
	subcodes []string // any of them, in lower case
	statuses []int    // any of them; 5 stands for 500 to 599
	stages   []platforms.Stage
	class    platforms.Class
	fresh    bool
	// beside are codes that make the words surer where they are met, too.
	beside []string
	// text is a sentence; "…" stands for up to maxGap bytes.
	text string
	// all are groups of words, of each of which one must be near the others, in
	// any order. The words of a group are set apart by "|"; words.go has them in
	// several languages.
	all []string

	// Worked out when the rules are loaded.
	codeSet, subcodeSet, besideSet map[string]bool

	parts      []int // phrases of text
	groups     []int // of all
	words      int   // in text
	textWeight int
	bonus      int // what being a platform's own is worth
}

// ruleSet is a file's worth of rules. An empty platform means any.
type ruleSet struct {
	platform string
	rules    []rule
}

// base is a loaded table of rules.
type base struct {
	platforms map[string][]*rule // by platform, general rules included
	general   []*rule
	elsewhere []*rule // for any other platform, and for none
	unknown   *rule
	codes     map[string]bool // those that are recognised among words
	lexicon   *lexicon
	failure   int // the group of words that speak of one
}

// knowledge is the table this program runs with.
var knowledge = mustLoad(twitterRules, facebookRules, instagramRules, linkedInRules, youTubeRules, tikTokRules, pinterestRules, ownRules, generalRules)

func mustLoad(sets ...ruleSet) *base {
	b, err := load(sets...)
	if err != nil {
		panic("diagnosis: the rules contradict themselves:\n" + err.Error())
	}
	return b
}

// load checks the rules, tries their examples and returns the table. Where two
// matches weigh the same, the rule named first wins. The error lists all faults.
func load(sets ...ruleSet) (*base, error) {
	b := &base{
		platforms: map[string][]*rule{},
		codes:     map[string]bool{},
		unknown:   &unknownRule,
		lexicon:   newLexicon(),
	}
	b.failure = b.lexicon.group(failureWords)
	faults := []error{b.unknown.check(), quietRule.check()}
	seen := map[string]bool{}
	for _, set := range sets {
		for i := range set.rules {
			r := &set.rules[i]
			r.platform = set.platform
			if seen[r.id] {
				faults = append(faults, fmt.Errorf("%s: the id is taken", r.id))
			}
			seen[r.id] = true
			b.add(r)
			faults = append(faults, r.check())
		}
	}
	faults = append(faults, b.lexicon.check())
	for platform := range b.platforms {
		b.platforms[platform] = append(b.platforms[platform], b.general...)
	}
	b.elsewhere = append(b.elsewhere, b.general...)
	for _, set := range sets {
		for i := range set.rules {
			if r := b.abroad(&set.rules[i]); r != nil {
				b.elsewhere = append(b.elsewhere, r)
			}
		}
	}
	for _, set := range sets {
		for i := range set.rules {
			faults = append(faults, b.tryExamples(&set.rules[i]))
		}
	}
	return b, errors.Join(faults...)
}

func (b *base) add(r *rule) {
	for i := range r.patterns {
		p := &r.patterns[i]
		p.prepare(b.lexicon)
		switch {
		case r.platform == "":
		case p.bare():
			p.bonus = weightBare
		case len(p.codes)+len(p.subcodes)+len(p.parts) == 0:
			p.bonus = weightOwnWords
		default:
			p.bonus = weightPlatform
		}
		for _, code := range slices.Concat(p.codes, p.beside) {
			// A number in a sentence may be anything.
			if _, err := strconv.Atoi(code); err != nil {
				b.codes[code] = true
			}
		}
	}
	if r.platform == "" {
		b.general = append(b.general, r)
	} else {
		b.platforms[r.platform] = append(b.platforms[r.platform], r)
	}
}

// prepare enters the pattern's words into the lexicon.
func (p *pattern) prepare(l *lexicon) {
	p.parts, p.groups, p.words = nil, nil, 0
	if p.text != "" {
		for part := range strings.SplitSeq(p.text, "…") {
			p.parts = append(p.parts, l.phrase(strings.TrimSpace(part)))
			p.words += len(strings.Fields(fold(part)))
		}
	}
	for _, group := range p.all {
		p.groups = append(p.groups, l.group(group))
	}
	p.textWeight = min(p.words*weightPerWord+len(p.groups)*weightPerGroup, weightMaxWords)
	if len(p.groups) == 1 {
		p.textWeight = weightPhrase
	}
	p.codeSet, p.subcodeSet, p.besideSet = setOf(p.codes), setOf(p.subcodes), setOf(p.beside)
}

func setOf(values []string) map[string]bool {
	set := make(map[string]bool, len(values))
	for _, value := range values {
		set[value] = true
	}
	return set
}

// bare reports whether the pattern looks at nothing that a platform wrote.
func (p *pattern) bare() bool {
	return len(p.codes)+len(p.subcodes)+len(p.parts)+len(p.groups) == 0
}

// abroad returns what of a platform's rule holds wherever it is met: sentences
// and codes that nobody else has. Somebody who does not say which platform it
// was is helped by that. It returns nil if nothing is left.
func (b *base) abroad(r *rule) *rule {
	if r.platform == "" {
		return nil
	}
	copied := *r
	copied.patterns = nil
	for _, p := range r.patterns {
		if p.unmistakable(b.general) {
			p.bonus, p.beside, p.besideSet = weightAbroad, nil, nil
			copied.patterns = append(copied.patterns, p)
		}
	}
	if copied.patterns == nil {
		return nil
	}
	return &copied
}

// unmistakable reports whether the pattern is a sentence of at least three
// words, or codes that are too long to be anybody else's and not general ones.
func (p *pattern) unmistakable(general []*rule) bool {
	if len(p.subcodes)+len(p.statuses)+len(p.stages) > 0 || p.class != "" || p.fresh {
		return false
	}
	if len(p.codes) == 0 {
		return p.words >= 3
	}
	return len(p.parts)+len(p.groups) == 0 && !slices.ContainsFunc(p.codes, func(code string) bool {
		return len(code) < 7 || strings.HasPrefix(code, "mooring_") || len(code) < 12 && !isDigits(code) ||
			slices.ContainsFunc(general, func(r *rule) bool { return r.hasCode(code) })
	})
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func (r *rule) hasCode(code string) bool {
	return slices.ContainsFunc(r.patterns, func(p pattern) bool { return slices.Contains(p.codes, code) })
}

// check finds what is missing or malformed in a rule.
func (r *rule) check() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: %s", r.id, fmt.Sprintf(format, args...)))
	}
	if r.id == "" || r.issue == "" || r.severity == "" || r.fixableBy == "" || r.action == "" {
		fault("id, issue, severity, fixableBy and action are all needed")
	}
	if len(r.causes) == 0 || len(r.solutions) == 0 {
		fault("causes and solutions are both needed")
	}
	for _, sentence := range slices.Concat(r.causes, r.solutions) {
		if err := checkTemplate(sentence); err != nil {
			fault("%v", err)
		}
	}
	if r == &unknownRule || r == &quietRule {
		return errors.Join(faults...)
	}
	if len(r.patterns) == 0 || len(r.examples) == 0 {
		fault("patterns and examples are both needed")
	}
	for _, p := range r.patterns {
		if err := p.check(); err != nil {
			fault("%v", err)
		}
	}
	return errors.Join(faults...)
}

// check refuses patterns that are not written as they are compared, and those
// that say too little to decide anything.
func (p *pattern) check() error {
	for _, s := range slices.Concat(p.codes, p.subcodes, p.beside, p.all, []string{p.text}) {
		if strings.ToLower(s) != s {
			return fmt.Errorf("%q must be in lower case", s)
		}
	}
	if len(p.codes)+len(p.subcodes)+len(p.statuses) > 0 || p.class != "" {
		return nil
	}
	if len(p.all) == 1 {
		for words := range strings.SplitSeq(p.all[0], "|") {
			if len(strings.Fields(words)) < 2 && utf8.RuneCountInString(words) < 5 {
				return fmt.Errorf("the word %q alone decides nothing: two are needed", words)
			}
		}
	} else if p.words < 2 && len(p.all) == 0 {
		return fmt.Errorf("the text %q alone decides nothing: two words are needed", p.text)
	}
	return nil
}

func (b *base) tryExamples(r *rule) error {
	var faults []error
	for _, example := range r.examples {
		if example.Platform == "" {
			example.Platform = r.platform
		}
		if m := b.match(b.read(&example)); m.rule != r {
			faults = append(faults, fmt.Errorf("%s: the example %+v is decided by %s", r.id, example, m.rule.id))
		}
	}
	return errors.Join(faults...)
}
