import { graphql } from "./graphql";

/** What lists of platforms to choose from need. */
export const PlatformNames = graphql(`
  query PlatformNames { platforms { id displayName color iconPath } }
`);
