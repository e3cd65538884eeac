package platforms

// The codes of findings. One thing has one code, whichever platform found it,
// and programs may rely on them; the messages beside them are for people. What
// only Meta's platforms have stands in their files.
const (
	// Errors: as it is, the profile cannot be used.

	FindingNotReached    = "NOT_REACHED"        // the tokens no longer lead to the profile
	FindingSuspended     = "ACCOUNT_SUSPENDED"  // the platform has suspended, locked or closed it
	FindingNoChannel     = "NO_CHANNEL"         // the person has no YouTube channel
	FindingPostingBanned = "POSTING_BANNED"     // the platform lets the person post nothing
	FindingPostLimit     = "POST_LIMIT_REACHED" // the account has posted as much as it may for now

	// Warnings: the profile works, and something will get in the way.

	FindingRoleLimited     = "ROLE_LIMITED"         // the person can post for the organisation and not do all else
	FindingLongUploadsOff  = "LONG_UPLOADS_OFF"     // long videos are refused
	FindingAppUnaudited    = "APP_UNAUDITED"        // what the operator's app posts stays private
	FindingAppUserCap      = "APP_USER_CAP_REACHED" // the app lets no more people post today
	FindingTrialAccess     = "TRIAL_ACCESS"         // the app is on trial, and its posts are refused
	FindingPersonalAccount = "PERSONAL_ACCOUNT"     // no business account, as some features want it
	FindingNoBoard         = "NO_BOARD"             // there is no board to pin to

	// Warnings at a consent.

	FindingMoreThanRead = "MORE_THAN_READ" // the person has more profiles than are read
)
