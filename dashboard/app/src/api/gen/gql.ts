/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment Problem on UserError { code message field diagnosis { issueType solutions fixableBy } }\n": typeof types.ProblemFragmentDoc,
    "\n  mutation CheckHealth($id: ID!) {\n    done: checkHealth(input: { accountId: $id }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n": typeof types.CheckHealthDocument,
    "\n  mutation Refresh($id: ID!) {\n    done: refresh(input: { accountId: $id, force: true }) { account { ...AccountRow } refreshed error userErrors { ...Problem } }\n  }\n": typeof types.RefreshDocument,
    "\n  mutation Validate($id: ID!) {\n    done: validate(input: { accountId: $id }) {\n      account { ...AccountRow validation { isValid verified checkedAt errors { code message } warnings { code message } } }\n      userErrors { ...Problem }\n    }\n  }\n": typeof types.ValidateDocument,
    "\n  mutation CheckPermissions($id: ID!) {\n    done: checkPermissions(input: { accountId: $id }) {\n      account { ...AccountRow permissions { granted missing optionalMissing source checkedAt capabilities { name available missingScopes } } }\n      userErrors { ...Problem }\n    }\n  }\n": typeof types.CheckPermissionsDocument,
    "\n  mutation Pause($id: ID!, $reason: String) {\n    done: pause(input: { accountId: $id, reason: $reason }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n": typeof types.PauseDocument,
    "\n  mutation Resume($id: ID!) {\n    done: resume(input: { accountId: $id }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n": typeof types.ResumeDocument,
    "\n  mutation SetLabels($id: ID!, $labels: [String!]!) {\n    done: setLabels(input: { accountId: $id, labels: $labels }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n": typeof types.SetLabelsDocument,
    "\n  mutation Disconnect($id: ID!) {\n    done: disconnect(input: { accountId: $id }) {\n      account { ...AccountRow } revokedAtPlatform revocationNote revokeUrl userErrors { ...Problem }\n    }\n  }\n": typeof types.DisconnectDocument,
    "\n  query Viewer {\n    viewer { user workspace role permissions method expiresAt }\n  }\n": typeof types.ViewerDocument,
    "\n  fragment AccountRow on Account {\n    id\n    displayName\n    username\n    kind\n    avatarUrl\n    labels\n    connectedAt\n    disconnectedAt\n    platform { id displayName color iconPath }\n    paused { since by reason }\n    health {\n      status isConnected isExpired expiresAt expiresBecause autoRefresh nextRefreshAt checkedAt checkedBy since reason\n      warnings { code message }\n    }\n    diagnosis { issueType fixableBy suggestedAction }\n  }\n": typeof types.AccountRowFragmentDoc,
    "\n  fragment LiveEvent on Event {\n    id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType bulkId about\n  }\n": typeof types.LiveEventFragmentDoc,
    "\n  subscription EventAdded($after: String) {\n    eventAdded(after: $after) { cursor replayed notice event { ...LiveEvent } }\n  }\n": typeof types.EventAddedDocument,
    "\n  query RecentEvents($last: Int!) {\n    events(last: $last) { nodes { ...LiveEvent } pageInfo { endCursor } }\n    platforms { id displayName }\n    viewer { user workspace }\n  }\n": typeof types.RecentEventsDocument,
    "\n  query ChangedAccounts($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { ...AccountRow } }\n  }\n": typeof types.ChangedAccountsDocument,
    "\n  query PlatformNames { platforms { id displayName color iconPath } }\n": typeof types.PlatformNamesDocument,
    "\n  query UnfinishedAttempts { viewer { unfinishedAttempts { ...Attempt } } }\n": typeof types.UnfinishedAttemptsDocument,
    "\n  fragment Attempt on ConnectAttempt {\n    id status authorizationUrl expiresAt\n    platform { id displayName color iconPath }\n    candidates { platform { id displayName color iconPath } externalId kind displayName username avatarUrl account { id } }\n    warnings { code message }\n    accounts { id displayName username avatarUrl platform { id displayName color iconPath } }\n    reconnects { id displayName }\n    diagnosis { ...Diagnosis }\n  }\n": typeof types.AttemptFragmentDoc,
    "\n  mutation Connect($input: ConnectInput!) {\n    connect(input: $input) { attempt { ...Attempt } userErrors { code message diagnosis { ...Diagnosis } } }\n  }\n": typeof types.ConnectDocument,
    "\n  mutation CancelConnect($id: ID!) {\n    done: cancelConnect(input: { attemptId: $id }) { attempt { ...Attempt } userErrors { message } }\n  }\n": typeof types.CancelConnectDocument,
    "\n  mutation CompleteConnect($id: ID!, $externalIds: [String!]!) {\n    completeConnect(input: { attemptId: $id, externalIds: $externalIds }) {\n      attempt { ...Attempt }\n      userErrors { code message diagnosis { ...Diagnosis } }\n    }\n  }\n": typeof types.CompleteConnectDocument,
    "\n  subscription AttemptChanged($id: ID!) { connectAttemptChanged(id: $id) { ...Attempt } }\n": typeof types.AttemptChangedDocument,
    "\n  query Attempt($id: ID!) { connectAttempt(id: $id) { ...Attempt } }\n": typeof types.AttemptDocument,
    "\n  query Account($id: ID!) {\n    account(id: $id) {\n      ...AccountRow\n      platform { id incident { ...Incident } }\n      externalId\n      profileUrl\n      connectedBy\n      externalUserId\n      health { accessTokenExpiresAt refreshTokenExpiresAt consentExpiresAt lastRefreshedAt }\n      permissions { granted missing optionalMissing source checkedAt capabilities { name available missingScopes } }\n      validation {\n        isValid verified checkedAt\n        errors { code message }\n        warnings { code message }\n        accountInfo { details { name value } }\n      }\n      rateLimits { name limit remaining resetAt usedPercent observedAt }\n      diagnosis { ...Diagnosis }\n    }\n  }\n": typeof types.AccountDocument,
    "\n  query Reach($id: ID!) {\n    account(id: $id) {\n      id\n      platform { id displayName loginMethods { id revokeReach } }\n      reconnect { alsoAffects { id displayName } }\n    }\n  }\n": typeof types.ReachDocument,
    "\n  query History($id: ID!, $last: Int!, $before: String) {\n    account(id: $id) {\n      id\n      events(last: $last, before: $before) { nodes { ...LiveEvent } pageInfo { hasPreviousPage startCursor } }\n    }\n  }\n": typeof types.HistoryDocument,
    "\n  query Activity($id: ID!) {\n    account(id: $id) {\n      id\n      activity(first: 20) { nodes { kind from actor count lastAt reason } }\n    }\n  }\n": typeof types.ActivityDocument,
    "\n  query Accounts($first: Int, $after: String, $last: Int, $before: String, $filter: AccountFilter, $orderBy: AccountOrder) {\n    accounts(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {\n      nodes { ...AccountRow }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      totalCount\n    }\n  }\n": typeof types.AccountsDocument,
    "\n  mutation StartBulkJob($input: StartBulkJobInput!) {\n    startBulkJob(input: $input) { bulkJob { id } userErrors { code message } }\n  }\n": typeof types.StartBulkJobDocument,
    "\n  fragment BulkJobParts on BulkJob { id action status total done succeeded unneeded failed endedAt }\n": typeof types.BulkJobPartsFragmentDoc,
    "\n  subscription BulkJobChanged($id: ID!) { bulkJobChanged(id: $id) { ...BulkJobParts } }\n": typeof types.BulkJobChangedDocument,
    "\n  query JobFailures($id: ID!) {\n    bulkJob(id: $id) {\n      id\n      results(first: 20, outcome: FAILED) {\n        nodes { accountId message account { id displayName platform { id displayName } } diagnosis { solutions } }\n        pageInfo { hasNextPage }\n      }\n    }\n  }\n": typeof types.JobFailuresDocument,
    "\n  mutation CancelBulkJob($id: ID!) { done: cancelBulkJob(input: { jobId: $id }) { bulkJob { ...BulkJobParts } userErrors { message } } }\n": typeof types.CancelBulkJobDocument,
    "\n  query Events($last: Int!, $before: String, $filter: EventFilter) {\n    events(last: $last, before: $before, filter: $filter) { nodes { ...LiveEvent } pageInfo { hasPreviousPage startCursor } }\n  }\n": typeof types.EventsDocument,
    "\n  query BulkPlatforms {\n    platforms { id displayName color iconPath requirements loginMethods { id ready } }\n  }\n": typeof types.BulkPlatformsDocument,
    "\n  mutation BulkConnect($input: BulkConnectInput!) {\n    bulkConnect(input: $input) { bulkConnect { id } userErrors { message } }\n  }\n": typeof types.BulkConnectDocument,
    "\n  fragment Bulk on BulkConnect {\n    id status totalPlatforms estimatedTimeMinutes expiresAt nextAuthorizationUrl\n    progress { completed inProgress pending failed skipped }\n    current { id }\n    sequence {\n      id status authorizationUrl\n      platform { id displayName }\n      platforms { status platform { id displayName color iconPath } diagnosis { ...Diagnosis } }\n      attempt { ...Attempt }\n    }\n    skipped { platform { id displayName color iconPath } failedChecks { name message fix } }\n  }\n": typeof types.BulkFragmentDoc,
    "\n  query BulkRun($id: ID!) { bulkConnect(id: $id) { ...Bulk } }\n": typeof types.BulkRunDocument,
    "\n  subscription BulkChanged($id: ID!) { bulkConnectChanged(id: $id) { ...Bulk } }\n": typeof types.BulkChangedDocument,
    "\n  mutation SkipItem($id: ID!) { skipBulkItem(input: { itemId: $id }) { bulkConnect { ...Bulk } userErrors { message } } }\n": typeof types.SkipItemDocument,
    "\n  mutation RetryItem($id: ID!) { retryBulkItem(input: { itemId: $id }) { bulkConnect { ...Bulk } userErrors { message } } }\n": typeof types.RetryItemDocument,
    "\n  mutation CancelBulk($id: ID!) { cancelBulkConnect(input: { bulkConnectId: $id }) { bulkConnect { id status } userErrors { message } } }\n": typeof types.CancelBulkDocument,
    "\n  query UnfinishedBulks {\n    viewer {\n      unfinishedBulkConnects {\n        id status totalPlatforms expiresAt\n        progress { completed }\n        sequence { id platforms { platform { id displayName color iconPath } } }\n      }\n    }\n  }\n": typeof types.UnfinishedBulksDocument,
    "\n  query ConnectPage {\n    platforms {\n      id displayName color iconPath difficulty setupMinutes features requirements sandboxed recommendedRank\n      incident { since }\n      loginMethods { id ready requirements capabilities scopes { name purpose required default capability } }\n    }\n  }\n": typeof types.ConnectPageDocument,
    "\n  query Prerequisites($id: ID!) {\n    platform(id: $id) {\n      id consoleUrl setupSteps\n      loginMethods { id redirectUri environment }\n      prerequisites { readyToConnect checks { name status message fix } }\n    }\n  }\n": typeof types.PrerequisitesDocument,
    "\n  query Overview {\n    overview {\n      totalAccounts\n      byStatus { status count }\n      byPlatform { platform { id displayName color iconPath } count byStatus { status count } }\n      nextExpiries { ...AccountRow }\n      queue { due inFlight nextRefreshAt }\n      incidents { ...Incident }\n    }\n    broken: accounts(first: 5, filter: { statuses: [EXPIRED, UNHEALTHY] }, orderBy: { field: EXPIRES_AT }) {\n      nodes { ...AccountRow }\n    }\n  }\n": typeof types.OverviewDocument,
    "\n  query Trends {\n    overview {\n      history(days: 30) { day refreshesSucceeded refreshesFailed broke recovered incidentsOpened }\n      upcoming(days: 61) { day count }\n    }\n  }\n": typeof types.TrendsDocument,
    "\n  query Reconnect($id: ID!) {\n    account(id: $id) {\n      id displayName username avatarUrl disconnectedAt\n      platform { id displayName color iconPath }\n      health { status reason expiresAt }\n      diagnosis { ...Diagnosis }\n      reconnect {\n        title steps reason consequence url missingPermissions\n        requiredPermissions { name purpose missing }\n        alsoAffects { id displayName avatarUrl platform { id displayName color iconPath } }\n      }\n    }\n  }\n": typeof types.ReconnectDocument,
    "\n  query Audit($last: Int, $before: String, $filter: EventFilter) {\n    events(last: $last, before: $before, filter: $filter) {\n      nodes {\n        id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType requestId bulkId about\n      }\n      pageInfo { hasPreviousPage startCursor }\n    }\n  }\n": typeof types.AuditDocument,
    "\n  query ApiKeys {\n    apiKeys { id prefix name scopes createdBy createdAt expiresAt revokedAt usedAt }\n  }\n": typeof types.ApiKeysDocument,
    "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) { key apiKey { id } userErrors { code message } }\n  }\n": typeof types.CreateApiKeyDocument,
    "\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) { apiKey { id revokedAt } userErrors { code message } }\n  }\n": typeof types.RevokeApiKeyDocument,
    "\n  query Members($after: String) {\n    members(first: 100, after: $after) {\n      nodes { user displayName email role joinedAt invitedBy }\n      pageInfo { hasNextPage hasPreviousPage endCursor }\n    }\n  }\n": typeof types.MembersDocument,
    "\n  query Invitations {\n    invitations { id displayName role createdBy createdAt expiresAt }\n  }\n": typeof types.InvitationsDocument,
    "\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) { link invitation { id } userErrors { code message } }\n  }\n": typeof types.InviteMemberDocument,
    "\n  mutation RevokeInvitation($id: ID!) {\n    revokeInvitation(input: { id: $id }) { userErrors { code message } }\n  }\n": typeof types.RevokeInvitationDocument,
    "\n  mutation ChangeRole($user: ID!, $role: Role!) {\n    changeRole(input: { user: $user, role: $role }) { member { user role } userErrors { code message } }\n  }\n": typeof types.ChangeRoleDocument,
    "\n  mutation RemoveMember($user: ID!) {\n    removeMember(input: { user: $user }) { userErrors { code message } }\n  }\n": typeof types.RemoveMemberDocument,
    "\n  query SetUp {\n    platforms {\n      id displayName color iconPath difficulty setupMinutes requirements setupSteps limits consoleUrl docsUrl statusUrl sandboxed\n      loginMethods {\n        id ready requirements redirectUri environment\n        redirectRules { httpHosts queryAllowed note }\n        apiVersion { name endsAt latest state }\n      }\n    }\n  }\n": typeof types.SetUpDocument,
    "\n  query Checks($id: ID!) {\n    platform(id: $id) { id prerequisites { readyToConnect checks { name status message fix } } }\n  }\n": typeof types.ChecksDocument,
    "\n  query SandboxPlatforms {\n    platforms { id displayName color iconPath }\n  }\n": typeof types.SandboxPlatformsDocument,
    "\n  mutation AskNow($action: BulkAction!, $platforms: [ID!]!) {\n    startBulkJob(input: { action: $action, force: true, filter: { platforms: $platforms } }) { bulkJob { id } userErrors { code message } }\n  }\n": typeof types.AskNowDocument,
    "\n  query Diagnose($input: DiagnoseInput!) { diagnose(input: $input) { ...Diagnosis } }\n": typeof types.DiagnoseDocument,
    "\n  query TroubleshootSubject($id: ID!) {\n    platforms { id displayName statusUrl errorsUrl }\n    account(id: $id) { id displayName username avatarUrl platform { id displayName color iconPath } health { status } }\n  }\n": typeof types.TroubleshootSubjectDocument,
    "\n  fragment Diagnosis on Diagnosis {\n    platform issueType severity fixableBy possibleCauses solutions docsUrl transient retryAfterSeconds suggestedAction\n    confidence evidence { rule source value }\n  }\n": typeof types.DiagnosisFragmentDoc,
    "\n  fragment Incident on Incident { platform { id displayName } reason since diagnosis { possibleCauses solutions fixableBy } }\n": typeof types.IncidentFragmentDoc,
};
const documents: Documents = {
    "\n  fragment Problem on UserError { code message field diagnosis { issueType solutions fixableBy } }\n": types.ProblemFragmentDoc,
    "\n  mutation CheckHealth($id: ID!) {\n    done: checkHealth(input: { accountId: $id }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n": types.CheckHealthDocument,
    "\n  mutation Refresh($id: ID!) {\n    done: refresh(input: { accountId: $id, force: true }) { account { ...AccountRow } refreshed error userErrors { ...Problem } }\n  }\n": types.RefreshDocument,
    "\n  mutation Validate($id: ID!) {\n    done: validate(input: { accountId: $id }) {\n      account { ...AccountRow validation { isValid verified checkedAt errors { code message } warnings { code message } } }\n      userErrors { ...Problem }\n    }\n  }\n": types.ValidateDocument,
    "\n  mutation CheckPermissions($id: ID!) {\n    done: checkPermissions(input: { accountId: $id }) {\n      account { ...AccountRow permissions { granted missing optionalMissing source checkedAt capabilities { name available missingScopes } } }\n      userErrors { ...Problem }\n    }\n  }\n": types.CheckPermissionsDocument,
    "\n  mutation Pause($id: ID!, $reason: String) {\n    done: pause(input: { accountId: $id, reason: $reason }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n": types.PauseDocument,
    "\n  mutation Resume($id: ID!) {\n    done: resume(input: { accountId: $id }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n": types.ResumeDocument,
    "\n  mutation SetLabels($id: ID!, $labels: [String!]!) {\n    done: setLabels(input: { accountId: $id, labels: $labels }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n": types.SetLabelsDocument,
    "\n  mutation Disconnect($id: ID!) {\n    done: disconnect(input: { accountId: $id }) {\n      account { ...AccountRow } revokedAtPlatform revocationNote revokeUrl userErrors { ...Problem }\n    }\n  }\n": types.DisconnectDocument,
    "\n  query Viewer {\n    viewer { user workspace role permissions method expiresAt }\n  }\n": types.ViewerDocument,
    "\n  fragment AccountRow on Account {\n    id\n    displayName\n    username\n    kind\n    avatarUrl\n    labels\n    connectedAt\n    disconnectedAt\n    platform { id displayName color iconPath }\n    paused { since by reason }\n    health {\n      status isConnected isExpired expiresAt expiresBecause autoRefresh nextRefreshAt checkedAt checkedBy since reason\n      warnings { code message }\n    }\n    diagnosis { issueType fixableBy suggestedAction }\n  }\n": types.AccountRowFragmentDoc,
    "\n  fragment LiveEvent on Event {\n    id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType bulkId about\n  }\n": types.LiveEventFragmentDoc,
    "\n  subscription EventAdded($after: String) {\n    eventAdded(after: $after) { cursor replayed notice event { ...LiveEvent } }\n  }\n": types.EventAddedDocument,
    "\n  query RecentEvents($last: Int!) {\n    events(last: $last) { nodes { ...LiveEvent } pageInfo { endCursor } }\n    platforms { id displayName }\n    viewer { user workspace }\n  }\n": types.RecentEventsDocument,
    "\n  query ChangedAccounts($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { ...AccountRow } }\n  }\n": types.ChangedAccountsDocument,
    "\n  query PlatformNames { platforms { id displayName color iconPath } }\n": types.PlatformNamesDocument,
    "\n  query UnfinishedAttempts { viewer { unfinishedAttempts { ...Attempt } } }\n": types.UnfinishedAttemptsDocument,
    "\n  fragment Attempt on ConnectAttempt {\n    id status authorizationUrl expiresAt\n    platform { id displayName color iconPath }\n    candidates { platform { id displayName color iconPath } externalId kind displayName username avatarUrl account { id } }\n    warnings { code message }\n    accounts { id displayName username avatarUrl platform { id displayName color iconPath } }\n    reconnects { id displayName }\n    diagnosis { ...Diagnosis }\n  }\n": types.AttemptFragmentDoc,
    "\n  mutation Connect($input: ConnectInput!) {\n    connect(input: $input) { attempt { ...Attempt } userErrors { code message diagnosis { ...Diagnosis } } }\n  }\n": types.ConnectDocument,
    "\n  mutation CancelConnect($id: ID!) {\n    done: cancelConnect(input: { attemptId: $id }) { attempt { ...Attempt } userErrors { message } }\n  }\n": types.CancelConnectDocument,
    "\n  mutation CompleteConnect($id: ID!, $externalIds: [String!]!) {\n    completeConnect(input: { attemptId: $id, externalIds: $externalIds }) {\n      attempt { ...Attempt }\n      userErrors { code message diagnosis { ...Diagnosis } }\n    }\n  }\n": types.CompleteConnectDocument,
    "\n  subscription AttemptChanged($id: ID!) { connectAttemptChanged(id: $id) { ...Attempt } }\n": types.AttemptChangedDocument,
    "\n  query Attempt($id: ID!) { connectAttempt(id: $id) { ...Attempt } }\n": types.AttemptDocument,
    "\n  query Account($id: ID!) {\n    account(id: $id) {\n      ...AccountRow\n      platform { id incident { ...Incident } }\n      externalId\n      profileUrl\n      connectedBy\n      externalUserId\n      health { accessTokenExpiresAt refreshTokenExpiresAt consentExpiresAt lastRefreshedAt }\n      permissions { granted missing optionalMissing source checkedAt capabilities { name available missingScopes } }\n      validation {\n        isValid verified checkedAt\n        errors { code message }\n        warnings { code message }\n        accountInfo { details { name value } }\n      }\n      rateLimits { name limit remaining resetAt usedPercent observedAt }\n      diagnosis { ...Diagnosis }\n    }\n  }\n": types.AccountDocument,
    "\n  query Reach($id: ID!) {\n    account(id: $id) {\n      id\n      platform { id displayName loginMethods { id revokeReach } }\n      reconnect { alsoAffects { id displayName } }\n    }\n  }\n": types.ReachDocument,
    "\n  query History($id: ID!, $last: Int!, $before: String) {\n    account(id: $id) {\n      id\n      events(last: $last, before: $before) { nodes { ...LiveEvent } pageInfo { hasPreviousPage startCursor } }\n    }\n  }\n": types.HistoryDocument,
    "\n  query Activity($id: ID!) {\n    account(id: $id) {\n      id\n      activity(first: 20) { nodes { kind from actor count lastAt reason } }\n    }\n  }\n": types.ActivityDocument,
    "\n  query Accounts($first: Int, $after: String, $last: Int, $before: String, $filter: AccountFilter, $orderBy: AccountOrder) {\n    accounts(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {\n      nodes { ...AccountRow }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      totalCount\n    }\n  }\n": types.AccountsDocument,
    "\n  mutation StartBulkJob($input: StartBulkJobInput!) {\n    startBulkJob(input: $input) { bulkJob { id } userErrors { code message } }\n  }\n": types.StartBulkJobDocument,
    "\n  fragment BulkJobParts on BulkJob { id action status total done succeeded unneeded failed endedAt }\n": types.BulkJobPartsFragmentDoc,
    "\n  subscription BulkJobChanged($id: ID!) { bulkJobChanged(id: $id) { ...BulkJobParts } }\n": types.BulkJobChangedDocument,
    "\n  query JobFailures($id: ID!) {\n    bulkJob(id: $id) {\n      id\n      results(first: 20, outcome: FAILED) {\n        nodes { accountId message account { id displayName platform { id displayName } } diagnosis { solutions } }\n        pageInfo { hasNextPage }\n      }\n    }\n  }\n": types.JobFailuresDocument,
    "\n  mutation CancelBulkJob($id: ID!) { done: cancelBulkJob(input: { jobId: $id }) { bulkJob { ...BulkJobParts } userErrors { message } } }\n": types.CancelBulkJobDocument,
    "\n  query Events($last: Int!, $before: String, $filter: EventFilter) {\n    events(last: $last, before: $before, filter: $filter) { nodes { ...LiveEvent } pageInfo { hasPreviousPage startCursor } }\n  }\n": types.EventsDocument,
    "\n  query BulkPlatforms {\n    platforms { id displayName color iconPath requirements loginMethods { id ready } }\n  }\n": types.BulkPlatformsDocument,
    "\n  mutation BulkConnect($input: BulkConnectInput!) {\n    bulkConnect(input: $input) { bulkConnect { id } userErrors { message } }\n  }\n": types.BulkConnectDocument,
    "\n  fragment Bulk on BulkConnect {\n    id status totalPlatforms estimatedTimeMinutes expiresAt nextAuthorizationUrl\n    progress { completed inProgress pending failed skipped }\n    current { id }\n    sequence {\n      id status authorizationUrl\n      platform { id displayName }\n      platforms { status platform { id displayName color iconPath } diagnosis { ...Diagnosis } }\n      attempt { ...Attempt }\n    }\n    skipped { platform { id displayName color iconPath } failedChecks { name message fix } }\n  }\n": types.BulkFragmentDoc,
    "\n  query BulkRun($id: ID!) { bulkConnect(id: $id) { ...Bulk } }\n": types.BulkRunDocument,
    "\n  subscription BulkChanged($id: ID!) { bulkConnectChanged(id: $id) { ...Bulk } }\n": types.BulkChangedDocument,
    "\n  mutation SkipItem($id: ID!) { skipBulkItem(input: { itemId: $id }) { bulkConnect { ...Bulk } userErrors { message } } }\n": types.SkipItemDocument,
    "\n  mutation RetryItem($id: ID!) { retryBulkItem(input: { itemId: $id }) { bulkConnect { ...Bulk } userErrors { message } } }\n": types.RetryItemDocument,
    "\n  mutation CancelBulk($id: ID!) { cancelBulkConnect(input: { bulkConnectId: $id }) { bulkConnect { id status } userErrors { message } } }\n": types.CancelBulkDocument,
    "\n  query UnfinishedBulks {\n    viewer {\n      unfinishedBulkConnects {\n        id status totalPlatforms expiresAt\n        progress { completed }\n        sequence { id platforms { platform { id displayName color iconPath } } }\n      }\n    }\n  }\n": types.UnfinishedBulksDocument,
    "\n  query ConnectPage {\n    platforms {\n      id displayName color iconPath difficulty setupMinutes features requirements sandboxed recommendedRank\n      incident { since }\n      loginMethods { id ready requirements capabilities scopes { name purpose required default capability } }\n    }\n  }\n": types.ConnectPageDocument,
    "\n  query Prerequisites($id: ID!) {\n    platform(id: $id) {\n      id consoleUrl setupSteps\n      loginMethods { id redirectUri environment }\n      prerequisites { readyToConnect checks { name status message fix } }\n    }\n  }\n": types.PrerequisitesDocument,
    "\n  query Overview {\n    overview {\n      totalAccounts\n      byStatus { status count }\n      byPlatform { platform { id displayName color iconPath } count byStatus { status count } }\n      nextExpiries { ...AccountRow }\n      queue { due inFlight nextRefreshAt }\n      incidents { ...Incident }\n    }\n    broken: accounts(first: 5, filter: { statuses: [EXPIRED, UNHEALTHY] }, orderBy: { field: EXPIRES_AT }) {\n      nodes { ...AccountRow }\n    }\n  }\n": types.OverviewDocument,
    "\n  query Trends {\n    overview {\n      history(days: 30) { day refreshesSucceeded refreshesFailed broke recovered incidentsOpened }\n      upcoming(days: 61) { day count }\n    }\n  }\n": types.TrendsDocument,
    "\n  query Reconnect($id: ID!) {\n    account(id: $id) {\n      id displayName username avatarUrl disconnectedAt\n      platform { id displayName color iconPath }\n      health { status reason expiresAt }\n      diagnosis { ...Diagnosis }\n      reconnect {\n        title steps reason consequence url missingPermissions\n        requiredPermissions { name purpose missing }\n        alsoAffects { id displayName avatarUrl platform { id displayName color iconPath } }\n      }\n    }\n  }\n": types.ReconnectDocument,
    "\n  query Audit($last: Int, $before: String, $filter: EventFilter) {\n    events(last: $last, before: $before, filter: $filter) {\n      nodes {\n        id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType requestId bulkId about\n      }\n      pageInfo { hasPreviousPage startCursor }\n    }\n  }\n": types.AuditDocument,
    "\n  query ApiKeys {\n    apiKeys { id prefix name scopes createdBy createdAt expiresAt revokedAt usedAt }\n  }\n": types.ApiKeysDocument,
    "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) { key apiKey { id } userErrors { code message } }\n  }\n": types.CreateApiKeyDocument,
    "\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) { apiKey { id revokedAt } userErrors { code message } }\n  }\n": types.RevokeApiKeyDocument,
    "\n  query Members($after: String) {\n    members(first: 100, after: $after) {\n      nodes { user displayName email role joinedAt invitedBy }\n      pageInfo { hasNextPage hasPreviousPage endCursor }\n    }\n  }\n": types.MembersDocument,
    "\n  query Invitations {\n    invitations { id displayName role createdBy createdAt expiresAt }\n  }\n": types.InvitationsDocument,
    "\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) { link invitation { id } userErrors { code message } }\n  }\n": types.InviteMemberDocument,
    "\n  mutation RevokeInvitation($id: ID!) {\n    revokeInvitation(input: { id: $id }) { userErrors { code message } }\n  }\n": types.RevokeInvitationDocument,
    "\n  mutation ChangeRole($user: ID!, $role: Role!) {\n    changeRole(input: { user: $user, role: $role }) { member { user role } userErrors { code message } }\n  }\n": types.ChangeRoleDocument,
    "\n  mutation RemoveMember($user: ID!) {\n    removeMember(input: { user: $user }) { userErrors { code message } }\n  }\n": types.RemoveMemberDocument,
    "\n  query SetUp {\n    platforms {\n      id displayName color iconPath difficulty setupMinutes requirements setupSteps limits consoleUrl docsUrl statusUrl sandboxed\n      loginMethods {\n        id ready requirements redirectUri environment\n        redirectRules { httpHosts queryAllowed note }\n        apiVersion { name endsAt latest state }\n      }\n    }\n  }\n": types.SetUpDocument,
    "\n  query Checks($id: ID!) {\n    platform(id: $id) { id prerequisites { readyToConnect checks { name status message fix } } }\n  }\n": types.ChecksDocument,
    "\n  query SandboxPlatforms {\n    platforms { id displayName color iconPath }\n  }\n": types.SandboxPlatformsDocument,
    "\n  mutation AskNow($action: BulkAction!, $platforms: [ID!]!) {\n    startBulkJob(input: { action: $action, force: true, filter: { platforms: $platforms } }) { bulkJob { id } userErrors { code message } }\n  }\n": types.AskNowDocument,
    "\n  query Diagnose($input: DiagnoseInput!) { diagnose(input: $input) { ...Diagnosis } }\n": types.DiagnoseDocument,
    "\n  query TroubleshootSubject($id: ID!) {\n    platforms { id displayName statusUrl errorsUrl }\n    account(id: $id) { id displayName username avatarUrl platform { id displayName color iconPath } health { status } }\n  }\n": types.TroubleshootSubjectDocument,
    "\n  fragment Diagnosis on Diagnosis {\n    platform issueType severity fixableBy possibleCauses solutions docsUrl transient retryAfterSeconds suggestedAction\n    confidence evidence { rule source value }\n  }\n": types.DiagnosisFragmentDoc,
    "\n  fragment Incident on Incident { platform { id displayName } reason since diagnosis { possibleCauses solutions fixableBy } }\n": types.IncidentFragmentDoc,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Problem on UserError { code message field diagnosis { issueType solutions fixableBy } }\n"): (typeof documents)["\n  fragment Problem on UserError { code message field diagnosis { issueType solutions fixableBy } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CheckHealth($id: ID!) {\n    done: checkHealth(input: { accountId: $id }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n"): (typeof documents)["\n  mutation CheckHealth($id: ID!) {\n    done: checkHealth(input: { accountId: $id }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Refresh($id: ID!) {\n    done: refresh(input: { accountId: $id, force: true }) { account { ...AccountRow } refreshed error userErrors { ...Problem } }\n  }\n"): (typeof documents)["\n  mutation Refresh($id: ID!) {\n    done: refresh(input: { accountId: $id, force: true }) { account { ...AccountRow } refreshed error userErrors { ...Problem } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Validate($id: ID!) {\n    done: validate(input: { accountId: $id }) {\n      account { ...AccountRow validation { isValid verified checkedAt errors { code message } warnings { code message } } }\n      userErrors { ...Problem }\n    }\n  }\n"): (typeof documents)["\n  mutation Validate($id: ID!) {\n    done: validate(input: { accountId: $id }) {\n      account { ...AccountRow validation { isValid verified checkedAt errors { code message } warnings { code message } } }\n      userErrors { ...Problem }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CheckPermissions($id: ID!) {\n    done: checkPermissions(input: { accountId: $id }) {\n      account { ...AccountRow permissions { granted missing optionalMissing source checkedAt capabilities { name available missingScopes } } }\n      userErrors { ...Problem }\n    }\n  }\n"): (typeof documents)["\n  mutation CheckPermissions($id: ID!) {\n    done: checkPermissions(input: { accountId: $id }) {\n      account { ...AccountRow permissions { granted missing optionalMissing source checkedAt capabilities { name available missingScopes } } }\n      userErrors { ...Problem }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Pause($id: ID!, $reason: String) {\n    done: pause(input: { accountId: $id, reason: $reason }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n"): (typeof documents)["\n  mutation Pause($id: ID!, $reason: String) {\n    done: pause(input: { accountId: $id, reason: $reason }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Resume($id: ID!) {\n    done: resume(input: { accountId: $id }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n"): (typeof documents)["\n  mutation Resume($id: ID!) {\n    done: resume(input: { accountId: $id }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetLabels($id: ID!, $labels: [String!]!) {\n    done: setLabels(input: { accountId: $id, labels: $labels }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n"): (typeof documents)["\n  mutation SetLabels($id: ID!, $labels: [String!]!) {\n    done: setLabels(input: { accountId: $id, labels: $labels }) { account { ...AccountRow } userErrors { ...Problem } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Disconnect($id: ID!) {\n    done: disconnect(input: { accountId: $id }) {\n      account { ...AccountRow } revokedAtPlatform revocationNote revokeUrl userErrors { ...Problem }\n    }\n  }\n"): (typeof documents)["\n  mutation Disconnect($id: ID!) {\n    done: disconnect(input: { accountId: $id }) {\n      account { ...AccountRow } revokedAtPlatform revocationNote revokeUrl userErrors { ...Problem }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    viewer { user workspace role permissions method expiresAt }\n  }\n"): (typeof documents)["\n  query Viewer {\n    viewer { user workspace role permissions method expiresAt }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment AccountRow on Account {\n    id\n    displayName\n    username\n    kind\n    avatarUrl\n    labels\n    connectedAt\n    disconnectedAt\n    platform { id displayName color iconPath }\n    paused { since by reason }\n    health {\n      status isConnected isExpired expiresAt expiresBecause autoRefresh nextRefreshAt checkedAt checkedBy since reason\n      warnings { code message }\n    }\n    diagnosis { issueType fixableBy suggestedAction }\n  }\n"): (typeof documents)["\n  fragment AccountRow on Account {\n    id\n    displayName\n    username\n    kind\n    avatarUrl\n    labels\n    connectedAt\n    disconnectedAt\n    platform { id displayName color iconPath }\n    paused { since by reason }\n    health {\n      status isConnected isExpired expiresAt expiresBecause autoRefresh nextRefreshAt checkedAt checkedBy since reason\n      warnings { code message }\n    }\n    diagnosis { issueType fixableBy suggestedAction }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment LiveEvent on Event {\n    id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType bulkId about\n  }\n"): (typeof documents)["\n  fragment LiveEvent on Event {\n    id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType bulkId about\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription EventAdded($after: String) {\n    eventAdded(after: $after) { cursor replayed notice event { ...LiveEvent } }\n  }\n"): (typeof documents)["\n  subscription EventAdded($after: String) {\n    eventAdded(after: $after) { cursor replayed notice event { ...LiveEvent } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RecentEvents($last: Int!) {\n    events(last: $last) { nodes { ...LiveEvent } pageInfo { endCursor } }\n    platforms { id displayName }\n    viewer { user workspace }\n  }\n"): (typeof documents)["\n  query RecentEvents($last: Int!) {\n    events(last: $last) { nodes { ...LiveEvent } pageInfo { endCursor } }\n    platforms { id displayName }\n    viewer { user workspace }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ChangedAccounts($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { ...AccountRow } }\n  }\n"): (typeof documents)["\n  query ChangedAccounts($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { ...AccountRow } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PlatformNames { platforms { id displayName color iconPath } }\n"): (typeof documents)["\n  query PlatformNames { platforms { id displayName color iconPath } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query UnfinishedAttempts { viewer { unfinishedAttempts { ...Attempt } } }\n"): (typeof documents)["\n  query UnfinishedAttempts { viewer { unfinishedAttempts { ...Attempt } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Attempt on ConnectAttempt {\n    id status authorizationUrl expiresAt\n    platform { id displayName color iconPath }\n    candidates { platform { id displayName color iconPath } externalId kind displayName username avatarUrl account { id } }\n    warnings { code message }\n    accounts { id displayName username avatarUrl platform { id displayName color iconPath } }\n    reconnects { id displayName }\n    diagnosis { ...Diagnosis }\n  }\n"): (typeof documents)["\n  fragment Attempt on ConnectAttempt {\n    id status authorizationUrl expiresAt\n    platform { id displayName color iconPath }\n    candidates { platform { id displayName color iconPath } externalId kind displayName username avatarUrl account { id } }\n    warnings { code message }\n    accounts { id displayName username avatarUrl platform { id displayName color iconPath } }\n    reconnects { id displayName }\n    diagnosis { ...Diagnosis }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Connect($input: ConnectInput!) {\n    connect(input: $input) { attempt { ...Attempt } userErrors { code message diagnosis { ...Diagnosis } } }\n  }\n"): (typeof documents)["\n  mutation Connect($input: ConnectInput!) {\n    connect(input: $input) { attempt { ...Attempt } userErrors { code message diagnosis { ...Diagnosis } } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelConnect($id: ID!) {\n    done: cancelConnect(input: { attemptId: $id }) { attempt { ...Attempt } userErrors { message } }\n  }\n"): (typeof documents)["\n  mutation CancelConnect($id: ID!) {\n    done: cancelConnect(input: { attemptId: $id }) { attempt { ...Attempt } userErrors { message } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CompleteConnect($id: ID!, $externalIds: [String!]!) {\n    completeConnect(input: { attemptId: $id, externalIds: $externalIds }) {\n      attempt { ...Attempt }\n      userErrors { code message diagnosis { ...Diagnosis } }\n    }\n  }\n"): (typeof documents)["\n  mutation CompleteConnect($id: ID!, $externalIds: [String!]!) {\n    completeConnect(input: { attemptId: $id, externalIds: $externalIds }) {\n      attempt { ...Attempt }\n      userErrors { code message diagnosis { ...Diagnosis } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription AttemptChanged($id: ID!) { connectAttemptChanged(id: $id) { ...Attempt } }\n"): (typeof documents)["\n  subscription AttemptChanged($id: ID!) { connectAttemptChanged(id: $id) { ...Attempt } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Attempt($id: ID!) { connectAttempt(id: $id) { ...Attempt } }\n"): (typeof documents)["\n  query Attempt($id: ID!) { connectAttempt(id: $id) { ...Attempt } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Account($id: ID!) {\n    account(id: $id) {\n      ...AccountRow\n      platform { id incident { ...Incident } }\n      externalId\n      profileUrl\n      connectedBy\n      externalUserId\n      health { accessTokenExpiresAt refreshTokenExpiresAt consentExpiresAt lastRefreshedAt }\n      permissions { granted missing optionalMissing source checkedAt capabilities { name available missingScopes } }\n      validation {\n        isValid verified checkedAt\n        errors { code message }\n        warnings { code message }\n        accountInfo { details { name value } }\n      }\n      rateLimits { name limit remaining resetAt usedPercent observedAt }\n      diagnosis { ...Diagnosis }\n    }\n  }\n"): (typeof documents)["\n  query Account($id: ID!) {\n    account(id: $id) {\n      ...AccountRow\n      platform { id incident { ...Incident } }\n      externalId\n      profileUrl\n      connectedBy\n      externalUserId\n      health { accessTokenExpiresAt refreshTokenExpiresAt consentExpiresAt lastRefreshedAt }\n      permissions { granted missing optionalMissing source checkedAt capabilities { name available missingScopes } }\n      validation {\n        isValid verified checkedAt\n        errors { code message }\n        warnings { code message }\n        accountInfo { details { name value } }\n      }\n      rateLimits { name limit remaining resetAt usedPercent observedAt }\n      diagnosis { ...Diagnosis }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Reach($id: ID!) {\n    account(id: $id) {\n      id\n      platform { id displayName loginMethods { id revokeReach } }\n      reconnect { alsoAffects { id displayName } }\n    }\n  }\n"): (typeof documents)["\n  query Reach($id: ID!) {\n    account(id: $id) {\n      id\n      platform { id displayName loginMethods { id revokeReach } }\n      reconnect { alsoAffects { id displayName } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query History($id: ID!, $last: Int!, $before: String) {\n    account(id: $id) {\n      id\n      events(last: $last, before: $before) { nodes { ...LiveEvent } pageInfo { hasPreviousPage startCursor } }\n    }\n  }\n"): (typeof documents)["\n  query History($id: ID!, $last: Int!, $before: String) {\n    account(id: $id) {\n      id\n      events(last: $last, before: $before) { nodes { ...LiveEvent } pageInfo { hasPreviousPage startCursor } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Activity($id: ID!) {\n    account(id: $id) {\n      id\n      activity(first: 20) { nodes { kind from actor count lastAt reason } }\n    }\n  }\n"): (typeof documents)["\n  query Activity($id: ID!) {\n    account(id: $id) {\n      id\n      activity(first: 20) { nodes { kind from actor count lastAt reason } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Accounts($first: Int, $after: String, $last: Int, $before: String, $filter: AccountFilter, $orderBy: AccountOrder) {\n    accounts(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {\n      nodes { ...AccountRow }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      totalCount\n    }\n  }\n"): (typeof documents)["\n  query Accounts($first: Int, $after: String, $last: Int, $before: String, $filter: AccountFilter, $orderBy: AccountOrder) {\n    accounts(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {\n      nodes { ...AccountRow }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      totalCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StartBulkJob($input: StartBulkJobInput!) {\n    startBulkJob(input: $input) { bulkJob { id } userErrors { code message } }\n  }\n"): (typeof documents)["\n  mutation StartBulkJob($input: StartBulkJobInput!) {\n    startBulkJob(input: $input) { bulkJob { id } userErrors { code message } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment BulkJobParts on BulkJob { id action status total done succeeded unneeded failed endedAt }\n"): (typeof documents)["\n  fragment BulkJobParts on BulkJob { id action status total done succeeded unneeded failed endedAt }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription BulkJobChanged($id: ID!) { bulkJobChanged(id: $id) { ...BulkJobParts } }\n"): (typeof documents)["\n  subscription BulkJobChanged($id: ID!) { bulkJobChanged(id: $id) { ...BulkJobParts } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query JobFailures($id: ID!) {\n    bulkJob(id: $id) {\n      id\n      results(first: 20, outcome: FAILED) {\n        nodes { accountId message account { id displayName platform { id displayName } } diagnosis { solutions } }\n        pageInfo { hasNextPage }\n      }\n    }\n  }\n"): (typeof documents)["\n  query JobFailures($id: ID!) {\n    bulkJob(id: $id) {\n      id\n      results(first: 20, outcome: FAILED) {\n        nodes { accountId message account { id displayName platform { id displayName } } diagnosis { solutions } }\n        pageInfo { hasNextPage }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelBulkJob($id: ID!) { done: cancelBulkJob(input: { jobId: $id }) { bulkJob { ...BulkJobParts } userErrors { message } } }\n"): (typeof documents)["\n  mutation CancelBulkJob($id: ID!) { done: cancelBulkJob(input: { jobId: $id }) { bulkJob { ...BulkJobParts } userErrors { message } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Events($last: Int!, $before: String, $filter: EventFilter) {\n    events(last: $last, before: $before, filter: $filter) { nodes { ...LiveEvent } pageInfo { hasPreviousPage startCursor } }\n  }\n"): (typeof documents)["\n  query Events($last: Int!, $before: String, $filter: EventFilter) {\n    events(last: $last, before: $before, filter: $filter) { nodes { ...LiveEvent } pageInfo { hasPreviousPage startCursor } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query BulkPlatforms {\n    platforms { id displayName color iconPath requirements loginMethods { id ready } }\n  }\n"): (typeof documents)["\n  query BulkPlatforms {\n    platforms { id displayName color iconPath requirements loginMethods { id ready } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation BulkConnect($input: BulkConnectInput!) {\n    bulkConnect(input: $input) { bulkConnect { id } userErrors { message } }\n  }\n"): (typeof documents)["\n  mutation BulkConnect($input: BulkConnectInput!) {\n    bulkConnect(input: $input) { bulkConnect { id } userErrors { message } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Bulk on BulkConnect {\n    id status totalPlatforms estimatedTimeMinutes expiresAt nextAuthorizationUrl\n    progress { completed inProgress pending failed skipped }\n    current { id }\n    sequence {\n      id status authorizationUrl\n      platform { id displayName }\n      platforms { status platform { id displayName color iconPath } diagnosis { ...Diagnosis } }\n      attempt { ...Attempt }\n    }\n    skipped { platform { id displayName color iconPath } failedChecks { name message fix } }\n  }\n"): (typeof documents)["\n  fragment Bulk on BulkConnect {\n    id status totalPlatforms estimatedTimeMinutes expiresAt nextAuthorizationUrl\n    progress { completed inProgress pending failed skipped }\n    current { id }\n    sequence {\n      id status authorizationUrl\n      platform { id displayName }\n      platforms { status platform { id displayName color iconPath } diagnosis { ...Diagnosis } }\n      attempt { ...Attempt }\n    }\n    skipped { platform { id displayName color iconPath } failedChecks { name message fix } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query BulkRun($id: ID!) { bulkConnect(id: $id) { ...Bulk } }\n"): (typeof documents)["\n  query BulkRun($id: ID!) { bulkConnect(id: $id) { ...Bulk } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription BulkChanged($id: ID!) { bulkConnectChanged(id: $id) { ...Bulk } }\n"): (typeof documents)["\n  subscription BulkChanged($id: ID!) { bulkConnectChanged(id: $id) { ...Bulk } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SkipItem($id: ID!) { skipBulkItem(input: { itemId: $id }) { bulkConnect { ...Bulk } userErrors { message } } }\n"): (typeof documents)["\n  mutation SkipItem($id: ID!) { skipBulkItem(input: { itemId: $id }) { bulkConnect { ...Bulk } userErrors { message } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RetryItem($id: ID!) { retryBulkItem(input: { itemId: $id }) { bulkConnect { ...Bulk } userErrors { message } } }\n"): (typeof documents)["\n  mutation RetryItem($id: ID!) { retryBulkItem(input: { itemId: $id }) { bulkConnect { ...Bulk } userErrors { message } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelBulk($id: ID!) { cancelBulkConnect(input: { bulkConnectId: $id }) { bulkConnect { id status } userErrors { message } } }\n"): (typeof documents)["\n  mutation CancelBulk($id: ID!) { cancelBulkConnect(input: { bulkConnectId: $id }) { bulkConnect { id status } userErrors { message } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query UnfinishedBulks {\n    viewer {\n      unfinishedBulkConnects {\n        id status totalPlatforms expiresAt\n        progress { completed }\n        sequence { id platforms { platform { id displayName color iconPath } } }\n      }\n    }\n  }\n"): (typeof documents)["\n  query UnfinishedBulks {\n    viewer {\n      unfinishedBulkConnects {\n        id status totalPlatforms expiresAt\n        progress { completed }\n        sequence { id platforms { platform { id displayName color iconPath } } }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ConnectPage {\n    platforms {\n      id displayName color iconPath difficulty setupMinutes features requirements sandboxed recommendedRank\n      incident { since }\n      loginMethods { id ready requirements capabilities scopes { name purpose required default capability } }\n    }\n  }\n"): (typeof documents)["\n  query ConnectPage {\n    platforms {\n      id displayName color iconPath difficulty setupMinutes features requirements sandboxed recommendedRank\n      incident { since }\n      loginMethods { id ready requirements capabilities scopes { name purpose required default capability } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Prerequisites($id: ID!) {\n    platform(id: $id) {\n      id consoleUrl setupSteps\n      loginMethods { id redirectUri environment }\n      prerequisites { readyToConnect checks { name status message fix } }\n    }\n  }\n"): (typeof documents)["\n  query Prerequisites($id: ID!) {\n    platform(id: $id) {\n      id consoleUrl setupSteps\n      loginMethods { id redirectUri environment }\n      prerequisites { readyToConnect checks { name status message fix } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Overview {\n    overview {\n      totalAccounts\n      byStatus { status count }\n      byPlatform { platform { id displayName color iconPath } count byStatus { status count } }\n      nextExpiries { ...AccountRow }\n      queue { due inFlight nextRefreshAt }\n      incidents { ...Incident }\n    }\n    broken: accounts(first: 5, filter: { statuses: [EXPIRED, UNHEALTHY] }, orderBy: { field: EXPIRES_AT }) {\n      nodes { ...AccountRow }\n    }\n  }\n"): (typeof documents)["\n  query Overview {\n    overview {\n      totalAccounts\n      byStatus { status count }\n      byPlatform { platform { id displayName color iconPath } count byStatus { status count } }\n      nextExpiries { ...AccountRow }\n      queue { due inFlight nextRefreshAt }\n      incidents { ...Incident }\n    }\n    broken: accounts(first: 5, filter: { statuses: [EXPIRED, UNHEALTHY] }, orderBy: { field: EXPIRES_AT }) {\n      nodes { ...AccountRow }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Trends {\n    overview {\n      history(days: 30) { day refreshesSucceeded refreshesFailed broke recovered incidentsOpened }\n      upcoming(days: 61) { day count }\n    }\n  }\n"): (typeof documents)["\n  query Trends {\n    overview {\n      history(days: 30) { day refreshesSucceeded refreshesFailed broke recovered incidentsOpened }\n      upcoming(days: 61) { day count }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Reconnect($id: ID!) {\n    account(id: $id) {\n      id displayName username avatarUrl disconnectedAt\n      platform { id displayName color iconPath }\n      health { status reason expiresAt }\n      diagnosis { ...Diagnosis }\n      reconnect {\n        title steps reason consequence url missingPermissions\n        requiredPermissions { name purpose missing }\n        alsoAffects { id displayName avatarUrl platform { id displayName color iconPath } }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Reconnect($id: ID!) {\n    account(id: $id) {\n      id displayName username avatarUrl disconnectedAt\n      platform { id displayName color iconPath }\n      health { status reason expiresAt }\n      diagnosis { ...Diagnosis }\n      reconnect {\n        title steps reason consequence url missingPermissions\n        requiredPermissions { name purpose missing }\n        alsoAffects { id displayName avatarUrl platform { id displayName color iconPath } }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Audit($last: Int, $before: String, $filter: EventFilter) {\n    events(last: $last, before: $before, filter: $filter) {\n      nodes {\n        id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType requestId bulkId about\n      }\n      pageInfo { hasPreviousPage startCursor }\n    }\n  }\n"): (typeof documents)["\n  query Audit($last: Int, $before: String, $filter: EventFilter) {\n    events(last: $last, before: $before, filter: $filter) {\n      nodes {\n        id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType requestId bulkId about\n      }\n      pageInfo { hasPreviousPage startCursor }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ApiKeys {\n    apiKeys { id prefix name scopes createdBy createdAt expiresAt revokedAt usedAt }\n  }\n"): (typeof documents)["\n  query ApiKeys {\n    apiKeys { id prefix name scopes createdBy createdAt expiresAt revokedAt usedAt }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) { key apiKey { id } userErrors { code message } }\n  }\n"): (typeof documents)["\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) { key apiKey { id } userErrors { code message } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) { apiKey { id revokedAt } userErrors { code message } }\n  }\n"): (typeof documents)["\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) { apiKey { id revokedAt } userErrors { code message } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Members($after: String) {\n    members(first: 100, after: $after) {\n      nodes { user displayName email role joinedAt invitedBy }\n      pageInfo { hasNextPage hasPreviousPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query Members($after: String) {\n    members(first: 100, after: $after) {\n      nodes { user displayName email role joinedAt invitedBy }\n      pageInfo { hasNextPage hasPreviousPage endCursor }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Invitations {\n    invitations { id displayName role createdBy createdAt expiresAt }\n  }\n"): (typeof documents)["\n  query Invitations {\n    invitations { id displayName role createdBy createdAt expiresAt }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) { link invitation { id } userErrors { code message } }\n  }\n"): (typeof documents)["\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) { link invitation { id } userErrors { code message } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeInvitation($id: ID!) {\n    revokeInvitation(input: { id: $id }) { userErrors { code message } }\n  }\n"): (typeof documents)["\n  mutation RevokeInvitation($id: ID!) {\n    revokeInvitation(input: { id: $id }) { userErrors { code message } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangeRole($user: ID!, $role: Role!) {\n    changeRole(input: { user: $user, role: $role }) { member { user role } userErrors { code message } }\n  }\n"): (typeof documents)["\n  mutation ChangeRole($user: ID!, $role: Role!) {\n    changeRole(input: { user: $user, role: $role }) { member { user role } userErrors { code message } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveMember($user: ID!) {\n    removeMember(input: { user: $user }) { userErrors { code message } }\n  }\n"): (typeof documents)["\n  mutation RemoveMember($user: ID!) {\n    removeMember(input: { user: $user }) { userErrors { code message } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SetUp {\n    platforms {\n      id displayName color iconPath difficulty setupMinutes requirements setupSteps limits consoleUrl docsUrl statusUrl sandboxed\n      loginMethods {\n        id ready requirements redirectUri environment\n        redirectRules { httpHosts queryAllowed note }\n        apiVersion { name endsAt latest state }\n      }\n    }\n  }\n"): (typeof documents)["\n  query SetUp {\n    platforms {\n      id displayName color iconPath difficulty setupMinutes requirements setupSteps limits consoleUrl docsUrl statusUrl sandboxed\n      loginMethods {\n        id ready requirements redirectUri environment\n        redirectRules { httpHosts queryAllowed note }\n        apiVersion { name endsAt latest state }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Checks($id: ID!) {\n    platform(id: $id) { id prerequisites { readyToConnect checks { name status message fix } } }\n  }\n"): (typeof documents)["\n  query Checks($id: ID!) {\n    platform(id: $id) { id prerequisites { readyToConnect checks { name status message fix } } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SandboxPlatforms {\n    platforms { id displayName color iconPath }\n  }\n"): (typeof documents)["\n  query SandboxPlatforms {\n    platforms { id displayName color iconPath }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AskNow($action: BulkAction!, $platforms: [ID!]!) {\n    startBulkJob(input: { action: $action, force: true, filter: { platforms: $platforms } }) { bulkJob { id } userErrors { code message } }\n  }\n"): (typeof documents)["\n  mutation AskNow($action: BulkAction!, $platforms: [ID!]!) {\n    startBulkJob(input: { action: $action, force: true, filter: { platforms: $platforms } }) { bulkJob { id } userErrors { code message } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Diagnose($input: DiagnoseInput!) { diagnose(input: $input) { ...Diagnosis } }\n"): (typeof documents)["\n  query Diagnose($input: DiagnoseInput!) { diagnose(input: $input) { ...Diagnosis } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TroubleshootSubject($id: ID!) {\n    platforms { id displayName statusUrl errorsUrl }\n    account(id: $id) { id displayName username avatarUrl platform { id displayName color iconPath } health { status } }\n  }\n"): (typeof documents)["\n  query TroubleshootSubject($id: ID!) {\n    platforms { id displayName statusUrl errorsUrl }\n    account(id: $id) { id displayName username avatarUrl platform { id displayName color iconPath } health { status } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Diagnosis on Diagnosis {\n    platform issueType severity fixableBy possibleCauses solutions docsUrl transient retryAfterSeconds suggestedAction\n    confidence evidence { rule source value }\n  }\n"): (typeof documents)["\n  fragment Diagnosis on Diagnosis {\n    platform issueType severity fixableBy possibleCauses solutions docsUrl transient retryAfterSeconds suggestedAction\n    confidence evidence { rule source value }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Incident on Incident { platform { id displayName } reason since diagnosis { possibleCauses solutions fixableBy } }\n"): (typeof documents)["\n  fragment Incident on Incident { platform { id displayName } reason since diagnosis { possibleCauses solutions fixableBy } }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;