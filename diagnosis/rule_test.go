package diagnosis

import (
	"strings"
	"testing"

	"mooring/platforms"
)

// fresh returns a copy of a rule that loads.
func fresh(change func(*rule)) rule {
	r := rule{
		id: "test/one", issue: InvalidScope, severity: High, fixableBy: User, action: Retry,
		causes:    []string{"Something at {{platform}}."},
		solutions: []string{"Mend it."},
		patterns:  []pattern{{codes: []string{"broken"}}},
		examples:  []Input{{ErrorCode: "BROKEN"}},
	}
	change(&r)
	return r
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	other := fresh(func(r *rule) { r.id = "test/other" })
	tests := []struct {
		name  string
		rules []rule
		want  string
	}{
		{"example of nobody", []rule{fresh(func(r *rule) { r.examples = []Input{{ErrorCode: "whole"}} })}, "is decided by unknown"},
		{"example of another", []rule{other, fresh(func(*rule) {})}, "is decided by test/other"},
		{"id twice", []rule{fresh(func(*rule) {}), fresh(func(*rule) {})}, "the id is taken"},
		{"no example", []rule{fresh(func(r *rule) { r.examples = nil })}, "examples are both needed"},
		{"no pattern", []rule{fresh(func(r *rule) { r.patterns = nil })}, "patterns and examples"},
		{"no solution", []rule{fresh(func(r *rule) { r.solutions = nil })}, "causes and solutions"},
		{"no severity", []rule{fresh(func(r *rule) { r.severity = "" })}, "severity"},
		{"unknown placeholder", []rule{fresh(func(r *rule) { r.causes = []string{"At {{plaform}}."} })}, `unknown placeholder "plaform"`},
		{"open placeholder", []rule{fresh(func(r *rule) { r.causes = []string{"At {{platform."} })}, "open placeholder"},
		{"placeholder in front", []rule{fresh(func(r *rule) { r.causes = []string{"{{platform}} is down."} })}, "begins with a placeholder"},
		{"capital letters", []rule{fresh(func(r *rule) { r.patterns[0].codes = []string{"BROKEN"} })}, "lower case"},
		{"one keyword", []rule{fresh(func(r *rule) { r.patterns = []pattern{{text: "token"}} })}, "two words are needed"},
		{"only a stage", []rule{fresh(func(r *rule) { r.patterns = []pattern{{stages: []platforms.Stage{platforms.StageAPI}}} })}, "two words are needed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := load(ruleSet{rules: tt.rules})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("load = %v; want an error with %q", err, tt.want)
			}
		})
	}
	if _, err := load(ruleSet{rules: []rule{fresh(func(*rule) {})}}); err != nil {
		t.Errorf("load of a sound rule = %v", err)
	}
}

// allSets are those that the program runs with.
func allSets() []ruleSet {
	return []ruleSet{twitterRules, facebookRules, instagramRules, linkedInRules, youTubeRules, tikTokRules, pinterestRules, ownRules, generalRules}
}

// least is the input that a pattern asks for and nothing more.
func (p *pattern) least(platform string) Input {
	first := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return list[0]
	}
	in := Input{Platform: platform, ErrorCode: first(p.codes), ErrorSubcode: first(p.subcodes), Class: p.class, FreshToken: p.fresh}
	if len(p.statuses) > 0 {
		in.HTTPStatus = p.statuses[0]
		if in.HTTPStatus < 10 {
			in.HTTPStatus = in.HTTPStatus*100 + 99
		}
	}
	if len(p.stages) > 0 {
		in.Stage = p.stages[0]
	}
	in.ErrorMessage = strings.ReplaceAll(p.text, "…", "some")
	for _, group := range p.all {
		words, _, _ := strings.Cut(group, "|")
		in.ErrorMessage += " " + words
	}
	return in
}

// TestEveryPatternCanWin finds patterns that others always beat: each wins one
// of its rule's examples, or the least that it asks for.
func TestEveryPatternCanWin(t *testing.T) {
	t.Parallel()
	won := map[*pattern]bool{}
	try := func(in Input) { won[knowledge.match(knowledge.read(&in)).pattern] = true }
	for _, set := range allSets() {
		for i := range set.rules {
			r := &set.rules[i]
			for _, example := range r.examples {
				if example.Platform == "" {
					example.Platform = set.platform
				}
				try(example)
			}
			for j := range r.patterns {
				try(r.patterns[j].least(set.platform))
			}
		}
	}
	for _, set := range allSets() {
		for i := range set.rules {
			for j := range set.rules[i].patterns {
				if p := &set.rules[i].patterns[j]; !won[p] {
					in := p.least(set.platform)
					t.Errorf("%s: pattern %d can not win; of the least that it asks for, %.200q, it is %s that decides", set.rules[i].id, j, in.ErrorCode+" "+in.ErrorMessage, knowledge.match(knowledge.read(&in)).rule.id)
				}
			}
		}
	}
}

func TestEveryRuleSpeaksPlainly(t *testing.T) {
	t.Parallel()
	for _, set := range allSets() {
		for _, r := range set.rules {
			in := r.examples[0]
			if in.Platform == "" {
				in.Platform = set.platform
			}
			d := Diagnose(in)
			checkDiagnosis(t, d)
			for _, sentence := range append(d.PossibleCauses, d.Solutions...) {
				if first := sentence[0]; first < 'A' || first > 'Z' {
					t.Errorf("%s: %q does not begin with a capital", r.id, sentence)
				}
				if last := sentence[len(sentence)-1:]; last != "." && !strings.Contains(sentence, ": ") {
					t.Errorf("%s: %q does not end", r.id, sentence)
				}
			}
		}
	}
}
