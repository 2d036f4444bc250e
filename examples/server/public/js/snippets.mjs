// @ts-check

/**
 * @typedef {{ baseUrl: string, key: string, body: Record<string, string | number>, origin: string, socketPath: string, namespace: string }} Facts
 */

const json = (/** @type {unknown} */ value) => JSON.stringify(value);
const shell = (/** @type {string} */ text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** @param {Facts} facts */
function curl({ baseUrl, key, body }) {
  return [
    `curl ${shell(`${baseUrl}/images/generations`)} \\`,
    `  -H ${shell(`Authorization: Bearer ${key}`)} \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${shell(JSON.stringify(body, null, 2))}`,
  ].join("\n");
}

/** @param {Facts} facts */
function node({ baseUrl, key, body }) {
  const isBytes = body["response_format"] === "b64_json";
  const extension = body["output_format"] ?? "png";
  return [
    'import OpenAI from "openai";',
    isBytes ? 'import { writeFile } from "node:fs/promises";\n' : "",
    "const client = new OpenAI({",
    `  baseURL: ${json(baseUrl)},`,
    `  apiKey: ${json(key)},`,
    "});",
    "",
    "const { data } = await client.images.generate({",
    ...Object.entries(body).map(([name, value]) => `  ${name}: ${json(value)},`),
    "});",
    "",
    isBytes
      ? [
          "for (const [index, { b64_json }] of data.entries()) {",
          `  await writeFile(\`picture-\${index + 1}.${extension}\`, Buffer.from(b64_json, "base64"));`,
          "}",
        ].join("\n")
      : "for (const { url } of data) console.log(url);",
  ].join("\n");
}

/** @param {Facts} facts */
function python({ baseUrl, key, body }) {
  const isBytes = body["response_format"] === "b64_json";
  const extension = body["output_format"] ?? "png";
  return [
    isBytes ? "import base64\n" : "",
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${json(baseUrl)}, api_key=${json(key)})`,
    "",
    "images = client.images.generate(",
    ...Object.entries(body).map(([name, value]) => `    ${name}=${json(value)},`),
    ")",
    "",
    ...(isBytes
      ? [
          "for number, image in enumerate(images.data, 1):",
          `    with open(f"picture-{number}.${extension}", "wb") as file:`,
          "        file.write(base64.b64decode(image.b64_json))",
        ]
      : ["for image in images.data:", "    print(image.url)"]),
  ]
    .join("\n")
    .replace(/^\n/, "");
}

/** @param {Facts} facts */
function watch({ origin, key, socketPath, namespace }) {
  return [
    'import { io } from "socket.io-client";',
    "",
    `const socket = io(${json(origin + namespace)}, {`,
    ...(socketPath === "/socket.io" ? [] : [`  path: ${json(socketPath)},`]),
    `  auth: { token: ${json(key)} },`,
    "});",
    "",
    'socket.on("progress", ({ id, status, progress, phase, step, steps }) => {',
    "  console.log(id, status, progress, phase, step, steps);",
    "});",
    'socket.on("preview", ({ id, image_index }, bytes) => {',
    "  console.log(id, image_index, bytes.byteLength);",
    "});",
    "// A restart of the server ends sockets for good: come back by hand.",
    'socket.on("closing", ({ reason }) => {',
    '  if (reason === "shutdown") setTimeout(() => socket.connect(), 1000);',
    "});",
  ].join("\n");
}

/** The request in the form, as it would be written elsewhere. */
export const SNIPPETS = /** @type {const} */ ([
  { id: "curl", name: "curl", language: "shell", write: curl },
  { id: "node", name: "Node", language: "javascript", write: node },
  { id: "python", name: "Python", language: "python", write: python },
  { id: "watch", name: "Progress", language: "javascript", write: watch },
]);
