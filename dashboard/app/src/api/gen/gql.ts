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
    "\n  query Viewer {\n    viewer { user workspace role permissions method expiresAt }\n  }\n": typeof types.ViewerDocument,
    "\n  fragment AccountRow on Account {\n    id\n    displayName\n    username\n    kind\n    avatarUrl\n    labels\n    connectedAt\n    disconnectedAt\n    platform { id displayName color }\n    paused { since by reason }\n    health {\n      status isConnected isExpired expiresAt expiresBecause autoRefresh nextRefreshAt checkedAt checkedBy since reason\n      warnings { code message }\n    }\n    diagnosis { issueType fixableBy suggestedAction }\n  }\n": typeof types.AccountRowFragmentDoc,
    "\n  fragment LiveEvent on Event {\n    id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType bulkId about\n  }\n": typeof types.LiveEventFragmentDoc,
    "\n  subscription EventAdded($after: String) {\n    eventAdded(after: $after) { cursor replayed notice event { ...LiveEvent } }\n  }\n": typeof types.EventAddedDocument,
    "\n  query RecentEvents($last: Int!) {\n    events(last: $last) { nodes { ...LiveEvent } pageInfo { endCursor } }\n  }\n": typeof types.RecentEventsDocument,
    "\n  query ChangedAccounts($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { ...AccountRow } }\n  }\n": typeof types.ChangedAccountsDocument,
    "\n  query Overview {\n    overview {\n      totalAccounts\n      byStatus { status count }\n      byPlatform { platform { id displayName color } count byStatus { status count } }\n      nextExpiries { ...AccountRow }\n      queue { due inFlight nextRefreshAt }\n      incidents { platform { id displayName } reason since diagnosis { possibleCauses solutions fixableBy } }\n    }\n  }\n": typeof types.OverviewDocument,
};
const documents: Documents = {
    "\n  query Viewer {\n    viewer { user workspace role permissions method expiresAt }\n  }\n": types.ViewerDocument,
    "\n  fragment AccountRow on Account {\n    id\n    displayName\n    username\n    kind\n    avatarUrl\n    labels\n    connectedAt\n    disconnectedAt\n    platform { id displayName color }\n    paused { since by reason }\n    health {\n      status isConnected isExpired expiresAt expiresBecause autoRefresh nextRefreshAt checkedAt checkedBy since reason\n      warnings { code message }\n    }\n    diagnosis { issueType fixableBy suggestedAction }\n  }\n": types.AccountRowFragmentDoc,
    "\n  fragment LiveEvent on Event {\n    id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType bulkId about\n  }\n": types.LiveEventFragmentDoc,
    "\n  subscription EventAdded($after: String) {\n    eventAdded(after: $after) { cursor replayed notice event { ...LiveEvent } }\n  }\n": types.EventAddedDocument,
    "\n  query RecentEvents($last: Int!) {\n    events(last: $last) { nodes { ...LiveEvent } pageInfo { endCursor } }\n  }\n": types.RecentEventsDocument,
    "\n  query ChangedAccounts($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { ...AccountRow } }\n  }\n": types.ChangedAccountsDocument,
    "\n  query Overview {\n    overview {\n      totalAccounts\n      byStatus { status count }\n      byPlatform { platform { id displayName color } count byStatus { status count } }\n      nextExpiries { ...AccountRow }\n      queue { due inFlight nextRefreshAt }\n      incidents { platform { id displayName } reason since diagnosis { possibleCauses solutions fixableBy } }\n    }\n  }\n": types.OverviewDocument,
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
export function graphql(source: "\n  query Viewer {\n    viewer { user workspace role permissions method expiresAt }\n  }\n"): (typeof documents)["\n  query Viewer {\n    viewer { user workspace role permissions method expiresAt }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment AccountRow on Account {\n    id\n    displayName\n    username\n    kind\n    avatarUrl\n    labels\n    connectedAt\n    disconnectedAt\n    platform { id displayName color }\n    paused { since by reason }\n    health {\n      status isConnected isExpired expiresAt expiresBecause autoRefresh nextRefreshAt checkedAt checkedBy since reason\n      warnings { code message }\n    }\n    diagnosis { issueType fixableBy suggestedAction }\n  }\n"): (typeof documents)["\n  fragment AccountRow on Account {\n    id\n    displayName\n    username\n    kind\n    avatarUrl\n    labels\n    connectedAt\n    disconnectedAt\n    platform { id displayName color }\n    paused { since by reason }\n    health {\n      status isConnected isExpired expiresAt expiresBecause autoRefresh nextRefreshAt checkedAt checkedBy since reason\n      warnings { code message }\n    }\n    diagnosis { issueType fixableBy suggestedAction }\n  }\n"];
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
export function graphql(source: "\n  query RecentEvents($last: Int!) {\n    events(last: $last) { nodes { ...LiveEvent } pageInfo { endCursor } }\n  }\n"): (typeof documents)["\n  query RecentEvents($last: Int!) {\n    events(last: $last) { nodes { ...LiveEvent } pageInfo { endCursor } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ChangedAccounts($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { ...AccountRow } }\n  }\n"): (typeof documents)["\n  query ChangedAccounts($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { ...AccountRow } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Overview {\n    overview {\n      totalAccounts\n      byStatus { status count }\n      byPlatform { platform { id displayName color } count byStatus { status count } }\n      nextExpiries { ...AccountRow }\n      queue { due inFlight nextRefreshAt }\n      incidents { platform { id displayName } reason since diagnosis { possibleCauses solutions fixableBy } }\n    }\n  }\n"): (typeof documents)["\n  query Overview {\n    overview {\n      totalAccounts\n      byStatus { status count }\n      byPlatform { platform { id displayName color } count byStatus { status count } }\n      nextExpiries { ...AccountRow }\n      queue { due inFlight nextRefreshAt }\n      incidents { platform { id displayName } reason since diagnosis { possibleCauses solutions fixableBy } }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;