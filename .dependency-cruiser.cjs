"use strict";

/**
 * The layer rules of docs/ARCHITECTURE.md, machine-checked. Each room of lib/ has one row: which of our
 * own rooms and which packages it may import. A pair that no row allows is an error; node built-ins are
 * free everywhere except in ports, where they may be named in types only.
 */
const rooms = {
  internal: { packages: ["image-size"] },
  ports: { builtIns: "types" },
  wire: { rooms: ["ports", "internal"], packages: ["ajv"] },
  core: { rooms: ["ports", "internal"] },
  convert: { rooms: ["ports"], packages: ["sharp"] },
  http: { rooms: ["core", "wire", "ports", "internal"], packages: ["express", "@fastify/busboy"] },
  realtime: { rooms: ["core", "wire", "ports", "internal"], packages: ["socket.io"] },
  transport: { rooms: ["ports", "internal"], packages: ["axios", "undici"] },
  webhooks: { rooms: ["ports", "internal"], packages: ["standardwebhooks"] },
  testing: { rooms: ["ports", "internal"] },
};

/** The folders of the core: which of the others each may import. Files beside them are for all. */
const coreFolders = {
  admission: [],
  registry: [],
  pictures: [],
  progress: [],
  callers: ["admission", "pictures", "progress"],
  running: ["admission", "callers", "pictures", "progress"],
};

/** Rooms with one folder per adapter; a folder may import itself, never a sibling. */
const adapterRooms = ["providers", "stores", "jobs", "telemetry"];

/** The third-party package(s) an adapter is made for: `<room>/<name>` → packages. */
const adapterPackages = {
  "providers/demo": ["sharp"],
  "providers/comfyui": ["ws"],
  "jobs/bullmq": ["bullmq", "ioredis"],
  "stores/s3": ["@aws-sdk/client-s3", "@aws-sdk/s3-request-presigner"],
};

/** The main entry must load without optional peers; lib/convert has its own when the first request needs it. */
const optionalPackages = ["ws", "bullmq", "ioredis", "@aws-sdk"];
const withOptionalPackages = ["providers/demo", "providers/comfyui"];

/** The composition root: what the package shows, and where the rooms are put together. */
const edge = "^lib/(?:index\\.ts$|gateway/)";
const adapter = `^lib/(${adapterRooms.join("|")})/([^/]+)/`;

const escaped = (text) => text.replace(/[.\\/-]/g, "\\$&");
/** A sub-path such as `core/progress` means that file or folder, a plain name the whole room. */
const room = (name) => `^lib/${escaped(name)}${name.includes("/") ? "(?:\\.ts$|/)" : "/"}`;
/** Resolved (in node_modules, or its types) as well as not installed. */
const packaged = (name) => `(?:^|/node_modules/|^node_modules/)(?:@types/)?${escaped(name)}(?:/|$)`;

const roomRules = Object.entries(rooms).map(([name, { rooms: others = [], packages = [] }]) => ({
  name: `room-${name}`,
  comment: `lib/${name} may import: ${[name, ...others, ...packages].join(", ")}`,
  severity: "error",
  from: { path: room(name) },
  to: {
    pathNot: [room(name), ...others.map(room), ...packages.map(packaged)],
    dependencyTypesNot: ["core"],
  },
}));

const coreRules = Object.entries(coreFolders).map(([name, others]) => ({
  name: `core-${name}`,
  comment: `of the core's folders lib/core/${name} may import: ${[name, ...others].join(", ")}`,
  severity: "error",
  from: { path: `^lib/core/${name}/` },
  to: {
    path: "^lib/core/[^/]+/",
    pathNot: [name, ...others].map((folder) => `^lib/core/${folder}/`),
  },
}));

const builtInRules = Object.entries(rooms)
  .filter(([, { builtIns }]) => builtIns === "types")
  .map(([name]) => ({
    name: `built-ins-${name}`,
    comment: `lib/${name} names node built-ins in types only`,
    severity: "error",
    from: { path: room(name) },
    to: { dependencyTypes: ["core"], dependencyTypesNot: ["type-only"] },
  }));

/** What adapters have in common lies beside their folders, or in one of these of the same room. */
const sharedFolders = ["upstream", "hosted"];
const shared = (name) => `^lib/${name}/(?:[^/]+\\.ts$|(?:${sharedFolders.join("|")})/)`;
const besideAdapters = shared("$1");
const sharedByAdapters = [room("ports"), room("wire"), room("internal"), "^lib/$1/$2/", besideAdapters];
const withPackages = Object.keys(adapterPackages).map(room);

const adapterRules = [
  {
    name: "adapter",
    comment:
      "an adapter imports ports, wire, internal and its own folder; never a sibling or another's package",
    severity: "error",
    from: { path: adapter, pathNot: withPackages },
    to: { pathNot: sharedByAdapters, dependencyTypesNot: ["core"] },
  },
  ...Object.entries(adapterPackages).map(([name, packages]) => ({
    name: `adapter-${name.replace("/", "-")}`,
    comment: `lib/${name} may import ports, wire, internal, its own folder, ${packages.join(", ")}`,
    severity: "error",
    from: { path: room(name) },
    to: {
      pathNot: [
        room("ports"),
        room("wire"),
        room("internal"),
        room(name),
        shared(name.split("/")[0]),
        ...packages.map(packaged),
      ],
      dependencyTypesNot: ["core"],
    },
  })),
];

const beside = `^lib/(${adapterRooms.join("|")})/[^/]+\\.ts$`;
const known = [edge, ...Object.keys(rooms).map(room), adapter, beside];

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    ...coreRules,
    ...builtInRules,
    ...adapterRules,
    {
      name: "edge",
      comment:
        "the composition root imports our rooms; of packages it names express and socket.io, in types only",
      severity: "error",
      from: { path: edge },
      to: {
        pathNot: ["^lib/", packaged("express"), packaged("socket.io")],
        dependencyTypesNot: ["core"],
      },
    },
    {
      name: "edge-types",
      comment: "the code that uses express and socket.io is in lib/http and lib/realtime",
      severity: "error",
      from: { path: edge },
      to: { path: [packaged("express"), packaged("socket.io")], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "beside-adapters",
      comment: "what adapters have in common imports ports, wire, internal and its own neighbours",
      severity: "error",
      from: { path: beside },
      to: {
        pathNot: [room("ports"), room("wire"), room("internal"), besideAdapters],
        dependencyTypesNot: ["core"],
      },
    },
    {
      name: "nobody-imports-the-edge",
      comment: "index.ts and gateway/ are the composition root",
      severity: "error",
      from: { pathNot: edge },
      to: { path: edge },
    },
    {
      name: "transport-only-from-the-edge",
      comment: "the HTTP client reaches everyone else through the HttpClient port",
      severity: "error",
      from: { pathNot: [edge, room("transport")] },
      to: { path: room("transport") },
    },
    {
      name: "optional-packages-stay-optional",
      comment: "the main entry loads without the optional peers",
      severity: "error",
      from: { path: "^lib/index\\.ts$" },
      to: {
        path: [...optionalPackages.map(packaged), ...withOptionalPackages.map(room)],
        reachable: true,
      },
    },
    {
      name: "file-outside-the-rooms",
      comment: "every file of lib belongs to a room with a row in this file",
      severity: "error",
      from: { path: "^lib/", pathNot: known },
      to: {},
    },
    {
      name: "import-outside-the-rooms",
      comment: "every file of lib belongs to a room with a row in this file",
      severity: "error",
      from: {},
      to: { path: "^lib/", pathNot: known },
    },
    {
      name: "no-cycles",
      comment: "no file leads back to itself, types included",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "an import that cannot be found cannot be judged",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["types", "require", "node", "default"],
      mainFields: ["main", "types"],
    },
  },
};
