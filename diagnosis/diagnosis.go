// Package diagnosis is the troubleshooter's knowledge: it turns what is known
// of a failure into what is wrong, whose job it is and what to do next.
//
// It does no input or output and keeps no state. [Diagnose] is a pure function
// of its [Input]: any part of the input may be missing, wrong or hostile, and
// there is always an answer. What no rule fits is UNKNOWN, with low confidence.
//
// # How a diagnosis comes about
//
// First the input is read into evidence (evidence.go). Codes come from the
// input's own fields, from a JSON or form-encoded body, from JSON or a callback
// address inside the message, from sentences such as "code: 190, error_subcode:
// 463" and "status code 429" (scan.go), and, trusted least, from words of a text
// that happen to be a known code. The words themselves are evidence too. They
// are folded first (text.go), so that case, accents, punctuation, the tags of a
// page and the syntax of whatever printed them do not matter.
//
// Then every rule that may apply looks at the evidence. A rule has patterns,
// and a pattern is a conjunction: this code and this status, that sentence at
// this stage, one word each of two groups near each other. As with CSS selectors
// the most specific match wins: each condition adds its weight (match.go), a
// code counting more than words, words more than a status that platforms use for
// anything, a stage least, and a platform's own rule more than a general one.
// The sum is also where the confidence comes from. A single word is never
// enough; the table does not load with such a pattern.
//
// The winning rule's sentences are templates. Their {{placeholders}} are filled
// with the catalogue's addresses and the [Facts] of the installation, or with
// neutral words where a fact is missing.
//
// # Where the knowledge lives
//
// Rules are data: rules_oauth.go and rules.go hold OAuth, HTTP and the network, rules_own.go what
// Mooring itself reports by the Code constants, and each platform has a file of
// its own. words.go is the vocabulary, in the languages of the platforms'
// dialogs; lexicon.go finds all of it in a text at once. Every rule carries
// examples, which are inputs that it must win against all other rules. They are
// tried when the program starts, so a table that contradicts itself does not
// load.
//
// A platform that is not in the catalogue, or none, is judged by the general
// rules, and by those sentences of platforms that nobody else would write. Other
// names of a platform are understood ([PlatformID]).
//
// What remains unknown can be counted by its [Fingerprint], so that somebody
// writes a rule for what is met most often. testdata has failures that were
// reported in public; the tests score the rules by them.
//
// [FromError] makes an Input of a failure met by package platforms, and
// [ForHealth] explains an account that needs a person though nothing failed.
package diagnosis

import (
	"math"
	"time"

	"mooring/platforms"
)

// IssueType is the kind of trouble.
type IssueType string

// The kinds of trouble.
const (
	InvalidCredentials      IssueType = "INVALID_CREDENTIALS"
	RedirectURIMismatch     IssueType = "REDIRECT_URI_MISMATCH"
	ExpiredToken            IssueType = "EXPIRED_TOKEN"
	InsufficientPermissions IssueType = "INSUFFICIENT_PERMISSIONS"
	RateLimit               IssueType = "RATE_LIMIT"
	NetworkError            IssueType = "NETWORK_ERROR"
	RevokedAccess           IssueType = "REVOKED_ACCESS"
	AccountSetupIncomplete  IssueType = "ACCOUNT_SETUP_INCOMPLETE"
	AppNotApproved          IssueType = "APP_NOT_APPROVED"
	AccessDenied            IssueType = "ACCESS_DENIED"
	InvalidState            IssueType = "INVALID_STATE"
	InvalidScope            IssueType = "INVALID_SCOPE"
	PlatformOutage          IssueType = "PLATFORM_OUTAGE"
	AccountRestricted       IssueType = "ACCOUNT_RESTRICTED"
	InvalidRequest          IssueType = "INVALID_REQUEST"
	Unknown                 IssueType = "UNKNOWN"
)

// Severity is how bad something is.
type Severity string

// The severities.
const (
	High   Severity = "HIGH"   // prevents connecting; act now
	Medium Severity = "MEDIUM" // may fail; should be looked after
	Low    Severity = "LOW"    // minor, often passes
)

// FixableBy is who can mend something.
type FixableBy string

// Those who can mend something.
const (
	User       FixableBy = "USER"
	Admin      FixableBy = "ADMIN"
	Operator   FixableBy = "OPERATOR"
	PlatformIt FixableBy = "PLATFORM"
	NobodyWait FixableBy = "NOBODY_WAIT"
)

// Action is what a program should offer next.
type Action string

// The actions.
const (
	Reconnect        Action = "RECONNECT"
	Retry            Action = "RETRY"
	Wait             Action = "WAIT"
	FixConfiguration Action = "FIX_CONFIGURATION"
	SetUpAccount     Action = "SET_UP_ACCOUNT"
	ContactPlatform  Action = "CONTACT_PLATFORM"
	NoAction         Action = "NONE"
)

// Diagnosis says what is wrong, whose job it is and what to do next.
type Diagnosis struct {
	// Platform is nil where none was given or the one given is not known.
	Platform  *string   `json:"platform,omitempty"`
	IssueType IssueType `json:"issueType"`
	Severity  Severity  `json:"severity"`
	FixableBy FixableBy `json:"fixableBy"`
	// PossibleCauses are sentences, the likeliest first; never empty.
	PossibleCauses []string `json:"possibleCauses"`
	// Solutions are steps for whoever can mend it, in order; never empty.
	Solutions []string `json:"solutions"`
	DocsURL   *string  `json:"docsUrl,omitempty"`
	// Transient failures pass by themselves.
	Transient bool `json:"transient"`
	// RetryAfterSeconds is what the platform asked for; nil where it did not.
	RetryAfterSeconds *int   `json:"retryAfterSeconds,omitempty"`
	SuggestedAction   Action `json:"suggestedAction"`
	// Confidence is between 0 and 1.
	Confidence float64 `json:"confidence"`
	// Evidence is what decided. An unknown failure has what was there to see.
	Evidence []Evidence `json:"evidence"`
}

// Evidence is one thing that decided a diagnosis.
type Evidence struct {
	// Rule names the rule, such as "twitter/code-dead".
	Rule string `json:"rule"`
	// Source is the part of the input, such as "errorCode".
	Source string `json:"source"`
	// Value is what stood there: safe to show in HTML, at most 200 runes.
	Value string `json:"value"`
}

// Told reports whether the value is of a platform's free text, which may speak
// of a person.
func (e Evidence) Told() bool { return e.Source == fromMessage || e.Source == fromBody }

// Diagnose explains a failure. It never fails: what is not recognised is
// UNKNOWN with a confidence of 0.1.
func Diagnose(in Input) Diagnosis {
	return knowledge.diagnose(in)
}

func (b *base) diagnose(in Input) Diagnosis {
	in.Platform = PlatformID(in.Platform)
	s := b.read(&in)
	in.RetryAfter = s.wait
	m := b.match(s)
	r := m.rule
	catalogued, _ := platforms.Get(in.Platform)
	place := place{catalogued, &in}
	return Diagnosis{
		Platform:          b.platform(in.Platform, catalogued),
		IssueType:         r.issue,
		Severity:          r.severity,
		FixableBy:         r.fixableBy,
		PossibleCauses:    place.fillAll(r.causes),
		Solutions:         place.fillAll(r.solutions),
		DocsURL:           r.docsURL(catalogued),
		Transient:         r.transient,
		RetryAfterSeconds: seconds(in.RetryAfter),
		SuggestedAction:   r.action,
		Confidence:        m.confidence(),
		Evidence:          m.evidence(s),
	}
}

func (b *base) platform(id string, catalogued *platforms.Platform) *string {
	if _, ok := b.platforms[id]; !ok && catalogued == nil {
		return nil
	}
	return &id
}

func (r *rule) docsURL(p *platforms.Platform) *string {
	address := r.docs
	switch {
	case address == errorsPage && p != nil && p.ErrorsURL != "":
		address = p.ErrorsURL
	case address == errorsPage:
		address = rfcErrors
	case address == statusPage && p != nil:
		address = p.StatusURL
	case address == statusPage:
		address = ""
	}
	if address == "" {
		return nil
	}
	return &address
}

// seconds rounds up: a second too early is a second refusal.
func seconds(d time.Duration) *int {
	if d <= 0 {
		return nil
	}
	n := int(math.Ceil(d.Seconds()))
	return &n
}
