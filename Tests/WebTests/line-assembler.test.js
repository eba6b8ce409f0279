import assert from "node:assert/strict";
import { test } from "node:test";
import { LineAssembler } from "../../web/model/line-assembler.js";

test("lines are numbered from the first number, however the text was split", () => {
    const text = "one\n\nthree\r\nfour — ü\n";
    for (let cut = 0; cut <= text.length; cut += 1) {
        const assembler = new LineAssembler(7);
        const first = assembler.push(text.slice(0, cut));
        const second = assembler.push(text.slice(cut));
        assert.deepEqual([...first.lines, ...second.lines], ["one", "", "three\r", "four — ü"]);
        assert.equal(first.from, 7);
        assert.equal(second.from, 7 + first.lines.length);
        assert.equal(assembler.next, 11);
    }
});

test("the number to resume from does not count a line that is not complete", () => {
    const assembler = new LineAssembler(0);
    assembler.push("whole\nhal");
    assert.equal(assembler.next, 1);
});

test("at the end of the text, what is left without a newline is a line", () => {
    const assembler = new LineAssembler(3);
    assembler.push("a\nb");
    assert.deepEqual(assembler.finish(), { from: 4, lines: ["b"] });
    assert.deepEqual(assembler.finish(), { from: 5, lines: [] });
});
