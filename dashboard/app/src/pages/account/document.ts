import { graphql } from "../../api/graphql";
import "../../api/live"; // has the fragments AccountRow and LiveEvent
import "../../ui/Diagnosis";
import "../../ui/Incident";

export const AccountQuery = graphql(`
  query Account($id: ID!) {
    account(id: $id) {
      ...AccountRow
      platform { id incident { ...Incident } }
      externalId
      profileUrl
      connectedBy
      externalUserId
      health { accessTokenExpiresAt refreshTokenExpiresAt consentExpiresAt lastRefreshedAt }
      permissions { granted missing optionalMissing source checkedAt capabilities { name available missingScopes } }
      validation {
        isValid verified checkedAt
        errors { code message }
        warnings { code message }
        accountInfo { details { name value } }
      }
      rateLimits { name limit remaining resetAt usedPercent observedAt }
      diagnosis { ...Diagnosis }
    }
  }
`);

/** What disconnecting would touch. */
export const ReachQuery = graphql(`
  query Reach($id: ID!) {
    account(id: $id) {
      id
      platform { id displayName loginMethods { id revokeReach } }
      reconnect { alsoAffects { id displayName } }
    }
  }
`);

export const HistoryQuery = graphql(`
  query History($id: ID!, $last: Int!, $before: String) {
    account(id: $id) {
      id
      events(last: $last, before: $before) { nodes { ...LiveEvent } pageInfo { hasPreviousPage startCursor } }
    }
  }
`);

export const ActivityQuery = graphql(`
  query Activity($id: ID!) {
    account(id: $id) {
      id
      activity(first: 20) { nodes { kind from actor count lastAt reason } }
    }
  }
`);
