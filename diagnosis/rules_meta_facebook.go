package diagnosis

import (
	"slices"

	"mooring/platforms"
)

// facebookRules know Facebook Pages.
var facebookRules = ruleSet{platform: "meta_facebook", rules: slices.Concat([]rule{
	{
		id: "facebook/no-page", issue: AccountSetupIncomplete, severity: Medium, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"You ticked no Page on Facebook's page.",
			"You have no role on any Page. A personal profile cannot be connected.",
			"Your Pages belong to a business portfolio, and the permission for managing your business was switched off.",
		},
		solutions: []string{
			"Open https://www.facebook.com/pages/ and see which Pages you manage; create one, or ask an admin for full control.",
			"Start connecting again, choose Edit settings if Facebook offers it, and tick the Pages and all permissions.",
		},
		docs: metaFlow,
		patterns: []pattern{
			{codes: []string{CodeNoAccounts}},
			{text: "no facebook page"},
			{text: "no pages found"},
			{text: "no page found"},
			{text: "not have access to any pages"},
			{all: []string{noneWords, placeWords, foundWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, ErrorCode: CodeNoAccounts},
			{ErrorMessage: "No page found for this person"},
			{ErrorMessage: "Aucune page trouvée"},
		},
	},
	{
		id: "facebook/expiring-soon", issue: ExpiredToken, severity: Medium, fixableBy: User, action: Reconnect,
		causes: []string{
			"A connection to Facebook lives 60 days and cannot be renewed without you. This one ends {{ends}}.",
		},
		solutions: []string{
			"Reconnect {{account}} before then; all Pages that you tick are renewed together.",
		},
		docs:     metaFlow,
		patterns: []pattern{{codes: []string{ExpiringSoon.code()}}},
		examples: []Input{{ErrorCode: ExpiringSoon.code()}},
	},
	{
		id: "facebook/expired", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"A connection to Facebook lives 60 days and cannot be renewed without you.",
		},
		solutions: []string{
			"Reconnect {{account}}. Its history and settings stay.",
		},
		docs:     metaFlow,
		patterns: []pattern{{codes: []string{Expired.code()}}},
		examples: []Input{{ErrorCode: Expired.code()}},
	},
}, metaRules(metaNames{
	set:          "facebook",
	idVars:       "META_APP_ID",
	secretVars:   "META_APP_SECRET",
	redirectVars: "META_REDIRECT_URI",
	tick:         "the Page",
}))}
