import assert from "node:assert/strict";
import { test } from "node:test";
import { logRow } from "../../web/view/log-row.js";

/** What the row of a line shows. */
function shown(text) {
    const look = { opened: new Set(), times: "off", address: () => "" };
    const words = ({ children = [] }) => children.map((child) =>
        (typeof child === "string" ? child : words(child ?? {}))).join("");
    return words(logRow(7, { number: 7, kind: "text", text, style: {} }, look));
}

test("of a very long line the beginning is shown, and how much more there is", () => {
    assert.equal(shown("x".repeat(5000)), `${"x".repeat(4000)}… 1,000 more characters`);
    assert.equal(shown(`${"x".repeat(5000)}\r`), `${"x".repeat(4000)}… 1,001 more characters`);
});

test("a progress bar is shown as it was in the end, however often it was drawn", () => {
    const steps = Array.from({ length: 1000 }, (_, step) => `\r${step + 1} of 1000`).join("");
    assert.equal(shown(steps), "1000 of 1000");
    assert.equal(shown(`${steps}\r`), "1000 of 1000");
});
