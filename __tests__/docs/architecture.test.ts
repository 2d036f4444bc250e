import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const docs = join(__dirname, "../../docs");

it.each(["ARCHITECTURE.md", "errors.md"])("%s names only paths that exist", async (file) => {
  const text = await readFile(join(docs, file), "utf8");
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target ?? "");
  await Promise.all(
    links.filter((target) => !/^https?:/.test(target)).map((target) => access(join(docs, target))),
  );
});

it("describes every room of lib", async () => {
  const text = await readFile(join(docs, "ARCHITECTURE.md"), "utf8");
  const rooms = (await readdir(join(docs, "../lib"), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(rooms.filter((room) => !text.includes(`](../lib/${room})`))).toEqual([]);
});
