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
	return []ruleSet{twitterRules, linkedInRules, youTubeRules, tikTokRules, pinterestRules, ownRules, generalRules}
}

func TestEveryPatternWinsAnExample(t *testing.T) {
	t.Parallel()
	won := map[*pattern]bool{}
	for _, set := range allSets() {
		for _, r := range set.rules {
			for _, example := range r.examples {
				if example.Platform == "" {
					example.Platform = set.platform
				}
				won[knowledge.match(read(&example, knowledge.codes)).pattern] = true
			}
		}
	}
	for _, set := range allSets() {
		for i := range set.rules {
			for j := range set.rules[i].patterns {
				if p := &set.rules[i].patterns[j]; !won[p] {
					t.Errorf("%s: no example is won by pattern %d, %+v", set.rules[i].id, j, *p)
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
