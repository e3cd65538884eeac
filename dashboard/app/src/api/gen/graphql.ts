/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What sort of thing an account is at its platform. */
export type AccountKind =
  /** A business account. */
  | 'BUSINESS'
  /** A channel. */
  | 'CHANNEL'
  /** An organisation that a person administers. */
  | 'ORGANIZATION'
  /** A Page. */
  | 'PAGE'
  /** A person's profile. */
  | 'PROFILE';

/** How a caller proved who they are. */
export type AuthMethod =
  /** An API key. */
  | 'API_KEY'
  /** A JSON Web Token. */
  | 'JWT'
  /** No authentication is configured; the server listens on this machine only. */
  | 'LOCAL'
  /** A browser's session, by cookie. */
  | 'SESSION';

/** How something was found out. */
export type CheckedBy =
  /** A caller reported a failure, and the platform was asked. */
  | 'CALLER'
  /** Mooring asked the platform. */
  | 'PROBE'
  /** The platform issued tokens. */
  | 'REFRESH'
  /** The platform said so of its own accord: the person took access away there. */
  | 'WEBHOOK';

/** What can end. */
export type Clock =
  /** The access token, where nothing renews it. */
  | 'ACCESS_TOKEN'
  /** The person's consent. */
  | 'CONSENT'
  /** The refresh token. */
  | 'REFRESH_TOKEN';

/** What can happen. */
export type EventType =
  /** An account was connected for the first time, or again after a disconnect. */
  | 'ACCOUNT_CONNECTED'
  /** An account was disconnected. */
  | 'ACCOUNT_DISCONNECTED'
  /** An account was removed with all that Mooring knew of it. */
  | 'ACCOUNT_ERASED'
  /** An account's status or its reason changed. */
  | 'ACCOUNT_HEALTH_CHANGED'
  /** An account was taken over from tokens obtained elsewhere. */
  | 'ACCOUNT_IMPORTED'
  /** An account's labels were replaced. */
  | 'ACCOUNT_LABELS_SET'
  /** An account is left alone from now on. */
  | 'ACCOUNT_PAUSED'
  /** The platform has other scopes for an account's grant. */
  | 'ACCOUNT_PERMISSIONS_CHANGED'
  /** The platform has another name, handle or picture for an account. */
  | 'ACCOUNT_PROFILE_CHANGED'
  /** An account got a new grant. */
  | 'ACCOUNT_RECONNECTED'
  /** An account is no longer left alone. */
  | 'ACCOUNT_RESUMED'
  /** A validation found something else than the one before. */
  | 'ACCOUNT_VALIDATED'
  /** An account will end in some days unless a person reconnects it: once at 14, 7, 3 and 1 days before each end. */
  | 'ACCOUNT_WARNING'
  /** An API key was made. */
  | 'API_KEY_CREATED'
  /** An API key was revoked. */
  | 'API_KEY_REVOKED'
  /** The person must choose. */
  | 'ATTEMPT_AWAITING_SELECTION'
  /** An attempt was cancelled. */
  | 'ATTEMPT_CANCELLED'
  /** An attempt connected its accounts. */
  | 'ATTEMPT_COMPLETED'
  /** An attempt was begun. */
  | 'ATTEMPT_CREATED'
  /** Nobody finished an attempt in time. */
  | 'ATTEMPT_EXPIRED'
  /** An attempt failed. */
  | 'ATTEMPT_FAILED'
  /** A browser went to the platform. */
  | 'ATTEMPT_STARTED'
  /** Somebody exported the audit trail. */
  | 'AUDIT_EXPORTED'
  /** The operator made a backup: of the workspace or, where the event has none, of the whole installation. */
  | 'BACKUP_MADE'
  /** The workspace, or the whole installation, was restored from a backup, which was made at the moment that `effectiveAt` says. */
  | 'BACKUP_RESTORED'
  /** A bulk connect was given up. */
  | 'BULK_CONNECT_CANCELLED'
  /** An item of a bulk connect was skipped, or put back. */
  | 'BULK_CONNECT_CHANGED'
  /** A bulk connect was begun. */
  | 'BULK_CONNECT_CREATED'
  /** The links of a bulk connect have ended. */
  | 'BULK_CONNECT_EXPIRED'
  /** A bulk job was ended before it had done all its accounts. */
  | 'BULK_JOB_CANCELLED'
  /** A bulk job was begun. */
  | 'BULK_JOB_CREATED'
  /** A bulk job has done all its accounts. */
  | 'BULK_JOB_ENDED'
  /** Somebody asked for a person or a workspace to be erased. */
  | 'DATA_ERASED'
  /** A platform's refreshes succeed again. */
  | 'INCIDENT_CLOSED'
  /** Many of a platform's refreshes fail alike; no account is to blame. Concerns the whole installation. */
  | 'INCIDENT_OPENED'
  /** From here on this installation refreshes what is in the database, which was restored, copied or moved. */
  | 'INSTALLATION_ADOPTED'
  /** An invitation was revoked. */
  | 'INVITATION_REVOKED'
  /** All that is sealed is under the promoted data key. */
  | 'KEYS_RESEALED'
  /** A data key was added to the key ring. Concerns the whole installation, as do the other events about keys. */
  | 'KEY_ADDED'
  /** A data key seals from now on. */
  | 'KEY_PROMOTED'
  /** A data key was removed from the key ring. */
  | 'KEY_REMOVED'
  /** The key ring is sealed under another key of the operator's. */
  | 'KEY_RING_REWRAPPED'
  /** Somebody was invited to the workspace. */
  | 'MEMBER_INVITED'
  /** Somebody joined the workspace: by an invitation, by the operator's link, or by a token. */
  | 'MEMBER_JOINED'
  /** A member was removed from the workspace. */
  | 'MEMBER_REMOVED'
  /** A member got another role. */
  | 'MEMBER_ROLE_CHANGED'
  /** A person signed in. */
  | 'SIGNED_IN'
  /** A person signed out. */
  | 'SIGNED_OUT'
  /** Somebody came with a credential of the workspace that is not good, or not theirs; one event a minute for each credential. */
  | 'SIGN_IN_FAILED';

/** Who can mend something. */
export type FixableBy =
  /** An administrator of the workspace or of the Page. */
  | 'ADMIN'
  /** Nobody: wait. */
  | 'NOBODY_WAIT'
  /** Whoever runs this installation. */
  | 'OPERATOR'
  /** The platform. */
  | 'PLATFORM'
  /** The person whose account it is. */
  | 'USER';

/** Why an account is UNHEALTHY. */
export type HealthReason =
  /** Its access token has ended, and the platform refuses the operator's app. Passes when the operator mends that. */
  | 'APP_MISCONFIGURED'
  /** The platform holds the account back until its person logs in there and does what it asks. */
  | 'CHECKPOINT'
  /** The account was disconnected in Mooring. */
  | 'DISCONNECTED'
  /** A later consent no longer covers this account. */
  | 'NOT_GRANTED'
  /** The platform renewed its tokens, but the answer was lost; it works until its access token ends. */
  | 'OUTCOME_UNKNOWN'
  /** Its access token has ended, and the platform renews none at present. Passes by itself. */
  | 'PLATFORM_DOWN'
  /** The platform refused several times what it was asked about the account. Passes when it answers again. */
  | 'PROBE_FAILED'
  /** The platform renews its tokens no more; it works until its access token ends. */
  | 'REFRESH_DEAD'
  /** The platform takes its token no more, and nothing can renew it. */
  | 'REVOKED'
  /** Its stored tokens are damaged. */
  | 'SECRET_LOST';

/** The four statuses. */
export type HealthStatus =
  /** A clock has ended; the person reconnects. */
  | 'EXPIRED'
  /** Works, but a person has to act soon. */
  | 'EXPIRING_SOON'
  /** Works, and will go on working. */
  | 'HEALTHY'
  /** The platform said that it does not work, or it cannot be made to. */
  | 'UNHEALTHY';

/** The kinds of trouble. */
export type IssueType =
  /** The person said no. */
  | 'ACCESS_DENIED'
  /** The platform restricts this account. */
  | 'ACCOUNT_RESTRICTED'
  /** The account lacks something, such as a Page or a channel. */
  | 'ACCOUNT_SETUP_INCOMPLETE'
  /** The app lacks a review or a product. */
  | 'APP_NOT_APPROVED'
  /** A token has ended. */
  | 'EXPIRED_TOKEN'
  /** A permission is missing. */
  | 'INSUFFICIENT_PERMISSIONS'
  /** The app's id or secret is wrong. */
  | 'INVALID_CREDENTIALS'
  /** The request was malformed. */
  | 'INVALID_REQUEST'
  /** A scope is unknown or not allowed for the app. */
  | 'INVALID_SCOPE'
  /** The answer does not belong to this attempt or this browser, or its code is spent. */
  | 'INVALID_STATE'
  /** The platform could not be reached. */
  | 'NETWORK_ERROR'
  /** The platform has trouble. */
  | 'PLATFORM_OUTAGE'
  /** Too many requests. */
  | 'RATE_LIMIT'
  /** The redirect URI is not the registered one. */
  | 'REDIRECT_URI_MISMATCH'
  /** Access was taken away. */
  | 'REVOKED_ACCESS'
  /** None of the above is known to fit. */
  | 'UNKNOWN';

/** What a caller is in a workspace. */
export type Role =
  /** May do everything but end the workspace. */
  | 'ADMIN'
  /** May connect and manage accounts. */
  | 'MEMBER'
  /** May do everything. */
  | 'OWNER'
  /** A back end; may do what its scopes say. */
  | 'SERVICE'
  /** May look. */
  | 'VIEWER';

/** A notice within a stream. */
export type StreamNotice =
  /** What the client holds may be out of date: a snapshot follows, or, where there are more than 1,000 accounts, query `accounts` again. */
  | 'RESYNC';

/** What a program should offer next. */
export type SuggestedAction =
  /** The person asks the platform's support. */
  | 'CONTACT_PLATFORM'
  /** The operator changes the app's configuration. */
  | 'FIX_CONFIGURATION'
  /** Nothing to do. */
  | 'NONE'
  /** Connect again. */
  | 'RECONNECT'
  /** Try the same again, now or after `retryAfterSeconds`. */
  | 'RETRY'
  /** The person sets something up at the platform. */
  | 'SET_UP_ACCOUNT'
  /** Wait. */
  | 'WAIT';

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { user: string, workspace: string, role: Role, permissions: Array<string>, method: AuthMethod, expiresAt: string | null } };

export type AccountRowFragment = { id: string, displayName: string, username: string | null, kind: AccountKind, avatarUrl: string | null, labels: Array<string>, connectedAt: string, disconnectedAt: string | null, platform: { id: string, displayName: string, color: string }, paused: { since: string, by: string, reason: string | null } | null, health: { status: HealthStatus, isConnected: boolean, isExpired: boolean, expiresAt: string | null, expiresBecause: Clock | null, autoRefresh: boolean, nextRefreshAt: string | null, checkedAt: string | null, checkedBy: CheckedBy | null, since: string, reason: HealthReason | null, warnings: Array<{ code: string, message: string }> }, diagnosis: { issueType: IssueType, fixableBy: FixableBy, suggestedAction: SuggestedAction } | null };

export type LiveEventFragment = { id: string, type: EventType, at: string, effectiveAt: string, actor: string | null, accountId: string | null, attemptId: string | null, platform: string | null, previousStatus: HealthStatus | null, status: HealthStatus | null, reason: HealthReason | null, days: number | null, issueType: IssueType | null, bulkId: string | null, about: string | null };

export type EventAddedSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type EventAddedSubscription = { eventAdded: { cursor: string, replayed: boolean, notice: StreamNotice | null, event: { id: string, type: EventType, at: string, effectiveAt: string, actor: string | null, accountId: string | null, attemptId: string | null, platform: string | null, previousStatus: HealthStatus | null, status: HealthStatus | null, reason: HealthReason | null, days: number | null, issueType: IssueType | null, bulkId: string | null, about: string | null } | null } };

export type RecentEventsQueryVariables = Exact<{
  last: number;
}>;


export type RecentEventsQuery = { events: { nodes: Array<{ id: string, type: EventType, at: string, effectiveAt: string, actor: string | null, accountId: string | null, attemptId: string | null, platform: string | null, previousStatus: HealthStatus | null, status: HealthStatus | null, reason: HealthReason | null, days: number | null, issueType: IssueType | null, bulkId: string | null, about: string | null }>, pageInfo: { endCursor: string | null } } };

export type ChangedAccountsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type ChangedAccountsQuery = { nodes: Array<
    | { id: string, displayName: string, username: string | null, kind: AccountKind, avatarUrl: string | null, labels: Array<string>, connectedAt: string, disconnectedAt: string | null, platform: { id: string, displayName: string, color: string }, paused: { since: string, by: string, reason: string | null } | null, health: { status: HealthStatus, isConnected: boolean, isExpired: boolean, expiresAt: string | null, expiresBecause: Clock | null, autoRefresh: boolean, nextRefreshAt: string | null, checkedAt: string | null, checkedBy: CheckedBy | null, since: string, reason: HealthReason | null, warnings: Array<{ code: string, message: string }> }, diagnosis: { issueType: IssueType, fixableBy: FixableBy, suggestedAction: SuggestedAction } | null }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null> };

export type OverviewQueryVariables = Exact<{ [key: string]: never; }>;


export type OverviewQuery = { overview: { totalAccounts: number, byStatus: Array<{ status: HealthStatus, count: number }>, byPlatform: Array<{ count: number, platform: { id: string, displayName: string, color: string }, byStatus: Array<{ status: HealthStatus, count: number }> }>, nextExpiries: Array<{ id: string, displayName: string, username: string | null, kind: AccountKind, avatarUrl: string | null, labels: Array<string>, connectedAt: string, disconnectedAt: string | null, platform: { id: string, displayName: string, color: string }, paused: { since: string, by: string, reason: string | null } | null, health: { status: HealthStatus, isConnected: boolean, isExpired: boolean, expiresAt: string | null, expiresBecause: Clock | null, autoRefresh: boolean, nextRefreshAt: string | null, checkedAt: string | null, checkedBy: CheckedBy | null, since: string, reason: HealthReason | null, warnings: Array<{ code: string, message: string }> }, diagnosis: { issueType: IssueType, fixableBy: FixableBy, suggestedAction: SuggestedAction } | null }>, queue: { due: number, inFlight: number, nextRefreshAt: string | null }, incidents: Array<{ reason: HealthReason, since: string, platform: { id: string, displayName: string }, diagnosis: { possibleCauses: Array<string>, solutions: Array<string>, fixableBy: FixableBy } }> } };

export const AccountRowFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AccountRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"username"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}},{"kind":"Field","name":{"kind":"Name","value":"labels"}},{"kind":"Field","name":{"kind":"Name","value":"connectedAt"}},{"kind":"Field","name":{"kind":"Name","value":"disconnectedAt"}},{"kind":"Field","name":{"kind":"Name","value":"platform"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"paused"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"since"}},{"kind":"Field","name":{"kind":"Name","value":"by"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"isConnected"}},{"kind":"Field","name":{"kind":"Name","value":"isExpired"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"expiresBecause"}},{"kind":"Field","name":{"kind":"Name","value":"autoRefresh"}},{"kind":"Field","name":{"kind":"Name","value":"nextRefreshAt"}},{"kind":"Field","name":{"kind":"Name","value":"checkedAt"}},{"kind":"Field","name":{"kind":"Name","value":"checkedBy"}},{"kind":"Field","name":{"kind":"Name","value":"since"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"diagnosis"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"issueType"}},{"kind":"Field","name":{"kind":"Name","value":"fixableBy"}},{"kind":"Field","name":{"kind":"Name","value":"suggestedAction"}}]}}]}}]} as unknown as DocumentNode<AccountRowFragment, unknown>;
export const LiveEventFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"LiveEvent"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"effectiveAt"}},{"kind":"Field","name":{"kind":"Name","value":"actor"}},{"kind":"Field","name":{"kind":"Name","value":"accountId"}},{"kind":"Field","name":{"kind":"Name","value":"attemptId"}},{"kind":"Field","name":{"kind":"Name","value":"platform"}},{"kind":"Field","name":{"kind":"Name","value":"previousStatus"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"issueType"}},{"kind":"Field","name":{"kind":"Name","value":"bulkId"}},{"kind":"Field","name":{"kind":"Name","value":"about"}}]}}]} as unknown as DocumentNode<LiveEventFragment, unknown>;
export const ViewerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"}},{"kind":"Field","name":{"kind":"Name","value":"workspace"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"permissions"}},{"kind":"Field","name":{"kind":"Name","value":"method"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}}]}}]}}]} as unknown as DocumentNode<ViewerQuery, ViewerQueryVariables>;
export const EventAddedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"EventAdded"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"eventAdded"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"replayed"}},{"kind":"Field","name":{"kind":"Name","value":"notice"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"LiveEvent"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"LiveEvent"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"effectiveAt"}},{"kind":"Field","name":{"kind":"Name","value":"actor"}},{"kind":"Field","name":{"kind":"Name","value":"accountId"}},{"kind":"Field","name":{"kind":"Name","value":"attemptId"}},{"kind":"Field","name":{"kind":"Name","value":"platform"}},{"kind":"Field","name":{"kind":"Name","value":"previousStatus"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"issueType"}},{"kind":"Field","name":{"kind":"Name","value":"bulkId"}},{"kind":"Field","name":{"kind":"Name","value":"about"}}]}}]} as unknown as DocumentNode<EventAddedSubscription, EventAddedSubscriptionVariables>;
export const RecentEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"RecentEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"LiveEvent"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"LiveEvent"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"effectiveAt"}},{"kind":"Field","name":{"kind":"Name","value":"actor"}},{"kind":"Field","name":{"kind":"Name","value":"accountId"}},{"kind":"Field","name":{"kind":"Name","value":"attemptId"}},{"kind":"Field","name":{"kind":"Name","value":"platform"}},{"kind":"Field","name":{"kind":"Name","value":"previousStatus"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"issueType"}},{"kind":"Field","name":{"kind":"Name","value":"bulkId"}},{"kind":"Field","name":{"kind":"Name","value":"about"}}]}}]} as unknown as DocumentNode<RecentEventsQuery, RecentEventsQueryVariables>;
export const ChangedAccountsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ChangedAccounts"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AccountRow"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AccountRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"username"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}},{"kind":"Field","name":{"kind":"Name","value":"labels"}},{"kind":"Field","name":{"kind":"Name","value":"connectedAt"}},{"kind":"Field","name":{"kind":"Name","value":"disconnectedAt"}},{"kind":"Field","name":{"kind":"Name","value":"platform"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"paused"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"since"}},{"kind":"Field","name":{"kind":"Name","value":"by"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"isConnected"}},{"kind":"Field","name":{"kind":"Name","value":"isExpired"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"expiresBecause"}},{"kind":"Field","name":{"kind":"Name","value":"autoRefresh"}},{"kind":"Field","name":{"kind":"Name","value":"nextRefreshAt"}},{"kind":"Field","name":{"kind":"Name","value":"checkedAt"}},{"kind":"Field","name":{"kind":"Name","value":"checkedBy"}},{"kind":"Field","name":{"kind":"Name","value":"since"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"diagnosis"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"issueType"}},{"kind":"Field","name":{"kind":"Name","value":"fixableBy"}},{"kind":"Field","name":{"kind":"Name","value":"suggestedAction"}}]}}]}}]} as unknown as DocumentNode<ChangedAccountsQuery, ChangedAccountsQueryVariables>;
export const OverviewDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Overview"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"overview"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalAccounts"}},{"kind":"Field","name":{"kind":"Name","value":"byStatus"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"byPlatform"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"platform"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"count"}},{"kind":"Field","name":{"kind":"Name","value":"byStatus"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"nextExpiries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AccountRow"}}]}},{"kind":"Field","name":{"kind":"Name","value":"queue"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"due"}},{"kind":"Field","name":{"kind":"Name","value":"inFlight"}},{"kind":"Field","name":{"kind":"Name","value":"nextRefreshAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"incidents"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"platform"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"since"}},{"kind":"Field","name":{"kind":"Name","value":"diagnosis"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"possibleCauses"}},{"kind":"Field","name":{"kind":"Name","value":"solutions"}},{"kind":"Field","name":{"kind":"Name","value":"fixableBy"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AccountRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"username"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}},{"kind":"Field","name":{"kind":"Name","value":"labels"}},{"kind":"Field","name":{"kind":"Name","value":"connectedAt"}},{"kind":"Field","name":{"kind":"Name","value":"disconnectedAt"}},{"kind":"Field","name":{"kind":"Name","value":"platform"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"paused"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"since"}},{"kind":"Field","name":{"kind":"Name","value":"by"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"isConnected"}},{"kind":"Field","name":{"kind":"Name","value":"isExpired"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"expiresBecause"}},{"kind":"Field","name":{"kind":"Name","value":"autoRefresh"}},{"kind":"Field","name":{"kind":"Name","value":"nextRefreshAt"}},{"kind":"Field","name":{"kind":"Name","value":"checkedAt"}},{"kind":"Field","name":{"kind":"Name","value":"checkedBy"}},{"kind":"Field","name":{"kind":"Name","value":"since"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"diagnosis"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"issueType"}},{"kind":"Field","name":{"kind":"Name","value":"fixableBy"}},{"kind":"Field","name":{"kind":"Name","value":"suggestedAction"}}]}}]}}]} as unknown as DocumentNode<OverviewQuery, OverviewQueryVariables>;