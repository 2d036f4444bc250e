"use strict";

/** What both projects share: swc compiles, the package's own name leads to the sources. */
const shared = {
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
        sourceMaps: "inline",
      },
    ],
  },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.cache/"],
  sandboxInjectedGlobals: ["Math"],
};

const ownName = {
  "^express-image-gateway$": "<rootDir>/lib/index.ts",
  "^express-image-gateway/package\\.json$": "<rootDir>/package.json",
  "^express-image-gateway/(.*)$": "<rootDir>/lib/$1/index.ts",
};

/** @type {import("jest").Config} */
module.exports = {
  maxWorkers: 2,
  testTimeout: 20_000,
  projects: [
    {
      ...shared,
      displayName: "express5",
      moduleNameMapper: ownName,
      testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
    },
    {
      ...shared,
      displayName: "express4",
      moduleNameMapper: { ...ownName, "^express$": "express4" },
      // What goes through Express; the rest is the same under both.
      testMatch: [
        "<rootDir>/__tests__/http/{mount,order,generations,edits,json-body,answer,stream-answer}.test.ts",
        "<rootDir>/__tests__/http/{client-leaves,async-jobs,job-events,links,openai-error-handler}.test.ts",
        "<rootDir>/__tests__/http/routes/*.test.ts",
        "<rootDir>/__tests__/index*.test.ts",
      ],
    },
  ],
};
