package diagnosis

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	// text is a sentence in lower case; "…" stands for up to maxGap bytes.
	text string

	// Worked out when the rules are loaded.
	parts      []string // of text
	words      int      // in text
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
	general   []*rule            // for any other platform, and for none
	unknown   *rule
	codes     map[string]bool // those that are recognised among words
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
	}
	faults := []error{b.unknown.check()}
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
	for platform := range b.platforms {
		b.platforms[platform] = append(b.platforms[platform], b.general...)
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
		p.parts = strings.Split(p.text, "…")
		for j, part := range p.parts {
			p.parts[j] = strings.TrimSpace(part)
			p.words += len(strings.Fields(part))
		}
		p.textWeight = min(p.words*weightPerWord, weightMaxWords)
		if r.platform != "" {
			p.bonus = weightPlatform
		}
		for _, code := range p.codes {
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
	if r == &unknownRule {
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
	for _, s := range slices.Concat(p.codes, p.subcodes, []string{p.text}) {
		if strings.ToLower(s) != s {
			return fmt.Errorf("%q must be in lower case", s)
		}
	}
	if len(p.codes)+len(p.subcodes)+len(p.statuses) > 0 || p.class != "" {
		return nil
	}
	if p.words < 2 {
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
		if m := b.match(read(&example, b.codes)); m.rule != r {
			faults = append(faults, fmt.Errorf("%s: the example %+v is decided by %s", r.id, example, m.rule.id))
		}
	}
	return errors.Join(faults...)
}
