package diagnosis

import "strings"

// Condition is a state of an account that needs a person, or needed one. The
// values are those of the account's health status and reason.
type Condition string

// The conditions.
const (
	ExpiringSoon Condition = "EXPIRING_SOON"
	Expired      Condition = "EXPIRED"
	Revoked      Condition = "REVOKED"
	NotGranted   Condition = "NOT_GRANTED"
	Disconnected Condition = "DISCONNECTED"

	RefreshDead      Condition = "REFRESH_DEAD"
	OutcomeUnknown   Condition = "OUTCOME_UNKNOWN"
	SecretLost       Condition = "SECRET_LOST"
	Checkpoint       Condition = "CHECKPOINT"
	ProbeFailed      Condition = "PROBE_FAILED"
	PlatformDown     Condition = "PLATFORM_DOWN"
	AppMisconfigured Condition = "APP_MISCONFIGURED"
)

// ForHealth explains an account's condition where no error is at hand. It uses
// the AccountName and EndsAt of facts. A condition that is none of the
// constants is UNKNOWN.
func ForHealth(platformID string, condition Condition, facts Facts) Diagnosis {
	return Diagnose(Input{Platform: platformID, ErrorCode: condition.code(), Facts: facts})
}

// code is how the rules of rules_own.go speak of the condition.
func (c Condition) code() string {
	return "mooring_health_" + strings.ToLower(string(c))
}
