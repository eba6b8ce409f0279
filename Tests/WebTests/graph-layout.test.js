import assert from "node:assert/strict";
import { test } from "node:test";
import { graphLayout } from "../../web/model/graph-layout.js";

const job = (name, ...needs) => ({ job: name, needs });
const stage = (name, needs, ...jobs) => ({ name, needs, type: "jobs", jobs });

function places(layout) {
    return Object.fromEntries(layout.nodes.map((node) => [node.job, node]));
}

test("what waits stands right of what it waits for, in a stage and between stages", () => {
    const layout = graphLayout([
        stage("build", [], job("compile"), job("lint", "compile")),
        stage("test", ["build"], job("unit")),
    ]);
    const { compile, lint, unit } = places(layout);
    assert.ok(compile.column < lint.column && lint.column < unit.column);
    const [build, test] = layout.boxes;
    assert.deepEqual(layout.edges, [{ from: build, to: test }, { from: compile, to: lint }]);
});

test("stages that may run at the same time stand below each other, and do not overlap", () => {
    const layout = graphLayout([
        stage("a", [], job("a1"), job("a2")), stage("b", [], job("b1")),
        stage("end", ["a", "b"], job("last")),
    ]);
    const [a, b, end] = layout.boxes;
    assert.equal(a.column, b.column);
    assert.ok(b.row >= a.row + a.rows);
    assert.ok(end.column >= a.column + a.columns);
});

test("jobs stand inside the box of their stage, none on another", () => {
    const { boxes: [box], nodes } = graphLayout(
        [stage("s", [], job("a"), job("b"), job("c", "a"), job("d", "b", "c"))]);
    assert.equal(new Set(nodes.map(({ column, row }) => `${column} ${row}`)).size, 4);
    for (const { column, row } of nodes) {
        assert.ok(column >= box.column && column < box.column + box.columns);
        // The first row is for the name of the stage.
        assert.ok(row > box.row && row < box.row + box.rows);
    }
});

test("stages that nobody has declared follow each other without edges", () => {
    const stages = [stage("one", [], job("a")), stage("two", [], job("b"))];
    const layout = graphLayout(stages, false);
    const { a, b } = places(layout);
    assert.ok(a.column < b.column);
    assert.deepEqual(layout.edges, []);
});

test("a break without jobs has a box, and a need that is not there is left out", () => {
    const layout = graphLayout([stage("approve", []), stage("go", ["approve"], job("x", "gone"))]);
    assert.ok(layout.boxes[0].rows > 0);
    assert.equal(layout.edges.length, 1);
    assert.deepEqual(layout.nodes.map(({ job: name }) => name), ["x"]);
    assert.deepEqual(graphLayout([]), { boxes: [], nodes: [], edges: [] });
});

test("needs in a circle, which the daemon refuses, are laid out all the same", () => {
    const { nodes } = graphLayout([stage("s", ["s"], job("a", "b"), job("b", "a"))]);
    assert.equal(new Set(nodes.map(({ column, row }) => `${column} ${row}`)).size, 2);
});
