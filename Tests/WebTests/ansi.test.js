import assert from "node:assert/strict";
import { test } from "node:test";
import { plainStyle, styleAfter, terminalLine } from "../../web/model/ansi.js";

const shown = (line, style) => terminalLine(line, style).map(({ text }) => text).join("");
const style = (sequence) => styleAfter(`\x1b[${sequence}m`, plainStyle);

test("colours of all three kinds, and what text can be", () => {
    const cases = {
        31: { foreground: "var(--c1)" }, 94: { foreground: "var(--c12)" },
        107: { background: "var(--c15)" }, "48;5;3": { background: "var(--c3)" },
        "38;5;208": { foreground: "rgb(255 135 0)" },
        "38;5;244": { foreground: "rgb(128 128 128)" },
        "38;2;1;20;255": { foreground: "rgb(1 20 255)" },
        "48:2::9:8:7": { background: "rgb(9 8 7)" },
        "1;4;31": { bold: true, underline: true, foreground: "var(--c1)" },
        "1;3;22": { italic: true },
        "7;3;27": { italic: true }, "31;39": {}, "1;31;0": {}, "": {}, "38;5;999": {}, 38: {},
        "999;4": { underline: true },
    };
    for (const [sequence, expected] of Object.entries(cases)) {
        assert.deepEqual(style(sequence), expected, sequence);
    }
});

test("an escape that the line cuts off is not shown, wherever it is cut", () => {
    const line = "a\x1b[1;38;5;208mb\x1b]0;title\x07c\x1b(Bd\x1bPq#0\x1b\\e";
    for (let cut = 0; cut <= line.length; cut += 1) {
        const letters = shown(line.slice(0, cut));
        assert.ok("abcde".startsWith(letters), `${JSON.stringify(letters)}, cut at ${cut}`);
    }
    assert.equal(shown(line), "abcde");
    const long = "x".repeat(5_000);
    assert.ok(shown(`a\x1b]${long}`).endsWith(long), "what is never ended hides no more than that");
});

test("a style goes on to the next line until it is taken back", () => {
    const first = styleAfter("\x1b[31mred", plainStyle);
    assert.deepEqual(terminalLine("still\x1b[0m", first)[0].style, { foreground: "var(--c1)" });
    assert.equal(styleAfter("still\x1b[0m", first), plainStyle);
    assert.equal(styleAfter("no escape", first), first);
});

test("a carriage return writes over what was there, as a terminal does", () => {
    const cases = {
        "progress 10%\rprogress 100%": "progress 100%", "long text\rshort": "shorttext",
        "long text\rshort\x1b[K": "short", "abc\r": "abc", "abc\rX\r": "Xbc", "ab\b\bX": "Xb",
        "gone\x1b[2K\rnew": "new", "abcd\x1b[3GX": "abXd", "abcdef\x1b[3DX": "abcXef",
        "50%\x1b[1G\x1b[0K100%": "100%", "a\x1b[9Dbc": "bc", "\r\r\r": "", "tab\there": "tab\there",
        "bell\x07\x00end": "bellend",
    };
    for (const [line, expected] of Object.entries(cases)) {
        assert.equal(shown(line), expected, JSON.stringify(line));
    }
});

test("each run knows its place in the line", () => {
    const line = "ab\x1b[1mcd\x1b[0m\rXY";
    for (const { text, at } of terminalLine(line)) {
        assert.equal(line.slice(at, at + text.length), text);
    }
});

test("a long progress bar takes no more than it shows", () => {
    const line = Array.from({ length: 5_000 }, (_, step) => `\r${"#".repeat(step % 80)}`).join("");
    assert.ok(terminalLine(line).length <= 80);
});

test("a run ends where one wants, too", () => {
    const line = "a\x1b[1mbcd\x1b[0me";
    const texts = terminalLine(line, plainStyle, new Set([0, 6, 99])).map(({ text }) => text);
    assert.deepEqual(texts, ["a", "b", "cd", "e"]);
});
