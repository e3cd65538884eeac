// Types for every document in app/src, from the schema that the server is
// generated from. Only types are used of what this makes: see app/src/api/graphql.ts.

import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../schema.graphqls",
  documents: ["app/src/**/*.{ts,tsx}", "!app/src/api/gen/**"],
  generates: {
    "app/src/api/gen/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: { DateTime: "string", URL: "string", ID: "string" },
      },
    },
  },
};

export default config;
