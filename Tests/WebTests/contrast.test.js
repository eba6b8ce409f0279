import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** The least contrast of text: WCAG 2, level AA. */
const leastContrast = 4.5;
const css = readFileSync(new URL("../../web/style/base.css", import.meta.url), "utf8");
const [light, dark] = [0, 1].map((place) => Object.fromEntries(
    [...css.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)]
        .map(([, name, ...values]) => [name, values[place]])));

function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((left, right) => left - right);
    return (high + 0.05) / (low + 0.05);
}

function luminance(colour) {
    const [red, green, blue] = [1, 3, 5].map((at) => {
        const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// What is written on what.
const pairs = {
    ink: ["paper", "sheet", "raised", "bad-wash", "good-wash", "active-wash", "chosen", "mark"],
    faded: ["paper", "sheet", "raised", "good-wash", "active-wash", "chosen"],
    accent: ["paper", "sheet", "raised", "active-wash", "chosen"],
    good: ["paper", "sheet", "raised", "good-wash"],
    bad: ["paper", "sheet", "raised", "bad-wash", "chosen"],
    warning: ["paper", "sheet", "raised"],
    sheet: ["accent", "good", "bad", "warning", "faded"],
};

test("all text can be read in both themes: WCAG AA", () => {
    for (const [name, theme] of [["light", light], ["dark", dark]]) {
        for (const [text, grounds] of Object.entries(pairs)) {
            for (const ground of grounds) {
                const found = contrast(theme[text], theme[ground]);
                assert.ok(found >= leastContrast, `${name}: ${text} on ${ground} ${found}`);
            }
        }
    }
});

test("contrast is what WCAG says", () => {
    assert.equal(contrast("#000000", "#ffffff"), 21);
    assert.equal(contrast("#123456", "#123456"), 1);
    assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});
