package diagnosis

import "mooring/platforms"

// ownRules know what Mooring itself reports: its callback, its own answers to
// nonsense, and the conditions of [ForHealth].
var ownRules = ruleSet{rules: []rule{
	{
		id: "own/state-unknown", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The address you came back with does not belong to any attempt of Mooring's: it was changed, or it is from another installation.",
			"The attempt was deleted in the meantime.",
		},
		solutions: []string{
			"Start connecting again from Mooring.",
			"Do not use bookmarks or addresses that somebody sent you.",
		},
		patterns: []pattern{
			{codes: []string{CodeStateUnknown}},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorCode: CodeStateUnknown},
		},
	},
	{
		id: "own/state-expired", issue: InvalidState, severity: Low, fixableBy: User, action: Retry,
		causes: []string{
			"More than ten minutes passed between the start and your answer on {{platform}}'s consent page.",
		},
		solutions: []string{
			"Start connecting again and finish within ten minutes.",
		},
		patterns: []pattern{{codes: []string{CodeStateExpired}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeStateExpired}},
	},
	{
		id: "own/other-browser", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"You came back in another browser, profile or device than the one you started in.",
			"The browser blocks or deleted Mooring's cookie.",
			"Mooring was opened under another address than its public one, such as 127.0.0.1 for localhost.",
			"You opened a link that somebody else began with.",
		},
		solutions: []string{
			"Allow cookies for Mooring's address.",
			"Start connecting again, and stay in the same browser window until the end.",
			"On a phone, open the link in the browser and not inside another app.",
		},
		patterns: []pattern{{codes: []string{CodeOtherBrowser}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeOtherBrowser}},
	},
	{
		id: "own/issuer-mismatch", issue: InvalidState, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The answer names another sender than {{platform}}; it may be an attempt to slip in a foreign code.",
			"An override of the platform's addresses points to another server.",
		},
		solutions: []string{
			"Remove overrides of the platform's addresses from Mooring's environment unless you need them.",
			"Start connecting again from Mooring.",
			"If it happens again with the platform's own addresses, treat it as an attack and keep the log.",
		},
		docs:     "https://www.rfc-editor.org/rfc/rfc9207#section-2.4",
		patterns: []pattern{{codes: []string{CodeIssuerMismatch}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeIssuerMismatch}},
	},
	{
		id: "own/no-code", issue: AccessDenied, severity: Low, fixableBy: User, action: Reconnect,
		atMost: 0.7,
		causes: []string{
			"You left {{platform}}'s consent page without allowing access.",
			"Something removed the answer from the address on the way, such as a proxy or a browser extension.",
		},
		solutions: []string{
			"Start connecting again and press Allow on the consent page.",
			"If you did press Allow, try without browser extensions or in a private window.",
		},
		docs:     errorsPage,
		patterns: []pattern{{codes: []string{CodeNoCode}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeNoCode}},
	},
	{
		id: "own/attempt-expired", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		atMost: 0.7,
		causes: []string{
			"Nobody finished connecting in time.",
			"The platform showed an error page of its own and did not send you back. Then the redirect URI, the client id or a scope does not fit the app.",
		},
		solutions: []string{
			"Start connecting again and finish within ten minutes.",
			"If {{platform}} shows an error, send its words to whoever runs Mooring.",
			"Operator: open {{console}} and compare the redirect URI there with Mooring's: {{redirect}}",
			"Operator: compare {{idVariable}} with the console, and check that the app may use the requested scopes.",
		},
		docs:     errorsPage,
		patterns: []pattern{{codes: []string{CodeAttemptExpired}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeAttemptExpired}},
	},
	{
		id: "own/different-account", issue: InvalidState, severity: Medium, fixableBy: User, action: Reconnect,
		causes: []string{
			"You were signed in at {{platform}} as {{other}}, but {{account}} was to be reconnected.",
		},
		solutions: []string{
			"Open {{platform}} in this browser and sign in as {{account}}.",
			"Reconnect again. Nothing was changed so far.",
			"If you want both accounts, add the other one as a new account.",
		},
		patterns: []pattern{{codes: []string{CodeDifferentAccount}}},
		examples: []Input{{Stage: platforms.StageAPI, ErrorCode: CodeDifferentAccount}},
	},
	{
		id: "own/no-accounts", issue: AccountSetupIncomplete, severity: Medium, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"You have no page, channel or profile at {{platform}} that could be connected.",
			"You unticked all of them on the consent page.",
			"You are not an administrator of the one you want to connect.",
		},
		solutions: []string{
			"Create it at {{platform}}, or ask its administrator to give you the role.",
			"Start connecting again and leave everything ticked on the consent page.",
		},
		docs:     errorsPage,
		patterns: []pattern{{codes: []string{CodeNoAccounts}}},
		examples: []Input{{Stage: platforms.StageAPI, ErrorCode: CodeNoAccounts}},
	},
	{
		id: "own/scopes-missing", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"You unticked permissions on the consent page that Mooring cannot do without: {{scopes}}.",
			"The platform left them out because {{app}} is not allowed to have them.",
		},
		solutions: []string{
			"Start connecting again and leave all permissions ticked, above all {{scopes}}.",
			"If none could be unticked, ask whoever runs Mooring to compare the app's permissions at {{console}} with those that Mooring asks for.",
		},
		docs:     errorsPage,
		patterns: []pattern{{codes: []string{CodeScopesMissing}}},
		examples: []Input{{Stage: platforms.StageExchange, ErrorCode: CodeScopesMissing}},
	},
	{
		id: "own/interrupted", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"Mooring was stopped while it exchanged your answer for tokens. The answer works only once and may be used up.",
		},
		solutions: []string{
			"Start connecting again.",
			"If an app you do not expect is listed twice at {{revoke}} remove it there first.",
		},
		patterns: []pattern{{codes: []string{CodeInterrupted}}},
		examples: []Input{{Stage: platforms.StageExchange, ErrorCode: CodeInterrupted}},
	},
	{
		id: "own/app-gone", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"This account was connected with an app of {{platform}} whose id is no longer configured here.",
		},
		solutions: []string{
			"Configure the id and the secret of that app again ({{idVariable}}, {{secretVariable}}), and restart.",
			"If the app was given up for another, connect the account again: each grant belongs to its app.",
		},
		patterns: []pattern{{codes: []string{CodeAppGone}}},
		examples: []Input{{Stage: platforms.StageAPI, ErrorCode: CodeAppGone}},
	},
	{
		id: "own/not-ready", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A check of the set-up of {{platform}} here fails, so that nobody can connect or reconnect there.",
		},
		solutions: []string{
			"What to mend: {{flaw}}",
			"Restart afterwards, and let mooring doctor check again.",
		},
		patterns: []pattern{{codes: []string{CodeNotReady}}},
		examples: []Input{{Stage: platforms.StageAPI, ErrorCode: CodeNotReady}},
	},
	{
		id: "own/key-missing", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The tokens of {{account}} are sealed under a key that Mooring's key ring lacks: database and key ring are not of the same backup.",
		},
		solutions: []string{
			"Restore the key ring that belongs to the database.",
			"Let mooring doctor check whether it has every key in use. Nobody has to reconnect.",
		},
		patterns: []pattern{{codes: []string{CodeKeyMissing}}},
		examples: []Input{{ErrorCode: CodeKeyMissing}},
	},
	{
		id: "own/token-fresh", issue: ExpiredToken, severity: Low, fixableBy: NobodyWait, action: Retry, transient: true,
		causes: []string{
			"The token is so new that not all of {{platform}}'s servers know it.",
			"The access was taken away at {{platform}} as soon as it was given.",
		},
		solutions: []string{
			"Wait {{wait}}, then try again.",
			"If {{platform}} still refuses it then, reconnect {{account}}.",
		},
		patterns: []pattern{{codes: []string{CodeTokenFresh}}},
		examples: []Input{{ErrorCode: CodeTokenFresh}},
	},
	{
		id: "own/paused", issue: AccessDenied, severity: Low, fixableBy: User, action: NoAction,
		causes: []string{
			"Somebody in your workspace has paused {{account}}. It is left alone until somebody resumes it.",
		},
		solutions: []string{
			"Resume {{account}} if it is to be used again.",
		},
		patterns: []pattern{{codes: []string{CodePaused}}},
		examples: []Input{{ErrorCode: CodePaused}},
	},
	{
		id: "own/too-young", issue: RateLimit, severity: Low, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"The tokens of {{account}} are too young: they are renewed by {{platform}} only once they are of some age.",
		},
		solutions: []string{
			"Wait {{wait}}. Until then the present token works, and Mooring renews it in time by itself.",
		},
		patterns: []pattern{{codes: []string{CodeTooYoung}}},
		examples: []Input{{ErrorCode: CodeTooYoung}},
	},
	{
		id: "own/refresh-off", issue: AccessDenied, severity: Medium, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"Refreshing is switched off in this installation by MOORING_REFRESH, as it should be in a copy.",
			"The database belongs to an installation at another address, whose tokens would be rotated away.",
		},
		solutions: []string{
			"In a copy, leave it as it is.",
			"If this installation has taken the other's place, run mooring adopt, set MOORING_REFRESH to on, and restart.",
		},
		patterns: []pattern{{codes: []string{CodeRefreshOff}}},
		examples: []Input{{ErrorCode: CodeRefreshOff}},
	},
	{
		id: "own/bad-answer", issue: PlatformOutage, severity: Medium, fixableBy: PlatformIt, action: Retry, transient: true,
		causes: []string{
			"The platform reported success, but its answer was incomplete or unreadable.",
			"A proxy between Mooring and {{platform}} changed the answer.",
		},
		solutions: []string{
			"Wait {{wait}}, then start again.",
			"If it lasts, see {{status}} for news.",
			"Operator: check that no override of the platform's addresses points to something else.",
		},
		docs: statusPage,
		patterns: []pattern{
			{codes: []string{CodeBadAnswer}},
			{text: "server response missing access_token"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 200, ErrorCode: CodeBadAnswer, Body: "<html></html>"},
			{ErrorMessage: "oauth2: server response missing access_token"},
		},
	},
	{
		id: "own/internal", issue: Unknown, severity: High, fixableBy: Operator, action: Retry,
		causes: []string{
			"Mooring itself failed; {{platform}} has nothing to do with it.",
		},
		solutions: []string{
			"Try again once.",
			"If it happens again, ask whoever runs Mooring to look at its log at this time.",
		},
		patterns: []pattern{{codes: []string{codeInternal}}},
		examples: []Input{{Stage: platforms.StageAPI, ErrorCode: codeInternal}},
	},

	// The conditions of ForHealth.
	{
		id: "health/expiring-soon", issue: ExpiredToken, severity: Medium, fixableBy: User, action: Reconnect,
		causes: []string{
			"The permission you gave at {{platform}} ends {{ends}}, and only you can renew it.",
		},
		solutions: []string{
			"Reconnect {{account}} before then. It takes a minute, and everything stays as it is.",
		},
		patterns: []pattern{{codes: []string{ExpiringSoon.code()}}},
		examples: []Input{{ErrorCode: ExpiringSoon.code()}},
	},
	{
		id: "health/expired", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The permission you gave at {{platform}} has ended, and nothing automatic can renew it.",
		},
		solutions: []string{
			"Reconnect {{account}}. Its history and settings stay.",
		},
		patterns: []pattern{{codes: []string{Expired.code()}}},
		examples: []Input{{ErrorCode: Expired.code()}},
	},
	{
		id: "health/revoked", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"You removed the app in your settings at {{platform}}.",
			"The platform ended its access, for example after a password change or a security check.",
		},
		solutions: []string{
			"Reconnect {{account}} if you want to go on using it, and press Allow on the consent page.",
			"If you removed the app on purpose, disconnect the account here.",
		},
		patterns: []pattern{{codes: []string{Revoked.code()}}},
		examples: []Input{{ErrorCode: Revoked.code()}},
	},
	{
		id: "health/checkpoint", issue: AccountRestricted, severity: High, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"The account is held back by {{platform}}, which wants you to log in there, confirm who you are or appeal.",
		},
		solutions: []string{
			"Log in at {{platform}} as {{account}} and follow what it says there. Mooring notices by itself when it works again.",
			"If it says nothing, reconnect {{account}}.",
		},
		patterns: []pattern{{codes: []string{Checkpoint.code()}}},
		examples: []Input{{ErrorCode: Checkpoint.code()}},
	},
	{
		id: "health/probe_failed", issue: Unknown, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"Several questions about {{account}} were refused by {{platform}}.",
		},
		solutions: []string{
			"Look at {{platform}} whether {{account}} is in order there. Mooring notices by itself when it works again.",
			"Otherwise reconnect {{account}}.",
		},
		patterns: []pattern{{codes: []string{ProbeFailed.code()}}},
		examples: []Input{{ErrorCode: ProbeFailed.code()}},
	},
	{
		id: "health/not-granted", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"When you last gave consent at {{platform}}, this account was not among those you ticked.",
			"You are no longer an administrator of it.",
		},
		solutions: []string{
			"Reconnect {{account}} and tick it on the consent page, together with those that work.",
			"If it is not listed there, ask its administrator to give you the role.",
		},
		patterns: []pattern{{codes: []string{NotGranted.code()}}},
		examples: []Input{{ErrorCode: NotGranted.code()}},
	},
	{
		id: "health/disconnected", issue: RevokedAccess, severity: Low, fixableBy: User, action: Reconnect,
		causes: []string{
			"The account was disconnected in Mooring, and its tokens were deleted.",
		},
		solutions: []string{
			"Connect {{account}} again if you want to use it.",
			"If it shall stay disconnected, see that the app is gone at {{revoke}} too.",
		},
		patterns: []pattern{{codes: []string{Disconnected.code()}}},
		examples: []Input{{ErrorCode: Disconnected.code()}},
	},
	{
		id: "health/refresh_dead", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The access of {{account}} is no longer renewed by {{platform}}: it was taken back, lay unused for too long, or a password was changed.",
		},
		solutions: []string{
			"Reconnect {{account}}.",
			"If nobody took the access back, look at {{revoke}} whether the app is still listed.",
		},
		patterns: []pattern{{codes: []string{RefreshDead.code()}}},
		examples: []Input{{ErrorCode: RefreshDead.code()}},
	},
	{
		id: "health/outcome_unknown", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The access of {{account}} was renewed by {{platform}}, but the answer was lost on the way, and the old tokens work no more.",
		},
		solutions: []string{
			"Reconnect {{account}}; nothing else was lost.",
			"If it happens often, look at the network between Mooring and {{platform}}.",
		},
		patterns: []pattern{{codes: []string{OutcomeUnknown.code()}}},
		examples: []Input{{ErrorCode: OutcomeUnknown.code()}},
	},
	{
		id: "health/secret_lost", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The stored tokens of {{account}} are damaged: the database was altered or badly restored.",
		},
		solutions: []string{
			"Reconnect {{account}}.",
			"If several accounts are affected, restore the database from a backup together with its key.",
		},
		patterns: []pattern{{codes: []string{SecretLost.code()}}},
		examples: []Input{{ErrorCode: SecretLost.code()}},
	},
	{
		id: "health/platform_down", issue: PlatformOutage, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"The access of {{account}} has not been renewed by {{platform}} for a while, and the last access token has ended.",
		},
		solutions: []string{
			"Wait: Mooring goes on trying, and the account works again by itself.",
			"Look at {{status}} whether {{platform}} reports trouble.",
		},
		patterns: []pattern{{codes: []string{PlatformDown.code()}}},
		examples: []Input{{ErrorCode: PlatformDown.code()}},
	},
	{
		id: "health/app_misconfigured", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app that {{account}} was connected with is refused by {{platform}}: its credentials, its status or its settings.",
		},
		solutions: []string{
			"Compare the client id and secret with those at {{console}}, and see that the app is active there.",
			"Nobody has to reconnect: the accounts work again once the app does.",
		},
		patterns: []pattern{{codes: []string{AppMisconfigured.code()}}},
		examples: []Input{{ErrorCode: AppMisconfigured.code()}},
	},
}}
