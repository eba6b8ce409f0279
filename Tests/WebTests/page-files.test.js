import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const folder = fileURLToPath(new URL("../../web/", import.meta.url));
const files = readdirSync(folder, { recursive: true }).map((name) => `${folder}${name}`)
    .filter((path) => statSync(path).isFile());
const sources = files.map((path) => ({ path, text: readFileSync(path, "utf8") }));

/** The most that the folder may hold, as it is served: no build step makes it smaller. */
const limitBytes = 100_000;

test("the page stays small", () => {
    const bytes = sources.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    assert.ok(bytes <= limitBytes, `${bytes} bytes`);
});

test("every file has one job: none is longer than 400 lines", () => {
    for (const { path, text } of sources) assert.ok(text.split("\n").length <= 401, path);
});

test("nothing is loaded from another host", () => {
    for (const { path, text } of sources) {
        const hosts = text.match(/\b(?:https?:)?\/\/[a-z][a-z0-9.-]*\.[a-z]+/g) ?? [];
        assert.deepEqual(hosts.filter((host) => host !== "http://www.w3.org"), [], path);
    }
});

test("nothing needs a weaker policy, and no text becomes markup", () => {
    for (const { path, text } of sources) {
        assert.doesNotMatch(text,
            /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, path);
        if (path.endsWith(".html")) assert.doesNotMatch(text, /\son[a-z]+=|\sstyle=|<style/, path);
        if (path.endsWith(".js")) assert.doesNotMatch(text, /"style"|style: ["`]/, path);
    }
});

test("every module is imported by another, and every import is there", () => {
    const imported = new Set([`${folder}app.js`]);
    for (const { path, text } of sources.filter((source) => source.path.endsWith(".js"))) {
        for (const [, name] of text.matchAll(/from "(\.[^"]+)"/g)) {
            imported.add(fileURLToPath(new URL(name, `file://${path}`)));
        }
    }
    const modules = files.filter((path) => path.endsWith(".js"));
    assert.deepEqual([...imported].sort(), modules.sort());
});
